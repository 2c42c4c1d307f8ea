/* jsonata.c - `mayfly jsonata EXPR [--bindings FILE] < input.json`: evaluates an expression and prints the result. */
#include "core/jsonata/jsonata.h"
#include "cli/cli.h"
#include "sys/clock.h"
#include "sys/wall.h"

/* Nothing but blanks is no value. */
static bool read_json(const char *path, Arena *a, Json *out, bool *given, Error *err)
{
    Str text;
    Error inner = {0};
    if (!cli_read(str_from(path), a, &text, err)) return false;
    *given = str_trim(text).n > 0;
    if (!*given || json_parse(text, a, out, &inner)) return true;
    return error_set(err, ERR_SERIALIZATION, "%s: %s", strcmp(path, "-") ? path : "the input",
                     inner.text);
}

static bool read_bindings(Str path, Arena *a, Json *out, bool *given, Error *err)
{
    *given = false;
    if (!path.n) return true;
    if (!read_json(str_z(a, path), a, out, given, err)) return false;
    if (*given && out->type == JSON_OBJECT) return true;
    return error_set(err, ERR_USAGE, "%.*s must hold a JSON object, {\"name\": value, ...}",
                     STR(path));
}

static int evaluate(Str expression, const Json *input, const Json *bindings, Arena *a)
{
    const JsonataProgram *program;
    JsonataError err = {.code = ""};
    JsonataResult result;
    JsonataEnv env = {
        .now = clock_now(), .seed = wall_chance(), .bindings = bindings, .budget = JSONATA_BUDGET};
    if (!jsonata_compile(expression, JSONATA_STANDARD, a, &program, &err) ||
        !jsonata_evaluate(program, input, &env, a, &result, &err)) {
        fprintf(stderr, "%s: %s\n", err.code, err.message);
        return CLI_FAILED;
    }
    if (result.kind == JSONATA_JSON) printf("%.*s\n", STR(json_to_str(a, &result.value)));
    return CLI_DONE;
}

static int run(Str expression, Str bindings_path, Arena *a)
{
    Error err = {0};
    Json input, bindings;
    bool has_input, has_bindings;
    if (!read_bindings(bindings_path, a, &bindings, &has_bindings, &err) ||
        !read_json("-", a, &input, &has_input, &err))
        return cli_fail("jsonata", &err);
    return evaluate(expression, has_input ? &input : NULL, has_bindings ? &bindings : NULL, a);
}

int cli_jsonata(int argc, char **argv)
{
    CliOption options[] = {
        {"bindings", "FILE", "a JSON object: each member is a variable", {0}, false},
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n != 1) return cli_usage("jsonata", "one expression is needed");
    int code = run(rest.p[0], cli_option(options, "bindings"), &a);
    arena_free(&a);
    return code;
}
