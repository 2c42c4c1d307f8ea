/* cloudwatch_alarm.c - AWS::CloudWatch::Alarm. */
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
    .read = recipe_read,
    .replace = "AlarmName",
    .required = "ComparisonOperator EvaluationPeriods",
    .properties = "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions "
                  "InsufficientDataActions MetricName Namespace Statistic ExtendedStatistic "
                  "Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold "
                  "ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics "
                  "ThresholdMetricId Tags",
};
