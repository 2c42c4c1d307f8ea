# test_enforce_services.py - a server that enforces IAM: each way in which a service acts for somebody, allowed and denied.
import io
import json
import zipfile

import pytest

from emr_help import command, ended, run_cluster, steps_of
from enforce_help import ACCOUNT, Who, allow, code_of, deny, guarded, iam, names, policy, refusal, role, trusts, user  # noqa: F401
from server import REGION, ROOT, wait_for
from test_states_http import Told

STATES, LAMBDA, EVENTS = ({"Service": f"{s}.amazonaws.com"} for s in ("states", "lambda", "events"))
RULES = allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], f"arn:aws:events:{REGION}:{ACCOUNT}:rule/StepFunctions*")


def arn_of(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def one_state(resource, **parameters):
    return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}}}


def machine(server, definition, role_arn, **more):
    sfn, name = server.client("stepfunctions"), f"m-{next(names)}"
    return sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role_arn, **more)["stateMachineArn"]


def run(server, machine_arn):
    sfn = server.client("stepfunctions")
    execution = sfn.start_execution(stateMachineArn=machine_arn)["executionArn"]
    return wait_for(lambda: (e := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and e)


def queue(server, *statements):
    sqs, name = server.client("sqs"), f"q-{next(names)}"
    attributes = {"Policy": policy(*statements)} if statements else {}
    return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], arn_of("sqs", name)


def sends(service, **condition):
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": "*"} | more


def taken(server, url, seconds=10):
    return server.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=seconds, MessageAttributeNames=["All"]).get("Messages", [])


def nothing_in(server, *urls):
    return all(not server.client("sqs").receive_message(QueueUrl=url).get("Messages") for url in urls)


# --- Step Functions ---------------------------------------------------------------------------------------------------


def test_a_nested_execution_is_started_and_looked_at_by_the_role(guarded, role):
    inner = machine(guarded, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, role(trusts(STATES)))
    sync = one_state("arn:aws:states:::states:startExecution.sync:2", StateMachineArn=inner)
    start, look = allow("states:StartExecution", inner), allow("states:DescribeExecution")
    message = refusal(machine, guarded, sync, (bare := role(trusts(STATES), start, look)))
    assert message == ("AccessDeniedException", f"'{bare}' is not authorized to create managed-rule.")
    assert run(guarded, machine(guarded, sync, role(trusts(STATES), RULES, start, look)))["status"] == "SUCCEEDED"
    for short, action in ((start, "states:DescribeExecution"), (look, "states:StartExecution")):
        about = run(guarded, machine(guarded, sync, role(trusts(STATES), RULES, short)))
        assert about["status"] == "FAILED" and f"not authorized to perform: {action}" in about["cause"]


def test_a_step_is_added_and_looked_at_by_the_role(guarded, role):
    emr = guarded.client("emr")
    cluster = run_cluster(emr, keep=True)
    step = {"Name": "s", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["true"]}}
    sync = one_state("arn:aws:states:::elasticmapreduce:addStep.sync", ClusterId=cluster, Step=step)
    add, look = allow("elasticmapreduce:AddJobFlowSteps"), allow("elasticmapreduce:DescribeStep")
    assert run(guarded, machine(guarded, sync, role(trusts(STATES), RULES, add, look)))["status"] == "SUCCEEDED"
    for short, action in ((add, "DescribeStep"), (look, "AddJobFlowSteps")):
        about = run(guarded, machine(guarded, sync, role(trusts(STATES), RULES, short)))
        assert about["status"] == "FAILED" and f"not authorized to perform: elasticmapreduce:{action}" in about["cause"]
    assert refusal(machine, guarded, sync, role(trusts(STATES), add, look))[0] == "AccessDeniedException"
    emr.terminate_job_flows(JobFlowIds=[cluster])


