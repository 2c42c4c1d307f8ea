/* local_end.c - what becomes of processes of clusters: their ends, explained by what they left, told to the cluster. */
#include "app/emr/local.h"
#include "core/cluster/failure.h"
#include "store/outbox.h"

/* ---- the answer ---- */

typedef struct Answered {
    int64_t cluster;
    ClusterToken token;
    const LocalPlan *plan;
} Answered;

static void after_answer(Server *s, void *arg)
{
    const Answered *done = arg;
    if (done->token.kind == CLUSTER_COMMAND_RUN_BOOTSTRAP)
        local_log_end(s, done->cluster, done->token, done->plan);
    local_process_gone(s, done->cluster, done->token.attempt);
}

void local_answer(Server *s, int64_t cluster, ClusterToken token, const LocalPlan *p,
                  ClusterResult result)
{
    bool step = token.kind == CLUSTER_COMMAND_START_STEP;
    ClusterEvent e = {.kind = step ? CLUSTER_EVENT_STEP_ENDED : CLUSTER_EVENT_BOOTSTRAP_ENDED,
                      .token = token,
                      .result = result};
    if (!step) e.path = p->step.args[0];
    clusters_answered(s, cluster, &e);
    Answered *done = new (&s->turn, Answered);
    *done = (Answered){cluster, token, p};
    after_commit(s, after_answer, done);
}

/* ---- the end ---- */

typedef struct Ending {
    Job job;
    Arena a;
    Folder *data;
    int64_t cluster;
    ClusterToken token;
    LocalPlan plan;
    Str controller;
    ClusterResult result;
} Ending;

static const char *const causes[] = {
    [CHILD_BY_ITSELF] = "itself",       [CHILD_BY_KILL] = "kill",
    [CHILD_BY_DEADLINE] = "deadline",   [CHILD_BY_MEMORY] = "memory",
    [CHILD_BY_ORPHANING] = "orphaning",
};

static const char *cause_name(ChildCause cause)
{
    return (int)cause >= 0 && (int)cause < countof(causes) ? causes[cause] : "?";
}

static ClusterResult orphaned(int signal)
{
    Str why = S("No server came back for longer than 20 seconds, so the processes were ended. "
                "Nothing was run again.");
    _Static_assert(LOCAL_ORPHAN_GRACE_MS == 20 * 1000, "said above");
    return (ClusterResult){.kind = CLUSTER_RESULT_SIGNALLED, .code = signal, .message = why};
}

static ClusterResult result_of(const ChildExit *exit)
{
    if (exit->cause == CHILD_BY_ORPHANING) return orphaned(exit->signal);
    if (exit->lost) return (ClusterResult){.kind = CLUSTER_RESULT_LOST};
    if (exit->signal)
        return (ClusterResult){.kind = CLUSTER_RESULT_SIGNALLED, .code = exit->signal};
    return (ClusterResult){.kind = CLUSTER_RESULT_EXITED, .code = exit->code};
}

static Str read_tail(Folder *data, Arena *a, Str path)
{
    int fd;
    Error err = {0};
    int64_t size = 0, got = 0;
    if (!file_open(data, path, FILE_READ, &fd, &err)) return (Str){0};
    char *tail = new_array(a, char, LOCAL_TAIL_BYTES);
    bool good = file_size(fd, &size, &err);
    int64_t from = size > LOCAL_TAIL_BYTES ? size - LOCAL_TAIL_BYTES : 0;
    good = good && file_read(fd, from, tail, LOCAL_TAIL_BYTES, &got, &err);
    file_close(fd);
    return good ? (Str){tail, got} : (Str){0};
}

/* Fills FailureDetails' Reason and Message. */
static void explain(Folder *data, Arena *a, Str out, ClusterResult *r)
{
    if (r->kind != CLUSTER_RESULT_EXITED || r->code == 0) return;
    Str err_tail = read_tail(data, a, str_printf(a, "%.*s/stderr", STR(out)));
    Str out_tail = read_tail(data, a, str_printf(a, "%.*s/stdout", STR(out)));
    failure_explain(err_tail, out_tail, a, &r->reason, &r->message);
}

