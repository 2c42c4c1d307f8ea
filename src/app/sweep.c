/* sweep.c - ends what has no living owner: looked for on the pool, decided in an event, ended on the pool. */
#include "app/sweep.h"

#include "app/engine.h"
#include "store/changes.h"
#include "store/leases.h"
#include "store/timers.h"
#include "sys/child.h"

/* ---- ending: processes, then folders; on a pool thread ---- */

typedef struct Removal {
    Job job;
    Arena a;
    Folder *data;
    StrVec folders; /* below the data folder */
    StrVec failed;
} Removal;

/* What keepers left in run/ tells of their processes. Logs have no run/. */
static bool end_processes(Removal *r, Str folder, Error *err)
{
    StrVec runs = {0};
    Error absent = {0};
    Str run = str_printf(&r->a, "%.*s/run", STR(folder));
    if (!folder_list(r->data, run, &r->a, &runs, &absent)) return true;
    for (int64_t i = 0; i < runs.n; i++)
        if (!child_end(r->data, str_printf(&r->a, "%.*s/%.*s", STR(run), STR(runs.p[i]))))
            return error_set(err, ERR_INTERNAL, "process %.*s does not end", STR(runs.p[i]));
    return true;
}

static void remove_work(Job *job)
{
    Removal *r = (Removal *)job;
    for (int64_t i = 0; i < r->folders.n; i++) {
        Error err = {0};
        Str folder = r->folders.p[i];
        if (end_processes(r, folder, &err) && folder_remove_tree(r->data, folder, &err)) continue;
        *vec_push(&r->a, &r->failed) =
            str_printf(&r->a, "folder=%.*s error=\"%s\"", STR(folder), err.text);
    }
}

static void remove_done(Server *s, Job *job)
{
    Removal *r = (Removal *)job;
    for (int64_t i = 0; i < r->failed.n; i++)
        log_error(s, "sweep-failed", "%.*s", STR(r->failed.p[i]));
}

static void remove_release(Job *job)
{
    Arena a = ((Removal *)job)->a;
    arena_free(&a);
}

/* After the commit of the event that found them without an owner. */
static void begin_removal(Server *s, void *arg)
{
    const StrVec *folders = arg;
    Arena a = {0};
    Removal *r = new (&a, Removal);
    *r = (Removal){.job = {.work = remove_work, .done = remove_done, .release = remove_release},
                   .data = s->data};
    for (int64_t i = 0; i < folders->n; i++) {
        log_info(s, "sweep-folder", "folder=%.*s", STR(folders->p[i]));
        *vec_push(&a, &r->folders) = str_copy(&a, folders->p[i]);
    }
    r->a = a;
    server_start_job(s, &r->job);
}

/* ---- looking: what is there, on a pool thread; whose it is, in an event ---- */

typedef struct Look {
    Job job;
    Arena a;
    Folder *data;
    StrVec work, logs; /* names */
} Look;

static void look_work(Job *job)
{
    Look *l = (Look *)job;
    Error err = {0};
    if (!folder_list(l->data, S("work"), &l->a, &l->work, &err)) l->work.n = 0;
    if (!folder_list(l->data, S("logs"), &l->a, &l->logs, &err)) l->logs.n = 0;
}

/* A folder is younger than its cluster's row and lease, so what was seen without them has lost
 * them. */
static void sweep_work(Server *s, const Look *l, StrVec *out)
{
    for (int64_t i = 0; i < l->work.n; i++)
        if (!cluster_row_lives(s->db, l->work.p[i]))
            *vec_push(&s->turn, out) = str_printf(&s->turn, "work/%.*s", STR(l->work.p[i]));
}

static void sweep_logs(Server *s, const Look *l, StrVec *out)
{
    for (int64_t i = 0; i < l->logs.n; i++) {
        ClusterRow row;
        bool known = cluster_row_find(s->db, l->logs.p[i], (Str){0}, &s->turn, &row);
        if (known && (!row.state.ended || row.state.ended + SWEEP_LOGS_KEEP_MS > s->now)) continue;
        *vec_push(&s->turn, out) = str_printf(&s->turn, "logs/%.*s", STR(l->logs.p[i]));
    }
}

static void sweep_leases(Server *s)
{
    Lease *leases;
    int64_t n = lease_list(s->db, &s->turn, &leases);
    for (int64_t i = 0; i < n; i++) {
        if (cluster_row_lives(s->db, leases[i].owner)) continue;
        log_recorded(s, "sweep-lease", "owner=%.*s place=%.*s", STR(leases[i].owner),
                     STR(leases[i].place));
        lease_release(s->db, leases[i].owner, s->now);
    }
}

static void look_done(Server *s, Job *job)
{
    const Look *l = (Look *)job;
    StrVec *folders = new (&s->turn, StrVec);
    *folders = (StrVec){0};
    sweep_work(s, l, folders);
    sweep_logs(s, l, folders);
    sweep_leases(s);
    if (folders->n) after_commit(s, begin_removal, folders);
}

static void look_release(Job *job)
{
    Arena a = ((Look *)job)->a;
    arena_free(&a);
}

static void begin_look(Server *s, void *arg)
{
    (void)arg;
    Arena a = {0};
    Look *l = new (&a, Look);
    *l = (Look){.job = {.work = look_work, .done = look_done, .release = look_release},
                .data = s->data};
    l->a = a;
    server_start_job(s, &l->job);
}

void sweep_start(Server *s)
{
    after_commit(s, begin_look, NULL);
    change_drop_before(s->db, s->now - CHANGES_KEEP_MS);
    timer_set(s->db, S("sweep"), S("all"), s->now + SWEEP_EVERY_MS);
}

void sweep_due(Server *s, Str subject)
{
    (void)subject;
    sweep_start(s);
}
