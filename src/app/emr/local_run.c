/* local_run.c - processes of clusters: prepared on a pool thread, started, signalled. */
#include "app/emr/local.h"

#include "app/access/authorize.h"
#include "base/time.h"
#include "store/objects.h"
#include "store/outbox.h"

typedef struct Fetch {
    Str path; /* below the data folder */
    int64_t size;
    ObjectBytes bytes;
    bool executable;
} Fetch;

/* Two jobs, one after the other: the first prepares, and its event finds out whether the process is
 * still wanted; it starts after that event's commit; the second's event records the start. */
typedef struct Launch Launch;
typedef struct Begun {
    Job job;
    Launch *launch;
} Begun;

struct Launch {
    Job job;
    Arena a;
    Folder *data;
    int64_t cluster;
    ClusterToken token;
    LocalPlan plan;
    Str base, dir, controller; /* base: work/<cluster> */
    Millis now;
    struct {
        Fetch *p;
        int64_t n, cap;
    } fetch;
    bool starting; /* `begun` frees it */
    Begun begun;
};

static bool parse_uri(Str uri, Str *bucket, Str *key)
{
    Str rest = str_slice(uri, str_find(uri, S("://")) + 3, uri.n);
    return str_cut(&rest, '/', bucket) && (*key = rest).n > 0;
}

static bool find_object(Server *s, const Identity *who, Str uri, Launch *l, Fetch *f, Error *err)
{
    Str bucket, key;
    Object object;
    Error why = {0};
    if (!parse_uri(uri, &bucket, &key))
        return error_set(err, ERR_VALIDATION, "%.*s is no place of an object in S3", STR(uri));
    Str arn = str_printf(&l->a, "arn:aws:s3:::%.*s/%.*s", STR(bucket), STR(key));
    if (!authorize_act(s, &l->a, who, S("s3:GetObject"), arn, &why))
        return error_set(err, ERR_VALIDATION, "Cannot fetch %.*s: AccessDenied: %s", STR(uri),
                         why.text);
    if (!object_find(s->objects, bucket, key, (Str){0}, &l->a, &object, &why) ||
        !object_bytes(s->objects, &object, &l->a, &f->bytes, &why))
        return error_set(err, ERR_VALIDATION, "Cannot fetch %.*s: %s", STR(uri), why.text);
    f->size = object.size;
    return true;
}

static Str relative(Server *s, Str path)
{
    Str root = folder_path(s->data);
    check(str_starts(path, root));
    return str_slice(path, root.n + 1, path.n);
}

/* The plan's error is found here or earlier; both make the step fail before it starts. */
static void look_up_files(Server *s, const ClusterRow *row, Launch *l)
{
    Identity who = clusters_identity(s, row, &l->a);
    const CommandPlan *plan = &l->plan.plan;
    for (int64_t i = 0; i < plan->fetch.n && !l->plan.error.code; i++) {
        Fetch f = {.path = relative(s, plan->fetch.p[i].path),
                   .executable = plan->fetch.p[i].executable,
                   .bytes = {.fd = -1}};
        if (find_object(s, &who, plan->fetch.p[i].uri, l, &f, &l->plan.error))
            *vec_push(&l->a, &l->fetch) = f;
        else
            l->plan.reason = S("Unknown Error.");
    }
}

static bool fetch_one(Launch *l, Fetch *f, Error *err)
{
    int fd;
    if (!file_open(l->data, f->path, FILE_REPLACE, &fd, err)) return false;
    bool good = object_bytes_copy(&f->bytes, 0, f->size, fd, err);
    file_close(fd);
    return good && (!f->executable || file_make_executable(l->data, f->path, err));
}

static bool prepare(Launch *l, Error *err)
{
    if (!local_make_folders(l->data, &l->a, l->base, err) ||
        !folder_make(l->data, l->plan.work, err) || !folder_make(l->data, l->plan.log, err) ||
        !folder_make(l->data, l->plan.out, err))
        return false;
    for (int64_t i = 0; i < l->fetch.n; i++)
        if (!fetch_one(l, &l->fetch.p[i], err)) return false;
    return true;
}

/* What keeps a step from starting is also in its own logs, where people look. */
static void explain_in_log(Launch *l)
{
    if (l->plan.error.code)
        local_log_append(l->data, &l->a, l->plan.log, "stderr",
                         str_printf(&l->a, "%s\n", l->plan.error.text));
}

static void launch_work(Job *job)
{
    Launch *l = (Launch *)job;
    Error err = {0};
    if (!prepare(l, &err) && !l->plan.error.code) l->plan.error = err;
    local_log_append(l->data, &l->a, l->plan.log, "controller", l->controller);
    explain_in_log(l);
    if (l->plan.plan.driver_in_container)
        local_log_append(
            l->data, &l->a, l->plan.log, "stderr",
            str_printf(&l->a,
                       "%.*s INFO Client: the driver runs as a container; its output is in %.*s/\n",
                       STR(time_iso8601(&l->a, l->now)),
                       STR(str_slice(l->plan.out, str_find(l->plan.out, S("containers/")),
                                     l->plan.out.n))));
}

/* The data folder, with everybody's secrets; unless what steps are run by lies in it too. */
static Str hidden_folder(const Server *s)
{
    Str data = folder_path(s->data), home = s->config.home;
    bool inside = str_starts(home, data) && (home.n == data.n || home.p[data.n] == '/');
    return inside ? S("") : data;
}

static Str below_folder(Arena *a, const char *folder, Str path)
{
    Str rest = str_slice(path, str_from(folder).n + 1, path.n), cluster;
    check(str_cut(&rest, '/', &cluster));
    return str_printf(a, "%s/%.*s", folder, STR(cluster));
}

