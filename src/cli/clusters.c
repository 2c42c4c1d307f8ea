/* clusters.c - `mayfly clusters` and `mayfly steps`: what runs and what has run, as tables or as JSON. */
#include "base/time.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/table.h"
#include "sys/clock.h"
#include "sys/wall.h"

enum { LEDGERS_AT_ONCE = 50 };

static const char *const live_states[] = {"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING",
                                          "TERMINATING"};

/* "1700000000.123" -> milliseconds. */
static bool seconds_to_millis(const Json *v, Millis *out)
{
    Str text = json_text(v), whole;
    if (!str_cut(&text, '.', &whole) || !str_to_int(whole, out)) return false;
    *out *= 1000;
    for (int64_t i = 0, scale = 100; i < text.n && scale; i++, scale /= 10)
        *out += (text.p[i] - '0') * scale;
    return true;
}

static Str when(Arena *a, const Json *timeline, const char *name)
{
    Millis t;
    if (!seconds_to_millis(json_get(timeline, str_from(name)), &t)) return (Str){0};
    Str iso = time_iso8601(a, t);
    return str_printf(a, "%.*s %.*s", STR(str_slice(iso, 0, 10)), STR(str_slice(iso, 11, 19)));
}

/* From one moment of the timeline to another, or to now. */
static Str duration(Arena *a, const Json *timeline, const char *from, const char *to)
{
    Millis begin, end;
    if (!seconds_to_millis(json_get(timeline, str_from(from)), &begin)) return (Str){0};
    if (!seconds_to_millis(json_get(timeline, str_from(to)), &end)) end = clock_now();
    int64_t ms = end - begin;
    if (ms < 60 * 1000)
        return str_printf(a, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
    return str_printf(a, "%" PRId64 " min %02" PRId64 " s", ms / 60000, ms / 1000 % 60);
}

/* All pages of a listing, as one array. */
static bool list_all(const Client *c, Str operation, Str member, JsonObject *request, Arena *a,
                     Json *out, Error *err)
{
    JsonArray all = {.a = a};
    for (Str marker = {0};;) {
        JsonObject page_request = {.a = a};
        for (int64_t i = 0; i < request->n; i++)
            json_put(&page_request, request->p[i].key, request->p[i].value);
        json_put_text(&page_request, S("Marker"), marker);
        Json in = json_object(&page_request), page;
        if (!client_emr(c, operation, &in, a, &page, err)) return false;
        const Json *items = json_get(&page, member);
        for (int32_t i = 0; i < json_count(items); i++) json_add(&all, items->items[i]);
        marker = json_text(json_get(&page, S("Marker")));
        if (!marker.n) break;
    }
    *out = json_array(&all);
    return true;
}

static void print_json(Arena *a, const Json *v)
{
    Buf b = {.a = a};
    json_write_pretty(&b, v);
    printf("%.*s\n", STR(buf_str(&b)));
}

/* What the server's ledger says of at most LEDGERS_AT_ONCE clusters, from `first` on. Where it may
 * not be seen (--auth enforce) nothing is said of costs. */
static Json ask_ledger(const Client *c, const Json *clusters, int32_t first, Arena *a)
{
    Buf page = {.a = a};
    ClientPage said;
    Json list = {0};
    Error err = {0};
    buf_printf(&page, "ledger?clusters=");
    for (int32_t i = first; i < clusters->n && i < first + LEDGERS_AT_ONCE; i++)
        buf_printf(&page, "%s%.*s", i > first ? "," : "",
                   STR(json_text(json_get(&clusters->items[i], S("Id")))));
    if (!client_admin(c, S("GET"), buf_str(&page), a, &said, &err) ||
        !json_parse(said.body, a, &list, &err))
        return (Json){.type = JSON_ARRAY};
    return list;
}

static Str cost_of(const Json *ledger, Str id)
{
    for (int32_t i = 0; i < json_count(ledger); i++)
        if (str_eq(json_text(json_get(json_at(ledger, i), S("Id"))), id))
            return json_text(json_get(json_at(ledger, i), S("Cost")));
    return S("");
}

static void print_clusters(const Client *client, Arena *a, const Json *clusters)
{
    Table t = {.a = a, .columns = 7};
    Json ledger = {0};
    table_row(&t, S("ID"), S("NAME"), S("STATE"), S("CREATED (UTC)"), S("LIFE"), S("EMR COST"),
              S("REASON"));
    for (int32_t i = 0; i < clusters->n; i++) {
        if (i % LEDGERS_AT_ONCE == 0) ledger = ask_ledger(client, clusters, i, a);
        const Json *c = &clusters->items[i], *timeline = json_find(c, "Status.Timeline");
        table_row(&t, json_text(json_get(c, S("Id"))), json_text(json_get(c, S("Name"))),
                  json_text(json_find(c, "Status.State")), when(a, timeline, "CreationDateTime"),
                  duration(a, timeline, "CreationDateTime", "EndDateTime"),
                  cost_of(&ledger, json_text(json_get(c, S("Id")))),
                  json_text(json_find(c, "Status.StateChangeReason.Message")));
    }
    table_print(&t);
}

int cli_clusters(int argc, char **argv)
{
    CliOption options[] = {
        {"live", NULL, "only those that have not ended", {0}, false},
        {"json", NULL, "as JSON, for programs", {0}, false},
        {"port", "N", "the server's port (else AWS_ENDPOINT_URL, else 4566)", {0}, false},
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    Error err = {0};
    Json clusters;
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n) return cli_usage("clusters", "unexpected argument '%.*s'", STR(rest.p[0]));
    Client c = client_of_environment(cli_option(options, "port"), S(""));
    JsonObject request = {.a = &a};
    JsonArray states = {.a = &a};
    for (int i = 0; i < countof(live_states); i++)
        json_add(&states, json_string(str_from(live_states[i])));
    if (cli_flag(options, "live")) json_put(&request, S("ClusterStates"), json_array(&states));
    bool good = list_all(&c, S("ListClusters"), S("Clusters"), &request, &a, &clusters, &err);
    if (good && cli_flag(options, "json"))
        print_json(&a, &clusters);
    else if (good && clusters.n == 0)
        printf("no clusters\n");
    else if (good)
        print_clusters(&c, &a, &clusters);
    arena_free(&a);
    return good ? CLI_DONE : cli_fail("clusters", &err);
}

static void print_steps(Arena *a, const Json *steps)
{
    Table t = {.a = a, .columns = 6};
    table_row(&t, S("ID"), S("NAME"), S("STATE"), S("STARTED (UTC)"), S("TOOK"), S("REASON"));
    for (int32_t i = steps->n - 1; i >= 0; i--) {
        const Json *s = &steps->items[i], *timeline = json_find(s, "Status.Timeline");
        Str failure = json_text(json_find(s, "Status.FailureDetails.Reason"));
        Str reason =
            failure.n ? failure : json_text(json_find(s, "Status.StateChangeReason.Message"));
        table_row(&t, json_text(json_get(s, S("Id"))), json_text(json_get(s, S("Name"))),
                  json_text(json_find(s, "Status.State")), when(a, timeline, "StartDateTime"),
                  duration(a, timeline, "StartDateTime", "EndDateTime"), reason);
    }
    table_print(&t);
}

int cli_steps(int argc, char **argv)
{
    CliOption options[] = {
        {"json", NULL, "as JSON, for programs", {0}, false},
        {"port", "N", "the server's port (else AWS_ENDPOINT_URL, else 4566)", {0}, false},
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    Error err = {0};
    Json steps;
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n != 1) return cli_usage("steps", "which cluster? mayfly steps j-...");
    Client c = client_of_environment(cli_option(options, "port"), S(""));
    JsonObject request = {.a = &a};
    json_put(&request, S("ClusterId"), json_string(rest.p[0]));
    bool good = list_all(&c, S("ListSteps"), S("Steps"), &request, &a, &steps, &err);
    if (good && cli_flag(options, "json"))
        print_json(&a, &steps);
    else if (good && steps.n == 0)
        printf("no steps\n");
    else if (good)
        print_steps(&a, &steps);
    arena_free(&a);
    return good ? CLI_DONE : cli_fail("steps", &err);
}
