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


def data(cloudwatch, *queries, **more):
    found = cloudwatch.get_metric_data(MetricDataQueries=list(queries), StartTime=NOW - HOURS, EndTime=NOW + HOURS, ScanBy="TimestampAscending", **more)
    return {r["Id"]: list(zip([int((t - NOW).total_seconds() / 60) for t in r["Timestamps"]], r["Values"])) for r in found["MetricDataResults"]}


def stat(id, name, statistic="Sum", period=60, **more):
    return {"Id": id, "MetricStat": {"Metric": {"Namespace": "tests", "MetricName": name}, "Period": period, "Stat": statistic}} | more


def test_percentiles_are_of_the_values_themselves(cloudwatch, metric):
    name = metric("latency")
    put(cloudwatch, name, {"Values": [float(n) for n in range(1, 101)], "Timestamp": at(0)}, {"Values": [1000.0], "Counts": [100.0], "Timestamp": at(1)})
    [minute, other] = statistics(cloudwatch, name, names=["Maximum"], ExtendedStatistics=["p50", "p99.5", "tm90", "PR(:25)"])
    assert minute["ExtendedStatistics"] == {"p50": 50, "p99.5": 100, "tm90": 45.5, "PR(:25)": 25}
    assert other["ExtendedStatistics"]["p50"] == 1000
    both = data(cloudwatch, stat("p", name, "p75", 3600))["p"]
    assert [v for _, v in both] == [1000] or sorted(v for _, v in both) == [75, 1000]  # the hour may turn between them
    put(cloudwatch, name, {"StatisticValues": {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}, "Timestamp": at(2)})
    assert [m for m, _ in data(cloudwatch, stat("p", name, "p75"))["p"]] == [0, 1]
    assert refused("InvalidParameterValue", cloudwatch.get_metric_statistics, Namespace="tests", MetricName=name, StartTime=NOW, EndTime=NOW + HOURS,
                   Period=60, ExtendedStatistics=["p101"])  # fmt: skip


def test_metric_math(cloudwatch, metric):
    errors, calls = metric("errors"), metric("calls")
    put(cloudwatch, errors, {"Value": 1, "Timestamp": at(0)}, {"Value": 3, "Timestamp": at(2)})
    put(cloudwatch, calls, *({"Value": 10, "Timestamp": at(n)} for n in range(3)))
    hidden = {"ReturnData": False}
    found = data(cloudwatch, stat("e", errors, **hidden), stat("c", calls, **hidden), {"Id": "rate", "Expression": "100 * e / c"},
                 {"Id": "filled", "Expression": "IF(FILL(e, 0) < 2, c, 0) * (c > 0)"}, {"Id": "twice", "Expression": "rate * 2"},
                 {"Id": "total", "Expression": "RUNNING_SUM(c)"})  # fmt: skip
    assert found == {"rate": [(0, 10), (2, 30)], "filled": [(0, 10), (1, 10), (2, 0)], "twice": [(0, 20), (2, 60)], "total": [(0, 10), (1, 20), (2, 30)]}
    put(cloudwatch, calls, {"Value": 7, "Timestamp": at(0), "Dimensions": [{"Name": "Stage", "Value": "prod"}]})
    assert data(cloudwatch, {"Id": "s", "Expression": f"SEARCH('{{tests,Stage}} MetricName=\"{calls}\" prod', 'Sum', 60)"}) == {"s": [(0, 7)]}
    for expression, why in (("e +", "Unexpected end"), ("nothing * 2", "Unknown id nothing"), ("SUM(e)", "must return a time series"), ("x", "in a circle"),
                            ("ANOMALY_DETECTION_BAND(e)", "not offered")):  # fmt: skip
        with pytest.raises(ClientError) as caught:
            data(cloudwatch, stat("e", errors), {"Id": "x", "Expression": expression})
        assert "Error in expression 'x'" in str(caught.value) and why in str(caught.value)


