/* schedules.h - schedules at work: when each is due next, what happens then, and what is made up for after an outage. */
#pragma once
#include "app/events/deliveries.h"
#include "core/when/when.h"
#include "store/schedules.h"

/* A slot is a time at which a schedule is due by its expression. Each one fires exactly once, or is
 * recorded as skipped: the first attempt to deliver, what is left to do of it, and the schedule's
 * next slot are written in one event. One timer stands for all schedules: it is set for the
 * earliest, which an index finds; at the start nothing is read.
 *
 * What fires later than SCHEDULE_LATE_MS was missed, as when the server was down. --catch-up says
 * what then comes:
 *
 * - last (the default): the latest of the missed slots, when it is not older than the target's
 *   MaximumEventAgeInSeconds; the others are skipped
 *
 * - all: each of them that is not older than that, one after the other
 *
 * - none: all are skipped
 *
 * Skipped slots are counted in the row and told as one record of the `changed` stream: service
 * "schedule", id the schedule's ARN, to "SKIPPED", message {"first", "last", "count"}. */
enum {
    SCHEDULE_LATE_MS = 60 * 1000,
    SCHEDULES_AT_ONCE = 64,       /* read at once */
    SCHEDULES_EVENT_MS = 50,      /* an event takes further ones while it took less */
    SCHEDULES_REMOVED_MAX = 1000, /* of a deleted group, in one event */
    SCHEDULE_MISSED_MAX = 10000,  /* counted one by one; before those, only of the last day */
};
#define SCHEDULE_TIMER       S("schedules")
#define SCHEDULE_GROUP_TIMER S("schedule-group")

Str schedule_arn(Arena *a, const ScheduleRow *row);
Str schedule_group_arn(Arena *a, const ScheduleGroupRow *row);

/* Sets row->slot and row->due to what follows `after`; the expression and the zone were checked.
 * Not enabled, or nothing follows: SCHEDULE_NEVER. */
void schedule_plan(Server *s, ScheduleRow *row, Millis after);
/* Before a schedule is changed or removed: what is due by now comes first. The row may have changed
 * or be gone. */
void schedule_fire_due(Server *s, ScheduleRow *row);
/* After rows have changed, within the same event. */
void schedules_set_timer(Server *s);

void schedules_due(Server *s, Str subject);
void schedule_group_due(Server *s, Str subject);
