/* golden_test.c - runs the cases of test/golden/cluster: a spec and events in, a readable trace of decisions out. */
#include "test.h"
#include "unit/core/cluster/world.h"
#include <glob.h>

/* A line of a case is
 *     spec WORD...            keep-alive protected concurrency=N bootstrap=N idle=S limit=S grace=S
 * deadline=S max=N log=URI > [+SECONDS] EVENT ...  as read_event takes it anything else kept as it
 * is (a remark begins with #) and what starts with four blanks is the trace of the event above it,
 * compared, or rewritten when BLESS is set. */
typedef struct Words {
    Str rest;
} Words;

static bool next_word(Words *w, Str *out)
{
    while (str_cut(&w->rest, ' ', out))
        if (out->n) return true;
    return false;
}

/* "key=value" into both; a word without = has an absent value. */
static Str value_of(Str word, Str *key)
{
    int64_t at = str_find_char(word, '=');
    *key = at < 0 ? word : str_slice(word, 0, at);
    return at < 0 ? (Str){0} : str_slice(word, at + 1, word.n);
}

static int64_t number(Str s)
{
    int64_t n = 0;
    if (!str_to_int(s, &n)) test_fail(__FILE__, __LINE__, "not a number: %.*s", STR(s));
    return n;
}

static void read_spec(World *w, Words words)
{
    Str word, key;
    while (next_word(&words, &word)) {
        Str v = value_of(word, &key);
        if (str_eq(key, S("keep-alive")))
            w->spec.keep_alive = true;
        else if (str_eq(key, S("protected")))
            w->spec.is_protected = true;
        else if (str_eq(key, S("concurrency")))
            w->spec.concurrency = (int)number(v);
        else if (str_eq(key, S("bootstrap")))
            w->spec.bootstrap_n = (int)number(v);
        else if (str_eq(key, S("idle")))
            w->spec.idle_timeout_ms = number(v) * 1000;
        else if (str_eq(key, S("limit")))
            w->spec.step_timeout_ms = number(v) * 1000;
        else if (str_eq(key, S("grace")))
            w->spec.kill_grace_ms = number(v) * 1000;
        else if (str_eq(key, S("deadline")))
            w->spec.deadline = number(v) * 1000;
        else if (str_eq(key, S("max")))
            w->spec.steps_active_max = number(v);
        else if (str_eq(key, S("log")))
            w->spec.log_uri = v;
        else
            test_fail(__FILE__, __LINE__, "spec: unknown word %.*s", STR(word));
    }
}

static bool read_result(Str key, Str v, ClusterResult *out)
{
    if (str_eq(key, S("exit")))
        *out = (ClusterResult){CLUSTER_RESULT_EXITED, (int)number(v), {0}, {0}};
    else if (str_eq(key, S("signal")))
        *out = (ClusterResult){CLUSTER_RESULT_SIGNALLED, (int)number(v), {0}, {0}};
    else if (str_eq(key, S("not-started")))
        *out = (ClusterResult){CLUSTER_RESULT_NOT_STARTED, 0, {0}, v};
    else if (str_eq(key, S("lost")))
        *out = (ClusterResult){CLUSTER_RESULT_LOST, 0, {0}, {0}};
    else
        return false;
    return true;
}

/* KIND:NUMBER:FINDING, where a finding that is a result means "found ended" */
static void read_found(Str word, ClusterFound *out)
{
    Str kind = {0}, n = {0}, rest = word, key;
    if (!str_cut(&rest, ':', &kind) || !str_cut(&rest, ':', &n))
        test_fail(__FILE__, __LINE__, "found? %.*s", STR(word));
    *out = (ClusterFound){.kind = str_eq(kind, S("engine"))      ? CLUSTER_COMMAND_PROVISION
                                  : str_eq(kind, S("bootstrap")) ? CLUSTER_COMMAND_RUN_BOOTSTRAP
                                                                 : CLUSTER_COMMAND_START_STEP,
                          .number = number(n)};
    Str v = value_of(rest, &key);
    if (str_eq(rest, S("running")))
        out->finding = CLUSTER_FOUND_RUNNING;
    else if (str_eq(rest, S("never-started")))
        out->finding = CLUSTER_FOUND_NEVER_STARTED;
    else if (str_eq(rest, S("lost")))
        out->finding = CLUSTER_FOUND_LOST;
    else if (read_result(key, v, &out->result))
        out->finding = CLUSTER_FOUND_ENDED;
    else
        test_fail(__FILE__, __LINE__, "found? %.*s", STR(word));
}

