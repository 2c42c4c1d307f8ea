/* golden_test.c - runs the cases of test/golden/asl: a machine and events in, a readable trace of history and commands out. */
#include "asl_world.h"
#include "test.h"
#include <glob.h>

/* A case is a file:
 *
 *     machine                  the definition, in the lines below it up to an empty line
 *     > start INPUT
 *     > started N [WORKER]
 *     > submitted N OUTPUT
 *     > succeeded N OUTPUT
 *     > failed N ERROR CAUSE
 *     > heartbeat N
 *     > map-run-started N
 *     > map-run-succeeded N OUTPUT
 *     > map-run-failed N ERROR CAUSE
 *     > wait SECONDS           time passes
 *     > fire                   the earliest timer, at its time
 *     > stop ERROR CAUSE
 *     > redrive
 *
 * N is a frame, with the attempt it has now, or the one behind an @. Anything else is kept as it is
 * (a remark begins with #); what starts with four blanks is the trace of the event above it:
 * compared, or rewritten when BLESS is set. */
typedef struct Golden {
    Arena *a;
    AslWorld w;
    bool open;
    Buf out;
} Golden;

static Str cut_word(Str *rest)
{
    Str word = {0};
    if (!str_cut(rest, ' ', &word)) return S("");
    return word;
}

static AslToken token_of(Golden *g, Str word)
{
    AslToken t = {0};
    Str frame = {0};
    int64_t at = str_find_char(word, '@');
    frame = at < 0 ? word : str_slice(word, 0, at);
    check(str_to_int(frame, &t.frame));
    if (at >= 0) return check(str_to_int(str_slice(word, at + 1, word.n), &t.attempt)), t;
    for (int64_t i = 0; i < g->w.rows.n; i++)
        if (g->w.rows.p[i].id == t.frame) t.attempt = g->w.rows.p[i].attempt;
    return t;
}

static const struct {
    const char *word;
    AslEventKind kind;
} words[] = {
    {"started", ASL_TASK_STARTED},
    {"submitted", ASL_TASK_SUBMITTED},
    {"succeeded", ASL_TASK_SUCCEEDED},
    {"failed", ASL_TASK_FAILED},
    {"heartbeat", ASL_TASK_HEARTBEAT},
    {"map-run-started", ASL_MAP_RUN_STARTED},
    {"map-run-succeeded", ASL_MAP_RUN_SUCCEEDED},
    {"map-run-failed", ASL_MAP_RUN_FAILED},
    {"stop", ASL_STOP},
    {"redrive", ASL_REDRIVE},
};

static bool frame_event(Golden *g, Str word, Str rest)
{
    for (int i = 0; i < countof(words); i++) {
        if (!str_eq(word, str_from(words[i].word))) continue;
        AslEvent e = {.kind = words[i].kind, .arn = S("run-arn")};
        if (e.kind != ASL_STOP && e.kind != ASL_REDRIVE) e.token = token_of(g, cut_word(&rest));
        bool error =
            e.kind == ASL_TASK_FAILED || e.kind == ASL_MAP_RUN_FAILED || e.kind == ASL_STOP;
        if (error)
            e.error = cut_word(&rest), e.cause = rest.n ? rest : (Str){0};
        else
            e.output = e.worker = rest;
        if (!asl_world_event(&g->w, e)) buf_put(&g->out, S("    ignored\n"));
        asl_world_settle(&g->w);
        return true;
    }
    return false;
}

static void apply(Golden *g, Str line)
{
    Str rest = str_slice(line, 2, line.n), word = cut_word(&rest);
    int64_t seconds;
    if (str_eq(word, S("start")))
        asl_world_start(&g->w, rest);
    else if (str_eq(word, S("wait")) && str_to_int(rest, &seconds))
        g->w.now += seconds * 1000;
    else if (str_eq(word, S("fire"))) {
        if (!asl_world_fire(&g->w)) buf_put(&g->out, S("    no timer\n"));
    } else if (!frame_event(g, word, rest)) {
        test_fail(__FILE__, __LINE__, "no such event: %.*s", STR(line));
    }
}

