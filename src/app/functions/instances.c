/* instances.c - instances of functions: made, started after the commit, killed, and what their end means. */
#include "app/functions/inner.h"

#include "app/emr/local.h"
#include "base/encode.h"
#include "base/time.h"

/* ---- making ---- */

Str instance_box(Arena *a, const Instance *in)
{
    return str_printf(a, "%.*s/box", STR(in->dir));
}

/* 2026/11/20/[$LATEST]hex: "Log stream" of the developer guide. */
static Str stream_name(Server *s, Arena *a, Str version)
{
    unsigned char random[16];
    loop_random(s->loop, random, sizeof random);
    Str day = time_iso8601(a, s->now);
    return str_printf(a, "%.4s/%.2s/%.2s/[%.*s]%.*s", day.p, day.p + 5, day.p + 8, STR(version),
                      STR(hex_encode(a, random, sizeof random)));
}

Instance *instance_new(Server *s, const FunctionRow *f, const FunctionVersion *v)
{
    struct Functions *all = s->functions;
    Error err = {0};
    Instance *in = calloc(1, sizeof *in);
    check(in);
    *in = (Instance){.others = all->instances,
                     .id = ++all->next_id,
                     .function = f->n,
                     .number = v->number,
                     .init_ms = -1,
                     .used = s->now};
    in->revision = str_copy(&in->a, v->revision);
    in->dir = str_printf(&in->a, "lambda/run/%" PRIx64 "-%" PRId64, all->life, in->id);
    bool open = net_open_door(s->loop, &in->door, &in->port, &err);
    instance_plan(s, f, v, in->port, instance_box(&in->a, in), &in->a, &in->plan);
    in->stream = stream_name(s, &in->a, in->plan.version);
    *vec_push(&in->a, &in->plan.env) =
        str_printf(&in->a, "AWS_LAMBDA_LOG_STREAM_NAME=%.*s", STR(in->stream));
    if (!open) in->plan.missing = str_copy(&in->a, error_text(&err));
    all->instances = in;
    all->instances_n++;
    if (in->plan.missing.n)
        in->life = INSTANCE_READY;
    else
        instance_unpack(s, in);
    return in;
}

bool instance_idle(const Instance *in)
{
    return in->life == INSTANCE_AT_WORK && !in->invocation;
}

/* ---- starting ---- */

static bool start_child(Server *s, Instance *in, Error *err)
{
    Arena *a = &s->turn;
    Str data = folder_path(s->data), home = s->config.home, box = instance_box(a, in);
    Str kept[] = {box, str_printf(a, "lambda/code/%.*s", STR(in->plan.zip)), in->plan.opt};
    Str log = local_absolute(s, a, str_printf(a, "%.*s/log", STR(box)));
    bool inside = str_starts(home, data) && (home.n == data.n || home.p[data.n] == '/');
    ChildSpec spec = {
        .id = FUNCTIONS_CHILD_BIT | in->id,
        .folder = s->data,
        .dir = in->dir,
        .argv = in->plan.argv.p,
        .argv_n = in->plan.argv.n,
        .env = in->plan.env.p,
        .env_n = in->plan.env.n,
        .cwd = local_absolute(s, a, kept[1]),
        .stdout_path = log,
        .stderr_path = log,
        .memory_bytes_max = in->plan.memory_mb << 20,
        .hidden = inside ? S("") : data,
        .kept = kept,
        .kept_n = in->plan.opt.n ? 3 : 2,
        .opt = in->plan.opt.n ? local_absolute(s, a, in->plan.opt) : S(""),
    };
    return folder_make(s->data, str_printf(a, "%.*s/tmp", STR(box)), err) &&
           child_start(s->loop, &spec, err);
}

static void gone(Server *s, Instance *in);

/* After the commit. */
static void start(Server *s, void *arg)
{
    Instance *in = arg;
    Error err = {0};
    if (in->life != INSTANCE_READY) return;
    if (!in->plan.missing.n && start_child(s, in, &err)) {
        in->life = INSTANCE_INIT;
        in->started = s->now;
        return;
    }
    Str why = in->plan.missing.n ? in->plan.missing : error_text(&err);
    log_error(s, "function-not-started", "function=%.*s error=\"%.*s\"", STR(in->plan.name),
              STR(why));
    if (in->invocation) invocation_fail(s, in->invocation, "Runtime.InvalidEntrypoint", why);
    gone(s, in);
}

/* ---- ending ---- */

typedef struct Removal {
    Job job;
    Arena a;
    Folder *data;
    Str dir;
    Error error;
} Removal;

static void remove_work(Job *job)
{
    Removal *r = (Removal *)job;
    if (!folder_remove_tree(r->data, r->dir, &r->error)) check(r->error.code);
}

