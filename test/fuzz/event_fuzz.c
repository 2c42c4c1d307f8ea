/* event_fuzz.c - targets of rules and inputs of schedules: checked ones are filled, and the index finds what matching finds. */
#include "core/event/context.h"
#include "core/event/index.h"
#include "core/event/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_index(const Json *pattern, const Json *event, Arena *a)
{
    int32_t *found;
    Error err = {0};
    if (!pattern_check(pattern, a, &err)) return;
    int32_t n = event_index_find(event_index_new(a, pattern, 1), event, a, &found);
    check(n == pattern_matches(pattern, event, a));
}

/* A line with a target or a pattern, and a line with an event. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Str rest = {(const char *)data, (int64_t)size}, first;
    Error err = {0};
    Json target, event;
    ScheduleContext context = {S("arn"), S("id"), 0, 1};
    (void)context_replace(&a, rest, &context);
    if (str_cut(&rest, '\n', &first) && json_parse(first, &a, &target, &err) &&
        json_parse(rest, &a, &event, &err)) {
        TransformSource source = {&event, S("arn"), S("rule"), 0};
        if (transform_check(&target, &a, &err)) (void)transform_input(&a, &target, &source);
        try_index(&target, &event, &a);
    }
    arena_reset(&a);
    return 0;
}
