# monthly_averages.py - PySpark job: daily hospital reports of the states in, monthly averages of each state out.
"""
Reads the HHS state time series (CSV, plain or gzip) and writes, under OUTPUT/<timestamp>/,

    monthly_averages/   state, month, days, inpatient_beds, icu_covid_patients, covid_patient_rate
    removed_records/    reason, records

The rate is the share of the occupied inpatient beds that hold a confirmed COVID-19 patient, in percent, as the average
of the days that reported both. A value that was not reported does not take part in an average; a record that cannot be
true is removed as a whole and counted under the first reason that applies to it.

    spark-submit monthly_averages.py --input s3://BUCKET/raw/ --output s3://BUCKET/processed/
"""

import argparse
from datetime import datetime, timezone

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

BYTE_ORDER_MARK = "\ufeff"

COUNTS = {  # our name: the column of the source
    "beds": "inpatient_beds",
    "beds_used": "inpatient_beds_used",
    "icu_covid": "staffed_icu_adult_patients_confirmed_covid",
    "adult_covid": "total_adult_patients_hospitalized_confirmed_covid",
    "pediatric_covid": "total_pediatric_patients_hospitalized_confirmed_covid",
    "adult_admissions": "previous_day_admission_adult_covid_confirmed",
    "pediatric_admissions": "previous_day_admission_pediatric_covid_confirmed",
}


def read_raw(spark: SparkSession, path: str) -> DataFrame:
    """All columns as the text they are; a byte order mark is no part of the first column's name."""
    raw = spark.read.csv(path, header=True, encoding="UTF-8")
    return raw.toDF(*[name.strip(BYTE_ORDER_MARK).strip() for name in raw.columns])


def normalise(raw: DataFrame) -> DataFrame:
    """Dates from 2021/12/10 or 2021-12-10, counts from "3,415"; what cannot be read becomes null and is remembered."""
    text = {ours: F.trim(F.col(theirs)) for ours, theirs in COUNTS.items()}
    number = {ours: F.regexp_replace(value, ",", "").cast("long") for ours, value in text.items()}
    unreadable = [(text[name] != "") & number[name].isNull() for name in COUNTS]
    return raw.select(
        F.upper(F.trim("state")).alias("state"),
        F.regexp_replace(F.trim("date"), "/", "-").cast("date").alias("date"),
        F.greatest(*[F.coalesce(x, F.lit(False)) for x in unreadable]).alias("unreadable_count"),
        *[number[name].alias(name) for name in COUNTS],
    )


def judge(records: DataFrame) -> DataFrame:
    """Adds `reason`: why the record cannot be true, null when it can. A comparison with an unknown value says nothing."""
    negative = F.lit(False)
    for name in COUNTS:
        negative = negative | F.coalesce(F.col(name) < 0, F.lit(False))
    covid = F.col("adult_covid") + F.coalesce("pediatric_covid", F.lit(0))
    rules = [
        ("unknown state", ~F.coalesce(F.col("state").rlike("^[A-Z]{2}$"), F.lit(False))),
        ("unreadable date", F.col("date").isNull()),
        ("unreadable count", F.col("unreadable_count")),
        ("negative count", negative),
        ("no inpatient beds", F.coalesce(F.col("beds"), F.lit(0)) == 0),
        ("more beds used than there are", F.col("beds_used") > F.col("beds")),
        ("more COVID-19 patients than patients", covid > F.col("beds_used")),
        ("more COVID-19 patients in ICU than in hospital", F.col("icu_covid") > F.col("adult_covid")),
    ]
    return records.withColumn("reason", F.coalesce(*[F.when(wrong, reason) for reason, wrong in rules]))


def monthly_averages(good: DataFrame) -> DataFrame:
    covid = F.col("adult_covid") + F.col("pediatric_covid")
    rate = F.when(F.col("beds_used") > 0, 100 * covid / F.col("beds_used"))
    return (
        good.groupBy("state", F.date_format("date", "yyyy-MM").alias("month"))
        .agg(
            F.count("*").alias("days"),
            F.round(F.avg("beds"), 2).alias("inpatient_beds"),
            F.round(F.avg("icu_covid"), 2).alias("icu_covid_patients"),
            F.round(F.avg(rate), 2).alias("covid_patient_rate"),
        )
        .orderBy("state", "month")
    )


def write(table: DataFrame, path: str) -> None:
    """One file: the tables are small, and people open them."""
    table.coalesce(1).write.csv(path, header=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Monthly averages of hospital capacity by state.")
    parser.add_argument("--input", required=True, help="folder or file with the raw CSV")
    parser.add_argument("--output", required=True, help="folder under which a folder for this run is made")
    options = parser.parse_args()
    output = options.output.rstrip("/") + datetime.now(timezone.utc).strftime("/%Y%m%dT%H%M%SZ")

    # A few megabytes are shuffled; the default of 200 partitions would be 200 tasks for nothing at each shuffle.
    builder = SparkSession.builder.appName("monthly averages by state").config("spark.sql.shuffle.partitions", 4)
    spark = builder.getOrCreate()
    records = judge(normalise(read_raw(spark, options.input))).cache()
    averages = monthly_averages(records.where(F.col("reason").isNull())).cache()
    removed = records.where(F.col("reason").isNotNull()).groupBy("reason").agg(F.count("*").alias("records"))
    removed = removed.orderBy(F.desc("records"), "reason").cache()

    write(averages, output + "/monthly_averages")
    write(removed, output + "/removed_records")

    print(f"records read      {records.count():>8,}")
    for row in removed.collect():
        print(f"records removed   {row['records']:>8,}  {row['reason']}")
    print(f"state-months      {averages.count():>8,}")
    print(f"written to {output}/")
    spark.stop()


if __name__ == "__main__":
    main()
