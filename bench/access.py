# access.py - what `make bench` measures of IAM: decisions of the evaluator alone, of the simulator, and of requests that it lets in.
import http.client
import json
import statistics
import subprocess
import urllib.parse
from pathlib import Path

import peers
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from common import RUNS, client, each, lua_headers, median, row, signed, wrk

POLICIES, STATEMENTS, USER = 3, 5, "ann"
OBJECT = "arn:aws:s3:::bucket-{}/data/a.csv"
THE_LAST = POLICIES * STATEMENTS - 1
CREATING = 2 + 2 * POLICIES  # calls before IAM is enforced


def policy(n):
    """Without conditions, which not all of the peers know. The last policy is the one that allows."""
    first = n * STATEMENTS
    said = [{"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": f"arn:aws:s3:::bucket-{first + i}/data/*"} for i in range(STATEMENTS)]
    if n == POLICIES - 1:
        said.append({"Effect": "Allow", "Action": "sqs:List*", "Resource": "*"})
    return json.dumps({"Version": "2012-10-17", "Statement": said})


def user_with_policies(iam):
    """Its ARN and its keys, in CREATING calls."""
    arn = iam.create_user(UserName=USER)["User"]["Arn"]
    for n in range(POLICIES):
        iam.attach_user_policy(UserName=USER, PolicyArn=iam.create_policy(PolicyName=f"policy-{n}", PolicyDocument=policy(n))["Policy"]["Arn"])
    return arn, iam.create_access_key(UserName=USER)["AccessKey"]


def evaluator_alone():
    build = Path(__file__).resolve().parent.parent / "build"
    subprocess.run(["ninja", "-C", build, "--quiet", "bench_policy"], check=True)
    rates = [float(subprocess.run([build / "bench_policy"], capture_output=True, text=True, check=True).stdout.split()[0]) for _ in range(RUNS)]
    row("decisions of IAM: the evaluator alone", "mayfly", statistics.median(rates), "/s")


# --- the simulator: SimulatePrincipalPolicy ----------------------------------------------------------------------------


def simulated(iam, arn, bucket):
    [result] = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject"], ResourceArns=[OBJECT.format(bucket)])["EvaluationResults"]
    return result["EvalDecision"]


def simulator():
    for server in each(peers.mayfly, peers.moto, peers.ministack):
        iam = client(server, "iam")
        arn, _ = user_with_policies(iam)
        try:
            said = [simulated(iam, arn, bucket) for bucket in (THE_LAST, THE_LAST + 1)]
        except Exception:
            print(f"  left out: {server.name}: has no SimulatePrincipalPolicy")
            continue
        if said != ["allowed", "implicitDeny"]:
            print(f"  left out: {server.name}: decides wrongly: {said}")
            continue
        form = {"Action": "SimulatePrincipalPolicy", "Version": "2010-05-08", "PolicySourceArn": arn,
                "ActionNames.member.1": "s3:GetObject", "ResourceArns.member.1": OBJECT.format(THE_LAST)}  # fmt: skip
        script = f'wrk.method="POST" wrk.body={json.dumps(urllib.parse.urlencode(form))}\n' + lua_headers({
            "Content-Type": "application/x-www-form-urlencoded", "X-Amz-Date": "20260101T000000Z", "Authorization": signed("iam")})
        row("policies simulated, one core", server.name, median(lambda: wrk(server, script)), "/s")


# --- at the door: requests that are signed and let in -------------------------------------------------------------------


def guarded_moto(core=None):
    return peers.moto(core, {"INITIAL_NO_AUTH_ACTION_COUNT": str(CREATING)})


def close_door(server):
    """From now on every request is checked; moto counts the calls itself."""
    if server.name != "mayfly":
        return
    server.process.terminate()
    server.process.wait()
    server.words += ["--auth", "enforce"]
    server.again()


ALLOWED, DENIED = ("ListQueues", "{}"), ("CreateQueue", '{"QueueName": "denied"}')


def signed_request(server, keys, operation, body):
    """The headers of a request of SQS, signed once and good for all the seconds of the load."""
    request = AWSRequest("POST", server.url + "/", {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS." + operation}, body)
    SigV4Auth(Credentials(keys["AccessKeyId"], keys["SecretAccessKey"]), "sqs", "us-east-1").add_auth(request)
    return dict(request.headers)


def is_let_in(server, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    return answer.status == 200 or (answer.status, answer.read())


def door():
    for server in each(peers.mayfly, guarded_moto, peers.ministack):
        _, keys = user_with_policies(client(server, "iam"))
        close_door(server)
        headers = signed_request(server, keys, *ALLOWED)
        if (said := is_let_in(server, headers, ALLOWED[1])) is not True:
            print(f"  left out: {server.name}: does not let in what is allowed: {said}")
            continue
        if is_let_in(server, signed_request(server, keys, *DENIED), DENIED[1]) is True:
            print(f"  left out: {server.name}: lets in what is not allowed")
            continue
        script = 'wrk.method="POST" wrk.body="{}"\n' + lua_headers(headers)
        row("signed requests that IAM lets in, one core", server.name, median(lambda: wrk(server, script)), "/s")


def bench_access():
    evaluator_alone()
    simulator()
    door()
