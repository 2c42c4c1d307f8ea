/* states_history.c - what every history promises: complete, in order, never rewritten, and no task begun twice. */
#include "states.h"

static Str text(const Json *event, const char *path)
{
    return json_text(json_find(event, path));
}

static bool is(const Json *event, const char *type)
{
    return str_eq(text(event, "type"), str_from(type));
}

static int64_t number(const Json *event, const char *name)
{
    return json_int_or(json_get(event, str_from(name)), -1);
}

/* Events seen once are there for ever, and as they were. */
static void check_seen(const char *name, int64_t i, const Json *event, Seen *seen)
{
    Arena a = {0};
    uint64_t hash = str_hash(json_to_str(&a, event));
    if (i < seen->n)
        promise(seen->events[i] == hash, "states: event %" PRId64 " of %s has changed", i + 1,
                name);
    seen->events[i] = hash;
    arena_free(&a);
}

static bool began(const Json *event, const char *machine)
{
    Arena a = {0};
    Str wanted = str_printf(&a, ":execution:%s:", machine);
    bool submitted = str_find(text(event, "taskSubmittedEventDetails.output"), wanted) >= 0;
    bool answered =
        is(event, "TaskSucceeded") &&
        str_eq(text(event, "taskSucceededEventDetails.resource"), S("startExecution")) &&
        str_find(text(event, "taskSucceededEventDetails.output"), wanted) >= 0;
    arena_free(&a);
    return submitted || answered;
}

/* Between its Scheduled and its end a task is started once and submitted once at most. */
static void check_task(const char *name, const Json *events, int32_t i)
{
    const Json *event = json_at(events, i),
               *before = json_at(events, (int64_t)number(event, "previousEventId") - 1);
    if (is(event, "TaskStarted"))
        promise(is(before, "TaskScheduled"), "states: a task of %s was started twice (event %d)",
                name, i + 1);
    if (is(event, "TaskSubmitted"))
        promise(is(before, "TaskStarted"), "states: a task of %s was submitted twice (event %d)",
                name, i + 1);
}

void history_check(const char *name, const Json *events, bool whole, Seen *seen, Begun *begun)
{
    int32_t n = json_count(events);
    promise(n > 0 && is(json_at(events, 0), "ExecutionStarted"),
            "states: the history of %s has no beginning", name);
    promise(!whole || n >= seen->n,
            "states: the history of %s was %" PRId64 " events long, and is %d", name, seen->n, n);
    *begun = (Begun){0};
    for (int32_t i = 0; i < n && i < SEEN_MAX && !world.broken; i++) {
        const Json *event = json_at(events, i);
        promise(number(event, "id") == i + 1, "states: event %d of %s has the id %" PRId64, i + 1,
                name, number(event, "id"));
        promise(number(event, "previousEventId") <= i, "states: event %d of %s follows a later one",
                i + 1, name);
        if (world.broken) return;
        check_seen(name, i, event, seen);
        check_task(name, events, i);
        begun->leaf += began(event, "leaf");
        begun->slow += began(event, "slow");
    }
    if (n > seen->n) seen->n = n < SEEN_MAX ? n : SEEN_MAX;
}

void history_check_end(const char *name, const Json *events, Str status)
{
    static const char *const ends[][2] = {
        {"SUCCEEDED", "ExecutionSucceeded"},
        {"FAILED", "ExecutionFailed"},
        {"TIMED_OUT", "ExecutionTimedOut"},
        {"ABORTED", "ExecutionAborted"},
    };
    const Json *last = json_at(events, json_count(events) - 1);
    for (int i = 0; i < countof(ends); i++)
        if (str_eq(status, str_from(ends[i][0])))
            promise(is(last, ends[i][1]), "states: %s is %s, its last event is %.*s", name,
                    ends[i][0], STR(text(last, "type")));
}

Str history_token(const Json *events, Arena *a)
{
    const Json *last = json_at(events, json_count(events) - 1);
    Json parameters;
    Error err = {0};
    if (!last || !is(last, "TaskSubmitted")) return (Str){0};
    for (int32_t i = json_count(events) - 1; i >= 0; i--) {
        Str given = text(json_at(events, i), "taskScheduledEventDetails.parameters");
        if (!str_absent(given) && json_parse(given, a, &parameters, &err))
            return json_text(json_find(&parameters, "Input.token"));
    }
    return (Str){0};
}
