/* drift.c - differences between what a template says and what there is. */
#include "core/stack/drift.h"

typedef struct Comparing {
    Arena *a;
    DriftDifferences *out;
} Comparing;

/* One list against another: who has found the other. */
typedef struct Pairing {
    const Json *expected, *actual;
    bool *expected_paired, *actual_paired;
} Pairing;

const char *drift_kind_text(DriftKind kind)
{
    static const char *const names[] = {"ADD", "REMOVE", "NOT_EQUAL"};
    return names[kind];
}

static void compare(Comparing *c, Str path, const Json *expected, const Json *actual);

static void add(Comparing *c, Str path, DriftKind kind, const Json *expected, const Json *actual)
{
    if (c->out->n < DRIFT_DIFFERENCES_MAX)
        *vec_push(c->a, c->out) = (DriftDifference){path, kind, expected, actual};
}

static Str below(Comparing *c, Str path, Str name)
{
    Buf b = {.a = c->a};
    buf_put(&b, path);
    buf_putc(&b, '/');
    for (int64_t i = 0; i < name.n; i++)
        if (name.p[i] == '~' || name.p[i] == '/')
            buf_put(&b, name.p[i] == '~' ? S("~0") : S("~1"));
        else
            buf_putc(&b, name.p[i]);
    return buf_str(&b);
}

static Str at(Comparing *c, Str path, int32_t place)
{
    return str_printf(c->a, "%.*s/%d", STR(path), place);
}

static void compare_objects(Comparing *c, Str path, const Json *expected, const Json *actual)
{
    for (int32_t i = 0; i < expected->n; i++) {
        const JsonMember *m = &expected->members[i];
        const Json *other = json_get(actual, m->key);
        Str place = below(c, path, m->key);
        if (other)
            compare(c, place, &m->value, other);
        else
            add(c, place, DRIFT_REMOVE, &m->value, NULL);
    }
    for (int32_t i = 0; i < actual->n; i++)
        if (!json_get(expected, actual->members[i].key))
            add(c, below(c, path, actual->members[i].key), DRIFT_ADD, NULL,
                &actual->members[i].value);
}

/* ---- lists ---- */

typedef bool PairFn(const Json *x, const Json *y);

static bool same_identity(const Json *x, const Json *y)
{
    const Json *one = drift_identity(x), *other = drift_identity(y);
    return one && other && json_eq(one, other);
}

static bool both_nameless(const Json *x, const Json *y)
{
    return !drift_identity(x) && !drift_identity(y);
}

static int32_t partner(const Pairing *p, int32_t i, PairFn *fits)
{
    const Json *item = &p->expected->items[i];
    bool few = (int64_t)p->expected->n * p->actual->n <= DRIFT_PAIRS_MAX;
    if (i < p->actual->n && !p->actual_paired[i] && fits(item, &p->actual->items[i])) return i;
    for (int32_t k = 0; few && k < p->actual->n; k++)
        if (!p->actual_paired[k] && fits(item, &p->actual->items[k])) return k;
    return -1;
}

static void pair(Comparing *c, Str path, Pairing *p, PairFn *fits)
{
    for (int32_t i = 0; i < p->expected->n; i++) {
        int32_t k = p->expected_paired[i] ? -1 : partner(p, i, fits);
        if (k < 0) continue;
        p->expected_paired[i] = p->actual_paired[k] = true;
        compare(c, at(c, path, i), &p->expected->items[i], &p->actual->items[k]);
    }
}

static bool *none_paired(Arena *a, int32_t n)
{
    bool *p = new_array(a, bool, n);
    if (n) memset(p, 0, (size_t)n);
    return p;
}

static void compare_arrays(Comparing *c, Str path, const Json *expected, const Json *actual)
{
    Pairing p = {expected, actual, none_paired(c->a, expected->n), none_paired(c->a, actual->n)};
    pair(c, path, &p, json_eq);
    pair(c, path, &p, same_identity);
    pair(c, path, &p, both_nameless);
    for (int32_t i = 0; i < expected->n; i++)
        if (!p.expected_paired[i]) add(c, at(c, path, i), DRIFT_REMOVE, &expected->items[i], NULL);
    for (int32_t i = 0; i < actual->n; i++)
        if (!p.actual_paired[i]) add(c, at(c, path, i), DRIFT_ADD, NULL, &actual->items[i]);
}

static void compare(Comparing *c, Str path, const Json *expected, const Json *actual)
{
    if (json_is(expected, JSON_OBJECT) && json_is(actual, JSON_OBJECT))
        compare_objects(c, path, expected, actual);
    else if (json_is(expected, JSON_ARRAY) && json_is(actual, JSON_ARRAY))
        compare_arrays(c, path, expected, actual);
    else if (!json_eq(expected, actual))
        add(c, path, DRIFT_NOT_EQUAL, expected, actual);
}

void drift_compare(const Json *expected, const Json *actual, Arena *a, DriftDifferences *out)
{
    Comparing c = {a, out};
    compare(&c, S(""), expected, actual);
}