/* Details without the parts that only say "not truncated" and the state machine's own names. */
static Json short_details(Arena *a, const Json *details)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(details); i++)
        if (!str_ends(details->members[i].key, S("Details")) &&
            !str_eq(details->members[i].key, S("roleArn")) &&
            !str_eq(details->members[i].key, S("region")))
            json_put(&o, details->members[i].key, details->members[i].value);
    Json v = json_object(&o);
    v.type = JSON_OBJECT;
    return v;
}

static void trace_history(Golden *g, int64_t from)
{
    for (int64_t i = from; i < g->w.history.n; i++) {
        const AslHistory *h = &g->w.history.p[i];
        buf_printf(&g->out, "    %" PRId64 "<-%" PRId64 " %.*s", h->id, h->previous,
                   STR(asl_history_name(h->type)));
        Json details = short_details(g->a, &h->details);
        if (details.n) buf_printf(&g->out, " %.*s", STR(json_to_str(g->a, &details)));
        buf_putc(&g->out, '\n');
    }
}

static void trace_commands(Golden *g)
{
    static const char *const kinds[] = {"task", "timer", "map-run", "cancel", "continue"};
    static const char *const timers[] = {"wait", "retry", "task", "heartbeat", "execution"};
    for (int64_t i = 0; i < g->w.commands.n; i++) {
        const AslCommand *c = &g->w.commands.p[i];
        buf_printf(&g->out, "    %s %" PRId64 "@%" PRId64, kinds[c->kind], c->token.frame,
                   c->token.attempt);
        if (c->kind == ASL_COMMAND_TIMER)
            buf_printf(&g->out, " %s at %" PRId64 " ms", timers[c->timer],
                       c->due - g->w.exec.id.started);
        if (c->kind == ASL_COMMAND_TASK) buf_printf(&g->out, " %.*s", STR(c->resource));
        if (c->map_run_arn.n) buf_printf(&g->out, " redrive of %.*s", STR(c->map_run_arn));
        if (c->parameters.n) buf_printf(&g->out, " %.*s", STR(c->parameters));
        buf_putc(&g->out, '\n');
    }
}

static void trace_status(Golden *g)
{
    static const char *const names[] = {"running", "succeeded", "failed", "timed out", "aborted"};
    const AslExecution *x = &g->w.exec;
    buf_printf(&g->out, "    = %s", names[x->status]);
    if (x->output.n) buf_printf(&g->out, " %.*s", STR(x->output));
    if (x->error.n) buf_printf(&g->out, " %.*s: %.*s", STR(x->error), STR(x->cause));
    buf_putc(&g->out, '\n');
}

static void run_event(Golden *g, Str line)
{
    int64_t from = g->w.history.n;
    if (!g->open) return;
    apply(g, line);
    trace_history(g, from);
    trace_commands(g);
    trace_status(g);
}

static void open_machine(Golden *g, Str *rest)
{
    Buf text = {.a = g->a};
    Str line, why;
    while (str_cut(rest, '\n', &line) && line.n && !str_starts(line, S("    "))) {
        buf_printf(&text, "%.*s\n", STR(line));
        buf_printf(&g->out, "%.*s\n", STR(line));
    }
    g->open = asl_world_open(&g->w, g->a, buf_str(&text), &why);
    if (!g->open) buf_printf(&g->out, "    refused: %.*s\n", STR(why));
    buf_putc(&g->out, '\n');
}

static void run_file(const char *path)
{
    Golden g = {.a = test_arena(), .out = {.a = test_arena()}};
    Str before = test_file(g.a, path), rest = str_trim(before), line;
    while (str_cut(&rest, '\n', &line)) {
        if (str_starts(line, S("    "))) continue;
        buf_printf(&g.out, "%.*s\n", STR(line));
        if (str_eq(line, S("machine")))
            open_machine(&g, &rest);
        else if (str_starts(line, S("> ")))
            run_event(&g, line);
    }
    test_golden(path, before, buf_str(&g.out));
}

TEST(golden_asl)
{
    const char *folder = getenv("GOLDEN");
    if (!folder) {
        test_skip("GOLDEN names no folder");
        return;
    }
    glob_t found = {0};
    char pattern[1024];
    snprintf(pattern, sizeof pattern, "%s/asl/*.txt", folder);
    ok(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0);
    for (size_t i = 0; i < found.gl_pathc; i++) run_file(found.gl_pathv[i]);
    globfree(&found);
}
