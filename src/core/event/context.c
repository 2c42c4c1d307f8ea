/* context.c - finds <aws.scheduler.NAME> in a text and writes the value there. */
#include "core/event/context.h"

#include "base/time.h"

#define OPENING S("<aws.scheduler.")

Str context_time(Arena *a, Millis t)
{
    Str text = time_iso8601(a, t); /* without the milliseconds */
    char *p = new_array(a, char, 20);
    memcpy(p, text.p, 19);
    p[19] = 'Z';
    return (Str){p, 20};
}

/* Absent: no attribute has this name. */
static Str value_of(Arena *a, Str name, const ScheduleContext *c)
{
    if (str_eq(name, S("schedule-arn"))) return c->arn;
    if (str_eq(name, S("scheduled-time"))) return context_time(a, c->slot);
    if (str_eq(name, S("execution-id"))) return c->execution;
    if (str_eq(name, S("attempt-number"))) return str_printf(a, "%" PRId64, c->attempt);
    return (Str){0};
}

Str context_replace(Arena *a, Str input, const ScheduleContext *c)
{
    Buf out = {.a = a};
    Str rest = input;
    if (str_find(input, OPENING) < 0) return input;
    for (int64_t at; (at = str_find(rest, OPENING)) >= 0;) {
        Str name = str_slice(rest, at + OPENING.n, rest.n);
        int64_t end = str_find_char(name, '>');
        name = str_slice(name, 0, end < 0 ? 0 : end);
        Str value = value_of(a, name, c);
        int64_t taken = str_absent(value) ? 1 : OPENING.n + name.n + 1;
        buf_put(&out, str_slice(rest, 0, at));
        buf_put(&out, str_absent(value) ? S("<") : value);
        rest = str_slice(rest, at + taken, rest.n);
    }
    buf_put(&out, rest);
    return buf_str(&out);
}
