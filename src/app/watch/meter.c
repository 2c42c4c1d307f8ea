/* meter.c - a table of what was measured since it was last written: one entry a metric and minute. */
#include "app/watch/meter.h"

#include "app/turn.h"
#include "app/watch/metrics.h"

enum {
    SLOTS = 1024,
    NOTES_RECENT = 4, /* what one thing that happens is measured by, and it happens again */
};

typedef struct Entry {
    struct Entry *same_slot, *next;
    uint64_t hash;
    Meter meter; /* texts in the arena */
    const char *name, *unit;
    Millis minute;
    Measured m;
} Entry;

typedef struct Table {
    Arena arena; /* of the entries, until they are written */
    Entry *slots[SLOTS], *first, **last;
    int64_t n;
} Table;

typedef struct Note {
    Meter meter;
    const char *name, *unit;
    double value, times;
} Note;

/* Of two tables one is counted into; the other is being written, or empty. What was written by an
 * event that was undone is still there, and is written again. */
struct Metering {
    Table counting, writing;
    Millis written, since;       /* since: of the first entry that waits */
    int64_t turns, written_turn; /* written once a turn at the most */
    Note *recent[NOTES_RECENT];  /* of what is kept or undone as one */
    int64_t undoable, notes;
};

void meter_open(Server *s)
{
    s->metering = calloc(1, sizeof *s->metering);
    check(s->metering);
    s->metering->counting.last = &s->metering->counting.first;
    s->metering->written_turn = -1;
}

void meter_close(Server *s)
{
    gauges_close(s);
    if (!s->metering) return;
    arena_free(&s->metering->counting.arena);
    arena_free(&s->metering->writing.arena);
    free(s->metering);
    s->metering = NULL;
}

/* ---- counting ---- */

static uint64_t hash_of(const Note *n, Millis minute)
{
    uint64_t h = str_hash(str_from(n->name)) * 31 + str_hash(n->meter.region);
    h = h * 31 + str_hash(str_from(n->meter.name_space)) + str_hash(n->meter.account);
    for (int i = 0; i < METER_DIMENSIONS_MAX; i++)
        if (!str_absent(n->meter.dimension[i].value))
            h = h * 31 + str_hash(n->meter.dimension[i].value) * (uint64_t)(i + 1);
    return h * 31 + (uint64_t)minute;
}

static bool same_dimensions(const Meter *x, const Meter *y)
{
    for (int i = 0; i < METER_DIMENSIONS_MAX; i++) {
        Str v = x->dimension[i].value, w = y->dimension[i].value;
        if (str_absent(v) != str_absent(w) || !str_eq(v, w)) return false;
        if (!str_absent(v) && strcmp(x->dimension[i].name, y->dimension[i].name) != 0) return false;
    }
    return true;
}

static bool same_meter(const Meter *x, const Meter *y)
{
    return strcmp(x->name_space, y->name_space) == 0 && str_eq(x->region, y->region) &&
           str_eq(x->account, y->account) && same_dimensions(x, y);
}

static bool is_entry(const Entry *e, const Note *n, uint64_t hash, Millis minute)
{
    return e->hash == hash && e->minute == minute && strcmp(e->name, n->name) == 0 &&
           same_meter(&e->meter, &n->meter);
}

static Meter keep(Arena *a, const Meter *m)
{
    Meter kept = *m;
    kept.account = str_copy(a, m->account);
    kept.region = str_copy(a, m->region);
    for (int i = 0; i < METER_DIMENSIONS_MAX; i++)
        if (!str_absent(m->dimension[i].value))
            kept.dimension[i].value = str_copy(a, m->dimension[i].value);
    return kept;
}

static Entry *entry_of(Table *x, const Note *n, Millis minute)
{
    uint64_t hash = hash_of(n, minute);
    Entry **slot = &x->slots[hash % SLOTS], *e = *slot;
    while (e && !is_entry(e, n, hash, minute)) e = e->same_slot;
    if (e) return e;
    e = new (&x->arena, Entry);
    *e = (Entry){.same_slot = *slot,
                 .hash = hash,
                 .meter = keep(&x->arena, &n->meter),
                 .name = n->name,
                 .unit = n->unit,
                 .minute = minute};
    *slot = *x->last = e;
    x->last = &e->next;
    x->n++;
    return e;
}

