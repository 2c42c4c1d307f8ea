/* run.c - `mayfly run FILE`: one definition from its start to its end, told as it goes; no server is needed. */
#include "cli/cli.h"
#include "cli/own.h"
#include "cli/validate.h"
#include "cli/watch.h"

#include "sys/wall.h"

enum { RUN_NAME_BYTES_MAX = 60 };

typedef struct Run {
    Arena a;
    Own own;
    Str file, definition, input, machine, execution; /* the last two: ARNs */
    bool json;
} Run;

static bool call(Run *r, Str operation, const JsonObject *request, Json *out, Error *err)
{
    Json in = json_object(request);
    return client_call(&r->own.client, CLIENT_STATES, operation, &in, &r->a, out, err);
}

/* Of the file's name what a machine's may have; and something of its own, for a server that may
 * have one of that name. */
static Str machine_name(Run *r)
{
    Str leaf = str_slice(r->file, str_rfind_char(r->file, '/') + 1, r->file.n);
    int64_t dot = str_find_char(leaf, '.');
    Buf b = {.a = &r->a};
    if (dot > 0) leaf = str_slice(leaf, 0, dot);
    for (int64_t i = 0; i < leaf.n && i < RUN_NAME_BYTES_MAX; i++) {
        char c = leaf.p[i], low = (char)(c | 32);
        bool fits = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_';
        buf_putc(&b, fits ? c : '-');
    }
    buf_printf(&b, "-%08" PRIx32, (uint32_t)wall_chance());
    return buf_str(&b);
}

static bool create(Run *r, Error *err)
{
    Json made;
    JsonObject o = {.a = &r->a};
    json_put(&o, S("name"), json_string(machine_name(r)));
    json_put(&o, S("definition"), json_string(r->definition));
    json_put(&o, S("roleArn"), json_string(S("arn:aws:iam::000000000000:role/mayfly-run")));
    if (!call(r, S("CreateStateMachine"), &o, &made, err)) return false;
    r->machine = json_text(json_get(&made, S("stateMachineArn")));
    return true;
}

static bool start(Run *r, Error *err)
{
    Json made;
    JsonObject o = {.a = &r->a};
    json_put(&o, S("stateMachineArn"), json_string(r->machine));
    json_put(&o, S("input"), json_string(r->input));
    if (!call(r, S("StartExecution"), &o, &made, err)) return false;
    r->execution = json_text(json_get(&made, S("executionArn")));
    return true;
}

static bool stop(Run *r, Error *err)
{
    Json out;
    JsonObject o = {.a = &r->a};
    json_put(&o, S("executionArn"), json_string(r->execution));
    json_put(&o, S("error"), json_string(S("Interrupted")));
    json_put(&o, S("cause"), json_string(S("mayfly run was told to stop")));
    return call(r, S("StopExecution"), &o, &out, err);
}

static bool interrupted(void)
{
    return interrupts_seen() > 0;
}

static bool interrupted_again(void)
{
    return interrupts_seen() > 1;
}

/* To the end, which an interrupt brings about; a second one waits for nothing more. */
static bool follow(Run *r, Error *err)
{
    Watch w = {.client = &r->own.client,
               .execution = r->execution,
               .to = r->json ? stdout : stderr,
               .json = r->json};
    bool good = watch_to_the_end(&w, interrupted, err);
    if (!good && !err->code) good = stop(r, err) && watch_to_the_end(&w, interrupted_again, err);
    story_close(&w.story);
    return good || err->code || error_set(err, ERR_UNAVAILABLE, "interrupted");
}

/* The output on standard output, alone; in JSON the whole description, as the last line. */
static bool conclude(Run *r, bool *succeeded, Error *err)
{
    Json about;
    JsonObject o = {.a = &r->a};
    json_put(&o, S("executionArn"), json_string(r->execution));
    if (!call(r, S("DescribeExecution"), &o, &about, err)) return false;
    *succeeded = str_eq(json_text(json_get(&about, S("status"))), S("SUCCEEDED"));
    Str output = json_text(json_get(&about, S("output"))),
        error = json_text(json_get(&about, S("error"))),
        cause = json_text(json_get(&about, S("cause")));
    if (r->json)
        printf("%.*s\n", STR(json_to_str(&r->a, &about)));
    else if (*succeeded)
        printf("%.*s\n", STR(output));
    else
        fprintf(stderr, "%.*s%s%.*s\n", STR(error), error.n && cause.n ? ": " : "", STR(cause));
    return true;
}

static void delete_machine(Run *r)
{
    Json out;
    Error err = {0};
    JsonObject o = {.a = &r->a};
    json_put(&o, S("stateMachineArn"), json_string(r->machine));
    if (!call(r, S("DeleteStateMachine"), &o, &out, &err))
        fprintf(stderr, "mayfly run: %s\n", err.text);
}

static bool run_there(Run *r, bool *succeeded, Error *err)
{
    if (!create(r, err)) return false;
    bool good = start(r, err) && follow(r, err) && conclude(r, succeeded, err);
    delete_machine(r);
    return good;
}

/* Bad files are told of before anything is started. */
static bool read_files(Run *r, Str input, bool *good, Error *err)
{
    Json ignored;
    Error inner = {0};
    if (!cli_read(r->file, &r->a, &r->definition, err)) return false;
    r->input = S("{}");
    if (input.n && !cli_read(input, &r->a, &r->input, err)) return false;
    if (!json_parse(r->input, &r->a, &ignored, &inner))
        return error_set(err, ERR_SERIALIZATION, "%.*s: %s", STR(input), inner.text);
    AslDiagnostics found = {0};
    const AslDefinition *def;
    *good = asl_parse(r->definition, &(AslRules){0}, &r->a, &found, &def);
    if (!*good) validate_print(stderr, r->file, r->definition, false);
    return true;
}

static int run(Run *r, const CliOption *options)
{
    Error err = {0};
    bool good, succeeded = false;
    if (!read_files(r, cli_option(options, "input"), &good, &err)) return cli_fail("run", &err);
    if (!good) return CLI_FAILED;
    interrupts_catch();
    if (!own_open(&r->own, cli_option(options, "port"), cli_option(options, "data"),
                  str_eq(cli_option(options, "quotas"), S("none")), &err))
        return cli_fail("run", &err);
    good = run_there(r, &succeeded, &err);
    own_close(&r->own);
    if (!good) return cli_fail("run", &err);
    return succeeded ? CLI_DONE : CLI_FAILED;
}

int cli_run(int argc, char **argv)
{
    CliOption options[] = {
        {"input", "FILE", "the execution's input, JSON; - is standard input", {0}, false},
        {"data",
         "DIR",
         "keep all that happens in this data folder (else a temporary one)",
         {0},
         false},
        {"port", "N", "run it on the server at this port, not on one of its own", {0}, false},
        {"quotas", "MODE", "aws: the service limits of AWS; none: lifted", S("aws"), false},
        {"json", NULL, "each event, then the outcome, as a line of JSON", {0}, false},
        {0},
    };
    CliPositionals rest;
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n != 1) return cli_usage("run", "which definition? mayfly run MACHINE.asl.json");
    Str quotas = cli_option(options, "quotas");
    if (!str_eq(quotas, S("aws")) && !str_eq(quotas, S("none")))
        return cli_usage("run", "--quotas must be aws or none");
    Run r = {.file = rest.p[0], .json = cli_flag(options, "json")};
    int code = run(&r, options);
    arena_free(&r.a);
    return code;
}
