# test_spark.py - real Spark on transient clusters: the example, Parquet through S3A, SQL, settings, and what goes wrong.
import csv
import gzip
import io
import re
from collections import defaultdict

import pytest

import covid_reference
from emr_help import command, ended, run_cluster, steps_of
from server import ROOT

DATA = ROOT / "examples" / "covid" / "data" / "state_timeseries.csv.gz"
JOBS = ROOT / "test" / "real" / "jobs"
SPARK_SECONDS_MAX = 180


@pytest.fixture(scope="module")
def lake(server):
    """A bucket with the example's data and all jobs."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="spark-lake")
    s3.upload_file(str(DATA), "spark-lake", "raw/state_timeseries.csv.gz")
    for job in [*JOBS.glob("*.py"), ROOT / "examples" / "covid" / "monthly_averages.py"]:
        s3.upload_file(str(job), "spark-lake", f"jobs/{job.name}")
    return s3


def keys_below(s3, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="spark-lake", Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def table(s3, prefix):
    """The rows of the one CSV file below the prefix."""
    [key] = [key for key in keys_below(s3, prefix) if key.endswith(".csv")]
    text = s3.get_object(Bucket="spark-lake", Key=key)["Body"].read().decode()
    return list(csv.DictReader(io.StringIO(text)))


def run_steps(emr, s3, *steps, **more):
    """-> (the ended cluster, its steps); the test fails with Spark's own words when a step was to complete and did not."""
    cluster = run_cluster(emr, *steps, LogUri="s3://spark-lake/logs/", **more)
    return ended(emr, cluster, SPARK_SECONDS_MAX), steps_of(emr, cluster)


def log(s3, cluster, step, name):
    key = f"logs/{cluster['Id']}/steps/{step['Id']}/{name}.gz"
    return gzip.decompress(s3.get_object(Bucket="spark-lake", Key=key)["Body"].read()).decode()


def completed(s3, cluster, step):
    assert step["Status"]["State"] == "COMPLETED", log(s3, cluster, step, "stderr")[-3000:]


