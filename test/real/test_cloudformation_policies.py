# test_cloudformation_policies.py - stack policies: stored, told, and applied to updates.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


def policy(*statements):
    return json.dumps({"Statement": [{"Principal": "*", **s} for s in statements]})


ALL = {"Effect": "Allow", "Action": "Update:*", "Resource": "*"}


def parameter(value, **more):
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def body(**resources):
    return json.dumps({"Resources": resources})


def settled(cfn, stack):
    def look():
        found = cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return found.endswith(("COMPLETE", "FAILED")) and found

    return wait_for(look, what=f"{stack} to settle")


def update(cfn, stack, template, **more):
    cfn.update_stack(StackName=stack, TemplateBody=template, **more)
    return settled(cfn, stack)


def reasons(cfn, stack):
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    return [(e["LogicalResourceId"], e["ResourceStatusReason"]) for e in events if e["ResourceStatus"] == "UPDATE_FAILED"]


@pytest.fixture
def stack(cfn):
    name = f"policy-{next(names)}"
    yield name
    cfn.delete_stack(StackName=name)
    cfn.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def test_a_policy_protects_what_it_denies(cfn, stack):
    cfn.create_stack(StackName=stack, TemplateBody=body(Kept=parameter("1"), Free=parameter("1")))
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    assert "StackPolicyBody" not in cfn.get_stack_policy(StackName=stack)
    text = policy(ALL, {"Effect": "Deny", "Action": ["Update:Modify", "Update:Delete"], "Resource": "LogicalResourceId/Kept"})
    cfn.set_stack_policy(StackName=stack, StackPolicyBody=text)
    assert cfn.get_stack_policy(StackName=stack)["StackPolicyBody"] == text
    assert update(cfn, stack, body(Kept=parameter("1"), Free=parameter("2"))) == "UPDATE_COMPLETE"
    assert update(cfn, stack, body(Kept=parameter("2"), Free=parameter("2"))) == "UPDATE_ROLLBACK_COMPLETE"
    denied = "Action denied by stack policy: Statement [#1] does not allow [{}] for resource [LogicalResourceId/Kept]"
    assert reasons(cfn, stack)[0] == ("Kept", denied.format("Update:Modify"))
    # What may not be removed stays, and the rest of the update is undone.
    assert update(cfn, stack, body(Free=parameter("3"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert ("Kept", denied.format("Update:Delete")) in reasons(cfn, stack)
    found = {r["LogicalResourceId"]: r["ResourceStatus"] for r in cfn.describe_stack_resources(StackName=stack)["StackResources"]}
    assert set(found) == {"Kept", "Free"} and not any(s.startswith("DELETE") for s in found.values())
    # A replacement is another action.
    assert update(cfn, stack, body(Kept=parameter("1", Name="/new/kept"), Free=parameter("2"))) == "UPDATE_COMPLETE"


def test_one_update_may_have_a_policy_of_its_own(cfn, stack):
    first = policy({"Effect": "Allow", "Action": "Update:Modify", "Resource": "LogicalResourceId/Free"})
    cfn.create_stack(StackName=stack, TemplateBody=body(Kept=parameter("1"), Free=parameter("1")), StackPolicyBody=first)
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    assert update(cfn, stack, body(Kept=parameter("2"), Free=parameter("1"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "not allowed by stack policy" in reasons(cfn, stack)[0][1]
    done = update(cfn, stack, body(Kept=parameter("2"), Free=parameter("1")), StackPolicyDuringUpdateBody=policy(ALL))
    assert done == "UPDATE_COMPLETE"
    assert cfn.get_stack_policy(StackName=stack)["StackPolicyBody"] == first
    # A new policy holds from the next update on, when this one goes well.
    open = policy(ALL)
    assert update(cfn, stack, body(Kept=parameter("3")), StackPolicyBody=open) == "UPDATE_ROLLBACK_COMPLETE"
    assert cfn.get_stack_policy(StackName=stack)["StackPolicyBody"] == first
    assert update(cfn, stack, body(Kept=parameter("2"), Free=parameter("2")), StackPolicyBody=open) == "UPDATE_COMPLETE"
    assert update(cfn, stack, body(Kept=parameter("3"))) == "UPDATE_COMPLETE"


def test_a_change_set_is_bound_by_the_policy_too(cfn, stack):
    cfn.create_stack(StackName=stack, TemplateBody=body(Kept=parameter("1")), StackPolicyBody=policy())
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    cfn.create_change_set(StackName=stack, ChangeSetName="c", TemplateBody=body(Kept=parameter("2")))
    cfn.execute_change_set(StackName=stack, ChangeSetName="c")
    assert settled(cfn, stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert reasons(cfn, stack)[0][0] == "Kept"


@pytest.mark.parametrize("text", ["{", "{}", '{"Statement":[{"Effect":"Allow","Action":"s3:*","Principal":"*","Resource":"*"}]}'])
def test_bad_policies_are_refused(cfn, stack, text):
    cfn.create_stack(StackName=stack, TemplateBody=body(A=parameter("1")))
    settled(cfn, stack)
    with pytest.raises(ClientError) as refused:
        cfn.set_stack_policy(StackName=stack, StackPolicyBody=text)
    assert refused.value.response["Error"] == {
        "Type": "Sender",
        "Code": "ValidationError",
        "Message": "Error validating stack policy: Invalid stack policy",
    }
