/* queues.c - clients that wait for messages, and the sweep of messages nobody can receive any more. */
#include "app/messages/queues.h"

#include "app/front.h"
#include "app/functions/sources.h"
#include "app/messages/queues_inner.h"
#include "app/watch/meter.h"
#include "store/timers.h"

enum {
    SWEEP_MS = 60 * 60 * 1000,
    SWEEP_SOON_MS = 20,
    SWEEP_ROWS_MAX = 500, /* in one event */
    SWEEP_QUEUES_MAX = 1000,
};

typedef struct Waiting {
    int64_t n, queue;
    Call *call;
    QueueAsk ask;
    Millis until;
    Millis taken; /* in the turn of this time; one that was undone is free again after it */
    struct Waiting *next;
} Waiting;

struct Queues {
    Waiting *first, **tail;
    int64_t last, count;
};

bool queues_open(Server *s, Error *err)
{
    (void)err;
    s->queues = calloc(1, sizeof *s->queues);
    check(s->queues);
    s->queues->tail = &s->queues->first;
    return true;
}

void queues_close(Server *s)
{
    if (!s->queues) return;
    for (Waiting *w = s->queues->first, *next; w; w = next) {
        next = w->next;
        free(w);
    }
    free(s->queues);
    s->queues = NULL;
}

static void count_empty(Server *s, const QueueRow *q)
{
    Meter meter = queues_meter(s, q);
    meter_count(s, &meter, "NumberOfEmptyReceives");
}

/* ---- waiting ---- */

static Str subject_of(Server *s, const Waiting *w)
{
    return str_printf(&s->turn, "%" PRId64, w->n);
}

static void forget(Server *s, void *arg)
{
    struct Queues *x = s->queues;
    for (Waiting **at = &x->first; *at; at = &(*at)->next) {
        Waiting *w = *at;
        if (w != arg) continue;
        *at = w->next;
        if (x->tail == &w->next) x->tail = at;
        x->count--;
        free(w);
        return;
    }
}

static void answer(Server *s, Waiting *w, const Error *err)
{
    w->taken = s->now;
    timer_clear(s->db, S("queue-wait"), subject_of(s, w));
    call_answer(w->call, err);
    after_commit(s, forget, w);
}

static Json answer_of(Arena *a, Json messages)
{
    JsonObject o = {.a = a};
    if (json_count(&messages)) json_put(&o, S("Messages"), messages);
    return json_object(&o);
}

/* Until a message becomes visible, at the latest until the time is up. */
static void wait_on(Server *s, const Waiting *w, const QueueRow *q)
{
    QueueSettings set = queues_settings(q, &s->turn);
    MessageView view = queues_view(s, q, &set);
    Millis next = message_next_visible(s->db, &view);
    timer_set(s->db, S("queue-wait"), subject_of(s, w), next < w->until ? next : w->until);
}

static void serve(Server *s, Waiting *w)
{
    QueueRow q;
    Error err = {0};
    if (w->taken == s->now) return;
    if (!front_has_client(w->call)) {
        w->call->out = answer_of(w->call->arena, (Json){0});
        answer(s, w, NULL);
        return;
    }
    if (!queue_row_get(s->db, w->queue, &s->turn, &q)) {
        error_set(&err, ERR_SQS_NO_QUEUE, "The specified queue does not exist.");
        answer(s, w, &err);
        return;
    }
    Json messages = queues_take(s, &q, &w->ask, w->call->arena);
    w->call->out = answer_of(w->call->arena, messages);
    if (!json_count(&messages) && s->now >= w->until) count_empty(s, &q);
    if (json_count(&messages) || s->now >= w->until)
        answer(s, w, NULL);
    else
        wait_on(s, w, &q);
}

/* Those who came first are served first; functions after clients. */
void queues_changed(Server *s, int64_t queue)
{
    for (Waiting *w = s->queues->first; w; w = w->next)
        if (w->queue == queue) serve(s, w);
    sources_queue_changed(s, queue);
}

void queues_wait_due(Server *s, Str subject)
{
    for (Waiting *w = s->queues->first; w; w = w->next)
        if (str_eq(subject, subject_of(s, w))) {
            serve(s, w);
            return;
        }
}

static void wait_for_message(Call *call, const QueueRow *q, const QueueAsk *ask, Millis wait_ms)
{
    Server *s = call->server;
    struct Queues *x = s->queues;
    Waiting *w = calloc(1, sizeof *w);
    check(w);
    *w = (Waiting){.n = ++x->last,
                   .queue = q->n,
                   .call = call,
                   .ask = *ask,
                   .until = s->now + wait_ms,
                   .taken = INT64_MIN};
    *x->tail = w;
    x->tail = &w->next;
    x->count++;
    wait_on(s, w, q);
}

CallResult queues_receive(Call *call, const QueueRow *q, const QueueAsk *ask)
{
    Server *s = call->server;
    QueueSettings set = queues_settings(q, call->arena);
    Millis wait_ms = ask->wait_ms < 0 ? set.wait_ms : ask->wait_ms;
    bool waits = wait_ms && !call->inside && s->queues->count < QUEUE_WAITING_MAX;
    bool gone = waits && !front_has_client(call);
    Json messages = gone ? (Json){0} : queues_take(s, q, ask, call->arena);
    call->out = answer_of(call->arena, messages);
    if (!json_count(&messages) && !waits) count_empty(s, q);
    if (gone || json_count(&messages) || !waits) return CALL_DONE;
    return wait_for_message(call, q, ask, wait_ms), CALL_LATER;
}

/* ---- the sweep ---- */

void queues_sweep_soon(Server *s)
{
    timer_set(s->db, S("queue-sweep"), S(""), s->now + SWEEP_SOON_MS);
}

/* false: nothing was there to be swept. */
static bool sweep_dead(Server *s)
{
    int64_t n;
    if (!queue_dead_first(s->db, &n)) return false;
    if (!message_sweep(s->db, n, INT64_MAX, s->now, SWEEP_ROWS_MAX)) queue_dead_forget(s->db, n);
    return true;
}

static bool sweep_queues(Server *s, bool *any)
{
    QueueRow *rows;
    int64_t after = 0, n, swept = 0;
    while ((n = queue_row_walk(s->db, after, SWEEP_QUEUES_MAX, &s->turn, &rows)) > 0) {
        *any = true;
        for (int64_t i = 0; i < n && swept < SWEEP_ROWS_MAX; i++) {
            QueueSettings set = queues_settings(&rows[i], &s->turn);
            swept += message_sweep(s->db, rows[i].n, rows[i].purged_until,
                                   s->now - set.retention_ms, SWEEP_ROWS_MAX);
        }
        after = rows[n - 1].n;
    }
    return swept > 0;
}

void queues_sweep_due(Server *s, Str subject)
{
    bool any = false, more = sweep_dead(s);
    (void)subject;
    more |= message_dedup_sweep(s->db, s->now, SWEEP_ROWS_MAX) > 0;
    more |= sweep_queues(s, &any);
    if (more)
        queues_sweep_soon(s);
    else if (any)
        timer_set(s->db, S("queue-sweep"), S(""), s->now + SWEEP_MS);
}
