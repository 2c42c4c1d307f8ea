/* schedules.c - schedules fire: slots, windows, missed slots, and one event for many of them. */
#include "app/events/schedules.h"

#include "app/zones.h"
#include "base/encode.h"
#include "core/event/context.h"
#include "store/changes.h"
#include "store/timers.h"

Str schedule_arn(Arena *a, const ScheduleRow *row)
{
    return str_printf(a, "arn:aws:scheduler:%.*s:%.*s:schedule/%.*s/%.*s", STR(row->region),
                      STR(row->account), STR(row->group_name), STR(row->name));
}

Str schedule_group_arn(Arena *a, const ScheduleGroupRow *row)
{
    return str_printf(a, "arn:aws:scheduler:%.*s:%.*s:schedule-group/%.*s", STR(row->region),
                      STR(row->account), STR(row->name));
}

/* ---- slots ---- */

typedef struct Plan {
    When when;
    const Zone *zone;
    Millis anchor, start, end;
} Plan;

/* What this version of the program does not take, or a zone that is gone, is never due. */
static bool plan_of(Server *s, const ScheduleRow *row, Plan *p)
{
    Error err = {0};
    *p = (Plan){.zone = zone_named(s, row->zone),
                .anchor = row->anchor,
                .start = row->start,
                .end = row->end};
    if (p->zone && when_parse(row->expression, WHEN_SCHEDULER, &p->when, &err)) return true;
    log_error(s, "schedule-unreadable", "schedule=%.*s zone=%.*s error=\"%s\"", STR(row->name),
              STR(row->zone), err.text);
    return false;
}

/* A rate is due at its anchor for the first time ("Rate-based schedules" in the guide). Start and
 * end do not bound a time that is given by at(...). */
static bool next_slot(const Plan *p, Millis after, Millis *out)
{
    bool once = p->when.kind == WHEN_AT;
    if (!once && p->start >= 0 && after < p->start) after = p->start - 1;
    if (p->when.kind == WHEN_RATE && after < p->anchor)
        *out = p->anchor;
    else if (!when_next(&p->when, p->zone, p->anchor, after, out))
        return false;
    return once || p->end < 0 || *out <= p->end;
}

static void set_next(Server *s, ScheduleRow *row, const Plan *p, Millis after)
{
    uint32_t chance = 0;
    row->slot = row->due = SCHEDULE_NEVER;
    if (!row->enabled || !next_slot(p, after, &row->slot)) {
        row->slot = SCHEDULE_NEVER;
        return;
    }
    if (row->window_minutes) loop_random(s->loop, &chance, sizeof chance);
    row->due =
        row->slot +
        (row->window_minutes ? (int64_t)(chance % (uint64_t)(row->window_minutes * 60000)) : 0);
}

void schedule_plan(Server *s, ScheduleRow *row, Millis after)
{
    Plan p;
    row->slot = row->due = SCHEDULE_NEVER;
    if (plan_of(s, row, &p)) set_next(s, row, &p, after);
}

void schedules_set_timer(Server *s)
{
    Millis next = schedule_next(s->db);
    if (next == INT64_MAX)
        timer_clear(s->db, SCHEDULE_TIMER, S(""));
    else
        timer_set(s->db, SCHEDULE_TIMER, S(""), next);
}

/* ---- what was missed ---- */

static void record_skipped(Server *s, ScheduleRow *row, Millis first, Millis last, int64_t count)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    if (!count) return;
    row->skipped += count;
    json_put_text(&o, S("first"), context_time(a, first));
    json_put_text(&o, S("last"), context_time(a, last));
    json_put(&o, S("count"), json_int(a, count));
    Json message = json_object(&o);
    Str arn = schedule_arn(a, row);
    change_add(s->db, &(Change){.service = S("schedule"),
                                .id = arn,
                                .to = S("SKIPPED"),
                                .message = json_to_str(a, &message),
                                .at = s->now});
    log_recorded(s, "schedule-skipped", "schedule=%.*s first=%.*s last=%.*s count=%" PRId64,
                 STR(arn), STR(context_time(a, first)), STR(context_time(a, last)), count);
}

/* Goes on to the latest slot that is not in the future. Returns how many are left behind, *last
 * being the last of those. */
static int64_t go_to_latest(Server *s, ScheduleRow *row, const Plan *p, Millis *last)
{
    Millis next;
    int64_t n = 0;
    *last = row->slot;
    while (next_slot(p, row->slot, &next) && next <= s->now) {
        *last = row->slot;
        row->slot = next;
        n++;
        if (n == SCHEDULE_MISSED_MAX && row->slot < s->now - 24 * 3600 * 1000)
            row->slot = s->now - 24 * 3600 * 1000;
    }
    return n;
}

