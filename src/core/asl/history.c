/* history.c - names of history event types, and the form GetExecutionHistory gives them. */
#include "core/asl/history.h"
#include "core/asl/execution.h"

static const struct {
    const char *name, *details;
} types[ASL_HISTORY_COUNT] = {
#define X(type, n, d) [type] = {n, d},
    ASL_HISTORY_TABLE(X)
#undef X
};

Str asl_history_name(AslHistoryType type)
{
    return str_from(types[type].name);
}

Str asl_history_details_name(AslHistoryType type)
{
    return str_from(types[type].details);
}

Json asl_history_json(Arena *a, const AslHistory *event)
{
    JsonObject o = {.a = a};
    json_put(&o, S("type"), json_string(asl_history_name(event->type)));
    json_put(&o, S("id"), json_int(a, event->id));
    json_put(&o, S("previousEventId"), json_int(a, event->previous));
    if (event->details.type != JSON_NULL)
        json_put(&o, asl_history_details_name(event->type), event->details);
    return json_object(&o);
}

Str asl_phase_name(AslPhase phase)
{
    static const char *const names[] = {
        [ASL_PENDING] = "pending",
        [ASL_READY] = "ready",
        [ASL_WAITING] = "waiting",
        [ASL_RETRYING] = "retrying",
        [ASL_TASK_SCHEDULED] = "scheduled",
        [ASL_TASK_RUNNING] = "running",
        [ASL_TASK_CALLBACK] = "callback",
        [ASL_MAP_RUN_ORDERED] = "map-run-ordered",
        [ASL_MAP_RUN_RUNNING] = "map-run",
        [ASL_CHILDREN] = "children",
        [ASL_DONE] = "done",
        [ASL_BROKEN] = "broken",
    };
    return str_from(names[phase]);
}
