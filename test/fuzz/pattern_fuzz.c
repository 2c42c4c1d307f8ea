/* pattern_fuzz.c - an event pattern and, on the next line, an event: what the checker lets through can be matched. */
#include "core/event/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Str rest = {(const char *)data, (int64_t)size}, first;
    Error err = {0};
    Json pattern, event = {0};
    if (str_cut(&rest, '\n', &first) && json_parse(first, &a, &pattern, &err) &&
        pattern_check(&pattern, &a, &err)) {
        if (!json_parse(rest, &a, &event, &err)) event = (Json){0};
        bool matches = pattern_matches(&pattern, &event, &a);
        check(matches == pattern_matches(&pattern, &event, &a));
    }
    arena_reset(&a);
    return 0;
}
