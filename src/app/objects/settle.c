/* settle.c - the settler's turns: pick after a commit, work on the pool, mark in an event. */
#include "app/objects/settle.h"

#include "store/objects_multipart.h"
#include "store/objects_settle.h"

typedef struct Settler {
    Job job; /* first: the pool gives it back */
    Objects *objects;
    SettleBatch *batch;
    bool running, failing;
    int64_t changes;                     /* as last seen */
    Millis quiet_at, latest, not_before; /* 0: not set */
} Settler;

static Settler *settler(Server *s)
{
    if (!s->settler) check(s->settler = calloc(1, sizeof *s->settler));
    return s->settler;
}

bool settle_recover(Server *s, Error *err)
{
    if (!objects_recover(s->objects, err)) return false;
    multi_forget(s->objects, s->now);
    return true;
}

static void work(Job *job)
{
    settle_work(((Settler *)job)->batch);
}

static void done(Server *s, Job *job)
{
    Settler *t = (Settler *)job;
    bool good = settle_mark(s->objects, t->batch);
    multi_forget(s->objects, s->now);
    t->not_before = good ? 0 : s->now + SETTLE_RETRY_MS;
    if (!good && !t->failing) log_error(s, "settle-delayed", "retry_ms=%d", SETTLE_RETRY_MS);
    t->failing = !good;
}

static void release(Job *job)
{
    Settler *t = (Settler *)job;
    settle_free(t->objects, t->batch, true);
    t->batch = NULL;
    t->running = false;
}

/* Once it is late it goes on until all is settled. */
static bool is_due(Server *s, Settler *t)
{
    int64_t changes = settle_changes(s->objects);
    if (changes != t->changes) t->quiet_at = s->now + SETTLE_QUIET_MS;
    t->changes = changes;
    if (!t->latest) t->latest = s->now + SETTLE_LATEST_MS;
    return s->now >= t->not_before && (s->now >= t->quiet_at || s->now >= t->latest);
}

void settle_tick(Server *s)
{
    Settler *t = settler(s);
    if (t->running || !settle_wanted(s->objects) || !is_due(s, t)) return;
    t->batch = settle_pick(s->objects);
    if (!t->batch) {
        t->latest = 0;
        return;
    }
    /* What could not be read does not seem to live, and would be removed. The turn ends the server.
     */
    if (db_failed(s->db)) return;
    t->running = true;
    t->objects = s->objects;
    t->job = (Job){.work = work, .done = done, .release = release};
    server_start_job(s, &t->job);
}

void settle_close(Server *s)
{
    if (!s->settler) return;
    if (s->settler->batch) settle_free(s->objects, s->settler->batch, false);
    free(s->settler);
    s->settler = NULL;
}
