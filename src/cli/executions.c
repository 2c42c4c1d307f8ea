/* executions.c - `mayfly executions` lists executions of state machines; `mayfly history` tells what one has done. */
#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/table.h"
#include "cli/watch.h"

static const ClientList all_machines = {CLIENT_STATES, STR_INIT("ListStateMachines"),
                                        STR_INIT("stateMachines")};
static const ClientList executions_of = {CLIENT_STATES, STR_INIT("ListExecutions"),
                                         STR_INIT("executions")};

/* "MACHINE/NAME", from the end of the ARN: what `mayfly history` takes. */
static Str short_name(Arena *a, Str arn)
{
    int64_t name = str_rfind_char(arn, ':');
    Str rest = str_slice(arn, 0, name);
    return str_printf(a, "%.*s/%.*s", STR(str_slice(rest, str_rfind_char(rest, ':') + 1, rest.n)),
                      STR(str_slice(arn, name + 1, arn.n)));
}

static void print_executions(Arena *a, const Json *executions)
{
    Table t = {.a = a, .columns = 4};
    table_row(&t, S("EXECUTION"), S("STATUS"), S("STARTED (UTC)"), S("TOOK"));
    for (int32_t i = 0; i < executions->n; i++) {
        const Json *e = &executions->items[i], *began = json_get(e, S("startDate"));
        table_row(&t, short_name(a, json_text(json_get(e, S("executionArn")))),
                  json_text(json_get(e, S("status"))), listing_moment(a, began),
                  listing_duration(a, began, json_get(e, S("stopDate"))));
    }
    table_print(&t);
}

static Millis started(const Json *execution)
{
    Millis at;
    return listing_millis(json_get(execution, S("startDate")), &at) ? at : 0;
}

static int newest_first(const void *x, const void *y)
{
    Millis a = started(x), b = started(y);
    return a < b ? 1 : a > b ? -1 : 0;
}

/* The machine of that name or ARN; NULL: there is none. */
static const Json *find_machine(const Json *machines, Str name)
{
    for (int32_t i = 0; i < machines->n; i++)
        if (str_eq(json_text(json_get(&machines->items[i], S("name"))), name) ||
            str_eq(json_text(json_get(&machines->items[i], S("stateMachineArn"))), name))
            return &machines->items[i];
    return NULL;
}

/* Executions of Express machines are in their log alone, as in AWS. */
static bool add_executions(const Client *c, const Json *machine, Str status, JsonArray *all,
                           Error *err)
{
    Json found;
    JsonObject request = {.a = all->a};
    if (str_eq(json_text(json_get(machine, S("type"))), S("EXPRESS"))) return true;
    json_put_json(&request, S("stateMachineArn"), json_get(machine, S("stateMachineArn")));
    if (status.n) json_put(&request, S("statusFilter"), json_string(status));
    if (!client_list(c, &executions_of, &request, all->a, &found, err)) return false;
    for (int32_t i = 0; i < found.n; i++) json_add(all, found.items[i]);
    return true;
}

static bool list(const Client *c, Str machine, Str status, Arena *a, Json *out, Error *err)
{
    Json machines;
    JsonArray all = {.a = a};
    if (!client_list(c, &all_machines, &(JsonObject){.a = a}, a, &machines, err)) return false;
    const Json *only = machine.n ? find_machine(&machines, machine) : NULL;
    if (machine.n && !only)
        return error_set(err, ERR_NOT_FOUND, "there is no state machine '%.*s'", STR(machine));
    for (int32_t i = 0; i < machines.n; i++)
        if (!only || only == &machines.items[i])
            if (!add_executions(c, &machines.items[i], status, &all, err)) return false;
    if (all.n) qsort(all.p, (size_t)all.n, sizeof *all.p, newest_first);
    *out = json_array(&all);
    return true;
}

int cli_executions(int argc, char **argv)
{
    CliOption options[] = {
        {"machine", "NAME", "only those of this state machine, by name or ARN", {0}, false},
        {"status", "S", "RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED", {0}, false},
        CLI_JSON,
        CLI_PORT,
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    Error err = {0};
    Json executions;
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n) return cli_usage("executions", "unexpected argument '%.*s'", STR(rest.p[0]));
    Client c = client_of_environment(cli_option(options, "port"), S(""));
    bool good = list(&c, cli_option(options, "machine"),
                     str_upper(&a, cli_option(options, "status")), &a, &executions, &err);
    if (good && cli_flag(options, "json"))
        listing_print_json(&a, &executions);
    else if (good && executions.n == 0)
        printf("no executions\n");
    else if (good)
        print_executions(&a, &executions);
    arena_free(&a);
    return good ? CLI_DONE : cli_fail("executions", &err);
}

/* ---- history ---- */

/* An ARN, or "MACHINE/NAME" as the list has it. */
static bool resolve(const Client *c, Str given, Arena *a, Str *arn, Error *err)
{
    Json machines;
    *arn = given;
    if (str_starts(given, S("arn:"))) return true;
    int64_t slash = str_find_char(given, '/');
    if (slash < 0)
        return error_set(err, ERR_USAGE, "'%.*s' is neither an ARN nor MACHINE/NAME", STR(given));
    if (!client_list(c, &all_machines, &(JsonObject){.a = a}, a, &machines, err)) return false;
    const Json *machine = find_machine(&machines, str_slice(given, 0, slash));
    if (!machine)
        return error_set(err, ERR_NOT_FOUND, "there is no state machine '%.*s'", (int)slash,
                         given.p);
    Str text = json_text(json_get(machine, S("stateMachineArn"))), kind = S(":stateMachine:");
    *arn = str_printf(a, "%.*s:execution:%.*s:%.*s", (int)str_find(text, kind), text.p, (int)slash,
                      given.p, STR(str_slice(given, slash + 1, given.n)));
    return true;
}

int cli_history(int argc, char **argv)
{
    CliOption options[] = {
        {"follow", NULL, "go on until the execution has ended; -f for short", {0}, false},
        {"json", NULL, "one event a line, as the API gives it", {0}, false},
        CLI_PORT,
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    Error err = {0};
    cli_short_follow(argc, argv);
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n != 1) return cli_usage("history", "which execution? mayfly history MACHINE/NAME");
    Client c = client_of_environment(cli_option(options, "port"), S(""));
    Watch w = {.client = &c, .to = stdout, .json = cli_flag(options, "json")};
    bool good =
        resolve(&c, rest.p[0], &a, &w.execution, &err) &&
        (cli_flag(options, "follow") ? watch_to_the_end(&w, NULL, &err) : watch_look(&w, &err));
    story_close(&w.story);
    arena_free(&a);
    return good ? CLI_DONE : cli_fail("history", &err);
}
