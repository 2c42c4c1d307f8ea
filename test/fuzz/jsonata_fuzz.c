/* jsonata_fuzz.c - hostile JSONata: the first line is an expression, the rest its input; small budgets. */
#include "core/jsonata/jsonata.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* What comes out is JSON again. */
static void check_result(Arena *a, const JsonataResult *result)
{
    Error err = {0};
    Json again;
    if (result->kind != JSONATA_JSON) return;
    check(json_parse(json_to_str(a, &result->value), a, &again, &err));
}

static void check_error(const JsonataError *err)
{
    check(strlen(err->code) == 5 && err->message[0]);
}

static void run(Str expression, JsonataDialect dialect, const Json *input, Arena *a)
{
    const JsonataProgram *program;
    JsonataError err = {.code = ""};
    JsonataResult result;
    JsonataEnv env = {
        .now = 1700000000123, .seed = 7, .bindings = input, .budget = {20000, 4 << 20, 200}};
    if (!jsonata_compile(expression, dialect, a, &program, &err) ||
        !jsonata_evaluate(program, input, &env, a, &result, &err))
        check_error(&err);
    else
        check_result(a, &result);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    Error err = {0};
    Json input;
    Str rest = {(const char *)bytes, (int64_t)n}, expression = {0};
    (void)str_cut(&rest, '\n', &expression);
    bool given = rest.n > 0 && json_parse(rest, &a, &input, &err);
    run(expression, n % 2 ? JSONATA_STATES : JSONATA_STANDARD, given ? &input : NULL, &a);
    arena_free(&a);
    return 0;
}