def test_alarms_on_expressions_and_composites(server):
    cloudwatch = server.client("cloudwatch")
    name, now = "composed", datetime.datetime.now(datetime.timezone.utc)
    for minutes in range(4):
        put(cloudwatch, name, {"Values": [1.0, 2.0, 90.0], "Timestamp": now - datetime.timedelta(minutes=minutes)})
    cloudwatch.put_metric_alarm(AlarmName="math", EvaluationPeriods=2, Threshold=2, ComparisonOperator="GreaterThanThreshold",
                                Metrics=[stat("m", name, "SampleCount", ReturnData=False), {"Id": "x", "Expression": "m * 1", "ReturnData": True}])  # fmt: skip
    cloudwatch.put_metric_alarm(AlarmName="p50", MetricName=name, Namespace="tests", ExtendedStatistic="p50", Period=60, EvaluationPeriods=2, Threshold=50,
                                ComparisonOperator="GreaterThanThreshold")  # fmt: skip
    wait_for(lambda: (state(cloudwatch, "math"), state(cloudwatch, "p50")) == ("ALARM", "OK"))
    composite = lambda: cloudwatch.describe_alarms(AlarmNames=["both"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]["StateValue"]  # noqa: E731
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="ALARM(math) AND NOT OK(\"p50\")")
    wait_for(lambda: composite() == "OK")
    cloudwatch.set_alarm_state(AlarmName="p50", StateValue="ALARM", StateReason="by hand")
    assert composite() == "ALARM"
    assert not cloudwatch.describe_alarms(AlarmNames=["both"])["MetricAlarms"] and not cloudwatch.describe_alarms(AlarmNames=["both"]).get("CompositeAlarms")
    assert {a["AlarmName"] for a in cloudwatch.describe_alarms(ChildrenOfAlarmName="both")["MetricAlarms"]} == {"math", "p50"}
    assert [a["AlarmName"] for a in cloudwatch.describe_alarms(ParentsOfAlarmName="p50")["CompositeAlarms"]] == ["both"]
    for rule, why in (("ALARM(gone)", "no alarm gone"), ("ALARM(both)", "depend on itself"), ("ALARM(math", "missing")):
        with pytest.raises(ClientError) as caught:
            cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule=rule)
        assert why in str(caught.value)
    for_metric = cloudwatch.describe_alarms_for_metric(MetricName=name, Namespace="tests")["MetricAlarms"]
    assert [a["AlarmName"] for a in for_metric] == ["p50"]
    history = cloudwatch.describe_alarm_history(AlarmName="p50", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [h["HistoryItemType"] for h in history][:3] == ["ConfigurationUpdate", "StateUpdate", "StateUpdate"]
    assert history[2]["HistorySummary"] == "Alarm updated from OK to ALARM"
    assert json.loads(history[2]["HistoryData"])["newState"] == {"stateValue": "ALARM", "stateReason": "by hand"}
    arn = cloudwatch.describe_alarms(AlarmNames=["p50"])["MetricAlarms"][0]["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    cloudwatch.delete_alarms(AlarmNames=["both", "math", "p50"])
    assert cloudwatch.describe_alarm_history(AlarmName="both", AlarmTypes=["CompositeAlarm"])["AlarmHistoryItems"][0]["HistorySummary"] == 'Alarm "both" deleted'


def test_dashboards(cloudwatch):
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "hi"}}]})
    cloudwatch.put_dashboard(DashboardName="main", DashboardBody=body)
    assert cloudwatch.get_dashboard(DashboardName="main")["DashboardBody"] == body
    [entry] = cloudwatch.list_dashboards(DashboardNamePrefix="ma")["DashboardEntries"]
    assert (entry["DashboardName"], entry["Size"], entry["DashboardArn"]) == ("main", len(body), "arn:aws:cloudwatch::000000000000:dashboard/main")
    assert cloudwatch.list_dashboards(DashboardNamePrefix="x")["DashboardEntries"] == []
    for bad in ("{", "{}", '{"widgets": [{}]}'):
        with pytest.raises(ClientError) as caught:
            cloudwatch.put_dashboard(DashboardName="bad", DashboardBody=bad)
        assert caught.value.response["Error"]["Code"] in ("InvalidParameterInput", "DashboardInvalidInputError")
    cloudwatch.delete_dashboards(DashboardNames=["main"])
    with pytest.raises(ClientError) as caught:
        cloudwatch.get_dashboard(DashboardName="main")
    assert caught.value.response["Error"]["Code"] in ("ResourceNotFound", "DashboardNotFoundError")


def test_templates_watch(server):
    """Alarms, a composite one, a dashboard and a metric filter from one template, changed and gone with the stack."""
    stacks, cloudwatch, logs = server.client("cloudformation"), server.client("cloudwatch"), server.client("logs")

    def template(rule, value):
        return json.dumps({"Resources": {
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/watched"}},
            "Filter": {"Type": "AWS::Logs::MetricFilter", "Properties": {
                "LogGroupName": {"Ref": "Group"}, "FilterPattern": "{ $.ms > 0 }", "FilterName": "slow",
                "MetricTransformations": [{"MetricNamespace": "watched", "MetricName": "ms", "MetricValue": value,
                                           "Dimensions": [{"Key": "User", "Value": "$.user"}]}]}},
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
                "AlarmName": "watched-p90", "Namespace": "watched", "MetricName": "ms", "ExtendedStatistic": "p90", "Period": 60,
                "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold"}},
            "Both": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmName": "watched-both", "AlarmRule": {"Fn::Sub": rule}}},
            "Board": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardName": "watched", "DashboardBody": "{\"widgets\": []}"}}},
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Both", "Arn"]}}}})  # fmt: skip

    stacks.create_stack(StackName="watched", TemplateBody=template("ALARM(${Alarm})", "$.ms"))
    stacks.get_waiter("stack_create_complete").wait(StackName="watched", WaiterConfig={"Delay": 1})
    [output] = stacks.describe_stacks(StackName="watched")["Stacks"][0]["Outputs"]
    assert output["OutputValue"].endswith(":alarm:watched-both")
    [found] = logs.describe_metric_filters(logGroupName="/watched")["metricFilters"]
    assert found["metricTransformations"] == [{"metricNamespace": "watched", "metricName": "ms", "metricValue": "$.ms", "dimensions": {"User": "$.user"}}]
    stacks.update_stack(StackName="watched", TemplateBody=template("NOT ALARM(${Alarm})", "2"))
    stacks.get_waiter("stack_update_complete").wait(StackName="watched", WaiterConfig={"Delay": 1})
    [both] = cloudwatch.describe_alarms(AlarmNames=["watched-both"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert both["AlarmRule"] == "NOT ALARM(watched-p90)"
    assert logs.describe_metric_filters(logGroupName="/watched")["metricFilters"][0]["metricTransformations"][0]["metricValue"] == "2"
    stacks.delete_stack(StackName="watched")
    stacks.get_waiter("stack_delete_complete").wait(StackName="watched", WaiterConfig={"Delay": 1})
    assert not cloudwatch.describe_alarms(AlarmNamePrefix="watched", AlarmTypes=["MetricAlarm", "CompositeAlarm"])["MetricAlarms"]
    assert cloudwatch.list_dashboards(DashboardNamePrefix="watched")["DashboardEntries"] == []
