/* cloudwatch.c - the table of CloudWatch's operations, and what the handlers share. */
#include "api/cloudwatch.h"

#include "api/api.h"
#include "wire/scalar.h"

static const CallEntry entries[] = {
    {"DeleteAlarms", cloudwatch_delete_alarms},
    {"DeleteDashboards", cloudwatch_delete_dashboards},
    {"DescribeAlarmHistory", cloudwatch_alarm_history},
    {"DescribeAlarms", cloudwatch_describe_alarms},
    {"DescribeAlarmsForMetric", cloudwatch_alarms_for_metric},
    {"DisableAlarmActions", cloudwatch_disable_actions},
    {"EnableAlarmActions", cloudwatch_enable_actions},
    {"GetDashboard", cloudwatch_get_dashboard},
    {"GetMetricData", cloudwatch_get_data},
    {"GetMetricStatistics", cloudwatch_get_statistics},
    {"ListDashboards", cloudwatch_list_dashboards},
    {"ListMetrics", cloudwatch_list_metrics},
    {"ListTagsForResource", cloudwatch_list_tags},
    {"PutCompositeAlarm", cloudwatch_put_composite},
    {"PutDashboard", cloudwatch_put_dashboard},
    {"PutMetricAlarm", cloudwatch_put_alarm},
    {"PutMetricData", cloudwatch_put_data},
    {"SetAlarmState", cloudwatch_set_alarm_state},
    {"TagResource", cloudwatch_tag},
    {"UntagResource", cloudwatch_untag},
};

const CallTable cloudwatch_calls = {
    .service = "cloudwatch", .entries = entries, .n = countof(entries)};

MetricRow cloudwatch_key(Call *call, const Json *v)
{
    return (MetricRow){.account = call->who.account,
                       .region = call->who.region,
                       .name_space = cloudwatch_text(v, "Namespace"),
                       .name = cloudwatch_text(v, "MetricName"),
                       .dimensions = metrics_dimensions(call->arena, json_get(v, S("Dimensions")))};
}

Millis cloudwatch_time(const Json *v, Millis otherwise)
{
    Millis t;
    return v && scalar_seconds_to_millis(json_text(v), &t) ? t : otherwise;
}

Json cloudwatch_number(Arena *a, double value)
{
    return json_number(metrics_text(a, value));
}

Json cloudwatch_dimensions(Arena *a, Str dimensions)
{
    Json all;
    Error err = {0};
    JsonArray list = {.a = a};
    check(json_parse(dimensions, a, &all, &err));
    for (int32_t i = 0; i < json_count(&all); i++) {
        JsonObject o = {.a = a};
        json_put_text(&o, S("Name"), all.members[i].key);
        json_put(&o, S("Value"), all.members[i].value);
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}
