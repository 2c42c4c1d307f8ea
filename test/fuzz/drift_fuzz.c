/* drift_fuzz.c - what a service tells, put in a template's terms and compared: a value is never drift of itself. */
#include "core/stack/drift.h"
#include "core/stack/update_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read(Str text, Arena *a, Json *out)
{
    Error none = {0};
    return json_parse(text, a, out, &none);
}

/* Two values, one a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena a = {0};
    Error err = {0};
    Json x, y, policy;
    Str rest = {(const char *)data, (int64_t)size}, first = {0};
    if (!str_cut(&rest, '\n', &first) || !read(first, &a, &x)) return arena_free(&a), 0;
    if (read(rest, &a, &y)) {
        DriftDifferences same = {0}, other = {0};
        Json like = drift_like(&x, &y, true, &a);
        drift_compare(&x, &like, &a, &other);
        drift_compare(&y, &y, &a, &same);
        /* Of a key that is given twice the last counts: then a value is not what it is. */
        check((!same.n || !json_eq(&y, &y)) && other.n <= DRIFT_DIFFERENCES_MAX);
    }
    if (update_policy_check(first, &a, &policy, &err)) {
        Str why = update_policy_denies(&policy, UPDATE_REPLACE, S("A"), S("AWS::S3::Bucket"), &a);
        check(str_absent(why) || str_find(why, S("stack policy")) > 0);
    }
    arena_free(&a);
    return 0;
}
