# test_emr_resize.py - groups and fleets that are changed and added while their cluster lives, by the API and by Task states.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

numbers = itertools.count(1)


@pytest.fixture
def groups(emr):
    cluster = start(emr, {"InstanceGroups": [
        {"Name": "head", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {"Name": "body", "InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
    ]})  # fmt: skip
    yield cluster
    emr.terminate_job_flows(JobFlowIds=[cluster])


@pytest.fixture
def fleets(emr):
    types = [{"InstanceType": "m5.xlarge", "WeightedCapacity": 2}]
    cluster = start(emr, {"InstanceFleets": [
        {"Name": "head", "InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
        {"Name": "body", "InstanceFleetType": "CORE", "TargetOnDemandCapacity": 2, "InstanceTypeConfigs": types},
    ]})  # fmt: skip
    yield cluster
    emr.terminate_job_flows(JobFlowIds=[cluster])


def start(emr, instances):
    return emr.run_job_flow(Name="resized", ReleaseLabel="emr-7.2.0", Instances=instances | {"KeepJobFlowAliveWhenNoSteps": True},
                            JobFlowRole="EMR_EC2_DefaultRole", ServiceRole="EMR_DefaultRole")["JobFlowId"]  # fmt: skip


def shown(emr, cluster):
    return {g["Name"]: g for g in emr.list_instance_groups(ClusterId=cluster)["InstanceGroups"]}


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_groups(emr, groups):
    body, head = (shown(emr, groups)[name]["Id"] for name in ("body", "head"))
    emr.modify_instance_groups(ClusterId=groups, InstanceGroups=[{"InstanceGroupId": body, "InstanceCount": 5}])
    assert shown(emr, groups)["body"]["RequestedInstanceCount"] == 5
    assert len(emr.list_instances(ClusterId=groups, InstanceGroupId=body)["Instances"]) == 5
    task = {"Name": "more", "InstanceRole": "TASK", "InstanceType": "c5.xlarge", "InstanceCount": 3}
    added = emr.add_instance_groups(JobFlowId=groups, InstanceGroups=[task])
    assert added["InstanceGroupIds"] == [shown(emr, groups)["more"]["Id"]]
    assert len(emr.list_instances(ClusterId=groups)["Instances"]) == 9
    for call, change in [
        (emr.modify_instance_groups, {"ClusterId": groups, "InstanceGroups": [{"InstanceGroupId": head, "InstanceCount": 2}]}),
        (emr.modify_instance_groups, {"ClusterId": groups, "InstanceGroups": [{"InstanceGroupId": body, "InstanceCount": 0}]}),
        (emr.modify_instance_groups, {"ClusterId": groups, "InstanceGroups": [{"InstanceGroupId": "ig-NOBODY"}]}),
        (emr.modify_instance_fleet, {"ClusterId": groups, "InstanceFleet": {"InstanceFleetId": body}}),
        (emr.add_instance_groups, {"JobFlowId": groups, "InstanceGroups": [task | {"InstanceRole": "CORE"}]}),
    ]:
        assert refused(call, **change)["Code"] in ("InvalidRequestException", "ValidationException")
    assert len(emr.list_instances(ClusterId=groups)["Instances"]) == 9


def test_fleets(emr, fleets):
    body = next(f for f in emr.list_instance_fleets(ClusterId=fleets)["InstanceFleets"] if f["Name"] == "body")["Id"]
    emr.modify_instance_fleet(ClusterId=fleets, InstanceFleet={"InstanceFleetId": body, "TargetOnDemandCapacity": 7})
    assert len(emr.list_instances(ClusterId=fleets, InstanceFleetId=body)["Instances"]) == 4
    task = {"Name": "more", "InstanceFleetType": "TASK", "TargetSpotCapacity": 2, "InstanceTypeConfigs": [{"InstanceType": "c5.xlarge"}]}
    fleet = emr.add_instance_fleet(ClusterId=fleets, InstanceFleet=task)["InstanceFleetId"]
    assert len(emr.list_instances(ClusterId=fleets, InstanceFleetId=fleet)["Instances"]) == 2


def test_by_task_states(server, emr, groups, fleets):
    sfn = server.client("stepfunctions")
    states = {
        "Group": {"Type": "Task", "Resource": "arn:aws:states:::elasticmapreduce:modifyInstanceGroupByName", "ResultPath": None,
                  "Parameters": {"ClusterId": groups, "InstanceGroupName": "body", "InstanceGroup": {"InstanceCount": 4}}, "Next": "Fleet"},
        "Fleet": {"Type": "Task", "Resource": "arn:aws:states:::elasticmapreduce:modifyInstanceFleetByName", "End": True,
                  "Parameters": {"ClusterId": fleets, "InstanceFleetName": "body", "InstanceFleet": {"TargetOnDemandCapacity": 6}}},
    }  # fmt: skip
    machine = sfn.create_state_machine(name=f"resize-{next(numbers)}", roleArn="arn:aws:iam::000000000000:role/r",
                                       definition=json.dumps({"StartAt": "Group", "States": states}))["stateMachineArn"]  # fmt: skip
    arn = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for(lambda: sfn.describe_execution(executionArn=arn)["status"] != "RUNNING", what=arn)
    done = sfn.describe_execution(executionArn=arn)
    assert done["status"] == "SUCCEEDED", done
    assert shown(emr, groups)["body"]["RequestedInstanceCount"] == 4
    got = {f["Name"]: f["TargetOnDemandCapacity"] for f in emr.list_instance_fleets(ClusterId=fleets)["InstanceFleets"]}
    assert got["body"] == 6


def test_a_scaling_policy_is_kept_with_its_group(emr, groups):
    alarm = {"ComparisonOperator": "LESS_THAN", "MetricName": "YARNMemoryAvailablePercentage", "Period": 300, "Threshold": 15.0}
    policy = {"Constraints": {"MinCapacity": 2, "MaxCapacity": 5}, "Rules": [{
        "Name": "out", "Action": {"SimpleScalingPolicyConfiguration": {"ScalingAdjustment": 1}},
        "Trigger": {"CloudWatchAlarmDefinition": alarm}}]}  # fmt: skip
    body, head = (shown(emr, groups)[name]["Id"] for name in ("body", "head"))
    made = emr.put_auto_scaling_policy(ClusterId=groups, InstanceGroupId=body, AutoScalingPolicy=policy)
    described = made["AutoScalingPolicy"]
    assert (made["ClusterId"], made["InstanceGroupId"], described["Status"]["State"]) == (groups, body, "ATTACHED")
    watched = described["Rules"][0]["Trigger"]["CloudWatchAlarmDefinition"]
    assert watched == alarm | {"Dimensions": [{"Key": "JobFlowId", "Value": groups}], "Namespace": "AWS/ElasticMapReduce"}
    assert shown(emr, groups)["body"]["AutoScalingPolicy"] == described and "AutoScalingPolicy" not in shown(emr, groups)["head"]
    for group, limits, words in ((head, {"MinCapacity": 1, "MaxCapacity": 2}, "not available for the MASTER"),
                                 (body, {"MinCapacity": 3, "MaxCapacity": 2}, "greater than the MaxCapacity")):  # fmt: skip
        with pytest.raises(ClientError, match=words):
            emr.put_auto_scaling_policy(ClusterId=groups, InstanceGroupId=group, AutoScalingPolicy=policy | {"Constraints": limits})
    assert shown(emr, groups)["body"]["AutoScalingPolicy"] == described
    emr.remove_auto_scaling_policy(ClusterId=groups, InstanceGroupId=body)
    assert "AutoScalingPolicy" not in shown(emr, groups)["body"]


def test_a_scaling_policy_comes_with_the_cluster(emr):
    policy = {"Constraints": {"MinCapacity": 1, "MaxCapacity": 3}, "Rules": [{
        "Name": "in", "Action": {"SimpleScalingPolicyConfiguration": {"ScalingAdjustment": -1}},
        "Trigger": {"CloudWatchAlarmDefinition": {"ComparisonOperator": "GREATER_THAN", "MetricName": "m", "Period": 300, "Threshold": 1.0,
                                                  "Dimensions": [{"Key": "of", "Value": "${emr.clusterId}"}]}}}]}  # fmt: skip
    cluster = start(emr, {"InstanceGroups": [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {"Name": "body", "InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 1, "AutoScalingPolicy": policy}]})  # fmt: skip
    described = shown(emr, cluster)["body"]["AutoScalingPolicy"]
    assert described["Rules"][0]["Trigger"]["CloudWatchAlarmDefinition"]["Dimensions"] == [{"Key": "of", "Value": cluster}]
    emr.terminate_job_flows(JobFlowIds=[cluster])
