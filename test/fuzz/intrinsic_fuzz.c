/* intrinsic_fuzz.c - a line with an intrinsic function call, then an input: it gives a value or says what is wrong. */
#include "core/asl/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    uint64_t seed = 7;
    Str rest = {(const char *)data, (int64_t)n}, line = {0}, why = {0};
    AslExpr call;
    Json input, value;
    Error err;
    if (n && str_cut(&rest, '\n', &line) && rest.n && json_parse(rest, &a, &input, &err)) {
        AslScope scope = {
            .a = &a, .seed = &seed, .input = &input, .context = &input, .variables = &input};
        AslFailure f = {0};
        if (!asl_call(line, &a, &call, &why))
            check(why.n > 0);
        else if (asl_eval(&call, &scope, &value, &f))
            check(json_to_str(&a, &value).n > 0);
        else
            check(f.error.n && f.cause.n);
    }
    arena_free(&a);
    return 0;
}
