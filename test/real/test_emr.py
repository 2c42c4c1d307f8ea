# test_emr.py - clusters and steps over the API: states, order, failures, cancelling, protection, pages, errors.
import json
import os
import re
from datetime import datetime, timedelta, timezone

import pytest

from emr_help import (
    ENDED, FAST, add, bash, cluster_of, command, end, ended, invalid, log_of, run_cluster, state_of, states_of_steps, step_of, steps_of, until,
)  # fmt: skip
from s3_help import call, signed
from server import processes_inside, wait_for

CLUSTER_ID, STEP_ID = r"j-[A-Z0-9]{13}", r"s-[A-Z0-9]{13,}"
NOWHERE = "j-AAAAAAAAAAAAA"


@pytest.fixture
def alive(emr):
    """A cluster that waits for steps, and is ended after the test."""
    cluster = run_cluster(emr, keep=True)
    until(emr, cluster, "WAITING")
    yield cluster
    if state_of(emr, cluster) not in ENDED:
        emr.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=False)
        end(emr, cluster)


# --- the life of a cluster --------------------------------------------------------------------------------------------


def test_a_transient_cluster_runs_its_step_and_ends(emr, tmp_path):
    began = datetime.now(timezone.utc) - timedelta(seconds=1)
    answer = emr.run_job_flow(
        Name="transient", ReleaseLabel="emr-7.2.0", Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 1},
        Steps=[bash(f"echo done > {tmp_path}/proof")], JobFlowRole="EMR_EC2_DefaultRole", ServiceRole="EMR_DefaultRole",
    )  # fmt: skip
    cluster = answer["JobFlowId"]
    assert re.fullmatch(CLUSTER_ID, cluster)
    assert answer["ClusterArn"] == f"arn:aws:elasticmapreduce:us-east-1:000000000000:cluster/{cluster}"
    status = ended(emr, cluster)["Status"]
    assert status["State"] == "TERMINATED"
    assert status["StateChangeReason"] == {"Code": "ALL_STEPS_COMPLETED", "Message": "Steps completed"}
    assert (tmp_path / "proof").read_text() == "done\n"
    [step] = steps_of(emr, cluster)
    assert step["Status"]["State"] == "COMPLETED" and re.fullmatch(STEP_ID, step["Id"])
    whole, part = status["Timeline"], step["Status"]["Timeline"]
    assert (
        began
        <= whole["CreationDateTime"]
        <= whole["ReadyDateTime"]
        <= whole["EndDateTime"]
        <= datetime.now(timezone.utc)
    )
    assert part["CreationDateTime"] <= part["StartDateTime"] <= part["EndDateTime"] <= whole["EndDateTime"]


def test_a_cluster_without_steps_that_is_not_kept_ends(emr):
    assert ended(emr, run_cluster(emr))["Status"]["StateChangeReason"]["Code"] == "ALL_STEPS_COMPLETED"


def test_the_waiters(emr):
    cluster = run_cluster(emr, keep=True)
    emr.get_waiter("cluster_running").wait(ClusterId=cluster, WaiterConfig=FAST)
    [step] = add(emr, cluster, bash("true"))
    emr.get_waiter("step_complete").wait(ClusterId=cluster, StepId=step, WaiterConfig=FAST)
    emr.terminate_job_flows(JobFlowIds=[cluster])
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster, WaiterConfig=FAST)


