# test_enforce_functions.py - where IAM is enforced: function URLs, layers of other accounts, queues and destinations of functions.
import json
import uuid

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from enforce_help import allow, guarded, iam, refusal, role, trusts, user  # noqa: F401
from server import wait_for
from test_lambda import zip_of
from test_lambda_urls import ask

CODE = zip_of({"app.py": "def handler(event, context):\n    return {'fine': True}\n"})
TRUST = trusts({"Service": "lambda.amazonaws.com"})


def make(server, role_arn, **more):
    name = "f-" + uuid.uuid4().hex[:12]
    client = server.client("lambda")
    client.create_function(FunctionName=name, Runtime="python3.12", Role=role_arn, Handler="app.handler", Code={"ZipFile": CODE}, **more)
    return client, name


def signed(url, keys):
    request = AWSRequest("GET", url)
    SigV4Auth(Credentials(keys["AccessKeyId"], keys["SecretAccessKey"]), "lambda", "us-east-1").add_auth(request)
    return ask(url, headers=dict(request.headers))


def test_a_url_is_open_to_whom_its_policy_names(guarded, role):  # noqa: F811
    client, name = make(guarded, role(TRUST))
    url = client.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    assert ask(url)[0] == 403
    client.add_permission(FunctionName=name, StatementId="all", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE")
    assert ask(url)[:1] == (200,)


def test_a_url_with_iam_is_for_who_may(guarded, role, user):  # noqa: F811
    client, name = make(guarded, role(TRUST))
    made = client.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    may, may_not = user(allow("lambda:InvokeFunctionUrl", made["FunctionArn"])), user(allow("s3:GetObject"))
    assert signed(made["FunctionUrl"], may.keys)[0] == 200
    assert signed(made["FunctionUrl"], may_not.keys)[0] == 403
    assert ask(made["FunctionUrl"])[0] == 403
    forged = dict(may.keys, SecretAccessKey="x" * 40)
    assert signed(made["FunctionUrl"], forged)[0] == 403


def queue(server):
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="q-" + uuid.uuid4().hex[:10])["QueueUrl"]
    return sqs, url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def test_a_function_takes_from_queues_its_role_may_read(guarded, role):  # noqa: F811
    sqs, url, arn = queue(guarded)
    client, name = make(guarded, role(TRUST))
    code, words = refusal(client.create_event_source_mapping, EventSourceArn=arn, FunctionName=name)
    assert code == "InvalidParameterValueException" and "does not have permissions to call ReceiveMessage" in words
    client, name = make(guarded, role(TRUST, allow("sqs:ReceiveMessage", arn)))
    client.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    sqs.send_message(QueueUrl=url, MessageBody="m")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    wait_for(lambda: set(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()) == {"0"})


def test_destinations_are_reached_under_the_role(guarded, role):  # noqa: F811
    sqs, url, arn = queue(guarded)
    where = {"OnSuccess": {"Destination": arn}}
    client, name = make(guarded, role(TRUST))
    assert "sqs:SendMessage" in refusal(client.put_function_event_invoke_config, FunctionName=name, DestinationConfig=where)[1]
    client, name = make(guarded, role(TRUST, allow("sqs:SendMessage", arn)))
    client.put_function_event_invoke_config(FunctionName=name, DestinationConfig=where)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    got = wait_for(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10).get("Messages"))
    assert json.loads(got[0]["Body"])["responsePayload"] == {"fine": True}
