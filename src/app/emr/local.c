/* local.c - the local engine: a cluster is a folder and a process tree on this machine. */
#include "app/emr/local.h"

#include "app/watch/logs.h"
#include "store/outbox.h"

/* ---- places ---- */

Str local_work(Arena *a, Str cluster)
{
    return str_printf(a, "work/%.*s", STR(cluster));
}

Str local_run_dir(Arena *a, Str cluster, int64_t attempt)
{
    return str_printf(a, "work/%.*s/run/%" PRId64, STR(cluster), attempt);
}

Str local_absolute(Server *s, Arena *a, Str path)
{
    return str_printf(a, "%.*s/%.*s", STR(folder_path(s->data)), STR(path));
}

/* ---- opening ---- */

bool local_open(Server *s, Error *err)
{
    Local *l = calloc(1, sizeof *l);
    check(l);
    s->clusters->local = l;
    l->machine = loop_machine(s->loop);
    local_find(s, l);
    if (l->missing.n) log_info(s, "spark-missing", "text=\"%.*s\"", STR(l->missing));
    return folder_make(s->data, S("work"), err) && folder_make(s->data, S("logs"), err) &&
           folder_sync(s->data, S(""), err);
}

void local_close(Server *s)
{
    Local *l = s->clusters ? s->clusters->local : NULL;
    if (!l) return;
    arena_free(&l->a);
    free(l->live.p);
    free(l);
}

/* ---- processes ---- */

static struct LocalProcess *find_live(Local *l, int64_t cluster, int64_t attempt)
{
    for (int64_t i = 0; i < l->live.n; i++)
        if (l->live.p[i].cluster == cluster && l->live.p[i].attempt == attempt)
            return &l->live.p[i];
    return NULL;
}

void local_process_add(Server *s, int64_t cluster, int64_t attempt)
{
    Local *l = s->clusters->local;
    if (find_live(l, cluster, attempt)) return;
    if (l->live.n == l->live.cap) {
        l->live.cap = l->live.cap ? 2 * l->live.cap : 64;
        l->live.p = realloc(l->live.p, (size_t)l->live.cap * sizeof *l->live.p);
        check(l->live.p);
    }
    l->live.p[l->live.n++] = (struct LocalProcess){cluster, attempt};
}

static int64_t count_live(const Local *l, int64_t cluster)
{
    int64_t n = 0;
    for (int64_t i = 0; i < l->live.n; i++) n += l->live.p[i].cluster == cluster;
    return n;
}

/* ---- creation ---- */

typedef struct Creation {
    Job job;
    Arena a;
    Folder *data;
    int64_t cluster;
    ClusterToken token;
    Str work, report_path;
    LocalConf conf;
    Error error;
    bool invalid;
} Creation;

static bool write_file(Folder *f, Str path, Str content, bool sync, Error *err)
{
    int fd;
    if (!file_open(f, path, FILE_REPLACE, &fd, err)) return false;
    bool good = file_write(fd, content, err) && (!sync || file_sync(fd, err));
    file_close(fd);
    return good;
}

bool local_make_folders(Folder *data, Arena *a, Str work, Error *err)
{
    static const char *const folders[] = {
        "conf",    "home",   "hdfs/tmp", "hdfs/user/hadoop", "hdfs/user/spark/warehouse",
        "tmp/s3a", "events", "run"};
    for (int i = 0; i < countof(folders); i++)
        if (!folder_make(data, str_printf(a, "%.*s/%s", STR(work), folders[i]), err)) return false;
    return true;
}

static bool make_folders(Creation *c, Error *err)
{
    Str report = str_slice(c->report_path, 0, str_rfind_char(c->report_path, '/'));
    return local_make_folders(c->data, &c->a, c->work, err) && folder_make(c->data, report, err);
}

static bool write_files(Creation *c, Error *err)
{
    for (int64_t i = 0; i < c->conf.files.files.n; i++) {
        const ClassificationFile *f = &c->conf.files.files.p[i];
        if (!write_file(c->data, str_printf(&c->a, "%.*s/conf/%.*s", STR(c->work), STR(f->name)),
                        f->content, true, err))
            return false;
    }
    return write_file(c->data, c->report_path, c->conf.report, false, err);
}

/* The claims of keepers lie in run/: should a power cut take its name away, a step would seem never
 * started and run twice. What is in conf/ is written once, for steps after a power cut as well; the
 * other folders are made again by whoever needs them. */
static bool make_durable(Creation *c, Error *err)
{
    return folder_sync(c->data, str_printf(&c->a, "%.*s/conf", STR(c->work)), err) &&
           folder_sync(c->data, c->work, err) && folder_sync(c->data, S("work"), err);
}

static void create_work(Job *job)
{
    Creation *c = (Creation *)job;
    if (c->error.code) return;
    if (make_folders(c, &c->error) && write_files(c, &c->error) && !make_durable(c, &c->error))
        check(c->error.code);
}

static void create_done(Server *s, Job *job)
{
    Creation *c = (Creation *)job;
    ClusterEvent e = {.kind = CLUSTER_EVENT_PROVISIONED, .token = c->token};
    if (c->error.code) {
        e.kind = CLUSTER_EVENT_PROVISION_FAILED;
        e.text = str_copy(&s->turn, error_text(&c->error));
        e.invalid = c->invalid;
    }
    clusters_answered(s, c->cluster, &e);
}

static void create_release(Job *job)
{
    Arena a = ((Creation *)job)->a;
    arena_free(&a);
}

static Str report_name(Arena *a, const ClusterRow *row)
{
    return str_printf(a, "node/%.*s/provision-node/stdout", STR(row->spec.instance));
}