def test_a_role_that_does_not_trust_any_more_does_nothing(guarded, role, iam):
    arn = role(trusts(STATES), allow("s3:GetObject"))
    made = machine(guarded, one_state("arn:aws:states:::aws-sdk:s3:getObject", Bucket="lake", Key="in/a.csv"), arn)
    assert run(guarded, made)["status"] == "SUCCEEDED"
    iam.update_assume_role_policy(RoleName=arn.split("/")[-1], PolicyDocument=trusts(LAMBDA))
    about = run(guarded, made)
    assert about["status"] == "FAILED" and "not authorized to assume the role" in about["cause"]


def test_trust_may_name_the_machine(guarded, role):
    def trust(name):
        return trusts(STATES, Condition={"ArnLike": {"aws:SourceArn": arn_of("states", name)}, "StringEquals": {"aws:SourceAccount": ACCOUNT}})

    get = one_state("arn:aws:states:::aws-sdk:s3:getObject", Bucket="lake", Key="in/a.csv")
    assert run(guarded, machine(guarded, get, role(trust("stateMachine:m-*"), allow("s3:GetObject"))))["status"] == "SUCCEEDED"
    assert refusal(machine, guarded, get, role(trust("stateMachine:other"), allow("s3:GetObject")))[0] == "AccessDeniedException"


def test_http_tasks_need_three_permissions(guarded, role):
    told = Told()
    try:
        ask = {"Name": f"c-{next(names)}", "AuthorizationType": "API_KEY",
               "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}}  # fmt: skip
        connection = guarded.client("events").create_connection(**ask)["ConnectionArn"]
        task = one_state("arn:aws:states:::http:invoke", ApiEndpoint=told.url + "/x", Method="GET",
                         Authentication={"ConnectionArn": connection})  # fmt: skip
        only = {"StringEquals": {"states:HTTPMethod": "GET"}, "StringLike": {"states:HTTPEndpoint": told.url + "/*"}}
        parts = {
            "states:InvokeHTTPEndpoint": allow("states:InvokeHTTPEndpoint", Condition=only),
            "events:RetrieveConnectionCredentials": allow("events:RetrieveConnectionCredentials", connection),
            "secretsmanager:GetSecretValue": allow(["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                                                   "arn:aws:secretsmanager:*:*:secret:events!connection/*"),
        }  # fmt: skip
        assert run(guarded, machine(guarded, task, role(trusts(STATES), *parts.values())))["status"] == "SUCCEEDED"
        for missing in parts:
            about = run(guarded, machine(guarded, task, role(trusts(STATES), *(p for a, p in parts.items() if a != missing))))
            assert about["status"] == "FAILED" and "AccessDenied" in about["error"], missing
            assert missing.split(":")[0] in about["cause"]
        post = json.loads(json.dumps(task).replace('"GET"', '"POST"'))
        assert run(guarded, machine(guarded, post, role(trusts(STATES), *parts.values())))["status"] == "FAILED"
    finally:
        told.close()


def test_a_distributed_map_reads_starts_and_writes_by_the_role(guarded, role):
    guarded.client("s3").put_object(Bucket="lake", Key="items.json", Body=b"[1, 2]")
    definition = {"StartAt": "M", "States": {"M": {
        "Type": "Map", "Label": "L", "End": True,
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
                       "Parameters": {"Bucket": "lake", "Key": "items.json"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P",
                          "States": {"P": {"Type": "Pass", "End": True}}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "lake", "Prefix": "results"}},
    }}}  # fmt: skip
    parts = {
        "s3:GetObject": allow("s3:GetObject", "arn:aws:s3:::lake/items.json"),
        "s3:PutObject": allow("s3:PutObject", "arn:aws:s3:::lake/results/*"),
        "states:StartExecution": allow("states:StartExecution", arn_of("states", "stateMachine:*")),
    }
    assert run(guarded, machine(guarded, definition, role(trusts(STATES), *parts.values())))["status"] == "SUCCEEDED"
    for missing in parts:
        about = run(guarded, machine(guarded, definition, role(trusts(STATES), *(p for a, p in parts.items() if a != missing))))
        assert about["status"] == "FAILED" and missing in about["cause"], about
    listing = json.loads(json.dumps(definition))
    listing["States"]["M"]["ItemReader"] = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "lake", "Prefix": "in/"}}
    only = allow("s3:ListBucket", "arn:aws:s3:::lake", Condition={"StringLike": {"s3:prefix": "in/*"}})
    rest = [parts["s3:PutObject"], parts["states:StartExecution"]]
    assert run(guarded, machine(guarded, listing, role(trusts(STATES), only, *rest)))["status"] == "SUCCEEDED"
    assert run(guarded, machine(guarded, listing, role(trusts(STATES), *rest)))["status"] == "FAILED"


def test_a_redriven_map_needs_its_own_permission(guarded, role, iam):
    given = {"StartAt": "M", "States": {"M": {
        "Type": "Map", "Label": "L", "End": True, "ItemsPath": "$.items",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P",
                          "States": {"P": {"Type": "Fail"}}}}}}  # fmt: skip
    arn = role(trusts(STATES), allow("states:StartExecution"))
    sfn = guarded.client("stepfunctions")
    made = machine(guarded, given, arn)
    execution = sfn.start_execution(stateMachineArn=made, input='{"items": [1]}')["executionArn"]
    over = lambda: (e := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and e  # fmt: skip
    assert wait_for(over)["error"] == "States.ExceedToleratedFailureThreshold"
    sfn.redrive_execution(executionArn=execution)
    assert "states:RedriveExecution" in wait_for(over)["cause"]
    iam.put_role_policy(RoleName=arn.split("/")[-1], PolicyName="more", PolicyDocument=policy(
        allow("states:RedriveExecution", arn_of("states", "execution:*/L:*"))))  # fmt: skip
    sfn.redrive_execution(executionArn=execution)
    assert wait_for(over)["error"] == "States.ExceedToleratedFailureThreshold"


def test_a_machine_that_logs_needs_its_role_to(guarded, role):
    group = f"/g-{next(names)}"
    guarded.client("logs").create_log_group(logGroupName=group)
    log = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn_of("logs", f"log-group:{group}:*")}}]}
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    assert refusal(machine, guarded, definition, role(trusts(STATES)), loggingConfiguration=log) == (
        "AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination")  # fmt: skip
    run(guarded, machine(guarded, definition, role(trusts(STATES), allow("logs:*")), loggingConfiguration=log))
    events = lambda: guarded.client("logs").filter_log_events(logGroupName=group)["events"]  # fmt: skip
    assert wait_for(events)


