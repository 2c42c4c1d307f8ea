/* sweep.c - ends what has no living owner: looked for on the pool, decided in an event, ended on the pool. */
#include "app/emr/sweep.h"

#include "app/emr/engine.h"
#include "store/leases.h"
#include "store/timers.h"
#include "sys/child.h"

/* ---- ending: processes, then folders; on a pool thread ---- */

/* A folder below the data folder; owner: of the overdue lease that it falls under, or absent. */
typedef struct Doomed {
    Str folder, owner;
    Error error;
} Doomed;

typedef struct DoomedVec {
    Doomed *p;
    int64_t n, cap;
} DoomedVec;

typedef struct Removal {
    Job job;
    Arena a;
    Folder *data;
    DoomedVec doomed;
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
    for (int64_t i = 0; i < r->doomed.n; i++) {
        Doomed *d = &r->doomed.p[i];
        if (end_processes(r, d->folder, &d->error) &&
            !folder_remove_tree(r->data, d->folder, &d->error))
            check(d->error.code);
    }
}

/* A lease ends with the thing. What could not be removed is found again by the next sweep. */
static void remove_done(Server *s, Job *job)
{
    const Removal *r = (Removal *)job;
    for (int64_t i = 0; i < r->doomed.n; i++) {
        const Doomed *d = &r->doomed.p[i];
        if (d->error.code) {
            log_error(s, "sweep-failed", "folder=%.*s error=\"%s\"", STR(d->folder), d->error.text);
        } else if (!str_absent(d->owner)) {
            lease_release(s->db, d->owner, s->now);
            log_recorded(s, "sweep-lease", "owner=%.*s place=%.*s", STR(d->owner), STR(d->folder));
        }
    }
}

static void remove_release(Job *job)
{
    Arena a = ((Removal *)job)->a;
    arena_free(&a);
}

/* After the commit of the event that found them without an owner. */
static void begin_removal(Server *s, void *arg)
{
    const DoomedVec *doomed = arg;
    Arena a = {0};
    Removal *r = new (&a, Removal);
    *r = (Removal){.job = {.work = remove_work, .done = remove_done, .release = remove_release},
                   .data = s->data};
    for (int64_t i = 0; i < doomed->n; i++) {
        const Doomed *d = &doomed->p[i];
        log_info(s, "sweep-folder", "folder=%.*s overdue=%d", STR(d->folder),
                 !str_absent(d->owner));
        *vec_push(&a, &r->doomed) =
            (Doomed){.folder = str_copy(&a, d->folder),
                     .owner = d->owner.n ? str_copy(&a, d->owner) : (Str){0}};
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

/* A folder is younger than its lease, so what was seen without one has lost it. */
static void sweep_work(Server *s, const Look *l, DoomedVec *out)
{
    for (int64_t i = 0; i < l->work.n; i++) {
        Str place = str_printf(&s->turn, "work/%.*s", STR(l->work.p[i]));
        if (!lease_holds(s->db, place)) *vec_push(&s->turn, out) = (Doomed){.folder = place};
    }
}

static void sweep_logs(Server *s, const Look *l, DoomedVec *out)
{
    for (int64_t i = 0; i < l->logs.n; i++) {
        ClusterRow row;
        bool known = cluster_row_find(s->db, l->logs.p[i], (Str){0}, &s->turn, &row);
        if (known && (!row.state.ended || row.state.ended + SWEEP_LOGS_KEEP_MS > s->now)) continue;
        *vec_push(&s->turn, out) =
            (Doomed){.folder = str_printf(&s->turn, "logs/%.*s", STR(l->logs.p[i]))};
    }
}

/* Who lives is renewed in the same event, so that no time in which the machine slept counts. */
static void sweep_leases(Server *s, DoomedVec *out)
{
    Lease *leases;
    lease_renew(s->db, s->now + LEASE_TERM_MS);
    int64_t n = lease_list_overdue(s->db, s->now, &s->turn, &leases);
    for (int64_t i = 0; i < n; i++)
        *vec_push(&s->turn, out) = (Doomed){.folder = leases[i].place, .owner = leases[i].owner};
}

static void look_done(Server *s, Job *job)
{
    const Look *l = (Look *)job;
    DoomedVec *doomed = new (&s->turn, DoomedVec);
    *doomed = (DoomedVec){0};
    sweep_work(s, l, doomed);
    sweep_logs(s, l, doomed);
    sweep_leases(s, doomed);
    if (doomed->n) after_commit(s, begin_removal, doomed);
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
    timer_set(s->db, S("sweep"), S("all"), s->now + SWEEP_EVERY_MS);
}

void sweep_due(Server *s, Str subject)
{
    (void)subject;
    sweep_start(s);
}
