/* when_fuzz.c - schedule expressions and time zone files: nothing crashes, and what is due next lies ahead and on a minute. */
#include "base/time.h"
#include "core/when/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The expression ends at the first newline; a zone file may follow. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Str rest = {(const char *)data, (int64_t)size}, text = rest;
    Error err = {0};
    When w;
    Zone z = zone_utc();
    int64_t newline = str_find_char(rest, '\n');
    if (newline >= 0) {
        text = str_slice(rest, 0, newline);
        if (!zone_parse(str_slice(rest, newline + 1, rest.n), &a, &z, &err)) z = zone_utc();
    }
    if (when_parse(text, WHEN_SCHEDULER, &w, &err)) {
        const Millis from = 1700000000000;
        Millis t = from, next;
        for (int i = 0; i < 4 && when_next(&w, &z, from, t, &next); i++, t = next) {
            check(next > t);
            check(w.kind != WHEN_CRON || next % 1000 == 0);
        }
    }
    arena_reset(&a);
    return 0;
}
