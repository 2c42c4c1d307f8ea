/* index.c - a hash table from (path, text) to the patterns that are filed there. */
#include "core/event/index.h"

typedef struct Entry {
    uint64_t key;   /* of path and text; 0: free */
    int32_t wanted; /* how many patterns have it */
    int32_t first;  /* of the chain of those filed here; -1: none */
} Entry;

typedef struct Filed {
    int32_t pattern, next;
} Filed;

struct EventIndex {
    const Json *patterns;
    int32_t n;
    Entry *entries;
    int64_t mask;
    struct {
        Filed *p;
        int64_t n, cap;
    } filed;
    struct {
        int32_t *p;
        int64_t n, cap;
    } others; /* patterns without a field to be filed under */
};

/* FNV-1a goes on from the path's hash, so a path is a number. */
static uint64_t hash_on(uint64_t hash, char kind, Str s)
{
    hash = (hash ^ (unsigned char)kind) * 1099511628211u;
    for (int64_t i = 0; i < s.n; i++) hash = (hash ^ (unsigned char)s.p[i]) * 1099511628211u;
    return hash ? hash : 1;
}

#define PATH_ROOT ((uint64_t)14695981039346656037u)

static Entry *entry_of(const EventIndex *x, uint64_t key)
{
    int64_t at = (int64_t)(key ^ key >> 32) & x->mask;
    while (x->entries[at].key && x->entries[at].key != key) at = (at + 1) & x->mask;
    return &x->entries[at];
}

/* ---- the fields of patterns ---- */

/* What is done with each field that takes exact texts alone. */
typedef struct Visit {
    EventIndex *x;
    void (*field)(struct Visit *v, uint64_t path, const Json *texts);
    int64_t texts; /* counted */
    uint64_t best_path;
    const Json *best; /* NULL: none yet */
    int32_t best_wanted;
} Visit;

static bool exact(const Json *list)
{
    for (int32_t i = 0; i < list->n; i++)
        if (list->items[i].type != JSON_STRING) return false;
    return list->n > 0;
}

static void each_field(Visit *v, uint64_t path, const Json *pattern, int depth)
{
    for (int32_t i = 0; i < json_count(pattern) && depth < PATTERN_DEPTH_MAX; i++) {
        const JsonMember *m = &pattern->members[i];
        if (str_eq(m->key, S("$or"))) continue;
        uint64_t below = hash_on(path, '.', m->key);
        if (m->value.type == JSON_OBJECT)
            each_field(v, below, &m->value, depth + 1);
        else if (m->value.type == JSON_ARRAY && exact(&m->value))
            v->field(v, below, &m->value);
    }
}

static void count_texts(Visit *v, uint64_t path, const Json *texts)
{
    (void)path;
    v->texts += texts->n;
}

static void count_wanted(Visit *v, uint64_t path, const Json *texts)
{
    for (int32_t i = 0; i < texts->n; i++) {
        uint64_t key = hash_on(path, '=', json_text(&texts->items[i]));
        Entry *e = entry_of(v->x, key);
        if (!e->key) *e = (Entry){.key = key, .first = -1};
        e->wanted++;
    }
}

static void choose(Visit *v, uint64_t path, const Json *texts)
{
    int32_t wanted = 0;
    for (int32_t i = 0; i < texts->n; i++)
        wanted += entry_of(v->x, hash_on(path, '=', json_text(&texts->items[i])))->wanted;
    if (v->best && wanted >= v->best_wanted) return;
    v->best_path = path;
    v->best = texts;
    v->best_wanted = wanted;
}

/* ---- building ---- */

static void visit_all(Visit *v)
{
    for (int32_t i = 0; i < v->x->n; i++) each_field(v, PATH_ROOT, &v->x->patterns[i], 0);
}

static void file(EventIndex *x, Arena *a, int32_t pattern)
{
    Visit v = {.x = x, .field = choose};
    each_field(&v, PATH_ROOT, &x->patterns[pattern], 0);
    if (!v.best) {
        *vec_push(a, &x->others) = pattern;
        return;
    }
    for (int32_t i = 0; i < v.best->n; i++) {
        Entry *e = entry_of(x, hash_on(v.best_path, '=', json_text(&v.best->items[i])));
        *vec_push(a, &x->filed) = (Filed){pattern, e->first};
        e->first = (int32_t)x->filed.n - 1;
    }
}

EventIndex *event_index_new(Arena *a, const Json *patterns, int32_t n)
{
    EventIndex *x = new (a, EventIndex);
    *x = (EventIndex){.patterns = patterns, .n = n};
    Visit v = {.x = x, .field = count_texts};
    visit_all(&v);
    int64_t size = 16;
    while (size < 2 * v.texts) size *= 2;
    x->mask = size - 1;
    x->entries = new_array(a, Entry, size);
    memset(x->entries, 0, (size_t)size * sizeof *x->entries);
    v.field = count_wanted;
    visit_all(&v);
    for (int32_t i = 0; i < n; i++) file(x, a, i);
    return x;
}

/* ---- asking ---- */

typedef struct Asked {
    const EventIndex *x;
    Arena *a;
    struct {
        int32_t *p;
        int64_t n, cap;
    } candidates;
} Asked;

static void look(Asked *k, uint64_t path, const Json *v, int depth)
{
    if (depth > PATTERN_DEPTH_MAX) return;
    if (v->type == JSON_STRING) {
        const Entry *e = entry_of(k->x, hash_on(path, '=', json_text(v)));
        for (int32_t at = e->key ? e->first : -1; at >= 0; at = k->x->filed.p[at].next)
            *vec_push(k->a, &k->candidates) = k->x->filed.p[at].pattern;
    }
    for (int32_t i = 0; i < json_count(v); i++)
        if (v->type == JSON_ARRAY)
            look(k, path, &v->items[i], depth + 1);
        else
            look(k, hash_on(path, '.', v->members[i].key), &v->members[i].value, depth + 1);
}

static int by_number(const void *x, const void *y)
{
    return *(const int32_t *)x - *(const int32_t *)y;
}

int32_t event_index_find(const EventIndex *x, const Json *event, Arena *a, int32_t **found)
{
    Asked k = {.x = x, .a = a};
    int32_t n = 0, last = -1;
    look(&k, PATH_ROOT, event, 0);
    for (int64_t i = 0; i < x->others.n; i++) *vec_push(a, &k.candidates) = x->others.p[i];
    if (k.candidates.n)
        qsort(k.candidates.p, (size_t)k.candidates.n, sizeof *k.candidates.p, by_number);
    for (int64_t i = 0; i < k.candidates.n; i++) {
        int32_t number = k.candidates.p[i];
        if (number != last && pattern_matches(&x->patterns[number], event, a))
            k.candidates.p[n++] = number;
        last = number;
    }
    *found = k.candidates.p;
    return n;
}
