# test_emr_cli.py - the AWS command line against EMR: create, list, describe, add steps, wait, terminate.
import json

import pytest

from emr_help import ended


@pytest.fixture
def aws(server):
    def aws(*words):
        out = server.aws("emr", *words, "--output", "json").stdout
        return json.loads(out) if out.strip() else None

    return aws


def test_a_transient_cluster_from_the_command_line(aws, emr, tmp_path):
    cluster = aws(
        "create-cluster", "--name", "from the command line", "--release-label", "emr-7.2.0", "--applications", "Name=Spark", "Name=Hive",
        "--instance-type", "m5.xlarge", "--instance-count", "3", "--use-default-roles", "--auto-terminate", "--tags", "team=data",
        "--steps", f"Type=CUSTOM_JAR,Name=one,Jar=command-runner.jar,ActionOnFailure=CONTINUE,Args=[bash,-c,touch {tmp_path}/ran]",
    )["ClusterId"]  # fmt: skip
    ended(emr, cluster)
    aws("wait", "cluster-terminated", "--cluster-id", cluster)
    about = aws("describe-cluster", "--cluster-id", cluster)["Cluster"]
    assert (about["Name"], about["Status"]["State"]) == ("from the command line", "TERMINATED")
    assert {group["InstanceGroupType"]: group["RequestedInstanceCount"] for group in about["InstanceGroups"]} == {
        "MASTER": 1,
        "CORE": 2,
    }
    assert (tmp_path / "ran").exists()
    assert cluster in [item["Id"] for item in aws("list-clusters", "--terminated")["Clusters"]]


def test_a_long_running_cluster_from_the_command_line(aws, emr):
    cluster = aws(
        "create-cluster", "--name", "long", "--release-label", "emr-7.2.0", "--use-default-roles", "--instance-groups",
        "InstanceGroupType=MASTER,InstanceType=m5.xlarge,InstanceCount=1", "InstanceGroupType=CORE,InstanceType=m5.xlarge,InstanceCount=2",
    )["ClusterId"]  # fmt: skip
    aws("wait", "cluster-running", "--cluster-id", cluster)
    [step] = aws(
        "add-steps", "--cluster-id", cluster, "--steps", "Type=CUSTOM_JAR,Jar=command-runner.jar,Args=[bash,-c,true]"
    )["StepIds"]
    emr.get_waiter("step_complete").wait(ClusterId=cluster, StepId=step, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    aws("wait", "step-complete", "--cluster-id", cluster, "--step-id", step)
    assert aws("describe-step", "--cluster-id", cluster, "--step-id", step)["Step"]["ActionOnFailure"] == "CONTINUE"
    assert cluster in [item["Id"] for item in aws("list-clusters", "--active")["Clusters"]]
    aws("terminate-clusters", "--cluster-ids", cluster)
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"
