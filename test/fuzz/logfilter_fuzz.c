/* logfilter_fuzz.c - a line with a filter pattern, then a message: parsing ends, matching ends, and a refusal says why. */
#include "core/logfilter/logfilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Str rest = {(const char *)data, (int64_t)n}, line = {0}, why = {0};
    const LogFilter *f;
    if (n && str_cut(&rest, '\n', &line)) {
        if (!logfilter_parse(line, &a, &f, &why))
            check(why.n > 0);
        else
            check(logfilter_matches(f, rest, &a) == logfilter_matches(f, rest, &a));
    }
    arena_free(&a);
    return 0;
}