/* false: the slot in the row is not to fire any more, and has been recorded. */
static bool make_up(Server *s, ScheduleRow *row, const Plan *p, const Json *target)
{
    Millis first = row->slot, last = row->slot;
    bool late = s->now - row->due > SCHEDULE_LATE_MS;
    bool old = s->now - row->slot > delivery_age_ms_max(target);
    if (!late) return true;
    int64_t n = 0;
    if (s->config.catch_up != CATCH_UP_ALL) {
        n = go_to_latest(s, row, p, &last);
        Millis in_time = SCHEDULE_LATE_MS + row->window_minutes * (Millis)60000;
        old = s->now - row->slot >
              (s->config.catch_up == CATCH_UP_NONE ? in_time : delivery_age_ms_max(target));
    }
    if (old) last = row->slot;
    record_skipped(s, row, first, last, n + old);
    return !old;
}

/* ---- firing ---- */

/* What a target gets that has no Input. */
static Str default_input(Server *s, const ScheduleRow *row)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    JsonArray resources = {.a = a};
    json_add(&resources, json_string(schedule_arn(a, row)));
    json_put_text(&o, S("version"), S("0"));
    json_put_text(&o, S("id"), server_new_uuid(s, a));
    json_put_text(&o, S("detail-type"), S("Scheduled Event"));
    json_put_text(&o, S("source"), S("aws.scheduler"));
    json_put_text(&o, S("account"), row->account);
    json_put_text(&o, S("time"), context_time(a, row->slot));
    json_put_text(&o, S("region"), row->region);
    json_put(&o, S("resources"), json_array(&resources));
    json_put_text(&o, S("detail"), S("{}"));
    Json event = json_object(&o);
    return json_to_str(a, &event);
}

static Str new_execution_id(Server *s)
{
    unsigned char bytes[8];
    loop_random(s->loop, bytes, sizeof bytes);
    return hex_encode(&s->turn, bytes, sizeof bytes);
}

static void deliver(Server *s, const ScheduleRow *row, const Json *target)
{
    Str input = json_text(json_get(target, S("Input")));
    DeliveryRow d = {.kind = S("schedule"),
                     .account = row->account,
                     .region = row->region,
                     .source_arn = schedule_arn(&s->turn, row),
                     .target = row->target,
                     .input = input.n ? input : default_input(s, row),
                     .execution = new_execution_id(s),
                     .at = row->slot};
    delivery_send(s, &d, target);
}

static void fire(Server *s, ScheduleRow *row)
{
    Plan p;
    Json target;
    Error err = {0};
    bool good = plan_of(s, row, &p) && json_parse(row->target, &s->turn, &target, &err) &&
                row->group_active;
    if (!good) {
        row->slot = row->due = SCHEDULE_NEVER;
        schedule_set_slot(s->db, row);
        return;
    }
    if (make_up(s, row, &p, &target)) {
        deliver(s, row, &target);
        row->fired = row->slot;
    }
    set_next(s, row, &p, row->slot);
    if (row->slot == SCHEDULE_NEVER && row->delete_after)
        schedule_remove(s->db, row->n);
    else
        schedule_set_slot(s->db, row);
}

void schedule_fire_due(Server *s, ScheduleRow *row)
{
    while (row->due != SCHEDULE_NEVER && row->due <= s->now && !db_failed(s->db)) fire(s, row);
}

void schedules_due(Server *s, Str subject)
{
    ScheduleRow *rows;
    (void)subject;
    do {
        int64_t n = schedule_due(s->db, s->now, SCHEDULES_AT_ONCE, &s->turn, &rows);
        for (int64_t i = 0; i < n; i++) fire(s, &rows[i]);
        if (n < SCHEDULES_AT_ONCE) break;
    } while (loop_turn_ms(s->loop) < SCHEDULES_EVENT_MS && !db_failed(s->db));
    schedules_set_timer(s);
}

/* ---- groups that go ---- */

void schedule_group_due(Server *s, Str subject)
{
    int64_t n;
    check(str_to_int(subject, &n));
    if (schedule_remove_some(s->db, n, SCHEDULES_REMOVED_MAX) == SCHEDULES_REMOVED_MAX)
        timer_set(s->db, SCHEDULE_GROUP_TIMER, subject, s->now);
    else
        schedule_group_remove(s->db, n);
    schedules_set_timer(s);
}
