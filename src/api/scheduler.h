/* scheduler.h - private to api/scheduler*.c: groups by name, and the handlers of EventBridge Scheduler. */
#pragma once
#include "app/call.h"
#include "app/events/schedules.h"

static inline Str scheduler_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

/* The group of the caller's account and region; absent name: "default", which is made when it is
 * first named. ERR_SCHEDULER_NOT_FOUND. */
must_use bool scheduler_group(Call *call, Str name, ScheduleGroupRow *out, Error *err);
Str scheduler_token(Call *call); /* ClientToken; absent: none */

enum { SCHEDULER_PAGE = 100 };

CallHandler scheduler_create_schedule, scheduler_update_schedule, scheduler_get_schedule,
    scheduler_list_schedules, scheduler_delete_schedule;
CallHandler scheduler_create_group, scheduler_get_group, scheduler_list_groups,
    scheduler_delete_group, scheduler_tag, scheduler_untag, scheduler_list_tags;
