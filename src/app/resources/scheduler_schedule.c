/* scheduler_schedule.c - AWS::Scheduler::Schedule and AWS::Scheduler::ScheduleGroup. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

#define MEMBERS                                                                                    \
    "Name={name} GroupName Description ScheduleExpression ScheduleExpressionTimezone StartDate "   \
    "EndDate State KmsKeyArn FlexibleTimeWindow Target"

static const RecipeRead schedule_reads[] = {
    {"GetSchedule", "Name={id} GroupName",
     .gives = "Name GroupName Description ScheduleExpression ScheduleExpressionTimezone StartDate "
              "EndDate "
              "State KmsKeyArn FlexibleTimeWindow Target"},
    {0},
};

static const Recipe schedule = {
    .reads = schedule_reads,
    .found = "Arn={.Arn}",
    .service = "scheduler",
    .name = "Name",
    .naming = {.bytes_max = 64},
    .create = {"CreateSchedule", MEMBERS},
    .update = {"UpdateSchedule", MEMBERS},
    .remove = {"DeleteSchedule", "Name={id} GroupName"},
    .physical = "{name}",
    .attributes = "Arn={.ScheduleArn}",
};

const ResourceType resource_scheduler_schedule = {
    .type = "AWS::Scheduler::Schedule",
    RECIPE_TYPE,
    .recipe = &schedule,
    .import = recipe_import,
    .identifier = "Name",
    .read = recipe_read,
    .replace = "Name GroupName",
    .required = "FlexibleTimeWindow ScheduleExpression Target",
    .properties = "Name GroupName Description ScheduleExpression ScheduleExpressionTimezone "
                  "StartDate EndDate State KmsKeyArn FlexibleTimeWindow Target",
};

static const RecipeRead group_reads[] = {
    {"GetScheduleGroup", "Name={id}", .gives = "Name"},
    {"ListTagsForResource", "ResourceArn={%Arn}", .gives = "Tags"},
    {0},
};

static const Recipe group = {
    .reads = group_reads,
    .found = "Arn={.Arn} State=ACTIVE",
    .service = "scheduler",
    .name = "Name",
    .naming = {.bytes_max = 64},
    .create = {"CreateScheduleGroup", "Name={name} Tags=#list"},
    .remove = {"DeleteScheduleGroup", "Name={id}"},
    .tag = {"TagResource", "ResourceArn={%Arn} Tags=#list"},
    .untag = {"UntagResource", "ResourceArn={%Arn} TagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Arn={.ScheduleGroupArn} State=ACTIVE",
};

const ResourceType resource_scheduler_group = {
    .type = "AWS::Scheduler::ScheduleGroup",
    RECIPE_TYPE,
    .recipe = &group,
    .import = recipe_import,
    .identifier = "Name",
    .read = recipe_read,
    .replace = "Name",
    .properties = "Name Tags",
};
