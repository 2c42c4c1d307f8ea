/* turn.c - one turn of the loop: collect, decide in one transaction, commit, and only then act. */
#include "app/turn.h"

#include "app/emr/clusters.h"
#include "app/events/event_bus.h"
#include "app/front.h"
#include "app/functions/functions.h"
#include "app/objects/settle.h"
#include "app/stacks/stacks.h"
#include "app/states/executions.h"
#include "app/watch/logs.h"
#include "app/watch/meter.h"
#include "app/watch/trail.h"
#include "store/timers.h"

enum {
    TURN_TIMERS_MAX = 512,       /* further due timers wait for the next turn */
    TURN_TIMERS_MS_MAX = 20,     /* ... or when they take so long: requests want their turn, too */
    TURN_HOUSEKEEPING_MS = 1000, /* connections are looked at for time-outs this often */
    TIMER_RETRY_MS = 1000,       /* a timer whose event failed is tried again */
};

typedef struct Backlog Backlog;

struct AfterCommit {
    void (*fn)(Server *s, void *arg);
    void *arg;
    AfterCommit *next;
};

void after_commit(Server *s, void (*fn)(Server *s, void *arg), void *arg)
{
    AfterCommit *action = new (&s->turn, AfterCommit);
    *action = (AfterCommit){.fn = fn, .arg = arg};
    *s->actions_tail = action;
    s->actions_tail = &action->next;
}

void event_begin(Server *s)
{
    s->event_actions = s->actions_tail;
    trail_event_begins(s);
    s->undoable++;
    db_event_begin(s->db);
}

bool event_end(Server *s, bool keep, Error *err)
{
    bool kept = db_event_end(s->db, keep, err);
    if (!kept) {
        s->actions_tail = s->event_actions;
        *s->actions_tail = NULL;
        trail_event_undone(s);
    }
    s->event_actions = NULL;
    s->undoable++;
    return kept;
}

AfterCommit **event_part_begin(Server *s)
{
    db_part_begin(s->db);
    s->undoable++;
    return s->actions_tail;
}

bool event_part_end(Server *s, AfterCommit **part, bool keep)
{
    bool kept = db_part_end(s->db, keep);
    s->undoable++;
    if (!kept) {
        s->actions_tail = part;
        *part = NULL;
    }
    return kept;
}

static void work(void *arg)
{
    Job *job = arg;
    job->work(job);
}

static void run_job(Server *s, void *job)
{
    loop_run_job(s->loop, work, job);
}

/* Within an event the job begins after the commit: an event that is undone and comes again would
 * begin another each time. */
void server_start_job(Server *s, Job *job)
{
    if (s->event_actions)
        after_commit(s, run_job, job);
    else
        run_job(s, job);
}

static void run_slow_job(Server *s, void *job)
{
    loop_run_slow_job(s->loop, work, job);
}

void server_start_slow_job(Server *s, Job *job)
{
    if (s->event_actions)
        after_commit(s, run_slow_job, job);
    else
        run_slow_job(s, job);
}

static void fire(Server *s, const Timer *t)
{
    const TimerHandler *h = timer_handlers;
    while (h->kind && !str_eq(t->kind, str_from(h->kind))) h++;
    check(h->kind);
    timer_clear(s->db, t->kind, t->subject);
    h->due(s, t->subject);
}

static void fire_due_timers(Server *s)
{
    if (s->now < s->next_due) return;
    Timer *due = new_array(&s->turn, Timer, TURN_TIMERS_MAX);
    int64_t n = timer_due(s->db, s->now, &s->turn, due, TURN_TIMERS_MAX);
    for (int64_t i = 0; i < n && (i == 0 || loop_turn_ms(s->loop) < TURN_TIMERS_MS_MAX); i++) {
        Error err = {0};
        event_begin(s);
        fire(s, &due[i]);
        if (event_end(s, true, &err)) continue;
        s->timer_failed = true;
        log_error(s, "timer-failed", "kind=%.*s subject=%.*s error=\"%s\"", STR(due[i].kind),
                  STR(due[i].subject), err.text);
        event_begin(s);
        timer_set(s->db, due[i].kind, due[i].subject, s->now + TIMER_RETRY_MS);
        if (!event_end(s, true, &err))
            continue; /* a disk that is full: the timer stays due and fires in the next turn */
    }
}

/* What the program itself waits for comes only once, so it is kept until it has been recorded: a
 * full disk delays it. */
struct Backlog {
    SysEvent *events;
    bool *recorded;
    int n, cap;
    bool delayed;    /* said once, until all has been recorded */
    Millis retry_at; /* when delayed: not in each turn that something else makes */
};

static void backlog_add(Server *s, const SysEvent *e)
{
    Backlog *b = s->backlog ? s->backlog : (s->backlog = calloc(1, sizeof *b));
    check(b);
    if (b->n == b->cap) {
        b->cap = b->cap ? 2 * b->cap : LOOP_EVENTS_MAX;
        b->events = realloc(b->events, (size_t)b->cap * sizeof *b->events);
        b->recorded = realloc(b->recorded, (size_t)b->cap * sizeof *b->recorded);
        check(b->events && b->recorded);
    }
    b->events[b->n] = *e;
    b->recorded[b->n++] = false;
}

static bool record(Server *s, const SysEvent *e)
{
    Error err = {0};
    event_begin(s);
    if (e->kind == SYS_CHILD_ENDED && functions_child(e->child_id))
        functions_child_ended(s, e->child_id, &e->exit);
    else if (e->kind == SYS_CHILD_ENDED)
        clusters_child_ended(s, e->child_id, &e->exit);
    else
        ((Job *)e->job)->done(s, e->job);
    bool kept = event_end(s, true, &err);
    if (!kept && !s->backlog->delayed) log_error(s, "event-delayed", "error=\"%s\"", err.text);
    s->backlog->delayed |= !kept;
    return kept;
}

