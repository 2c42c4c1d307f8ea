/* get.c - applying a path to a value: reading, how far it reaches, writing to the place it names. */
#include "core/jsonpath/inside.h"

typedef struct Found {
    Json *p;
    int64_t n, cap;
} Found;

static bool visit(PathWalk *w)
{
    return ++w->visits <= JSONPATH_VISITS_MAX;
}

static void add(PathWalk *w, Found *out, const Json *v)
{
    if (v && visit(w)) *vec_push(w->a, out) = *v;
}

static const Json *at_index(const Json *v, int64_t index)
{
    return json_is(v, JSON_ARRAY) ? json_at(v, index < 0 ? index + v->n : index) : NULL;
}

static int64_t bound(int64_t given, int64_t otherwise, int64_t n)
{
    if (given == INT64_MIN) given = otherwise;
    if (given < 0) given += n;
    return given < 0 ? 0 : given > n ? n : given;
}

static void take_slice(PathWalk *w, const JsonPathStep *step, const Json *v, Found *out)
{
    if (!json_is(v, JSON_ARRAY)) return;
    int64_t to = bound(step->to, v->n, v->n);
    for (int64_t i = bound(step->from, 0, v->n); i < to; i++) add(w, out, &v->items[i]);
}

static const Json *child(const Json *v, int32_t i)
{
    return v->type == JSON_ARRAY ? &v->items[i] : &v->members[i].value;
}

static void take_children(PathWalk *w, const JsonPathStep *step, const Json *v, Found *out)
{
    for (int32_t i = 0; i < json_count(v) && visit(w); i++)
        if (step->kind == JSONPATH_WILD || path_holds(w, step->test, child(v, i)))
            add(w, out, child(v, i));
}

/* Several names give one object with those members, as Jayway does. */
static void take_names(PathWalk *w, const JsonPathStep *step, const Json *v, Found *out)
{
    JsonObject o = {.a = w->a};
    for (int32_t i = 0; i < step->n; i++)
        json_put_json(&o, step->names[i], json_get(v, step->names[i]));
    Json made = json_object(&o);
    if (made.n) add(w, out, &made);
}

static void take(PathWalk *w, const JsonPathStep *step, const Json *v, Found *out)
{
    switch (step->kind) {
    case JSONPATH_NAME: add(w, out, json_get(v, step->name)); break;
    case JSONPATH_NAMES: take_names(w, step, v, out); break;
    case JSONPATH_INDEX:
    case JSONPATH_INDEXES:
        for (int32_t i = 0; i < step->n; i++) add(w, out, at_index(v, step->indexes[i]));
        break;
    case JSONPATH_SLICE: take_slice(w, step, v, out); break;
    case JSONPATH_FILTER:
        if (json_is(v, JSON_OBJECT) &&
            !step->deep) { /* a filter on an object asks the object itself */
            if (path_holds(w, step->test, v)) add(w, out, v);
            break;
        }
        take_children(w, step, v, out);
        break;
    case JSONPATH_WILD: take_children(w, step, v, out); break;
    }
}

static void take_deep(PathWalk *w, const JsonPathStep *step, const Json *v, Found *out)
{
    if (!visit(w)) return;
    take(w, step, v, out);
    for (int32_t i = 0; i < json_count(v); i++) take_deep(w, step, child(v, i), out);
}

static bool is_single(const JsonPathStep *step)
{
    return !step->deep && (step->kind == JSONPATH_NAME || step->kind == JSONPATH_INDEX);
}

JsonPathFound path_walk(PathWalk *w, const JsonPath *path, const Json *from, Json *out)
{
    Found now = {0};
    add(w, &now, from);
    bool definite = true;
    for (int32_t i = 0; i < path->n; i++) {
        Found next = {0};
        const JsonPathStep *step = &path->steps[i];
        for (int64_t k = 0; k < now.n; k++)
            (step->deep ? take_deep : take)(w, step, &now.p[k], &next);
        if (definite && !next.n && is_single(step)) return JSONPATH_MISSING;
        definite &= is_single(step);
        now = next;
    }
    if (w->visits > JSONPATH_VISITS_MAX) return JSONPATH_TOO_MUCH;
    *out =
        path->definite ? now.p[0] : (Json){.type = JSON_ARRAY, .n = (int32_t)now.n, .items = now.p};
    return JSONPATH_FOUND;
}

