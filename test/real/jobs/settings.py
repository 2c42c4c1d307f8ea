# settings.py - PySpark job of the tests that writes down the settings it was given, as CSV.
import os
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext
rows = [
    ("shuffle.partitions", spark.conf.get("spark.sql.shuffle.partitions")),
    ("hadoop.property", context._jsc.hadoopConfiguration().get("mayfly.test.property")),
    ("environment", os.environ.get("TEST_SETTING", "unset")),
    ("arguments", "|".join(sys.argv[2:])),
    ("cores", str(context.defaultParallelism)),
]
spark.createDataFrame(rows, ["name", "value"]).coalesce(1).write.csv(sys.argv[1], header=True)
spark.stop()