static void ending_work(Job *job)
{
    Ending *e = (Ending *)job;
    explain(e->data, &e->a, e->plan.out, &e->result);
    local_log_append(e->data, &e->a, e->plan.log, "controller", e->controller);
}

static void ending_done(Server *s, Job *job)
{
    Ending *e = (Ending *)job;
    local_answer(s, e->cluster, e->token, &e->plan, e->result);
}

static void ending_release(Job *job)
{
    Arena a = ((Ending *)job)->a;
    arena_free(&a);
}

/* A process that has ended, on its way to the job that looks at what it left. */
typedef struct Ended {
    int64_t cluster, attempt;
    ChildExit exit;
} Ended;

static void log_ended(Server *s, const ClusterRow *row, Str what, const ChildExit *exit)
{
    log_info(s, "process-ended",
             "cluster=%.*s what=\"%.*s\" code=%d signal=%d by=%s lost=%d cpu_ms=%" PRId64
             " memory_bytes=%" PRId64,
             STR(row->spec.id), STR(what), exit->code, exit->signal, cause_name(exit->cause),
             exit->lost, exit->cpu_ms, exit->memory_max_bytes);
}

static void begin_ending(Server *s, void *arg)
{
    const Ended *ended = arg;
    const ChildExit *exit = &ended->exit;
    ClusterCommand command;
    ClusterRow row;
    Arena a = {0};
    bool known = outbox_find(s->db, ended->cluster, ended->attempt, &command);
    check(known || db_failed(s->db));
    if (!known || !clusters_row(s, ended->cluster, &row)) return;
    Ending *e = new (&a, Ending);
    *e = (Ending){.job = {.work = ending_work, .done = ending_done, .release = ending_release},
                  .data = s->data,
                  .cluster = ended->cluster,
                  .token = command.token,
                  .result = result_of(exit)};
    e->a = a;
    if (!local_plan(s, &row, command.token, &e->a, &e->plan)) {
        ending_release(&e->job);
        return;
    }
    int code = exit->signal ? 128 + exit->signal : exit->code;
    e->controller = command_log_ended(&e->a, &e->plan.plan, code,
                                      (exit->ended_at - exit->started_at) / 1000, s->now);
    log_ended(s, &row, e->plan.what, exit);
    server_start_job(s, &e->job);
}

static void forget(Server *s, void *arg)
{
    const Ended *ended = arg;
    local_process_gone(s, ended->cluster, ended->attempt);
}

/* Nothing is done before the commit: while a full disk undoes turn after turn the event comes
 * again, and each time would begin another job. */
void local_ended(Server *s, int64_t cluster, int64_t attempt, const ChildExit *exit)
{
    ClusterCommand command;
    bool known = outbox_find(s->db, cluster, attempt, &command);
    if (db_failed(s->db)) return;
    Ended *ended = new (&s->turn, Ended);
    *ended = (Ended){cluster, attempt, *exit};
    after_commit(s, known ? begin_ending : forget, ended);
}

/* ---- after a restart ---- */

ClusterFound local_observe(Server *s, const ClusterRow *row, ClusterToken token, Arena *a)
{
    ChildExit exit = {0};
    LocalPlan plan;
    ClusterFound found = {.kind = token.kind, .number = token.number};
    Str dir = local_run_dir(a, row->spec.id, token.attempt);
    if (!local_plan(s, row, token, a, &plan)) return found; /* recovery will not go on */
    switch (child_find(s->loop, s->data, dir, engine_child(row->n, token.attempt), &exit)) {
    case CHILD_NEVER_STARTED: found.finding = CLUSTER_FOUND_NEVER_STARTED; break;
    case CHILD_RUNNING:
        found.finding = CLUSTER_FOUND_RUNNING;
        local_process_add(s, row->n, token.attempt);
        local_log_follow(s, row, token, &plan);
        break;
    case CHILD_ENDED:
        found.result = result_of(&exit);
        found.finding = exit.lost ? CLUSTER_FOUND_LOST : CLUSTER_FOUND_ENDED;
        explain(s->data, a, plan.out, &found.result);
        break;
    }
    return found;
}