# --- rules, topics, buckets, alarms -----------------------------------------------------------------------------------


def rule(server, *targets):
    events, name = server.client("events"), f"rule-{next(names)}"
    arn = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": str(i), "Input": '"hello"'} | t for i, t in enumerate(targets)])
    return name, arn


def fire(server, name):
    server.client("events").put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": "{}"}])


def test_a_rule_reaches_queues_whose_policy_lets_it(guarded):
    open_url, open_arn = queue(guarded, sends("events.amazonaws.com"))
    shut_url, shut_arn = queue(guarded)
    other_url, other_arn = queue(guarded, sends("events.amazonaws.com", ArnEquals={"aws:SourceArn": arn_of("events", "rule/other")}))
    letters_url, letters = queue(guarded, sends("events.amazonaws.com", StringEquals={"aws:SourceAccount": ACCOUNT}))
    name, _ = rule(guarded, {"Arn": open_arn}, {"Arn": shut_arn, "DeadLetterConfig": {"Arn": letters}}, {"Arn": other_arn})
    fire(guarded, name)
    assert [m["Body"] for m in taken(guarded, open_url)] == ['"hello"']
    (letter,) = taken(guarded, letters_url)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] in ("AccessDenied", "AccessDeniedException")
    assert "sqs:SendMessage" in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert nothing_in(guarded, shut_url, other_url)