static bool start_child(Server *s, Launch *l, Error *err)
{
    Arena *a = &l->a;
    Str kept[] = {below_folder(a, "work", l->plan.work), below_folder(a, "logs", l->plan.log)};
    ChildSpec spec = {
        .id = engine_child(l->cluster, l->token.attempt),
        .folder = s->data,
        .dir = l->dir,
        .argv = l->plan.plan.argv.p,
        .argv_n = l->plan.plan.argv.n,
        .env = l->plan.env.p,
        .env_n = l->plan.env.n,
        .cwd = local_absolute(s, a, l->plan.work),
        .stdout_path = local_absolute(s, a, str_printf(a, "%.*s/stdout", STR(l->plan.out))),
        .stderr_path = local_absolute(s, a, str_printf(a, "%.*s/stderr", STR(l->plan.out))),
        .orphan_grace_ms = LOCAL_ORPHAN_GRACE_MS,
        .hidden = hidden_folder(s),
        .kept = kept,
        .kept_n = countof(kept),
    };
    return child_start(s->loop, &spec, err);
}

static void answer_not_started(Server *s, Launch *l, const ClusterRow *row)
{
    ClusterResult result = {.kind = CLUSTER_RESULT_NOT_STARTED,
                            .reason = l->plan.reason,
                            .message = str_copy(&s->turn, error_text(&l->plan.error))};
    log_recorded(s, "not-started", "cluster=%.*s what=\"%.*s\" reason=\"%s\"", STR(row->spec.id),
                 STR(l->plan.what), l->plan.error.text);
    local_answer(s, l->cluster, l->token, &l->plan, result);
}

/* Between the order and now the step may have been cancelled, or the cluster be on its way out:
 * then nothing starts. */
static bool wanted(Server *s, const ClusterRow *row, ClusterToken token)
{
    ClusterCommand command;
    return outbox_find(s->db, row->n, token.attempt, &command) && !row->state.destroying &&
           !outbox_signalled(s->db, row->n, token.attempt);
}

static void free_launch(Launch *l)
{
    Arena a = l->a;
    arena_free(&a);
}

static void begun_work(Job *job)
{
    explain_in_log(((Begun *)job)->launch);
}

static void begun_done(Server *s, Job *job)
{
    Launch *l = ((Begun *)job)->launch;
    ClusterRow row;
    if (!clusters_row(s, l->cluster, &row)) return;
    if (l->plan.error.code)
        answer_not_started(s, l, &row);
    else if (l->token.kind == CLUSTER_COMMAND_START_STEP)
        clusters_answered(s, l->cluster,
                          &(ClusterEvent){.kind = CLUSTER_EVENT_STEP_STARTED, .token = l->token});
}

static void begun_release(Job *job)
{
    free_launch(((Begun *)job)->launch);
}

/* After the commit of the event that found it ready; its order is in the outbox. */
static void begin(Server *s, void *arg)
{
    Launch *l = arg;
    ClusterRow row;
    l->starting = true;
    l->begun = (Begun){{begun_work, begun_done, begun_release}, l};
    if (!clusters_row(s, l->cluster, &row)) return;
    if (start_child(s, l, &l->plan.error)) local_log_follow(s, &row, l->token, &l->plan);
    server_start_job(s, &l->begun.job);
}

static void launch_done(Server *s, Job *job)
{
    Launch *l = (Launch *)job;
    ClusterRow row;
    if (!clusters_row(s, l->cluster, &row)) return;
    bool called_off = !wanted(s, &row, l->token);
    if (db_failed(s->db)) return;
    if (called_off)
        local_answer(s, l->cluster, l->token, &l->plan,
                     (ClusterResult){.kind = CLUSTER_RESULT_SIGNALLED, .code = 15});
    else if (l->plan.error.code)
        answer_not_started(s, l, &row);
    else if (l->plan.plan.nothing)
        local_answer(s, l->cluster, l->token, &l->plan,
                     (ClusterResult){.kind = CLUSTER_RESULT_EXITED});
    else
        after_commit(s, begin, l);
}

static void launch_release(Job *job)
{
    Launch *l = (Launch *)job;
    if (!l->starting) free_launch(l);
}

void local_submit(Server *s, const ClusterRow *row, ClusterToken token)
{
    Arena a = {0};
    Launch *l = new (&a, Launch);
    *l = (Launch){.job = {.work = launch_work, .done = launch_done, .release = launch_release},
                  .data = s->data,
                  .cluster = row->n,
                  .token = token,
                  .now = s->now};
    l->a = a;
    local_process_add(s, row->n, token.attempt);
    if (!local_plan(s, row, token, &l->a, &l->plan)) {
        free_launch(l);
        return;
    }
    l->base = local_work(&l->a, row->spec.id);
    l->dir = local_run_dir(&l->a, row->spec.id, token.attempt);
    if (!l->plan.error.code) look_up_files(s, row, l);
    l->controller = command_log_started(
        &l->a, &l->plan.step, &l->plan.plan, str_printf(&l->a, "%.*s/stdout", STR(l->plan.out)),
        str_printf(&l->a, "%.*s/stderr", STR(l->plan.out)), l->plan.work, 0, s->now);
    server_start_job(s, &l->job);
}

/* Nothing happens to a process that has ended; one that has not started yet is stopped by `wanted`.
 */
void local_cancel(Server *s, const ClusterRow *row, const ClusterCommand *command)
{
    bool kill = command->signal == CLUSTER_SIGNAL_KILL;
    child_signal(s->loop, engine_child(row->n, command->target),
                 kill ? CHILD_KILL : CHILD_INTERRUPT);
}