/* The common case, a definite path, takes no memory. */
JsonPathFound jsonpath_get(const JsonPath *path, const Json *root, Arena *a, Json *out)
{
    if (!path->definite) return path_walk(&(PathWalk){.a = a, .root = root}, path, root, out);
    const Json *v = root;
    for (int32_t i = 0; i < path->n && v; i++) {
        const JsonPathStep *step = &path->steps[i];
        v = step->kind == JSONPATH_NAME ? json_get(v, step->name) : at_index(v, step->indexes[0]);
    }
    if (!v) return JSONPATH_MISSING;
    *out = *v;
    return JSONPATH_FOUND;
}

int32_t jsonpath_reach(const JsonPath *path, const Json *root)
{
    for (int32_t i = 0; i < path->n; i++) {
        const JsonPathStep *step = &path->steps[i];
        root = step->kind == JSONPATH_NAME ? json_get(root, step->name)
                                           : at_index(root, step->indexes[0]);
        if (!root) return i;
    }
    return path->n;
}

static void canonical_step(Buf *b, const JsonPathStep *step)
{
    if (step->deep) buf_put(b, S(".."));
    switch (step->kind) {
    case JSONPATH_NAME: buf_printf(b, "['%.*s']", STR(step->name)); break;
    case JSONPATH_NAMES:
        for (int32_t i = 0; i < step->n; i++)
            buf_printf(b, "%s'%.*s'", i ? "," : "[", STR(step->names[i]));
        buf_putc(b, ']');
        break;
    case JSONPATH_INDEX:
    case JSONPATH_INDEXES:
        for (int32_t i = 0; i < step->n; i++)
            buf_printf(b, "%s%" PRId64, i ? "," : "[", step->indexes[i]);
        buf_putc(b, ']');
        break;
    case JSONPATH_SLICE:
        buf_putc(b, '[');
        if (step->from != INT64_MIN) buf_printf(b, "%" PRId64, step->from);
        buf_putc(b, ':');
        if (step->to != INT64_MIN) buf_printf(b, "%" PRId64, step->to);
        buf_putc(b, ']');
        break;
    case JSONPATH_WILD: buf_put(b, S("[*]")); break;
    case JSONPATH_FILTER: buf_put(b, S("[?]")); break;
    }
}

Str jsonpath_canonical(Arena *a, const JsonPath *path, int32_t steps)
{
    Buf b = {.a = a};
    buf_putc(&b, '$');
    for (int32_t i = 0; i < steps && i < path->n; i++) canonical_step(&b, &path->steps[i]);
    return buf_str(&b);
}

static bool put_at(const JsonPathStep *step, int32_t n, const Json *v, const Json *value, Arena *a,
                   Json *out);

static bool put_member(const JsonPathStep *step, int32_t n, const Json *v, const Json *value,
                       Arena *a, Json *out)
{
    JsonObject o = {.a = a};
    bool there = false;
    for (int32_t i = 0; i < v->n; i++) {
        Json member = v->members[i].value;
        if (str_eq(v->members[i].key, step->name)) {
            if (there) continue; /* a key given twice becomes one */
            there = true;
            if (!put_at(step + 1, n - 1, json_get(v, step->name), value, a, &member)) return false;
        }
        json_put(&o, v->members[i].key, member);
    }
    Json made;
    if (!there) {
        if (!put_at(step + 1, n - 1, &(Json){.type = JSON_OBJECT}, value, a, &made)) return false;
        json_put(&o, step->name, made);
    }
    *out = json_object(&o);
    return true;
}

static bool put_item(const JsonPathStep *step, int32_t n, const Json *v, const Json *value,
                     Arena *a, Json *out)
{
    int64_t index = step->indexes[0];
    if (!json_is(v, JSON_ARRAY) || index >= v->n) return false;
    Json *items = new_array(a, Json, v->n);
    memcpy(items, v->items, (size_t)v->n * sizeof *items);
    *out = (Json){.type = JSON_ARRAY, .n = v->n, .items = items};
    return put_at(step + 1, n - 1, &v->items[index], value, a, &items[index]);
}

static bool put_at(const JsonPathStep *step, int32_t n, const Json *v, const Json *value, Arena *a,
                   Json *out)
{
    if (n == 0) return *out = *value, true;
    if (step->kind == JSONPATH_INDEX) return put_item(step, n, v, value, a, out);
    return json_is(v, JSON_OBJECT) && put_member(step, n, v, value, a, out);
}

bool jsonpath_put(const JsonPath *path, const Json *root, const Json *value, Arena *a, Json *out)
{
    check(path->reference);
    return path->n <= JSON_DEPTH_MAX && put_at(path->steps, path->n, root, value, a, out);
}
