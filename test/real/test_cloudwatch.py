# test_cloudwatch.py - metrics: put by values, lists and sets; read as statistics; in CBOR, in JSON, and in forms and XML.
import datetime
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

NOW = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=30)
DAY, HOURS = datetime.timedelta(days=1), datetime.timedelta(hours=4)
ALL = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]


@pytest.fixture(params=["smithy-rpc-v2-cbor", "json", "query"])
def cloudwatch(request, server, monkeypatch):
    """A client of each protocol that the service's SDKs have spoken; boto3 chooses one of those in this list."""
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", [request.param])
    client = server.client("cloudwatch")
    assert client.meta.service_model.resolved_protocol == request.param
    client.meta.events.register("before-send", lambda request, **_: seen.append(request))
    seen = []
    yield client
    marks = {"smithy-rpc-v2-cbor": "smithy-protocol", "json": "X-Amz-Target", "query": "Content-Type"}
    assert seen and all(marks[request.param] in asked.headers for asked in seen)


@pytest.fixture
def metric(request):
    """Names of metrics that no other test has."""
    return lambda name: f"{name}-{request.node.name}"


def at(minutes, seconds=0):
    return NOW + datetime.timedelta(minutes=minutes, seconds=seconds)


def put(cloudwatch, name, *data, space="tests"):
    cloudwatch.put_metric_data(Namespace=space, MetricData=[{"MetricName": name} | d for d in data])


def statistics(cloudwatch, name, period=60, dimensions=(), names=ALL, **more):
    found = cloudwatch.get_metric_statistics(
        Namespace="tests", MetricName=name, StartTime=NOW - HOURS, EndTime=NOW + HOURS, Period=period, Statistics=names,
        Dimensions=[{"Name": k, "Value": v} for k, v in dimensions], **more)  # fmt: skip
    return sorted(found["Datapoints"], key=lambda d: d["Timestamp"])


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value.response["Error"]["Message"]


