# test_states_spark.py - a pipeline as AWS documents it (cluster, a Map of steps, the end of the cluster) with real Spark.
import json

from emr_help import ENDED, cluster_of, command, log_of, states_of_steps, steps_of
from server import processes_inside
from test_states import CLUSTER, RESOURCE, ended, history, machine, start, types

SPARK_SECONDS_MAX = 240
JOB = """
import sys
from pyspark.sql import SparkSession, functions as F

given, out = sys.argv[1:]
spark = SparkSession.builder.appName(out.rsplit("/", 1)[1]).getOrCreate()
rows = spark.read.json(given)
rows.groupBy("state").agg(F.sum("beds").alias("beds")).coalesce(1).write.mode("overwrite").json(out)
print("groups", rows.select("state").distinct().count())
spark.stop()
"""


def task(action, parameters, **more):
    return {"Type": "Task", "Resource": RESOURCE + action, "Parameters": parameters} | more


def definition(logs):
    """createCluster.sync, a Map of addStep.sync one after the other, terminateCluster.sync; whatever fails, the cluster goes."""
    step = task("addStep.sync", {"ClusterId.$": "$.ClusterId", "Step.$": "$.Step"}, ResultSelector={"State.$": "$.Step.Status.State"}, End=True)
    always = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.Failure", "Next": "Terminate after failure"}]
    terminate = {"ClusterId.$": "$.Cluster.ClusterId"}
    return {"StartAt": "Create", "States": {
        "Create": task("createCluster.sync", CLUSTER | {"LogUri": logs}, ResultPath="$.Cluster", Next="Steps",
                       Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]),
        "Steps": {"Type": "Map", "ItemsPath": "$.Steps", "MaxConcurrency": 1, "ResultPath": "$.Results", "Next": "Terminate", "Catch": always,
                  "ItemSelector": {"ClusterId.$": "$.Cluster.ClusterId", "Step.$": "$$.Map.Item.Value"},
                  "ItemProcessor": {"StartAt": "Step", "States": {"Step": step}}},
        "Terminate": task("terminateCluster.sync", terminate, ResultPath="$.Terminated", End=True),
        "Terminate after failure": task("terminateCluster.sync", terminate, ResultPath="$.Terminated", Next="Failed"),
        "Failed": {"Type": "Fail", "Error": "PipelineFailed", "Cause": "a step failed"},
    }}  # fmt: skip


def spark_step(name, given, out):
    place = "s3://states-spark/"
    words = ["spark-submit", "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=1", place + "job.py", place + given, place + out]  # fmt: skip
    return command(words, name=name)


def lake(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="states-spark")
    s3.put_object(Bucket="states-spark", Key="job.py", Body=JOB.encode())
    rows = [{"state": state, "beds": beds} for state, beds in (("NY", 3), ("CA", 5), ("NY", 4))]
    s3.put_object(Bucket="states-spark", Key="raw/rows.json", Body="\n".join(map(json.dumps, rows)).encode())
    return s3


def result(s3, out):
    listed = s3.list_objects_v2(Bucket="states-spark", Prefix=out + "/part-")["Contents"]
    lines = [s3.get_object(Bucket="states-spark", Key=o["Key"])["Body"].read().decode() for o in listed]
    return {row["state"]: row["beds"] for row in map(json.loads, "".join(lines).splitlines())}


def cluster_made(states, execution):
    made = next(e for e in history(states, execution) if e["type"] == "TaskSubmitted")
    return json.loads(made["taskSubmittedEventDetails"]["output"])["ClusterId"]


def test_a_pipeline_of_spark_steps_runs_and_one_that_fails_leaves_nothing(own_server):
    states, emr, s3 = own_server.client("stepfunctions"), own_server.client("emr"), lake(own_server)
    arn = machine(states, "spark-pipeline", definition("s3://states-spark/logs/"))
    good = [spark_step("by state", "raw/", "one"), spark_step("again", "one/", "two"), spark_step("once more", "two/", "three")]
    bad = [spark_step("works", "raw/", "six"), spark_step("no such input", "nowhere/", "four"), spark_step("never", "raw/", "five")]
    # Both at once: their clusters share nothing.
    happy, failing = start(states, arn, {"Steps": good}), start(states, arn, {"Steps": bad})

    about = ended(states, happy, SPARK_SECONDS_MAX)
    made = cluster_made(states, happy)
    assert about["status"] == "SUCCEEDED", (about, [log_of(s3, "states-spark", "logs/" + made, s["Id"], "stderr") for s in steps_of(emr, made)])
    output = json.loads(about["output"])
    assert output["Results"] == [{"State": "COMPLETED"}] * 3
    assert output["Terminated"]["Cluster"]["Status"]["State"] == "TERMINATED"
    assert result(s3, "three") == {"NY": 7, "CA": 5}
    assert "groups 2" in log_of(s3, "states-spark", "logs/" + made, steps_of(emr, made)[0]["Id"], "stdout")

    about = ended(states, failing, SPARK_SECONDS_MAX)
    assert (about["status"], about["error"]) == ("FAILED", "PipelineFailed")
    made = cluster_made(states, failing)
    assert states_of_steps(emr, made)[:2] == ["COMPLETED", "FAILED"] and len(steps_of(emr, made)) == 2
    assert cluster_of(emr, made)["Status"]["State"] in ENDED
    assert "nowhere" in log_of(s3, "states-spark", "logs/" + made, steps_of(emr, made)[1]["Id"], "stdout")  # PySpark joins the two
    seen = types(states, failing)
    assert seen.count("MapIterationSucceeded") == 1 and seen[-2:] == ["FailStateEntered", "ExecutionFailed"]
    left = [pid for pid in processes_inside(own_server.folder) if pid != own_server.process.pid]
    assert left == [] and not emr.list_clusters(ClusterStates=["STARTING", "RUNNING", "WAITING", "TERMINATING"])["Clusters"]
