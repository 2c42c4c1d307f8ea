/* cloudwatch_alarm.c - AWS::CloudWatch::Alarm, ::CompositeAlarm and ::Dashboard. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

#define MEMBERS                                                                                    \
    "AlarmName={name} AlarmDescription ActionsEnabled OKActions AlarmActions "                     \
    "InsufficientDataActions MetricName Namespace Statistic ExtendedStatistic Dimensions Period "  \
    "Unit EvaluationPeriods DatapointsToAlarm Threshold ComparisonOperator TreatMissingData "      \
    "EvaluateLowSampleCountPercentile Metrics ThresholdMetricId "

static const RecipeRead alarm_reads[] = {
    {"DescribeAlarms", "AlarmNames=[{id}",
     "ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace Statistic "
     "ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold "
     "ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile AlarmDescription "
     "AlarmName",
     "MetricAlarms.AlarmName={id}"},
    {0},
};

static const Recipe alarm = {
    .reads = alarm_reads,
    .service = "cloudwatch",
    .name = "AlarmName",
    .naming = {.bytes_max = 255},
    .create = {"PutMetricAlarm", MEMBERS "Tags=#list"},
    .update = {"PutMetricAlarm", MEMBERS},
    .remove = {"DeleteAlarms", "AlarmNames=[{id}"},
    .physical = "{name}",
    .attributes = "Arn=arn:aws:cloudwatch:{region}:{account}:alarm:{id}",
};

const ResourceType resource_cloudwatch_alarm = {
    .type = "AWS::CloudWatch::Alarm",
    RECIPE_TYPE,
    .recipe = &alarm,
    .import = recipe_import,
    .identifier = "AlarmName",
    .read = recipe_read,
    .replace = "AlarmName",
    .required = "ComparisonOperator EvaluationPeriods",
    .properties = "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions "
                  "InsufficientDataActions MetricName Namespace Statistic ExtendedStatistic "
                  "Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold "
                  "ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics "
                  "ThresholdMetricId Tags",
};

/* ---- composite ---- */

#define COMPOSITE                                                                                  \
    "AlarmName={name} AlarmDescription ActionsEnabled OKActions AlarmActions "                     \
    "InsufficientDataActions AlarmRule "

static const RecipeRead composite_reads[] = {
    {"DescribeAlarms", "AlarmNames=[{id} AlarmTypes=['CompositeAlarm",
     "ActionsEnabled OKActions AlarmActions InsufficientDataActions AlarmRule AlarmDescription "
     "AlarmName",
     "CompositeAlarms.AlarmName={id}"},
    {0},
};

static const Recipe composite = {
    .reads = composite_reads,
    .service = "cloudwatch",
    .name = "AlarmName",
    .naming = {.bytes_max = 255},
    .create = {"PutCompositeAlarm", COMPOSITE "Tags=#list"},
    .update = {"PutCompositeAlarm", COMPOSITE},
    .remove = {"DeleteAlarms", "AlarmNames=[{id}"},
    .physical = "{name}",
    .attributes = "Arn=arn:aws:cloudwatch:{region}:{account}:alarm:{id}",
};

const ResourceType resource_cloudwatch_composite_alarm = {
    .type = "AWS::CloudWatch::CompositeAlarm",
    RECIPE_TYPE,
    .recipe = &composite,
    .read = recipe_read,
    .replace = "AlarmName",
    .required = "AlarmRule",
    .properties = "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions "
                  "InsufficientDataActions AlarmRule Tags",
};

/* ---- dashboards ---- */

static const RecipeRead dashboard_reads[] = {
    {"GetDashboard", "DashboardName={id}", "DashboardBody DashboardName", NULL},
    {0},
};

static const Recipe dashboard = {
    .reads = dashboard_reads,
    .service = "cloudwatch",
    .name = "DashboardName",
    .naming = {.bytes_max = 255},
    .create = {"PutDashboard", "DashboardName={name} DashboardBody"},
    .update = {"PutDashboard", "DashboardName={name} DashboardBody"},
    .remove = {"DeleteDashboards", "DashboardNames=[{id}"},
    .physical = "{name}",
};

const ResourceType resource_cloudwatch_dashboard = {
    .type = "AWS::CloudWatch::Dashboard",
    RECIPE_TYPE,
    .recipe = &dashboard,
    .read = recipe_read,
    .replace = "DashboardName",
    .required = "DashboardBody",
    .properties = "DashboardName DashboardBody",
};