static bool read_modify(Str key, Str v, ClusterModify *m)
{
    if (str_eq(key, S("concurrency")))
        m->concurrency = (int)number(v);
    else if (str_eq(key, S("protect")))
        m->is_protected = str_eq(v, S("yes"));
    else if (str_eq(key, S("keep-alive")))
        m->keep_alive = str_eq(v, S("yes"));
    else if (str_eq(key, S("idle")))
        m->idle_timeout_ms = number(v) * 1000;
    else
        return false;
    return true;
}

/* "1000xCONTINUE" or "CONTINUE" */
static bool read_submission(World *w, Str word, ClusterEvent *e)
{
    int64_t x = str_find_char(word, 'x'), n = 1;
    StepAction action;
    if (x > 0) n = number(str_slice(word, 0, x));
    if (!states_action_from(str_slice(word, x + 1, word.n), &action)) return false;
    world_submit(w, e, action, n);
    return true;
}

static void name_step(World *w, int64_t n, ClusterEvent *e)
{
    ClusterStep *steps = new_array(w->a, ClusterStep, e->steps_n + 1);
    if (e->steps_n) memcpy(steps, e->steps, (size_t)e->steps_n * sizeof *steps);
    steps[e->steps_n++] =
        n > 0 && n <= w->steps_n ? w->steps[n - 1] : (ClusterStep){.id = S("s-NONE")};
    e->steps = steps;
}

static bool read_cause(Str word, ClusterCause *out)
{
    if (str_eq(word, S("user")))
        *out = CAUSE_USER;
    else if (str_eq(word, S("deadline")))
        *out = CAUSE_DEADLINE;
    else if (str_eq(word, S("owner-gone")))
        *out = CAUSE_OWNER_GONE;
    else
        return false;
    return true;
}

typedef struct Found {
    ClusterFound *p;
    int64_t n, cap;
} Found;

/* A word of an event; what it means depends on its form, not on its place. */
static void read_word(World *w, Str word, ClusterEvent *e, int64_t *subject, Found *found)
{
    Str key, v = value_of(word, &key);
    int64_t n;
    ClusterTimer timer;
    if (str_eq(key, S("token")))
        e->token.attempt = number(v);
    else if (str_eq(key, S("text")))
        e->text = v;
    else if (str_eq(key, S("path")))
        e->path = v;
    else if (str_eq(key, S("reason")))
        e->result.reason = v;
    else if (str_eq(key, S("message")))
        e->result.message = v;
    else if (str_eq(word, S("kill")))
        e->kill = true;
    else if (str_eq(word, S("invalid")))
        e->invalid = true;
    else if (str_find_char(word, ':') > 0)
        read_found(word, vec_push(w->a, found));
    else if (e->kind == CLUSTER_EVENT_MODIFY && read_modify(key, v, &e->modify))
        return;
    else if (e->kind == CLUSTER_EVENT_TIMER_DUE &&
             cluster_timer_from(str_upper(w->a, word), &timer))
        e->timer = timer;
    else if (read_result(key, v, &e->result) || read_submission(w, word, e) ||
             read_cause(word, &e->cause))
        return;
    else if (!str_to_int(word, &n))
        test_fail(__FILE__, __LINE__, "event: unknown word %.*s", STR(word));
    else if (e->kind == CLUSTER_EVENT_CANCEL_STEPS)
        name_step(w, n, e);
    else
        *subject = n;
}

static bool event_from(Str name, ClusterEventKind *out)
{
#define X(code, text) [code] = text,
    static const char *const names[] = {CLUSTER_EVENT_TABLE(X)};
#undef X
    for (int i = 0; i < countof(names); i++) {
        if (!str_eq(name, str_from(names[i]))) continue;
        *out = (ClusterEventKind)i;
        return true;
    }
    return false;
}

static ClusterEvent read_event(World *w, Words words)
{
    ClusterEvent e = {.modify = {CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP}};
    Found found = {0};
    Str word;
    int64_t subject = 0;
    if (next_word(&words, &word) && word.p[0] == '+') {
        w->now += number(str_slice(word, 1, word.n)) * 1000;
        if (!next_word(&words, &word)) word = S("");
    }
    if (!event_from(word, &e.kind)) test_fail(__FILE__, __LINE__, "unknown event %.*s", STR(word));
    while (next_word(&words, &word)) read_word(w, word, &e, &subject, &found);
    int64_t given = e.token.attempt;
    e.token = world_token(w, e.kind, e.timer, subject);
    if (given) e.token.attempt = given;
    e.now = w->now;
    e.found = found.p;
    e.found_n = found.n;
    return e;
}

