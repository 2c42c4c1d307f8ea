/* cloudwatch.h - private to api/cloudwatch*.c: the handlers of CloudWatch, and what they share. */
#pragma once
#include "app/call.h"
#include "app/watch/metrics.h"

enum {
    CLOUDWATCH_DATA_MAX = 1000, /* of one PutMetricData */
    CLOUDWATCH_VALUES_MAX = 150,
    CLOUDWATCH_DIMENSIONS_MAX = 30,
    CLOUDWATCH_STATISTICS_MAX = 1440, /* points of one GetMetricStatistics */
    CLOUDWATCH_QUERIES_MAX = 500,
    CLOUDWATCH_METRICS_PAGE = 500,
    CLOUDWATCH_ALARMS_PAGE = 50,
};

CallHandler cloudwatch_put_data, cloudwatch_get_statistics, cloudwatch_get_data,
    cloudwatch_list_metrics, cloudwatch_put_alarm, cloudwatch_describe_alarms,
    cloudwatch_delete_alarms, cloudwatch_set_alarm_state, cloudwatch_enable_actions,
    cloudwatch_disable_actions;

static inline Str cloudwatch_text(const Json *v, const char *member)
{
    return json_text(json_get(v, str_from(member)));
}
/* Account, region, Namespace, MetricName and Dimensions of a request or of a part of it. */
MetricRow cloudwatch_key(Call *call, const Json *v);
/* A timestamp member; `otherwise` where there is none. */
Millis cloudwatch_time(const Json *v, Millis otherwise);
Json cloudwatch_number(Arena *a, double value);
Json cloudwatch_dimensions(Arena *a, Str dimensions);