static void work_off_backlog(Server *s)
{
    Backlog *b = s->backlog;
    if (!b || s->now < b->retry_at) return;
    for (int i = 0; i < b->n; i++) b->recorded[i] = record(s, &b->events[i]);
    b->retry_at = b->delayed ? s->now + TIMER_RETRY_MS : 0;
}

/* The turn is lost, and with it what was recorded of the backlog. */
static void keep_backlog(Server *s)
{
    Backlog *b = s->backlog;
    if (!b || !b->n) return;
    memset(b->recorded, 0, (size_t)b->n * sizeof *b->recorded);
    b->delayed = true;
    b->retry_at = s->now + TIMER_RETRY_MS;
}

/* After the commit: forgets what is now durable. */
static void trim_backlog(Server *s)
{
    Backlog *b = s->backlog;
    int kept = 0;
    for (int i = 0; b && i < b->n; i++) {
        Job *job = b->events[i].kind == SYS_JOB_DONE ? b->events[i].job : NULL;
        if (!b->recorded[i])
            b->events[kept++] = b->events[i];
        else if (job)
            job->release(job);
    }
    if (!b) return;
    b->n = kept;
    b->delayed &= kept > 0;
    if (!b->delayed) b->retry_at = 0;
}

static void apply(Server *s, const SysEvent *e)
{
    switch (e->kind) {
    case SYS_CONN_OPENED:
    case SYS_CONN_INPUT:
    case SYS_CONN_DRAINED:
    case SYS_CONN_PUMPED:
    case SYS_CONN_CLOSED: front_event(s, e); break;
    case SYS_CHILD_ENDED:
    case SYS_JOB_DONE: backlog_add(s, e); break;
    case SYS_STOP: s->stopping = true; break;
    default: unreachable();
    }
}

/* A full disk refuses this turn and the next may succeed; after any other failure only a restart
 * knows what is true. */
static bool commit(Server *s)
{
    Error err = {0};
    bool dirty = db_dirty(s->db), good = db_commit(s->db, &err);
    if (good && dirty) s->turns_lost = false;
    if (good) return true;
    if (err.code != ERR_DISK_FULL) server_die(s, "commit", &err);
    if (!s->turns_lost)
        log_error(s, "turn-lost",
                  "error=\"%s\" next=\"nothing of this turn is kept; what is due is tried again "
                  "each second\"",
                  err.text);
    s->turns_lost = true;
    return false;
}

/* What was ordered has to be done, and what to do cannot be read: only a restart can. An action
 * that finds its rows missing so returns at once. */
static void insist_on_reading(Server *s, const char *during)
{
    Error err = {0};
    if (!db_failed(s->db)) return;
    db_why(s->db, &err);
    server_die(s, during, &err);
}

static void act(Server *s, bool committed)
{
    for (AfterCommit *action = committed ? s->actions : NULL; action; action = action->next) {
        action->fn(s, action->arg);
        insist_on_reading(s, "carrying out");
    }
    s->actions = NULL;
    s->actions_tail = &s->actions;
    if (committed)
        trim_backlog(s);
    else
        keep_backlog(s);
    front_flush(s, committed);
    settle_tick(s);
    insist_on_reading(s, "settling");
}

bool turn_finish(Server *s)
{
    meter_turn(s);
    trail_turn(s);
    bool dirty = db_dirty(s->db), committed = commit(s);
    act(s, committed);
    if (dirty || s->next_due == 0) s->next_due = timer_next(s->db);
    insist_on_reading(s, "looking for timers");
    /* A timer that is due stays so while the disk is full: asked for at once, it would keep the
     * loop from ever waiting. */
    bool failing = !committed || (s->backlog && s->backlog->delayed) || s->timer_failed;
    if (failing && s->next_due < s->now + TIMER_RETRY_MS) s->next_due = s->now + TIMER_RETRY_MS;
    s->timer_failed = false;
    arena_reset(&s->turn);
    s->undoable++;
    return committed;
}

/* The database's own work is done when nobody waits for anything else. */
static int wait(Server *s, Millis until, SysEvent events[LOOP_EVENTS_MAX])
{
    if (until > s->now && db_wants_leisure(s->db)) {
        int n = loop_wait(s->loop, s->now, events);
        if (n) return n;
        db_leisure(s->db);
    }
    return loop_wait(s->loop, until, events);
}

void turn_run(Server *s)
{
    SysEvent events[LOOP_EVENTS_MAX];
    Millis housekeeping = s->now + TURN_HOUSEKEEPING_MS;
    Millis until = functions_next_due(s);
    if (until > housekeeping) until = housekeeping;
    if (until > s->next_due) until = s->next_due;
    if (front_wants_turn(s)) until = s->now;
    int n = wait(s, until, events);
    s->now = loop_now(s->loop);
    front_resume(s);
    for (int i = 0; i < n; i++) apply(s, &events[i]);
    work_off_backlog(s);
    fire_due_timers(s);
    functions_tick(s);
    executions_follow(s);
    stacks_follow(s);
    event_bus_follow(s);
    front_housekeeping(s);
    logs_housekeeping(s);
    (void)turn_finish(s); /* a full disk: those who asked have been told */
}

void turn_close(Server *s)
{
    if (!s->backlog) return;
    free(s->backlog->events);
    free(s->backlog->recorded);
    free(s->backlog);
    s->backlog = NULL;
}
