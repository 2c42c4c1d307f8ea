/* cloudwatch.h - private to api/cloudwatch*.c: the handlers of CloudWatch, and what they share. */
#pragma once
#include "app/call.h"
#include "app/watch/metrics.h"

enum {
    CLOUDWATCH_DATA_MAX = 1000, /* of one PutMetricData */
    CLOUDWATCH_VALUES_MAX = 150,
    CLOUDWATCH_DIMENSIONS_MAX = 30,
    CLOUDWATCH_STATISTICS_MAX = 1440, /* points of one GetMetricStatistics */
    CLOUDWATCH_METRICS_PAGE = 500,
    CLOUDWATCH_ALARMS_PAGE = 50,
    CLOUDWATCH_HISTORY_PAGE = 100,
    CLOUDWATCH_DASHBOARD_BYTES_MAX = 1024 * 1024,
};

CallHandler cloudwatch_put_data, cloudwatch_get_statistics, cloudwatch_get_data,
    cloudwatch_list_metrics, cloudwatch_put_alarm, cloudwatch_describe_alarms,
    cloudwatch_delete_alarms, cloudwatch_set_alarm_state, cloudwatch_enable_actions,
    cloudwatch_disable_actions, cloudwatch_put_composite, cloudwatch_alarms_for_metric,
    cloudwatch_alarm_history, cloudwatch_put_dashboard, cloudwatch_get_dashboard,
    cloudwatch_list_dashboards, cloudwatch_delete_dashboards, cloudwatch_tag, cloudwatch_untag,
    cloudwatch_list_tags;

static inline Str cloudwatch_text(const Json *v, const char *member)
{
    return json_text(json_get(v, str_from(member)));
}
/* Account, region, Namespace, MetricName and Dimensions of a request or of a part of it. */
MetricRow cloudwatch_key(Call *call, const Json *v);
/* A timestamp member; `otherwise` where there is none. */
Millis cloudwatch_time(const Json *v, Millis otherwise);
Json cloudwatch_number(Arena *a, double value);
/* An alarm as the API describes it; composite ones too. */
struct AlarmRow;
Json cloudwatch_alarm(Call *call, const struct AlarmRow *row);
Json cloudwatch_dimensions(Arena *a, Str dimensions);
