/* sweep.c - ends what has no living owner: processes first, then folders, then leases. */
#include "app/sweep.h"

#include "app/engine.h"
#include "store/changes.h"
#include "store/leases.h"
#include "store/timers.h"
#include "sys/child.h"

/* ---- removing folders, on a pool thread ---- */

typedef struct Removal {
    Job job;
    Arena a;
    Folder *data;
    StrVec folders;
    StrVec failed;
} Removal;

static void remove_work(Job *job)
{
    Removal *r = (Removal *)job;
    for (int64_t i = 0; i < r->folders.n; i++) {
        Error err = {0};
        if (folder_remove_tree(r->data, r->folders.p[i], &err)) continue;
        *vec_push(&r->a, &r->failed) =
            str_printf(&r->a, "folder=%.*s error=\"%s\"", STR(r->folders.p[i]), err.text);
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

static Removal *removal_new(Server *s)
{
    Arena a = {0};
    Removal *r = new (&a, Removal);
    *r = (Removal){.job = {.work = remove_work, .done = remove_done, .release = remove_release},
                   .data = s->data};
    r->a = a;
    return r;
}

/* ---- work/ ---- */

/* Its keepers are found by what they left in run/; a running one is killed, and its folder goes
 * with the next sweep. */
static bool kill_processes(Server *s, Str work)
{
    StrVec runs = {0};
    Error err = {0};
    bool running = false;
    Str run = str_printf(&s->turn, "%.*s/run", STR(work));
    if (!folder_list(s->data, run, &s->turn, &runs, &err)) return false;
    for (int64_t i = 0; i < runs.n; i++) {
        ChildExit exit;
        int64_t id =
            -1 -
            (int64_t)(str_hash(str_printf(&s->turn, "%.*s/%.*s", STR(run), STR(runs.p[i]))) >> 2);
        if (child_find(s->loop, s->data,
                       str_printf(&s->turn, "%.*s/%.*s", STR(run), STR(runs.p[i])), id,
                       &exit) != CHILD_RUNNING)
            continue;
        log_info(s, "sweep-kill", "folder=%.*s run=%.*s", STR(work), STR(runs.p[i]));
        child_signal(s->loop, id, CHILD_KILL);
        running = true;
    }
    return running;
}

static void sweep_work(Server *s, Removal *r)
{
    StrVec names = {0};
    Error err = {0};
    if (!folder_list(s->data, S("work"), &s->turn, &names, &err)) return;
    for (int64_t i = 0; i < names.n; i++) {
        Str work = str_printf(&r->a, "work/%.*s", STR(names.p[i]));
        if (cluster_row_lives(s->db, names.p[i])) continue;
        log_info(s, "sweep-folder", "folder=%.*s", STR(work));
        if (!kill_processes(s, work)) *vec_push(&r->a, &r->folders) = work;
    }
}

/* ---- logs/ ---- */

static void sweep_logs(Server *s, Removal *r)
{
    StrVec names = {0};
    Error err = {0};
    if (!folder_list(s->data, S("logs"), &s->turn, &names, &err)) return;
    for (int64_t i = 0; i < names.n; i++) {
        ClusterRow row;
        bool known = cluster_row_find(s->db, names.p[i], (Str){0}, &s->turn, &row);
        if (known && (!row.state.ended || row.state.ended + SWEEP_LOGS_KEEP_MS > s->now)) continue;
        *vec_push(&r->a, &r->folders) = str_printf(&r->a, "logs/%.*s", STR(names.p[i]));
    }
}

/* ---- leases ---- */

static void sweep_leases(Server *s)
{
    Lease *leases;
    int64_t n = lease_list(s->db, &s->turn, &leases);
    for (int64_t i = 0; i < n; i++) {
        if (cluster_row_lives(s->db, leases[i].owner)) continue;
        log_info(s, "sweep-lease", "owner=%.*s place=%.*s", STR(leases[i].owner),
                 STR(leases[i].place));
        lease_release(s->db, leases[i].owner, s->now);
    }
}

static void begin_removal(Server *s, void *arg)
{
    server_start_job(s, arg);
}

void sweep_start(Server *s)
{
    Removal *r = removal_new(s);
    sweep_work(s, r);
    sweep_logs(s, r);
    sweep_leases(s);
    change_drop_before(s->db, s->now - CHANGES_KEEP_MS);
    if (r->folders.n)
        after_commit(s, begin_removal, &r->job);
    else
        remove_release(&r->job);
    timer_set(s->db, S("sweep"), S("all"), s->now + SWEEP_EVERY_MS);
}

void sweep_due(Server *s, Str subject)
{
    (void)subject;
    sweep_start(s);
}