static void remove_done(Server *s, Job *job)
{
    Removal *r = (Removal *)job;
    if (r->error.code)
        log_error(s, "folder-left", "folder=%.*s error=\"%s\"", STR(r->dir), r->error.text);
}

static void remove_release(Job *job)
{
    Arena a = ((Removal *)job)->a;
    arena_free(&a);
}

void functions_remove_folder(Server *s, Str dir)
{
    Arena a = {0};
    Removal *r = new (&a, Removal);
    *r = (Removal){.job = {.work = remove_work, .done = remove_done, .release = remove_release},
                   .data = s->data};
    r->a = a;
    r->dir = str_copy(&r->a, dir);
    server_start_job(s, &r->job);
}

/* Nobody will read it: the process is gone, or was told to go. */
static void answer_next(Instance *in)
{
    if (!in->next) return;
    in->next->admin_reply = (HttpReply){.status = 410};
    call_answer(in->next, NULL);
    in->next = NULL;
}

static void forget(Server *s, void *arg)
{
    Instance *in = arg, **at = &s->functions->instances;
    while (*at && *at != in) at = &(*at)->others;
    if (!*at) return;
    *at = in->others;
    s->functions->instances_n--;
    if (in->door) net_close_door(in->door);
    arena_free(&in->a);
    free(in);
}

/* Outside an event: its folder may go. */
static void gone(Server *s, Instance *in)
{
    in->life = INSTANCE_ENDING;
    answer_next(in);
    functions_remove_folder(s, in->dir);
    forget(s, in);
}

static void kill_instance(Server *s, void *arg)
{
    Instance *in = arg;
    child_signal(s->loop, FUNCTIONS_CHILD_BIT | in->id, CHILD_KILL);
    answer_next(in);
    in->killed = true;
}

void instance_end(Instance *in)
{
    check(!in->invocation && in->life >= INSTANCE_INIT);
    in->life = INSTANCE_ENDING;
}

void instance_act(Server *s)
{
    for (Instance *in = s->functions->instances; in; in = in->others) {
        if (in->life == INSTANCE_READY) after_commit(s, start, in);
        if (in->life == INSTANCE_ENDING && !in->killed) after_commit(s, kill_instance, in);
    }
}

bool functions_child(int64_t child)
{
    return child > 0 && child & FUNCTIONS_CHILD_BIT;
}

/* "Runtime exited with error: exit status 1", as the service words it. */
static Str exit_text(Arena *a, const ChildExit *exit)
{
    if (exit->cause == CHILD_BY_MEMORY || exit->signal == 9)
        return S("Runtime exited with error: signal: killed");
    if (exit->signal) return str_printf(a, "Runtime exited with error: signal: %d", exit->signal);
    if (exit->code) return str_printf(a, "Runtime exited with error: exit status %d", exit->code);
    return S("Runtime exited without providing a reason");
}

static void fail_with_exit(Server *s, Instance *in, const ChildExit *exit)
{
    bool absent = in->life == INSTANCE_INIT && (exit->code == 126 || exit->code == 127);
    if (exit->memory_max_bytes > in->memory_max_bytes)
        in->memory_max_bytes = exit->memory_max_bytes;
    if (in->init_error.n)
        invocation_end(s, in->invocation, true, in->init_error);
    else if (absent)
        invocation_fail(s, in->invocation, "Runtime.InvalidEntrypoint",
                        str_printf(&s->turn, "cannot run %.*s for runtime %.*s on this machine",
                                   STR(in->plan.argv.p[0]), STR(in->plan.runtime)));
    else
        invocation_fail(s, in->invocation,
                        exit->cause == CHILD_BY_MEMORY ? "Runtime.OutOfMemory"
                                                       : "Runtime.ExitError",
                        exit_text(&s->turn, exit));
}

/* It was told of no work: another will be. */
void instance_give_back(Instance *in)
{
    in->invocation->instance = NULL;
    in->invocation = NULL;
}

static void child_gone(Server *s, void *arg)
{
    gone(s, arg);
}

void functions_child_ended(Server *s, int64_t child, const ChildExit *exit)
{
    Instance *in = s->functions->instances;
    while (in && in->id != (child & ~FUNCTIONS_CHILD_BIT)) in = in->others;
    if (!in) return;
    if (in->invocation && in->life == INSTANCE_AT_WORK && !in->invocation->delivered)
        instance_give_back(in);
    else if (in->invocation)
        fail_with_exit(s, in, exit);
    in->life = INSTANCE_ENDING;
    in->killed = true;
    log_info(s, "function-instance-ended", "function=%.*s code=%d signal=%d memory_bytes=%" PRId64,
             STR(in->plan.name), exit->code, exit->signal, exit->memory_max_bytes);
    after_commit(s, child_gone, in);
}