static void create(Server *s, const ClusterRow *row, ClusterToken token)
{
    Arena a = {0};
    Creation *c = new (&a, Creation);
    *c = (Creation){.job = {.work = create_work, .done = create_done, .release = create_release},
                    .data = s->data,
                    .cluster = row->n,
                    .token = token};
    c->a = a;
    c->work = local_work(&c->a, row->spec.id);
    c->report_path =
        str_printf(&c->a, "logs/%.*s/%.*s", STR(row->spec.id), STR(report_name(&c->a, row)));
    c->invalid = !local_conf(s, row, &c->a, &c->conf, &c->error);
    if (!c->invalid)
        log_info(s, "cluster-size", "cluster=%.*s %.*s", STR(row->spec.id), STR(c->conf.report));
    server_start_job(s, &c->job);
}

static bool exists(Server *s, const ClusterRow *row)
{
    FileInfo info;
    Error err = {0};
    return file_info(s->data, str_printf(&s->turn, "work/%.*s/conf", STR(row->spec.id)), &info,
                     &err);
}

/* ---- logs of a step that ended ---- */

static void uploaded(Server *s, int64_t cluster, int64_t attempt)
{
    ClusterCommand destroy;
    ClusterRow row;
    outbox_remove(s->db, cluster, attempt);
    if (!clusters_row(s, cluster, &row)) return;
    if (row.state.destroying && outbox_find(s->db, cluster, row.state.engine, &destroy))
        clusters_send_later(s, cluster, &destroy);
}

static void upload(Server *s, const ClusterRow *row, ClusterToken token)
{
    Str paths[LOGS_FILES_MAX];
    LocalPlan plan;
    ClusterToken start = {.kind = CLUSTER_COMMAND_START_STEP, .number = token.number};
    if (!local_plan(s, row, start, &s->turn, &plan)) return;
    int n = local_log_paths(&s->turn, row, &plan, paths);
    logs_end(s, row, token.number, paths, n, uploaded, token.attempt);
}

/* ---- destruction: processes, then logs, then the folder ---- */

typedef struct Destruction {
    Job job;
    Arena a;
    Folder *data;
    int64_t cluster;
    ClusterToken token;
    Str work;
    Error error;
} Destruction;

static void destroy_work(Job *job)
{
    Destruction *d = (Destruction *)job;
    if (!folder_remove_tree(d->data, d->work, &d->error)) check(d->error.code);
}

/* What cannot be removed now is tried again by the sweeper: its lease is over with the cluster. */
static void destroy_done(Server *s, Job *job)
{
    Destruction *d = (Destruction *)job;
    if (d->error.code)
        log_error(s, "folder-left", "folder=%.*s error=\"%s\"", STR(d->work), d->error.text);
    clusters_answered(s, d->cluster,
                      &(ClusterEvent){.kind = CLUSTER_EVENT_DESTROYED, .token = d->token});
}

static void destroy_release(Job *job)
{
    Arena a = ((Destruction *)job)->a;
    arena_free(&a);
}

static void remove_folder(Server *s, const ClusterRow *row, ClusterToken token)
{
    Arena a = {0};
    Destruction *d = new (&a, Destruction);
    *d = (Destruction){
        .job = {.work = destroy_work, .done = destroy_done, .release = destroy_release},
        .data = s->data,
        .cluster = row->n,
        .token = token};
    d->a = a;
    d->work = local_work(&d->a, row->spec.id);
    server_start_job(s, &d->job);
}

static bool uploads_pending(Server *s, int64_t cluster)
{
    ClusterCommand *commands;
    int64_t n = outbox_list(s->db, cluster, &s->turn, &commands);
    for (int64_t i = 0; i < n; i++)
        if (commands[i].token.kind == CLUSTER_COMMAND_UPLOAD_LOGS) return true;
    return false;
}

typedef struct Place {
    int64_t cluster, attempt; /* of its DESTROY */
} Place;

static void clear_place(Server *s, void *arg)
{
    const Place *place = arg;
    ClusterCommand order;
    ClusterRow row;
    if (outbox_find(s->db, place->cluster, place->attempt, &order) &&
        clusters_row(s, place->cluster, &row))
        remove_folder(s, &row, order.token);
}

/* Within the event that recorded the upload. */
static void node_logs_done(Server *s, int64_t cluster, int64_t attempt)
{
    Place *place = new (&s->turn, Place);
    *place = (Place){cluster, attempt};
    after_commit(s, clear_place, place);
}

/* Comes again whenever something that it waits for has gone: the last process, the last upload. */
static void destroy(Server *s, const ClusterRow *row, ClusterToken token)
{
    const Local *l = s->clusters->local;
    Str report = report_name(&s->turn, row);
    for (int64_t i = 0; i < l->live.n; i++)
        if (l->live.p[i].cluster == row->n)
            child_signal(s->loop, engine_child(row->n, l->live.p[i].attempt), CHILD_KILL);
    if (count_live(l, row->n) > 0 || uploads_pending(s, row->n)) return;
    logs_end(s, row, LOGS_NODE, &report, 1, node_logs_done, token.attempt);
}

void local_process_gone(Server *s, int64_t cluster, int64_t attempt)
{
    Local *l = s->clusters->local;
    ClusterRow row;
    ClusterCommand order;
    struct LocalProcess *p = find_live(l, cluster, attempt);
    if (p) *p = l->live.p[--l->live.n];
    if (!cluster_row_get(s->db, cluster, &s->turn, &row) || !row.state.destroying) return;
    if (outbox_find(s->db, cluster, row.state.engine, &order)) destroy(s, &row, order.token);
}

const Engine engine_local = {
    .name = "local",
    .create = create,
    .submit = local_submit,
    .cancel = local_cancel,
    .upload = upload,
    .destroy = destroy,
    .observe = local_observe,
    .exists = exists,
    .ended = local_ended,
};
