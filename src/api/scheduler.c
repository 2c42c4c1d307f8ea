/* scheduler.c - the table of EventBridge Scheduler's operations. */
#include "api/scheduler.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"CreateSchedule", scheduler_create_schedule},
    {"CreateScheduleGroup", scheduler_create_group},
    {"DeleteSchedule", scheduler_delete_schedule},
    {"DeleteScheduleGroup", scheduler_delete_group},
    {"GetSchedule", scheduler_get_schedule},
    {"GetScheduleGroup", scheduler_get_group},
    {"ListScheduleGroups", scheduler_list_groups},
    {"ListSchedules", scheduler_list_schedules},
    {"ListTagsForResource", scheduler_list_tags},
    {"TagResource", scheduler_tag},
    {"UntagResource", scheduler_untag},
    {"UpdateSchedule", scheduler_update_schedule},
};

const CallTable scheduler_calls = {
    .service = "scheduler", .entries = entries, .n = countof(entries)};