static Str life_name(const ClusterChange *c, int life)
{
    Str name = c->step ? states_step_name((StepLife)life) : states_cluster_name((ClusterLife)life);
    return name.n ? name : S("-");
}

static void trace_change(Buf *out, const ClusterChange *c)
{
    if (c->step)
        buf_printf(out, "    step %" PRId64, c->step);
    else
        buf_printf(out, "    cluster");
    buf_printf(out, " %.*s -> %.*s", STR(life_name(c, c->from)), STR(life_name(c, c->to)));
    if (c->reason) buf_printf(out, " [%.*s]", STR(states_reason_name(c->reason)));
    if (c->message.n) buf_printf(out, " \"%.*s\"", STR(c->message));
    if (c->failure_reason.n)
        buf_printf(out, "\n        %.*s | %.*s", STR(c->failure_reason), STR(c->failure_message));
    if (c->failure_log.n) buf_printf(out, " | %.*s", STR(c->failure_log));
    buf_putc(out, '\n');
}

static void trace_command(Buf *out, const ClusterCommand *c)
{
    buf_printf(out, "    do #%" PRId64 " %.*s", c->token.attempt,
               STR(cluster_command_name(c->token.kind)));
    if (c->timer) buf_printf(out, " %.*s", STR(cluster_timer_name(c->timer)));
    if (c->token.number) buf_printf(out, " %" PRId64, c->token.number);
    if (c->token.kind == CLUSTER_COMMAND_SIGNAL_STEP)
        buf_printf(out, " %s", c->signal == CLUSTER_SIGNAL_KILL ? "KILL" : "TERM");
    if (c->target) buf_printf(out, " of #%" PRId64, c->target);
    if (c->at) buf_printf(out, " at %" PRId64 " s", c->at / 1000);
    buf_putc(out, '\n');
}

static void trace(Buf *out, const ClusterUpdate *u)
{
    if (u->ignored) buf_put(out, S("    ignored\n"));
    if (u->refused.n) buf_printf(out, "    refused: %.*s\n", STR(u->refused));
    for (int64_t i = 0; i < u->changes.n; i++) trace_change(out, &u->changes.p[i]);
    if (u->cancel_pending)
        buf_printf(out, "    all PENDING -> CANCELLED \"%.*s\"\n", STR(u->cancel_pending_message));
    for (int64_t i = 0; i < u->answers.n; i++)
        buf_printf(out, "    answer %.*s %s%s%.*s\n", STR(u->answers.p[i].id),
                   u->answers.p[i].submitted ? "SUBMITTED" : "FAILED",
                   u->answers.p[i].reason.n ? ": " : "", STR(u->answers.p[i].reason));
    if (u->error.code.n) buf_printf(out, "    error %.*s", STR(u->error.code));
    for (int i = 0; i < u->error.data_n; i++)
        buf_printf(out, " %.*s=%.*s", STR(u->error.data[i].key), STR(u->error.data[i].value));
    if (u->error.code.n) buf_putc(out, '\n');
    for (int64_t i = 0; i < u->commands.n; i++) trace_command(out, &u->commands.p[i]);
}

static Str run_case(Str text)
{
    Arena *a = test_arena();
    World w = {.a = a, .spec = {.id = S("j-1"), .instance = S("i-0"), .concurrency = 1}};
    Buf out = {.a = a};
    Str line;
    if (str_ends(text, S("\n"))) text.n--;
    while (str_cut(&text, '\n', &line)) {
        if (str_starts(line, S("    "))) continue;
        buf_printf(&out, "%.*s\n", STR(line));
        if (str_starts(line, S("spec "))) read_spec(&w, (Words){str_slice(line, 5, line.n)});
        if (!str_starts(line, S("> "))) continue;
        ClusterEvent e = read_event(&w, (Words){str_slice(line, 2, line.n)});
        ClusterUpdate u;
        world_apply(&w, &e, &u);
        trace(&out, &u);
    }
    return buf_str(&out);
}

static void run_file(const char *path)
{
    Str want = test_file(test_arena(), path);
    test_golden(path, want, run_case(want));
}

TEST(golden_cluster)
{
    const char *root = getenv("GOLDEN");
    glob_t found;
    if (!root) {
        test_skip("GOLDEN names test/golden");
        return;
    }
    check(glob(str_z(test_arena(), str_printf(test_arena(), "%s/cluster/*.txt", root)), 0, NULL,
               &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++) run_file(found.gl_pathv[i]);
    ok(found.gl_pathc >= 10);
    globfree(&found);
}
