/* validate.c - `mayfly validate FILE`: all that is wrong with a definition, each with its place in the file. */
#include "cli/validate.h"

#include "cli/cli.h"
#include "cli/listing.h"

/* AWS writes an item of a list as "Retry[0]", where a JSON pointer has "Retry/0". */
static Str pointer_of(Arena *a, Str location)
{
    Buf b = {.a = a};
    Str part, rest = str_starts(location, S("/")) ? str_slice(location, 1, location.n) : (Str){0};
    while (str_cut(&rest, '/', &part)) {
        int64_t bracket = str_ends(part, S("]")) ? str_rfind_char(part, '[') : -1, index;
        bool item = bracket > 0 && str_to_int(str_slice(part, bracket + 1, part.n - 1), &index);
        if (item)
            buf_printf(&b, "/%.*s/%" PRId64, (int)bracket, part.p, index);
        else
            buf_printf(&b, "/%.*s", STR(part));
    }
    return buf_str(&b);
}

/* What is no JSON has no pointers. */
static JsonPlace place_of(Str text, const AslDiagnostic *d)
{
    JsonPlace at;
    Arena a = {0};
    if (!json_broken(text, &at)) at = json_place(text, pointer_of(&a, d->location));
    arena_free(&a);
    return at;
}

static void print_one(FILE *to, Str file, Str text, const AslDiagnostic *d)
{
    JsonPlace at = place_of(text, d);
    bool placed = d->location.n > 0;
    fprintf(to, "%.*s:%" PRId64 ":%" PRId64 ": %s: %.*s: %.*s%s%.*s%s\n", STR(file), at.line,
            at.column, d->warning ? "warning" : "error", STR(d->code), STR(d->message),
            placed ? " (" : "", STR(d->location), placed ? ")" : "");
}

static void sum_up(FILE *to, Str file, const AslDiagnostics *found)
{
    int64_t warnings = 0;
    for (int64_t i = 0; i < found->n; i++) warnings += found->p[i].warning;
    if (found->n == 0) {
        fprintf(to, "%.*s: OK\n", STR(file));
        return;
    }
    fprintf(to, "%.*s: errors: %" PRId64 ", warnings: %" PRId64 "%s\n", STR(file),
            found->n - warnings, warnings, found->truncated ? ", and more" : "");
}

bool validate_print(FILE *to, Str file, Str text, bool express)
{
    Arena a = {0};
    AslDiagnostics found = {0};
    const AslDefinition *def;
    bool good = asl_parse(text, &(AslRules){.express = express}, &a, &found, &def);
    for (int64_t i = 0; i < found.n; i++) print_one(to, file, text, &found.p[i]);
    sum_up(to, file, &found);
    arena_free(&a);
    return good;
}

/* The members of ValidateStateMachineDefinition's answer, and the place. */
static Json diagnostic(Arena *a, Str text, const AslDiagnostic *d)
{
    JsonObject o = {.a = a};
    JsonPlace at = place_of(text, d);
    json_put(&o, S("severity"), json_string(d->warning ? S("WARNING") : S("ERROR")));
    json_put(&o, S("code"), json_string(d->code));
    json_put(&o, S("message"), json_string(d->message));
    json_put_text(&o, S("location"), d->location);
    json_put(&o, S("line"), json_int(a, at.line));
    json_put(&o, S("column"), json_int(a, at.column));
    return json_object(&o);
}

static bool print_json(Str text, bool express)
{
    Arena a = {0};
    AslDiagnostics found = {0};
    const AslDefinition *def;
    JsonArray list = {.a = &a};
    JsonObject o = {.a = &a};
    bool good = asl_parse(text, &(AslRules){.express = express}, &a, &found, &def);
    for (int64_t i = 0; i < found.n; i++) json_add(&list, diagnostic(&a, text, &found.p[i]));
    json_put(&o, S("result"), json_string(good ? S("OK") : S("FAIL")));
    json_put(&o, S("diagnostics"), json_array(&list));
    json_put(&o, S("truncated"), json_bool(found.truncated));
    Json all = json_object(&o);
    listing_print_json(&a, &all);
    arena_free(&a);
    return good;
}

int cli_validate(int argc, char **argv)
{
    CliOption options[] = {
        {"type", "TYPE", "what the machine will be: STANDARD or EXPRESS", S("STANDARD"), false},
        CLI_JSON,
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    Error err = {0};
    Str text;
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n != 1) return cli_usage("validate", "one file is needed, or - for standard input");
    Str type = cli_option(options, "type");
    bool express = str_eq(type, S("EXPRESS"));
    if (!express && !str_eq(type, S("STANDARD")))
        return cli_usage("validate", "--type must be STANDARD or EXPRESS");
    bool read = cli_read(rest.p[0], &a, &text, &err), good = false;
    if (read)
        good = cli_flag(options, "json") ? print_json(text, express)
                                         : validate_print(stdout, rest.p[0], text, express);
    arena_free(&a);
    if (!read) return cli_fail("validate", &err);
    return good ? CLI_DONE : CLI_FAILED;
}
