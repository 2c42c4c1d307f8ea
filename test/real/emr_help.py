# emr_help.py - words that the EMR tests share: a cluster of small steps, and waiting for what becomes of it.
import contextlib
import gzip

import pytest
from botocore.exceptions import ClientError

from server import wait_for

RELEASE = "emr-7.2.0"
ENDED = ("TERMINATED", "TERMINATED_WITH_ERRORS")
FAST = {"Delay": 1, "MaxAttempts": 120}


def bash(script, name="a step", on_failure="CONTINUE"):
    return command(["bash", "-c", script], name, on_failure)


def command(words, name="a step", on_failure="CONTINUE"):
    jar = {"Jar": "command-runner.jar", "Args": [str(word) for word in words]}
    return {"Name": name, "ActionOnFailure": on_failure, "HadoopJarStep": jar}


def run_cluster(emr, *steps, keep=False, **more):
    instances = {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": keep}
    request = {
        "Name": "a cluster", "ReleaseLabel": RELEASE, "Applications": [{"Name": "Spark"}], "Steps": list(steps),
        "JobFlowRole": "EMR_EC2_DefaultRole", "ServiceRole": "EMR_DefaultRole",
        "Instances": instances | more.pop("Instances", {}),
    }  # fmt: skip
    return emr.run_job_flow(**request | more)["JobFlowId"]


def add(emr, cluster, *steps):
    return emr.add_job_flow_steps(JobFlowId=cluster, Steps=list(steps))["StepIds"]


def cluster_of(emr, cluster):
    return emr.describe_cluster(ClusterId=cluster)["Cluster"]


def step_of(emr, cluster, step):
    return emr.describe_step(ClusterId=cluster, StepId=step)["Step"]


def state_of(emr, cluster, step=None):
    about = step_of(emr, cluster, step) if step else cluster_of(emr, cluster)
    return about["Status"]["State"]


def steps_of(emr, cluster):
    """In the order of their submission."""
    pages = emr.get_paginator("list_steps").paginate(ClusterId=cluster)
    return [step for page in pages for step in page["Steps"]][::-1]


def states_of_steps(emr, cluster):
    return [step["Status"]["State"] for step in steps_of(emr, cluster)]


def until(emr, cluster, *states, step=None, seconds=60):
    """Waits for one of the states; -> the cluster or step then."""
    about = (lambda: step_of(emr, cluster, step)) if step else (lambda: cluster_of(emr, cluster))
    wait_for(lambda: about()["Status"]["State"] in states, seconds, f"{step or cluster} to be {' or '.join(states)}")
    return about()


def ended(emr, cluster, seconds=60):
    return until(emr, cluster, *ENDED, seconds=seconds)


def end(emr, cluster):
    emr.terminate_job_flows(JobFlowIds=[cluster])
    return ended(emr, cluster)


def log_of(s3, bucket, cluster, step, name):
    """A step's log as it lies in the bucket, unpacked; None when it is not there."""
    try:
        packed = s3.get_object(Bucket=bucket, Key=f"{cluster}/steps/{step}/{name}.gz")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return gzip.decompress(packed).decode()


@contextlib.contextmanager
def invalid(code="ValidationException", text=""):
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code and text in error["Message"], error
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
