/* logs.c - `mayfly logs [-f] CLUSTER [STEP]`: what steps write, as they write it. */
#include "cli/cli.h"
#include "cli/client.h"
#include "sys/wall.h"

enum { LOGS_LOOK_MS = 150, LOGS_STEPS_MAX = 4096, LOGS_STREAMS = 3 };

static const char *const streams[LOGS_STREAMS] = {"controller", "stdout", "stderr"};

/* How far each stream of a step has been shown. */
typedef struct Shown {
    Str step;
    int64_t at[LOGS_STREAMS];
    bool ended;
} Shown;

typedef struct Follow {
    const Client *client;
    Str cluster, only_step, only_stream;
    Arena kept; /* for the ids in `steps` */
    Shown steps[LOGS_STEPS_MAX];
    int steps_n;
    bool follow, many; /* many: lines are marked with their step */
} Follow;

static bool is_live(Str state)
{
    return str_eq(state, S("PENDING")) || str_eq(state, S("RUNNING")) ||
           str_eq(state, S("CANCEL_PENDING"));
}

static Shown *shown_of(Follow *f, Str step)
{
    for (int i = 0; i < f->steps_n; i++)
        if (str_eq(f->steps[i].step, step)) return &f->steps[i];
    if (f->steps_n == LOGS_STEPS_MAX) return NULL;
    f->steps[f->steps_n] = (Shown){.step = str_copy(&f->kept, step)};
    return &f->steps[f->steps_n++];
}

static void print_piece(const Follow *f, const Shown *step, Str piece)
{
    if (!f->many) {
        fwrite(piece.p, 1, (size_t)piece.n, stdout);
        return;
    }
    Str line;
    while (str_cut(&piece, '\n', &line))
        if (line.n || piece.n) printf("%.*s  %.*s\n", STR(step->step), STR(line));
}

/* With a mark before each line only whole lines are taken; the rest comes with the next look. */
static int64_t takeable(const Follow *f, const Shown *step, Str piece)
{
    if (!f->many || step->ended) return piece.n;
    return str_rfind_char(piece, '\n') + 1;
}

static bool show_stream(Follow *f, Shown *step, int stream, Error *err)
{
    for (;;) {
        Arena a = {0};
        ClientPage page;
        Str where = str_printf(&a, "log?cluster=%.*s&step=%.*s&stream=%s&from=%" PRId64,
                               STR(f->cluster), STR(step->step), streams[stream], step->at[stream]);
        bool good = client_admin(f->client, S("GET"), where, &a, &page, err);
        int64_t n = good ? takeable(f, step, page.body) : 0;
        if (n) print_piece(f, step, str_slice(page.body, 0, n));
        step->at[stream] += n;
        arena_free(&a);
        if (!good || !n) return good;
    }
}

static bool show_step(Follow *f, Shown *step, Error *err)
{
    for (int i = 0; i < LOGS_STREAMS; i++) {
        bool wanted = f->only_stream.n ? str_eq(f->only_stream, str_from(streams[i])) : i > 0;
        if (wanted && !show_stream(f, step, i, err)) return false;
    }
    fflush(stdout);
    return true;
}

/* Shows what is new; *more: something may still come. */
static bool look(Follow *f, Arena *a, bool *more, Error *err)
{
    static const ClientList all = {CLIENT_EMR, STR_INIT("ListSteps"), STR_INIT("Steps")};
    JsonObject request = {.a = a};
    json_put(&request, S("ClusterId"), json_string(f->cluster));
    Json in = json_object(&request), cluster, list;
    if (!client_call(f->client, CLIENT_EMR, S("DescribeCluster"), &in, a, &cluster, err) ||
        !client_list(f->client, &all, &request, a, &list, err))
        return false;
    Str state = json_text(json_find(&cluster, "Cluster.Status.State"));
    *more = !str_starts(state, S("TERMINATED")) && !f->only_step.n;
    f->many = !f->only_step.n && (f->many || list.n > 1);
    for (int32_t i = list.n - 1; i >= 0; i--) {
        Str id = json_text(json_get(&list.items[i], S("Id"))),
            step_state = json_text(json_find(&list.items[i], "Status.State"));
        Shown *step = f->only_step.n && !str_eq(id, f->only_step) ? NULL : shown_of(f, id);
        if (!step || step->ended) continue;
        *more |= is_live(step_state);
        step->ended = !is_live(step_state);
        if (!str_eq(step_state, S("PENDING")) && !show_step(f, step, err)) return false;
    }
    return true;
}

static int follow(Follow *f)
{
    for (;;) {
        Arena a = {0};
        Error err = {0};
        bool more = false, good = look(f, &a, &more, &err);
        arena_free(&a);
        if (!good) return cli_fail("logs", &err);
        if (!more || !f->follow) return CLI_DONE;
        wall_sleep(LOGS_LOOK_MS);
    }
}

int cli_logs(int argc, char **argv)
{
    CliOption options[] = {
        {"follow",
         NULL,
         "go on until the cluster (or the step) has ended; -f for short",
         {0},
         false},
        {"stream", "NAME", "controller, stdout or stderr; else stdout and stderr", {0}, false},
        {"data", "DIR", "the server's data folder (needed with --auth enforce)", S(".mayfly"),
         false},
        CLI_PORT,
        {0},
    };
    static Follow f;
    CliPositionals rest;
    cli_short_follow(argc, argv);
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n < 1 || rest.n > 2)
        return cli_usage("logs", "which cluster? mayfly logs j-... [s-...]");
    Client c = client_of_environment(cli_option(options, "port"), cli_option(options, "data"));
    f = (Follow){.client = &c,
                 .cluster = rest.p[0],
                 .only_step = rest.n > 1 ? rest.p[1] : (Str){0},
                 .only_stream = cli_option(options, "stream"),
                 .follow = cli_flag(options, "follow")};
    int code = follow(&f);
    arena_free(&f.kept);
    return code;
}