def test_a_rule_with_a_role_acts_under_it(guarded, role):
    made = machine(guarded, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, role(trusts(STATES)))
    letters_url, letters = queue(guarded, sends("events.amazonaws.com"))
    may, may_not = role(trusts(EVENTS), allow("states:StartExecution", made)), role(trusts(EVENTS))
    target = {"Arn": made, "DeadLetterConfig": {"Arn": letters}}
    name, _ = rule(guarded, target | {"RoleArn": may}, target | {"RoleArn": may_not})
    fire(guarded, name)
    (letter,) = taken(guarded, letters_url)
    assert "states:StartExecution" in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert len(guarded.client("stepfunctions").list_executions(stateMachineArn=made)["executions"]) == 1


def zipped(source):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as z:
        z.writestr("m.py", source)
    return content.getvalue()


@pytest.fixture
def tells(guarded, role):
    """A function that writes each event into a queue."""
    url, _ = queue(guarded)
    source = f"import boto3, json\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl={url!r}, MessageBody=json.dumps(event))\n"
    name = f"f-{next(names)}"
    made = guarded.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=role(trusts(LAMBDA), allow("sqs:SendMessage")), Handler="m.handler",
        Timeout=60, Code={"ZipFile": zipped(source)})  # fmt: skip
    return made["FunctionArn"], url


def test_functions_are_invoked_by_whom_their_policy_names(guarded, tells):
    function, url = tells
    _, letters = queue(guarded, sends("events.amazonaws.com"))
    name, rule_arn = rule(guarded, {"Arn": function, "DeadLetterConfig": {"Arn": letters}})
    fire(guarded, name)
    letters_url = guarded.client("sqs").get_queue_url(QueueName=letters.split(":")[-1])["QueueUrl"]
    (letter,) = taken(guarded, letters_url)
    assert "lambda:InvokeFunction" in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    guarded.client("lambda").add_permission(FunctionName=function, StatementId="rule", Action="lambda:InvokeFunction",
                                            Principal="events.amazonaws.com", SourceArn=rule_arn)  # fmt: skip
    fire(guarded, name)
    assert [m["Body"] for m in taken(guarded, url, 20)] == ['"hello"']
    other, _ = rule(guarded, {"Arn": function, "DeadLetterConfig": {"Arn": letters}})
    fire(guarded, other)
    assert len(taken(guarded, letters_url)) == 1


def test_a_rule_writes_into_groups_that_a_policy_opens(guarded):
    logs, group = guarded.client("logs"), f"/aws/events/g-{next(names)}"
    logs.create_log_group(logGroupName=group)
    url, letters = queue(guarded, sends("events.amazonaws.com"))
    name, _ = rule(guarded, {"Arn": arn_of("logs", f"log-group:{group}"), "DeadLetterConfig": {"Arn": letters}})
    fire(guarded, name)
    assert len(taken(guarded, url)) == 1
    logs.put_resource_policy(policyName="events", policyDocument=policy(
        {"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
         "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": arn_of("logs", "log-group:/aws/events/*:*")}))  # fmt: skip
    assert [p["policyName"] for p in logs.describe_resource_policies()["resourcePolicies"]] == ["events"]
    fire(guarded, name)
    wait_for(lambda: logs.filter_log_events(logGroupName=group)["events"])
    logs.delete_resource_policy(policyName="events")
    fire(guarded, name)
    assert len(taken(guarded, url)) == 1


def test_a_topic_reaches_queues_whose_policy_lets_it(guarded):
    sns = guarded.client("sns")
    topic = sns.create_topic(Name=f"t-{next(names)}")["TopicArn"]
    open_url, open_arn = queue(guarded, sends("sns.amazonaws.com", ArnEquals={"aws:SourceArn": topic}))
    shut_url, shut_arn = queue(guarded, sends("sns.amazonaws.com", ArnEquals={"aws:SourceArn": topic + "-other"}))
    for arn in (open_arn, shut_arn):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="hello")
    assert [m["Body"] for m in taken(guarded, open_url)] == ["hello"]
    assert nothing_in(guarded, shut_url)