def test_values_become_statistics_of_their_minutes(cloudwatch, metric):
    put(cloudwatch, metric("load"), {"Value": 1.5, "Timestamp": at(0)}, {"Value": 0.1, "Timestamp": at(0, 59)},
        {"Value": -3, "Timestamp": at(1), "Unit": "None"})  # fmt: skip
    first, second = statistics(cloudwatch, metric("load"))
    assert first == {"Timestamp": at(0), "SampleCount": 2.0, "Average": 0.8, "Sum": 1.6, "Minimum": 0.1, "Maximum": 1.5, "Unit": "None"}
    assert second["Sum"] == second["Average"] == -3.0
    put(cloudwatch, metric("load"), {"Values": [1, 2], "Counts": [3, 1], "Timestamp": at(1)})
    second = statistics(cloudwatch, metric("load"))[1]
    assert (second["SampleCount"], second["Sum"], second["Minimum"], second["Maximum"]) == (5.0, 2.0, -3.0, 2.0)
    put(cloudwatch, metric("set"), {"StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}, "Timestamp": at(2), "Unit": "Seconds"})
    assert statistics(cloudwatch, metric("set"))[0] | {"Timestamp": 0} == {
        "Timestamp": 0, "SampleCount": 4.0, "Average": 2.5, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0, "Unit": "Seconds"}  # fmt: skip
    assert statistics(cloudwatch, metric("set"), Unit="Bytes") == []
    whole = statistics(cloudwatch, metric("load"), period=86400, names=["Sum"])
    assert sum(d["Sum"] for d in whole) == pytest.approx(3.6)


def test_dimensions_make_metrics_of_their_own(cloudwatch, metric):
    for state, value in (("NY", 1), ("CA", 2)):
        put(cloudwatch, metric("beds"), {"Value": value, "Timestamp": at(0), "Dimensions": [{"Name": "state", "Value": state}, {"Name": "kind", "Value": "icu"}]})
    assert [d["Sum"] for d in statistics(cloudwatch, metric("beds"), dimensions=[("kind", "icu"), ("state", "CA")])] == [2.0]
    assert statistics(cloudwatch, metric("beds")) == []
    listed = cloudwatch.list_metrics(Namespace="tests", MetricName=metric("beds"), Dimensions=[{"Name": "state", "Value": "NY"}])["Metrics"]
    assert listed == [{"Namespace": "tests", "MetricName": metric("beds"), "Dimensions": [{"Name": "kind", "Value": "icu"}, {"Name": "state", "Value": "NY"}]}]


def test_several_metrics_at_once(cloudwatch, metric):
    put(cloudwatch, metric("a"), *({"Value": n, "Timestamp": at(n)} for n in range(3)))
    query = {"MetricStat": {"Metric": {"Namespace": "tests", "MetricName": metric("a")}, "Period": 60, "Stat": "Maximum"}}
    asked = [query | {"Id": "shown", "Label": "mine"}, query | {"Id": "hidden", "ReturnData": False}]
    [found] = cloudwatch.get_metric_data(MetricDataQueries=asked, StartTime=NOW - DAY, EndTime=NOW + DAY)["MetricDataResults"]
    assert (found["Id"], found["Label"], found["Values"], found["StatusCode"]) == ("shown", "mine", [2.0, 1.0, 0.0], "Complete")
    assert found["Timestamps"] == [at(2), at(1), at(0)]
    rising = cloudwatch.get_metric_data(MetricDataQueries=asked[:1], StartTime=at(1), EndTime=at(2), ScanBy="TimestampAscending")
    assert rising["MetricDataResults"][0]["Values"] == [1.0]


def test_what_is_refused(cloudwatch):
    def no(code, **datum):
        return refused(code, cloudwatch.put_metric_data, Namespace="tests", MetricData=[{"MetricName": "no"} | datum])

    assert "MetricData.member.1.Value" in no("MissingParameter")
    no("InvalidParameterCombination", Value=1, Values=[1])
    no("InvalidParameterValue", Value=float("nan"))
    no("InvalidParameterValue", Value=1, Timestamp=NOW - 20 * DAY)
    no("InvalidParameterValue", Values=[1], Counts=[1, 2])
    refused("InvalidParameterValue", cloudwatch.put_metric_data, Namespace="AWS/States", MetricData=[{"MetricName": "x", "Value": 1}])
    ask = {"Namespace": "tests", "MetricName": "x", "StartTime": NOW, "EndTime": NOW + DAY, "Statistics": ["Sum"]}
    refused("InvalidParameterCombination", cloudwatch.get_metric_statistics, **ask | {"EndTime": NOW}, Period=60)
    refused("InvalidParameterValue", cloudwatch.get_metric_statistics, **ask, Period=61)
    refused("InvalidParameterCombination", cloudwatch.get_metric_statistics, **ask | {"EndTime": NOW + 2 * DAY}, Period=60)
    with pytest.raises(cloudwatch.exceptions.InvalidParameterValueException):
        cloudwatch.get_metric_statistics(**ask, Period=7)


def test_metrics_survive_and_the_command_line_reads_them(own_server):
    cloudwatch = own_server.client("cloudwatch")
    put(cloudwatch, "kept", {"Value": 7, "Timestamp": at(0)})
    own_server.kill()
    own_server.start()
    assert statistics(own_server.client("cloudwatch"), "kept")[0]["Sum"] == 7.0
    own_server.aws("cloudwatch", "put-metric-data", "--namespace", "tests", "--metric-name", "shell", "--value", "3")
    listed = own_server.aws("cloudwatch", "list-metrics", "--namespace", "tests", "--query", "Metrics[].MetricName", "--output", "text")
    assert listed.stdout.split() == ["kept", "shell"]


def alarm(name, metric_name, **more):
    return {"AlarmName": name, "Namespace": "tests", "MetricName": metric_name, "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 3,
            "DatapointsToAlarm": 1, "Threshold": 3.5, "ComparisonOperator": "GreaterThanThreshold"} | more  # fmt: skip


def state(cloudwatch, name):
    return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def test_an_alarm_notifies_its_topic(server):
    cloudwatch, sns, sqs = server.client("cloudwatch"), server.client("sns"), server.client("sqs")
    queue = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=90)
    put(cloudwatch, "heat", {"Value": 4, "Timestamp": before})
    cloudwatch.put_metric_alarm(**alarm("too hot", "heat", AlarmActions=[topic], AlarmDescription="a fever"))
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    told = json.loads(message["Body"])
    assert (told["AlarmName"], told["OldStateValue"], told["NewStateValue"]) == ("too hot", "INSUFFICIENT_DATA", "ALARM")
    assert told["Trigger"]["MetricName"] == "heat" and told["AlarmDescription"] == "a fever"
    about = cloudwatch.describe_alarms(AlarmNamePrefix="too", StateValue="ALARM")["MetricAlarms"][0]
    assert about["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:too hot" and "Threshold Crossed: 1 out of the last 3" in about["StateReason"]
    cloudwatch.put_metric_alarm(**alarm("cool", "heat", Threshold=100))
    wait_for(lambda: state(cloudwatch, "cool") == "OK", what="the alarm to be evaluated")
    cloudwatch.put_metric_alarm(**alarm("silent", "nothing is measured", TreatMissingData="breaching"))
    wait_for(lambda: state(cloudwatch, "silent") == "ALARM", what="the alarm to be evaluated")
    cloudwatch.set_alarm_state(AlarmName="too hot", StateValue="OK", StateReason="by hand")
    assert state(cloudwatch, "too hot") == "OK"
    cloudwatch.disable_alarm_actions(AlarmNames=["too hot"])
    assert not cloudwatch.describe_alarms(AlarmNames=["too hot"])["MetricAlarms"][0]["ActionsEnabled"]
    refused("ResourceNotFound", cloudwatch.delete_alarms, AlarmNames=["cool", "none"])
    assert state(cloudwatch, "cool") == "OK"
    cloudwatch.delete_alarms(AlarmNames=["too hot", "cool", "silent"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    refused("ValidationError", cloudwatch.put_metric_alarm, **alarm("x", "heat", DatapointsToAlarm=4))
