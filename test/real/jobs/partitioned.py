# partitioned.py - PySpark job of the tests: CSV to Parquet partitioned by state and year, read back and counted as CSV.
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

source, target, counts = sys.argv[1:]
spark = SparkSession.builder.config("spark.sql.shuffle.partitions", 2).getOrCreate()
rows = spark.read.csv(source, header=True)
rows = rows.toDF(*[name.strip("\ufeff") for name in rows.columns])
rows = rows.select(
    "state",
    F.substring("date", 1, 4).alias("year"),
    F.regexp_replace("inpatient_beds", ",", "").cast("long").alias("beds"),
)
rows = rows.where(F.col("state").isin("NY", "CA", "TX", "WY"))
rows.repartition(2).write.mode("overwrite").partitionBy("state", "year").parquet(target)
back = spark.read.parquet(target)
table = back.groupBy("state", "year").agg(F.count("*").alias("rows"), F.sum("beds").alias("beds"))
table.coalesce(1).write.mode("overwrite").csv(counts, header=True)
spark.stop()