def raw_rows():
    with gzip.open(DATA, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- what works -------------------------------------------------------------------------------------------------------


def test_the_example_equals_the_independent_computation(emr, lake):
    job = [
        "spark-submit",
        "s3://spark-lake/jobs/monthly_averages.py",
        "--input",
        "s3://spark-lake/raw/",
        "--output",
        "s3://spark-lake/processed/",
    ]
    cluster, [step] = run_steps(emr, lake, command(job, on_failure="TERMINATE_CLUSTER"))
    completed(lake, cluster, step)
    assert (cluster["Status"]["State"], cluster["Status"]["StateChangeReason"]["Code"]) == (
        "TERMINATED",
        "ALL_STEPS_COMPLETED",
    )
    expected, removed, read = covid_reference.compute(DATA)
    [run] = {key.split("/")[1] for key in keys_below(lake, "processed/")}
    assert re.fullmatch(r"\d{8}T\d{6}Z", run)
    rows = table(lake, f"processed/{run}/monthly_averages/")
    assert covid_reference.differences(expected, rows) == []
    assert {row["reason"]: int(row["records"]) for row in table(lake, f"processed/{run}/removed_records/")} == removed
    assert f"records read      {read:>8,}" in log(lake, cluster, step, "stdout")


MAGIC = {
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.hadoop.fs.s3a.committer.magic.enabled": "true",
    "spark.sql.sources.commitProtocolClass": "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter",
}


def test_partitioned_parquet_through_s3a_with_the_magic_committer(emr, lake):
    settings = [word for name, value in MAGIC.items() for word in ("--conf", f"{name}={value}")]
    places = ["s3a://spark-lake/raw/", "s3a://spark-lake/parquet/", "s3a://spark-lake/counts/"]
    cluster, [step] = run_steps(
        emr, lake, command(["spark-submit", *settings, "s3://spark-lake/jobs/partitioned.py", *places])
    )
    completed(lake, cluster, step)
    keys = keys_below(lake, "parquet/")
    assert not [key for key in keys if "__magic" in key or "_temporary" in key], "the committer tidied up"
    files = [key for key in keys if key.endswith(".parquet")]
    assert {"/".join(key.split("/")[1:3]) for key in files} >= {"state=NY/year=2020", "state=WY/year=2022"}
    success = lake.get_object(Bucket="spark-lake", Key="parquet/_SUCCESS")["Body"].read().decode()
    assert re.search(r'"committer"\s*:\s*"magic"', success)
    uploads = lake.list_multipart_uploads(Bucket="spark-lake").get("Uploads", [])
    assert not uploads, "no upload is left pending"
    want = defaultdict(lambda: [0, 0])
    for row in raw_rows():
        if row["state"] in ("NY", "CA", "TX", "WY"):
            counted = want[row["state"], row["date"][:4]]
            counted[0] += 1
            counted[1] += int(row["inpatient_beds"].replace(",", "") or 0)
    got = {(row["state"], row["year"]): [int(row["rows"]), int(row["beds"])] for row in table(lake, "counts/")}
    assert got == want


def test_spark_sql(emr, lake):
    lines = [
        "CREATE TEMPORARY VIEW raw USING csv OPTIONS (path 's3://spark-lake/raw/', header 'true');",
        "INSERT OVERWRITE DIRECTORY 's3://spark-lake/sql/' USING csv OPTIONS (header 'true')"
        " SELECT /*+ COALESCE(1) */ substring(date, 1, 4) AS year, count(*) AS days FROM raw GROUP BY 1;",
    ]
    lake.put_object(Bucket="spark-lake", Key="jobs/count.sql", Body="\n".join(lines).encode())
    cluster, [file, word] = run_steps(
        emr,
        lake,
        command(["spark-sql", "-f", "s3://spark-lake/jobs/count.sql"]),
        command(["spark-sql", "-e", "SELECT 6 * 7 AS answer"]),
    )
    completed(lake, cluster, file)
    completed(lake, cluster, word)
    want = defaultdict(int)
    for row in raw_rows():
        want[row["date"][:4]] += 1
    assert {row["year"]: int(row["days"]) for row in table(lake, "sql/")} == want
    assert "42" in log(lake, cluster, word, "stdout").split()


def test_settings_reach_spark(emr, lake):
    configurations = [
        {"Classification": "spark-defaults", "Properties": {"spark.sql.shuffle.partitions": "17"}},
        {"Classification": "core-site", "Properties": {"mayfly.test.property": "from core-site"}},
        {
            "Classification": "spark-env",
            "Properties": {},
            "Configurations": [{"Classification": "export", "Properties": {"TEST_SETTING": "exported"}}],
        },
    ]
    job = ["/usr/lib/spark/bin/spark-submit", "--deploy-mode", "cluster", "s3://spark-lake/jobs/settings.py"]
    step = command([*job, "s3://spark-lake/settings/", "two words", "ü"])
    cluster, [step] = run_steps(emr, lake, step, Configurations=configurations)
    completed(lake, cluster, step)
    got = {row["name"]: row["value"] for row in table(lake, "settings/")}
    assert int(got.pop("cores")) > 0
    assert got == {
        "shuffle.partitions": "17", "hadoop.property": "from core-site", "environment": "exported", "arguments": "two words|ü",
    }  # fmt: skip


def test_spark_example(emr, lake):
    pi = {
        "Name": "pi",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-example", "SparkPi", "2"]},
    }
    cluster, [step] = run_steps(emr, lake, pi)
    completed(lake, cluster, step)
    assert "Pi is roughly 3." in log(lake, cluster, step, "stdout")


def test_s3_dist_cp(emr, lake):
    for i in range(5):
        lake.put_object(Bucket="spark-lake", Key=f"dist/from/day={i}/part.csv", Body=b"%d" % i)
    cluster, [step] = run_steps(
        emr, lake, command(["s3-dist-cp", "--src", "s3://spark-lake/dist/from/", "--dest=s3://spark-lake/dist/to/"])
    )
    completed(lake, cluster, step)
    assert [key for key in keys_below(lake, "dist/to/") if key.endswith(".csv")] == [
        f"dist/to/day={i}/part.csv" for i in range(5)
    ]


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_an_error_in_an_executor_fails_the_step_and_is_in_its_log(emr, lake):
    cluster, [step] = run_steps(
        emr, lake, command(["spark-submit", "s3://spark-lake/jobs/broken.py"], on_failure="TERMINATE_CLUSTER")
    )
    assert step["Status"]["State"] == "FAILED"
    assert (cluster["Status"]["State"], cluster["Status"]["StateChangeReason"]["Code"]) == (
        "TERMINATED_WITH_ERRORS",
        "STEP_FAILURE",
    )
    details = step["Status"]["FailureDetails"]
    assert details["Reason"] and details["LogFile"].endswith(f"/steps/{step['Id']}/stderr.gz")
    assert "ZeroDivisionError" in log(lake, cluster, step, "stderr")


def test_scripts_and_inputs_that_are_not_there(emr, lake):
    cluster, [script, data] = run_steps(
        emr, lake, command(["spark-submit", "s3://spark-lake/jobs/none.py"]),
        command(["spark-submit", "s3://spark-lake/jobs/monthly_averages.py", "--input", "s3://spark-lake/none/", "--output", "s3://spark-lake/x/"]),
    )  # fmt: skip
    for step in (script, data):
        assert step["Status"]["State"] == "FAILED" and step["Status"]["FailureDetails"]["Reason"]
    assert "none.py" in log(lake, cluster, script, "stderr") + log(lake, cluster, script, "controller")
    assert "s3://spark-lake/none" in log(lake, cluster, data, "stdout"), "Spark writes there what a Python driver says"
    assert data["Status"]["FailureDetails"]["Reason"] == "Input path does not exist."
    assert "PATH_NOT_FOUND" in data["Status"]["FailureDetails"]["Message"]
    assert keys_below(lake, "x/") == []
