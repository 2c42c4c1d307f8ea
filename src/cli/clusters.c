/* clusters.c - `mayfly clusters` and `mayfly steps`: what runs and what has run, as tables or as JSON. */
#include "cli/listing.h"
#include "cli/table.h"

enum { LEDGERS_AT_ONCE = 50 };

static const char *const live_states[] = {"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING",
                                          "TERMINATING"};

static Str when(Arena *a, const Json *timeline, const char *name)
{
    return listing_moment(a, json_get(timeline, str_from(name)));
}

static Str duration(Arena *a, const Json *timeline, const char *from, const char *to)
{
    return listing_duration(a, json_get(timeline, str_from(from)),
                            json_get(timeline, str_from(to)));
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
    static const Listing clusters = {
        "clusters",
        {CLIENT_EMR, STR_INIT("ListClusters"), STR_INIT("Clusters")},
        "no clusters",
        print_clusters,
    };
    CliOption options[] = {
        {"live", NULL, "only those that have not ended", {0}, false},
        CLI_JSON,
        CLI_PORT,
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n) return cli_usage("clusters", "unexpected argument '%.*s'", STR(rest.p[0]));
    JsonObject request = {.a = &a};
    JsonArray states = {.a = &a};
    for (int i = 0; i < countof(live_states); i++)
        json_add(&states, json_string(str_from(live_states[i])));
    if (cli_flag(options, "live")) json_put(&request, S("ClusterStates"), json_array(&states));
    int code = listing_run(&clusters, options, &request);
    arena_free(&a);
    return code;
}

static void print_steps(const Client *client, Arena *a, const Json *steps)
{
    (void)client;
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
    static const Listing steps = {
        "steps",
        {CLIENT_EMR, STR_INIT("ListSteps"), STR_INIT("Steps")},
        "no steps",
        print_steps,
    };
    CliOption options[] = {CLI_JSON, CLI_PORT, {0}};
    CliPositionals rest;
    Arena a = {0};
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n != 1) return cli_usage("steps", "which cluster? mayfly steps j-...");
    JsonObject request = {.a = &a};
    json_put(&request, S("ClusterId"), json_string(rest.p[0]));
    int code = listing_run(&steps, options, &request);
    arena_free(&a);
    return code;
}