static void count(Server *s, void *arg)
{
    struct Metering *x = s->metering;
    const Note *n = arg;
    if (!x) return;
    if (!x->counting.n && !x->writing.n) x->since = s->now;
    Entry *e = entry_of(&x->counting, n, s->now - s->now % METRICS_MINUTE_MS);
    measured_add(&e->m, &x->counting.arena, n->value, n->times);
}

/* The same value of the same was noted a moment ago, and will be kept or undone with this one. */
static bool noted_again(Server *s, struct Metering *x, const Note *n)
{
    if (x->undoable != s->undoable) memset(x->recent, 0, sizeof x->recent);
    x->undoable = s->undoable;
    for (int i = 0; i < NOTES_RECENT; i++) {
        Note *r = x->recent[i];
        if (!r || strcmp(r->name, n->name) != 0 || r->value != n->value ||
            !same_meter(&r->meter, &n->meter))
            continue;
        r->times++;
        return true;
    }
    return false;
}

void meter_add(Server *s, const Meter *m, const char *name, const char *unit, double value)
{
    Note note = {*m, name, unit, value, 1};
    if (!s->metering || noted_again(s, s->metering, &note)) return;
    Note *n = new (&s->turn, Note);
    *n = note;
    s->metering->recent[s->metering->notes++ % NOTES_RECENT] = n;
    after_commit(s, count, n);
}

/* Into the table at once. */
void meter_refused(Server *s, const Meter *m, const char *name)
{
    Note n = {*m, name, "Count", 1, 1};
    count(s, &n);
}

void meter_count(Server *s, const Meter *m, const char *name)
{
    meter_add(s, m, name, "Count", 1);
}

/* ---- writing ---- */

static Str dimensions_of(Arena *a, const Meter *m)
{
    JsonObject o = {.a = a};
    for (int i = 0; i < METER_DIMENSIONS_MAX; i++)
        if (!str_absent(m->dimension[i].value))
            json_put_text(&o, str_from(m->dimension[i].name), m->dimension[i].value);
    Json all = json_object(&o);
    all.type = JSON_OBJECT;
    return json_to_str(a, &all);
}

static void forget(Server *s, void *arg)
{
    struct Metering *x = arg;
    arena_free(&x->writing.arena);
    x->writing = (Table){0};
    x->written = s->now;
}

static void put(Server *s, const Entry *e)
{
    MetricRow key = {.account = e->meter.account,
                     .region = e->meter.region,
                     .name_space = str_from(e->meter.name_space),
                     .name = str_from(e->name),
                     .dimensions = dimensions_of(&s->turn, &e->meter)};
    MetricPoint p = {.at = e->minute, .unit = str_from(e->unit), .m = e->m};
    metrics_put(s, &key, &p, METRICS_MINUTE_MS);
}

void meter_write(Server *s)
{
    struct Metering *x = s->metering;
    if (!x || x->written_turn == x->turns || (!x->writing.n && !x->counting.n)) return;
    if (!x->writing.n) {
        x->writing = x->counting;
        x->counting = (Table){0};
        x->counting.last = &x->counting.first;
    }
    x->written_turn = x->turns;
    for (const Entry *e = x->writing.first; e; e = e->next) put(s, e);
    after_commit(s, forget, x);
}

static bool is_due(const Server *s, const struct Metering *x)
{
    if (!x->counting.n && !x->writing.n) return false;
    if (x->counting.n >= METER_METRICS_MAX || s->stopping) return true;
    if (db_dirty(s->db)) return s->now - x->written >= METER_WRITE_MS;
    return s->now - x->since >= METER_WAIT_MS;
}

void meter_turn(Server *s)
{
    Error lost = {0};
    struct Metering *x = s->metering;
    if (!x) return;
    gauges_turn(s);
    if (is_due(s, x)) {
        event_begin(s);
        meter_write(s);
        if (!event_end(s, true, &lost)) log_error(s, "meter-lost", "error=\"%s\"", lost.text);
    }
    x->turns++;
}