def test_a_cluster_tells_what_it_was_made_with(emr, s3, bucket):
    configurations = [{"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "1g"}}]
    cluster = run_cluster(
        emr, keep=True, Name="named", LogUri=f"s3://{bucket}/logs/", Tags=[{"Key": "team", "Value": "data"}],
        Configurations=configurations, VisibleToAllUsers=True, StepConcurrencyLevel=1,
        Instances={"TerminationProtected": True, "InstanceCount": 3, "SlaveInstanceType": "m5.2xlarge"},
    )  # fmt: skip
    about = cluster_of(emr, cluster)
    assert (
        about["Name"] == "named" and about["ReleaseLabel"] == "emr-7.2.0" and about["ServiceRole"] == "EMR_DefaultRole"
    )
    assert [app["Name"] for app in about["Applications"]] == ["Spark"] and about["Applications"][0]["Version"]
    assert about["Tags"] == [{"Key": "team", "Value": "data"}]
    assert about["Configurations"] == configurations
    assert re.fullmatch(rf"s3n?://{bucket}/logs/", about["LogUri"])
    assert (about["AutoTerminate"], about["TerminationProtected"], about["VisibleToAllUsers"]) == (False, True, True)
    assert about["StepConcurrencyLevel"] == 1 and about["InstanceCollectionType"] == "INSTANCE_GROUP"
    assert about["Ec2InstanceAttributes"]["IamInstanceProfile"] == "EMR_EC2_DefaultRole"
    assert about["ClusterArn"].endswith("cluster/" + cluster)
    emr.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=False)
    end(emr, cluster)


def test_no_log_uri_is_said_by_saying_nothing(emr, alive):
    assert "LogUri" not in cluster_of(emr, alive)


def test_a_kept_cluster_waits_and_says_why(emr, alive):
    assert cluster_of(emr, alive)["Status"]["StateChangeReason"]["Message"] == "Cluster ready to run steps."
    for script, want in (("true", "completed"), ("false", "failed")):
        [step] = add(emr, alive, bash(script))
        until(emr, alive, "COMPLETED", "FAILED", step=step)
        status = until(emr, alive, "WAITING")["Status"]
        assert status["StateChangeReason"]["Message"] == f"Cluster ready after last step {want}."


def test_keep_alive_taken_away_ends_a_waiting_cluster(emr):
    cluster = run_cluster(emr, keep=True)
    until(emr, cluster, "WAITING")
    emr.set_keep_job_flow_alive_when_no_steps(JobFlowIds=[cluster], KeepJobFlowAliveWhenNoSteps=False)
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"
    assert cluster_of(emr, cluster)["AutoTerminate"] is True


def test_a_user_ends_a_cluster_in_the_middle_of_a_step(emr, server, tmp_path):
    cluster = run_cluster(emr, bash(f"echo $$ > {tmp_path}/pid; exec sleep 1000"), bash("true", "second"))
    wait_for((tmp_path / "pid").exists, what="the step to run")
    status = end(emr, cluster)["Status"]
    assert status["State"] == "TERMINATED"
    assert status["StateChangeReason"] == {"Code": "USER_REQUEST", "Message": "Terminated by user request"}
    first, second = states_of_steps(emr, cluster)
    assert first in ("CANCELLED", "INTERRUPTED") and second == "CANCELLED"
    pid = int((tmp_path / "pid").read_text())
    wait_for(lambda: not is_sleeping(pid), what="the step's process to be gone")


def is_sleeping(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"sleep" in file.read()
    except FileNotFoundError:
        return False


def test_nothing_outlives_a_cluster(emr, tmp_path):
    """Neither a child that made itself a daemon, nor one that ignores what it is asked."""
    escape = f"(setsid bash -c 'trap \"\" TERM HUP INT; cd {tmp_path}; echo $$ > daemon; while :; do sleep 100; done' >/dev/null 2>&1 &)"
    cluster = run_cluster(emr, bash(f"{escape}; while [ ! -s {tmp_path}/daemon ]; do sleep 0.05; done"))
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"
    assert (tmp_path / "daemon").exists()
    wait_for(lambda: not processes_inside(tmp_path), what="the daemon to be gone")


# --- steps ------------------------------------------------------------------------------------------------------------


def test_steps_run_one_after_the_other_as_submitted(emr, tmp_path):
    def step(i):
        return bash(f"echo begin {i} >> {tmp_path}/order; sleep 0.02; echo end {i} >> {tmp_path}/order", f"step {i}")

    cluster = run_cluster(emr, step(0), step(1), keep=True)
    more = add(emr, cluster, step(2), step(3)) + add(emr, cluster, step(4))
    until(emr, cluster, "COMPLETED", step=more[-1])
    lines = [f"{word} {i}" for i in range(5) for word in ("begin", "end")]
    assert (tmp_path / "order").read_text().splitlines() == lines
    assert [step["Name"] for step in steps_of(emr, cluster)] == [f"step {i}" for i in range(5)]
    listed = emr.list_steps(ClusterId=cluster)["Steps"]
    assert [step["Name"] for step in listed] == [f"step {i}" for i in (4, 3, 2, 1, 0)], "newest first"
    assert [step["Id"] for step in emr.list_steps(ClusterId=cluster, StepIds=more[:1])["Steps"]] == more[:1]
    assert emr.list_steps(ClusterId=cluster, StepStates=["PENDING", "FAILED"])["Steps"] == []
    end(emr, cluster)


def test_a_step_tells_what_it_was_made_with(emr, alive):
    [step] = add(emr, alive, command(["bash", "-c", "echo $0 $1", "with space", "ü"], "named", "CONTINUE"))
    about = step_of(emr, alive, step)
    assert (about["Name"], about["ActionOnFailure"], about["Id"]) == ("named", "CONTINUE", step)
    assert about["Config"]["Jar"] == "command-runner.jar"
    assert about["Config"]["Args"] == ["bash", "-c", "echo $0 $1", "with space", "ü"]


def test_continue_goes_on(emr):
    cluster = run_cluster(emr, bash("exit 3", on_failure="CONTINUE"), bash("true"))
    status = ended(emr, cluster)["Status"]
    assert states_of_steps(emr, cluster) == ["FAILED", "COMPLETED"]
    assert (status["State"], status["StateChangeReason"]["Message"]) == ("TERMINATED", "Steps completed with errors")


@pytest.mark.parametrize("action", ["TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW"])
def test_terminate_cluster_ends_it_with_errors(emr, action):
    cluster = run_cluster(emr, bash("exit 3", on_failure=action), bash("true"), keep=True)
    status = ended(emr, cluster)["Status"]
    assert states_of_steps(emr, cluster) == ["FAILED", "CANCELLED"]
    assert status["State"] == "TERMINATED_WITH_ERRORS"
    assert status["StateChangeReason"] == {"Code": "STEP_FAILURE", "Message": "Shut down as step failed"}


def test_without_a_word_a_failing_step_ends_the_cluster(emr):
    step = bash("false")
    del step["ActionOnFailure"]
    cluster = run_cluster(emr, step, keep=True)
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED_WITH_ERRORS"
    assert steps_of(emr, cluster)[0]["ActionOnFailure"] == "TERMINATE_CLUSTER"


def test_cancel_and_wait_cancels_the_rest_and_waits(emr, alive):
    steps = add(emr, alive, bash("sleep 0.2; false", on_failure="CANCEL_AND_WAIT"), bash("true"), bash("true"))
    until(emr, alive, "CANCELLED", step=steps[-1])
    until(emr, alive, "WAITING")
    assert states_of_steps(emr, alive) == ["FAILED", "CANCELLED", "CANCELLED"]
    [later] = add(emr, alive, bash("true"))
    until(emr, alive, "COMPLETED", step=later)


def test_cancel_and_wait_ends_a_cluster_that_is_not_kept(emr):
    cluster = run_cluster(emr, bash("false", on_failure="CANCEL_AND_WAIT"), bash("true"))
    ended(emr, cluster)
    assert states_of_steps(emr, cluster) == ["FAILED", "CANCELLED"]


def test_a_failure_is_explained(emr, s3, bucket):
    cluster = run_cluster(emr, bash("echo the trouble is here >&2; exit 7"), LogUri=f"s3://{bucket}/")
    ended(emr, cluster)
    [step] = steps_of(emr, cluster)
    details = step["Status"]["FailureDetails"]
    assert details["Reason"]
    assert re.fullmatch(rf"s3n?://{bucket}/{cluster}/steps/{step['Id']}/stderr.gz", details["LogFile"])
    assert "the trouble is here" in log_of(s3, bucket, cluster, step["Id"], "stderr")


def test_pending_and_running_steps_are_cancelled(emr, alive, tmp_path):
    running, pending, stays = add(
        emr,
        alive,
        bash(f"touch {tmp_path}/runs; exec sleep 1000"),
        bash(f"touch {tmp_path}/never"),
        bash(f"touch {tmp_path}/after"),
    )
    wait_for((tmp_path / "runs").exists, what="the step to run")
    answer = emr.cancel_steps(ClusterId=alive, StepIds=[pending, running])["CancelStepsInfoList"]
    assert {info["StepId"]: info["Status"] for info in answer} == {pending: "SUBMITTED", running: "SUBMITTED"}
    until(emr, alive, "CANCELLED", step=pending)
    until(emr, alive, "CANCELLED", step=running)
    until(emr, alive, "COMPLETED", step=stays)
    assert not (tmp_path / "never").exists() and (tmp_path / "after").exists()
    [info] = emr.cancel_steps(ClusterId=alive, StepIds=[stays])["CancelStepsInfoList"]
    assert info["Status"] == "FAILED" and info["Reason"]


def test_cancelling_gently_lets_a_step_tidy_up_and_hard_does_not(emr, alive, tmp_path):
    for option, tidied in (("SEND_INTERRUPT", True), ("TERMINATE_PROCESS", False)):
        mark = tmp_path / option
        script = f"trap 'touch {mark}.tidied; exit 1' TERM; touch {mark}; while :; do sleep 0.05; done"
        [step] = add(emr, alive, bash(script, on_failure="TERMINATE_CLUSTER"))
        wait_for(mark.exists, what="the step to run")
        emr.cancel_steps(ClusterId=alive, StepIds=[step], StepCancellationOption=option)
        until(emr, alive, "CANCELLED", step=step)
        assert mark.with_name(option + ".tidied").exists() == tidied
    until(emr, alive, "WAITING")


# --- protection and changes -------------------------------------------------------------------------------------------


def test_termination_protection(emr, alive):
    emr.set_termination_protection(JobFlowIds=[alive], TerminationProtected=True)
    with invalid(text="Could not shut down one or more job flows since they are termination protected."):
        emr.terminate_job_flows(JobFlowIds=[alive])
    assert state_of(emr, alive) == "WAITING"
    emr.set_termination_protection(JobFlowIds=[alive], TerminationProtected=False)
    assert end(emr, alive)["Status"]["State"] == "TERMINATED"


def test_protection_does_not_keep_what_ends_by_itself(emr):
    cluster = run_cluster(emr, bash("true"), Instances={"TerminationProtected": True})
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"


def test_the_step_concurrency_level_can_be_asked_for(emr, alive):
    assert emr.modify_cluster(ClusterId=alive, StepConcurrencyLevel=1)["StepConcurrencyLevel"] == 1
    for level in (0, 257):
        with pytest.raises(emr.exceptions.ClientError):
            emr.modify_cluster(ClusterId=alive, StepConcurrencyLevel=level)


def test_tags(emr, alive):
    emr.add_tags(ResourceId=alive, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    emr.add_tags(ResourceId=alive, Tags=[{"Key": "a", "Value": "3"}])
    emr.remove_tags(ResourceId=alive, TagKeys=["b", "never was"])
    assert cluster_of(emr, alive)["Tags"] == [{"Key": "a", "Value": "3"}]


# --- instances, bootstrap actions, logs -------------------------------------------------------------------------------


def test_instance_groups_and_instances(emr):
    cluster = run_cluster(emr, keep=True, Instances={"InstanceCount": 3, "SlaveInstanceType": "m5.2xlarge"})
    until(emr, cluster, "WAITING")
    groups = emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
    shapes = {group["InstanceGroupType"]: (group["InstanceType"], group["RequestedInstanceCount"]) for group in groups}
    assert shapes == {"MASTER": ("m5.xlarge", 1), "CORE": ("m5.2xlarge", 2)}
    assert {group["Status"]["State"] for group in groups} == {"RUNNING"}
    assert all(re.fullmatch(r"ig-[A-Z0-9]+", group["Id"]) for group in groups)
    instances = emr.list_instances(ClusterId=cluster)["Instances"]
    assert sorted(instance["InstanceType"] for instance in instances) == ["m5.2xlarge", "m5.2xlarge", "m5.xlarge"]
    assert [
        i["InstanceType"] for i in emr.list_instances(ClusterId=cluster, InstanceGroupTypes=["MASTER"])["Instances"]
    ] == ["m5.xlarge"]
    end(emr, cluster)
    assert {i["Status"]["State"] for i in emr.list_instances(ClusterId=cluster)["Instances"]} == {"TERMINATED"}


def test_instance_fleets(emr):
    fleet = {"TargetOnDemandCapacity": 1, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}
    fleets = [fleet | {"InstanceFleetType": kind, "Name": kind.lower()} for kind in ("MASTER", "CORE")]
    cluster = emr.run_job_flow(
        Name="fleets", ReleaseLabel="emr-7.2.0", Instances={"InstanceFleets": fleets, "KeepJobFlowAliveWhenNoSteps": True},
        JobFlowRole="EMR_EC2_DefaultRole", ServiceRole="EMR_DefaultRole",
    )["JobFlowId"]  # fmt: skip
    until(emr, cluster, "WAITING")
    assert cluster_of(emr, cluster)["InstanceCollectionType"] == "INSTANCE_FLEET"
    listed = emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
    assert sorted((f["InstanceFleetType"], f["TargetOnDemandCapacity"]) for f in listed) == [("CORE", 1), ("MASTER", 1)]
    with invalid("InvalidRequestException"):
        emr.list_instance_groups(ClusterId=cluster)
    end(emr, cluster)


def test_bootstrap_actions_run_before_the_first_step(emr, s3, bucket, tmp_path):
    s3.put_object(Bucket=bucket, Key="boot.sh", Body=f'#!/bin/bash\necho "boot $1" >> {tmp_path}/order\n'.encode())
    action = {"Name": "prepare", "ScriptBootstrapAction": {"Path": f"s3://{bucket}/boot.sh", "Args": ["first"]}}
    again = {"Name": "again", "ScriptBootstrapAction": {"Path": f"s3://{bucket}/boot.sh", "Args": ["second"]}}
    cluster = run_cluster(emr, bash(f"echo step >> {tmp_path}/order"), BootstrapActions=[action, again])
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"
    assert (tmp_path / "order").read_text().splitlines() == ["boot first", "boot second", "step"]
    listed = emr.list_bootstrap_actions(ClusterId=cluster)["BootstrapActions"]
    assert [(a["Name"], a["ScriptPath"], a["Args"]) for a in listed] == [
        ("prepare", f"s3://{bucket}/boot.sh", ["first"]), ("again", f"s3://{bucket}/boot.sh", ["second"]),
    ]  # fmt: skip


@pytest.mark.parametrize("script", ["#!/bin/bash\nexit 5\n", None])
def test_a_bootstrap_action_that_fails_ends_the_cluster(emr, s3, bucket, tmp_path, script):
    if script:
        s3.put_object(Bucket=bucket, Key="boot.sh", Body=script.encode())
    action = {"Name": "bad", "ScriptBootstrapAction": {"Path": f"s3://{bucket}/boot.sh", "Args": []}}
    cluster = run_cluster(emr, bash(f"touch {tmp_path}/never"), keep=True, BootstrapActions=[action])
    status = ended(emr, cluster)["Status"]
    assert (status["State"], status["StateChangeReason"]["Code"]) == ("TERMINATED_WITH_ERRORS", "BOOTSTRAP_FAILURE")
    assert status["StateChangeReason"]["Message"]
    assert states_of_steps(emr, cluster) == ["CANCELLED"] and not (tmp_path / "never").exists()


def test_logs_lie_where_emr_lays_them(emr, s3, bucket):
    cluster = run_cluster(emr, bash("echo to stdout; echo to stderr >&2"), LogUri=f"s3://{bucket}/")
    ended(emr, cluster)
    [step] = steps_of(emr, cluster)
    assert log_of(s3, bucket, cluster, step["Id"], "stdout") == "to stdout\n"
    assert "to stderr\n" in log_of(s3, bucket, cluster, step["Id"], "stderr")
    assert log_of(s3, bucket, cluster, step["Id"], "controller")


def test_logs_can_be_read_while_the_step_runs(emr, s3, bucket, tmp_path):
    cluster = run_cluster(
        emr,
        bash(f"echo so far; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; echo the rest"),
        LogUri=f"s3://{bucket}/",
    )
    step = wait_for(lambda: steps_of(emr, cluster), what="the step")[0]["Id"]
    wait_for(lambda: log_of(s3, bucket, cluster, step, "stdout") == "so far\n", what="the log of a running step")
    assert state_of(emr, cluster, step) == "RUNNING"
    (tmp_path / "go").touch()
    ended(emr, cluster)
    assert log_of(s3, bucket, cluster, step, "stdout") == "so far\nthe rest\n"


def test_script_runner(emr, s3, bucket, tmp_path):
    s3.put_object(Bucket=bucket, Key="jobs/script.sh", Body=f'#!/bin/bash\necho "$1-$2" > {tmp_path}/out\n'.encode())
    jar = "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar"
    fine = {
        "Name": "script",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": jar, "Args": [f"s3://{bucket}/jobs/script.sh", "a b", "c"]},
    }
    missing = {
        "Name": "missing",
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": jar, "Args": [f"s3://{bucket}/jobs/none.sh"]},
    }
    cluster = run_cluster(emr, fine, missing)
    ended(emr, cluster)
    assert states_of_steps(emr, cluster) == ["COMPLETED", "FAILED"]
    assert (tmp_path / "out").read_text() == "a b-c\n"


def test_a_command_that_does_not_exist_fails_its_step(emr):
    cluster = run_cluster(emr, command(["no-such-command", "x"]))
    ended(emr, cluster)
    [step] = steps_of(emr, cluster)
    assert step["Status"]["State"] == "FAILED" and step["Status"]["FailureDetails"]["Reason"]


# --- lists ------------------------------------------------------------------------------------------------------------


def test_steps_are_listed_fifty_to_a_page(emr, alive):
    ids = [step for _ in range(11) for step in add(emr, alive, *[bash("true") for _ in range(5)])]
    first = emr.list_steps(ClusterId=alive)
    assert [step["Id"] for step in first["Steps"]] == ids[:4:-1]
    second = emr.list_steps(ClusterId=alive, Marker=first["Marker"])
    assert [step["Id"] for step in second["Steps"]] == ids[4::-1] and "Marker" not in second
    until(emr, alive, "COMPLETED", step=ids[-1])


def test_clusters_are_listed_fifty_to_a_page_newest_first(own_server):
    emr = own_server.client("emr")
    ids = [run_cluster(emr, Name=f"c{i}") for i in range(52)]
    first = emr.list_clusters()
    second = emr.list_clusters(Marker=first["Marker"])
    assert (len(first["Clusters"]), len(second["Clusters"])) == (50, 2) and "Marker" not in second
    assert [about["Id"] for about in first["Clusters"] + second["Clusters"]] == ids[::-1]
    wait_for(
        lambda: (
            not emr.list_clusters(ClusterStates=["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"])[
                "Clusters"
            ]
        ),
        60,
    )
    assert (
        len(list(emr.get_paginator("list_clusters").paginate(ClusterStates=["TERMINATED"]).search("Clusters[]"))) == 52
    )
    middle = cluster_of(emr, ids[25])["Status"]["Timeline"]["CreationDateTime"]
    later = list(emr.get_paginator("list_clusters").paginate(CreatedAfter=middle).search("Clusters[].Id"))
    earlier = list(emr.get_paginator("list_clusters").paginate(CreatedBefore=middle).search("Clusters[].Id"))
    assert (
        set(ids[26:]) <= set(later)
        and set(ids[:25]) <= set(earlier)
        and set(later) | set(earlier) | {ids[25]} == set(ids)
    )


def test_the_old_describe_job_flows(emr):
    cluster = run_cluster(emr, bash("true", "old"))
    ended(emr, cluster)
    [flow] = emr.describe_job_flows(JobFlowIds=[cluster])["JobFlows"]
    assert (flow["JobFlowId"], flow["Name"], flow["ExecutionStatusDetail"]["State"]) == (
        cluster,
        "a cluster",
        "COMPLETED",
    )
    assert [(s["StepConfig"]["Name"], s["ExecutionStatusDetail"]["State"]) for s in flow["Steps"]] == [
        ("old", "COMPLETED")
    ]


# --- what is refused --------------------------------------------------------------------------------------------------


def test_ids_that_are_not_there(emr, alive):
    for operation in (
        "describe_cluster",
        "list_steps",
        "list_instance_groups",
        "list_instances",
        "list_bootstrap_actions",
    ):
        with invalid("InvalidRequestException", f"Cluster id '{NOWHERE}' is not valid."):
            getattr(emr, operation)(ClusterId=NOWHERE)
    with invalid("InvalidRequestException", "Step id 's-AAAAAAAAAAAAA' is not valid."):
        emr.describe_step(ClusterId=alive, StepId="s-AAAAAAAAAAAAA")
    for operation in (
        lambda: add(emr, NOWHERE, bash("true")),
        lambda: emr.terminate_job_flows(JobFlowIds=[NOWHERE]),
        lambda: emr.set_termination_protection(JobFlowIds=[NOWHERE], TerminationProtected=True),
    ):
        with invalid("ValidationException"):
            operation()


def test_an_ended_cluster_takes_no_steps(emr):
    cluster = run_cluster(emr)
    ended(emr, cluster)
    with invalid(text="A job flow that is shutting down, terminated, or finished may not be modified."):
        add(emr, cluster, bash("true"))
    emr.terminate_job_flows(JobFlowIds=[cluster])  # as often as one likes


def test_release_labels_that_do_not_exist(emr):
    for label in ("emr-99.0.0", "spark-3", "emr-"):
        with invalid(text=label):
            run_cluster(emr, ReleaseLabel=label)


def test_two_hundred_and_fifty_six_steps_and_no_more(emr, alive):
    [first] = add(emr, alive, bash("exec sleep 1000"))
    for count in (200, 55):
        add(emr, alive, *[bash("true") for _ in range(count)])
    with invalid():
        add(emr, alive, bash("true"))
    assert len(steps_of(emr, alive)) == 256


def test_ten_clusters_are_ended_at_once_and_no_more(emr):
    with pytest.raises(emr.exceptions.ClientError):
        emr.terminate_job_flows(JobFlowIds=[NOWHERE] * 11)


@pytest.mark.parametrize(
    "change",
    [
        {"Name": None}, {"Instances": None}, {"Name": "n" * 257}, {"ReleaseLabel": 7}, {"StepConcurrencyLevel": 0},
        {"StepConcurrencyLevel": 257}, {"Steps": "none"}, {"Steps": [{"Name": "s", "HadoopJarStep": {}}]},
        {"Steps": [{"Name": "s", "ActionOnFailure": "SHRUG", "HadoopJarStep": {"Jar": "command-runner.jar"}}]},
        {"BootstrapActions": [{"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/k"}}] * 17},
    ],
)  # fmt: skip
def test_requests_against_the_model_are_refused(server, change):
    request = {
        "Name": "n",
        "ReleaseLabel": "emr-7.2.0",
        "Instances": {"InstanceCount": 1, "MasterInstanceType": "m5.xlarge"},
    } | change
    body = json.dumps({name: value for name, value in request.items() if value is not None}).encode()
    status, type_, message = raw_call(server, "RunJobFlow", body)
    assert (status, type_) in ((400, "ValidationException"), (400, "SerializationException"))
    assert message


def test_what_is_no_request_at_all(server):
    assert raw_call(server, "NoSuchOperation", b"{}")[:2] == (400, "UnknownOperationException")
    assert raw_call(server, "ListClusters", b"{not json")[:2] == (400, "SerializationException")
    assert raw_call(server, "ListClusters", b'{"Marker": ' + b"[" * 100_000)[:2] == (400, "SerializationException")


def raw_call(server, operation, body):
    """-> (status, error type, message) of an awsJson request that boto3 would not send."""
    headers = {"x-amz-target": f"ElasticMapReduce.{operation}", "content-type": "application/x-amz-json-1.1"}
    sent = signed("POST", server.endpoint + "/", headers, service="elasticmapreduce")
    status, _, answer = call(server.endpoint + "/", "POST", body, sent)
    error = json.loads(answer)
    return status, error.get("__type", "").split("#")[-1], error.get("message", error.get("Message", ""))


def test_regions_and_clusters(server, emr):
    """The region of a request's signature is in the names of what it makes."""
    west = server.client("emr", region="eu-west-1")
    cluster = run_cluster(west)
    ended(west, cluster)
    assert cluster_of(west, cluster)["ClusterArn"].startswith("arn:aws:elasticmapreduce:eu-west-1:")
    assert cluster not in [about["Id"] for about in emr.list_clusters()["Clusters"]]
    with invalid("InvalidRequestException"):
        cluster_of(emr, cluster)


# --- what a client must not do to the server --------------------------------------------------------------------------


def test_volumes_without_number_do_not_fill_the_memory(emr):
    volumes = {"VolumeSpecification": {"VolumeType": "gp2", "SizeInGB": 1}, "VolumesPerInstance": 2**31 - 1}
    master = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1,
              "EbsConfiguration": {"EbsBlockDeviceConfigs": [volumes]}}  # fmt: skip
    cluster = emr.run_job_flow(
        Name="disks", ReleaseLabel="emr-7.2.0", Instances={"InstanceGroups": [master]},
        JobFlowRole="EMR_EC2_DefaultRole", ServiceRole="EMR_DefaultRole",
    )["JobFlowId"]  # fmt: skip
    [group] = emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
    assert len(group["EbsBlockDevices"]) == 25


def test_a_request_cannot_write_lines_of_the_log(own_server):
    emr = own_server.client("emr")
    step = bash("true")
    step["HadoopJarStep"] = {"Jar": "s3://nowhere/x\n2026-01-01T00:00:00.000Z info cluster-ended cluster=j-FORGED"}
    cluster = run_cluster(emr, step)
    ended(emr, cluster)
    log = own_server.log()
    assert "j-FORGED" in log and not [line for line in log.splitlines() if line.startswith("2026-01-01T00:00:00.000Z")]
    [failed] = [line for line in log.splitlines() if "step-state" in line and "to=FAILED" in line]
    assert cluster in failed and 'reason="Cannot fetch s3://nowhere/x' in failed


def test_a_web_page_cannot_run_programs(own_server):
    headers = {"X-Amz-Target": "ElasticMapReduce.ListClusters", "Content-Type": "application/x-amz-json-1.1"}
    assert call(own_server.endpoint, "POST", b"{}", headers)[0] == 200
    for host in ("evil.example", "127.0.0.1"):
        status, _, body = call(own_server.endpoint, "POST", b"{}", {**headers, "Host": host, "Origin": f"http://{host}"})
        assert status == 403 and b"AccessDenied" in body


def test_a_step_sees_of_the_data_folder_only_its_own_cluster(own_server, tmp_path):
    emr = own_server.client("emr")
    other = run_cluster(emr, keep=True)
    until(emr, other, "WAITING")
    script = f"""
        cd {own_server.data}; readlink /proc/self/ns/mnt > {tmp_path}/mounts; ls . work logs > {tmp_path}/seen
        cat admin-token; echo $? > {tmp_path}/codes; cat state.db; echo $? >> {tmp_path}/codes
        echo own > "$HOME/file" && cat "$HOME/file" > {tmp_path}/work"""
    cluster = run_cluster(emr, bash(script), keep=True)
    [step] = steps_of(emr, cluster)
    assert until(emr, cluster, "COMPLETED", "FAILED", step=step["Id"])["Status"]["State"] == "COMPLETED"
    assert (tmp_path / "work").read_text() == "own\n"
    if (tmp_path / "mounts").read_text().strip() == os.readlink("/proc/self/ns/mnt"):
        pytest.skip("no mount namespaces here")
    assert (tmp_path / "codes").read_text() == "1\n1\n"
    assert (tmp_path / "seen").read_text().split() == [".:", "logs", "work", "logs:", cluster, "work:", cluster]
    for id in (cluster, other):
        end(emr, id)


def test_what_holds_keys_is_for_its_owner_alone(own_server):
    files = [*own_server.folder.rglob("state.db*"), *own_server.folder.rglob("admin-token")]
    assert len(files) >= 3
    assert [path for path in files if path.stat().st_mode & 0o077] == []