def test_a_bucket_tells_queues_whose_policy_lets_it(guarded):
    s3 = guarded.client("s3")
    s3.create_bucket(Bucket="telling")
    url, arn = queue(guarded, sends("s3.amazonaws.com", ArnLike={"aws:SourceArn": "arn:aws:s3:::telling"}))
    _, shut = queue(guarded)
    configure = lambda to: s3.put_bucket_notification_configuration(  # fmt: skip
        Bucket="telling", NotificationConfiguration={"QueueConfigurations": [{"QueueArn": to, "Events": ["s3:ObjectCreated:*"]}]})  # fmt: skip
    code, message = refusal(configure, shut)
    assert code == "InvalidArgument" and "Unable to validate the following destination configurations" in message
    configure(arn)
    s3.put_object(Bucket="telling", Key="k", Body=b"")
    assert "s3:TestEvent" in taken(guarded, url)[0]["Body"]
    assert wait_for(lambda: [m for m in taken(guarded, url) if "ObjectCreated:Put" in m["Body"]])


def test_alarms_publish_where_the_topic_lets_them(guarded):
    sns, watch = guarded.client("sns"), guarded.client("cloudwatch")
    urls = {}
    for name, own in (("plain", None), ("closed", policy({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"}))):
        topic = sns.create_topic(Name=f"alarm-{name}", Attributes={"Policy": own} if own else {})["TopicArn"]
        urls[name], arn = queue(guarded, sends("sns.amazonaws.com"))
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        watch.put_metric_alarm(AlarmName=name, MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1,
                               Threshold=1, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic])  # fmt: skip
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert len(taken(guarded, urls["plain"])) == 1
    assert nothing_in(guarded, urls["closed"])


def test_events_of_a_queue_are_taken_under_the_functions_role(guarded, role):
    url, arn = queue(guarded)
    lam, name = guarded.client("lambda"), f"f-{next(names)}"
    lam.create_function(FunctionName=name, Runtime="python3.12", Role=role(trusts(LAMBDA)), Handler="m.handler",
                        Code={"ZipFile": zipped("def handler(event, context): pass\n")})  # fmt: skip
    code, message = refusal(lam.create_event_source_mapping, FunctionName=name, EventSourceArn=arn)
    assert code == "InvalidParameterValueException" and "ReceiveMessage" in message
    lam.update_function_configuration(FunctionName=name, Role=role(trusts(LAMBDA), allow("sqs:*", arn)))
    lam.create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    guarded.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    counts = lambda: guarded.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]  # fmt: skip
    wait_for(lambda: (a := counts())["ApproximateNumberOfMessages"] == a["ApproximateNumberOfMessagesNotVisible"] == "0", 60)


# --- resource policies and users --------------------------------------------------------------------------------------


def test_policies_of_queues_topics_functions_and_secrets_speak_of_users(guarded, user, role):
    friend, foe = user(), user(allow("*"))
    lam, name = guarded.client("lambda"), f"f-{next(names)}"
    function = lam.create_function(FunctionName=name, Runtime="python3.12", Role=role(trusts(LAMBDA)), Handler="m.handler",
                                   Code={"ZipFile": zipped("def handler(event, context): return 1\n")})["FunctionArn"]  # fmt: skip
    lam.add_permission(FunctionName=name, StatementId="friend", Action="lambda:InvokeFunction", Principal=friend.arn())
    assert friend.client("lambda").invoke(FunctionName=function)["StatusCode"] == 200
    assert code_of(user().client("lambda").invoke, FunctionName=function) == "AccessDeniedException"
    both = [{"Effect": "Allow", "Principal": {"AWS": friend.arn()}, "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Principal": {"AWS": foe.arn()}, "Action": "*", "Resource": "*"}]  # fmt: skip
    url, _ = queue(guarded, *both)
    topic = guarded.client("sns").create_topic(Name=f"t-{next(names)}", Attributes={"Policy": policy(*both)})["TopicArn"]
    secret = guarded.client("secretsmanager").create_secret(Name=f"s-{next(names)}", SecretString="x")["ARN"]
    guarded.client("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=policy(*both))
    for service, call, ask in (("sqs", "send_message", {"QueueUrl": url, "MessageBody": "x"}), ("sns", "publish", {"TopicArn": topic, "Message": "x"}),
                               ("secretsmanager", "get_secret_value", {"SecretId": secret})):  # fmt: skip
        getattr(friend.client(service), call)(**ask)
        code, message = refusal(getattr(foe.client(service), call), **ask)
        assert code.startswith("A") and "with an explicit deny in a resource-based policy" in message
        assert "because no identity-based policy allows" in refusal(getattr(user().client(service), call), **ask)[1]


# --- clusters and functions -------------------------------------------------------------------------------------------


def test_programs_and_logs_of_a_cluster_go_by_its_role(guarded, role, iam, tmp_path):
    guarded.client("s3").put_object(Bucket="vault", Key="run.sh", Body=b"#!/bin/sh\necho ran\n")
    emr = guarded.client("emr")
    script = {"Name": "s", "ActionOnFailure": "CONTINUE",
              "HadoopJarStep": {"Jar": f"s3://{REGION}.elasticmapreduce/libs/script-runner/script-runner.jar", "Args": ["s3://vault/run.sh"]}}  # fmt: skip
    for statements, ends in (([allow("s3:GetObject", "arn:aws:s3:::vault/*")], "COMPLETED"), ([allow("s3:PutObject", "arn:aws:s3:::lake/logs/*")], "FAILED")):
        arn = role(trusts({"Service": "ec2.amazonaws.com"}), *statements)
        name = arn.split("/")[-1]
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        cluster = run_cluster(emr, script, JobFlowRole=name, LogUri="s3://lake/logs/")
        ended(emr, cluster)
        assert steps_of(emr, cluster)[0]["Status"]["State"] == ends
        written = lambda: guarded.client("s3").list_objects_v2(Bucket="lake", Prefix=f"logs/{cluster}/").get("KeyCount")  # fmt: skip
        assert wait_for(written) if ends == "FAILED" else not written()


def test_a_function_without_the_right_to_has_no_logs(guarded, role):
    lam, logs = guarded.client("lambda"), guarded.client("logs")
    for statements, logged in (([], False), ([allow("logs:*")], True)):
        name = f"f-{next(names)}"
        lam.create_function(FunctionName=name, Runtime="python3.12", Role=role(trusts(LAMBDA), *statements), Handler="m.handler",
                            Code={"ZipFile": zipped("def handler(event, context): print('hello')\n")})  # fmt: skip
        assert lam.invoke(FunctionName=name)["StatusCode"] == 200
        groups = lambda: logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]  # fmt: skip
        if logged:
            wait_for(groups)
    assert logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"] == groups()


# --- a whole pipeline -------------------------------------------------------------------------------------------------


def test_the_example_runs_with_its_own_roles(guarded, role):
    """Deployed and run with no rights but those its template names."""
    cfn, sfn, emr = (guarded.client(s) for s in ("cloudformation", "stepfunctions", "emr"))
    cfn.create_stack(StackName="covid", TemplateBody=(ROOT / "examples" / "covid" / "template.yaml").read_text(), Capabilities=["CAPABILITY_IAM"])
    told = wait_for(lambda: (s := cfn.describe_stacks(StackName="covid")["Stacks"][0])["StackStatus"] != "CREATE_IN_PROGRESS" and s)
    assert told["StackStatus"] == "CREATE_COMPLETE", cfn.describe_stack_events(StackName="covid")["StackEvents"]
    (made,) = [m["stateMachineArn"] for m in sfn.list_state_machines()["stateMachines"] if m["name"] == "covid-pipeline"]
    about = run(guarded, made)
    states = [e["stateEnteredEventDetails"]["name"] for e in sfn.get_execution_history(executionArn=about["executionArn"])["events"] if "stateEnteredEventDetails" in e]
    assert states[:2] == ["CreateCluster", "ComputeAverages"] and states[2].startswith("Terminate")  # there is no data: the step fails
    assert "AccessDenied" not in json.dumps(sfn.get_execution_history(executionArn=about["executionArn"])["events"], default=str)
