# stacks.py - what `make bench` measures of CloudFormation: deploy and delete of a stack of a hundred resources.
import json
import statistics
import time

import peers
from common import client, each, row

RESOURCES, STACKS = 100, 7
ROLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
MACHINE = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
KINDS = {
    "bucket": lambda i: ("S3::Bucket", {}),
    "role": lambda i: ("IAM::Role", {"AssumeRolePolicyDocument": ROLE}),
    "queue": lambda i: ("SQS::Queue", {"VisibilityTimeout": 60}),
    "group": lambda i: ("Logs::LogGroup", {"RetentionInDays": 7}),
    "parameter": lambda i: ("SSM::Parameter", {"Name": f"parameter-{i}", "Type": "String", "Value": {"Fn::GetAtt": [f"queue{i}", "Arn"]}}),
    "machine": lambda i: ("StepFunctions::StateMachine", {"RoleArn": {"Fn::GetAtt": [f"role{i}", "Arn"]}, "DefinitionString": json.dumps(MACHINE)}),
}


def template():
    """Of each kind as many as the next, and two of them refer to others."""
    resources = {}
    for at in range(RESOURCES):
        kind, i = list(KINDS)[at % len(KINDS)], at // len(KINDS)
        of, properties = KINDS[kind](i)
        resources[f"{kind}{i}"] = {"Type": f"AWS::{of}", "Properties": properties}
    return json.dumps({"Resources": resources})


def settled(stacks, stack):
    while (status := stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]).endswith("_IN_PROGRESS"):
        time.sleep(0.001)
    return status


def is_gone(stacks, stack):
    """Deleted; one of the peers knows nothing of deleted stacks, not by their ids either."""
    try:
        return settled(stacks, stack) == "DELETE_COMPLETE"
    except stacks.exceptions.ClientError as error:
        return "does not exist" in str(error)


def made(server):
    """What the services know, whatever CloudFormation says."""
    return (len(client(server, "s3").list_buckets()["Buckets"]) + len(client(server, "sqs").list_queues().get("QueueUrls", []))
            + len(client(server, "stepfunctions").list_state_machines()["stateMachines"]))  # fmt: skip


def deploy(server, stacks, name, body):
    """The times of a deploy and of the delete after it, in ms, each until it has settled."""
    began = time.monotonic()
    stack = stacks.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])["StackId"]
    status = settled(stacks, stack)
    deployed = time.monotonic()
    if status != "CREATE_COMPLETE" or made(server) < RESOURCES // 2:
        raise RuntimeError(f"the stack was not made: {status}, {made(server)} resources")
    again = time.monotonic()
    stacks.delete_stack(StackName=name)
    gone = is_gone(stacks, stack)
    deleted = time.monotonic()
    if not gone or made(server):
        raise RuntimeError(f"the stack is not gone: {made(server)} resources are left")
    return (deployed - began) * 1000, (deleted - again) * 1000


def bench_stacks():
    body = template()
    for server in each(peers.mayfly, peers.moto, peers.ministack):
        stacks = client(server, "cloudformation")
        try:
            deploy(server, stacks, "first", body)
            deploys, deletes = zip(*(deploy(server, stacks, f"bench-{n}", body) for n in range(STACKS)))
        except Exception as why:
            print(f"  left out: {server.name}: {why}")
            continue
        note = "on disk" if server.name == "mayfly" else "in memory"
        row(f"stack of {RESOURCES} resources: deployed in", server.name, statistics.median(deploys), "ms", note)
        row("  deleted in", server.name, statistics.median(deletes), "ms")
