# broken.py - PySpark job of the tests that fails inside an executor.
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sparkContext.parallelize(range(4), 2).map(lambda i: 1 // (i - 3)).collect()
