/* shape_form.c - values of the model's types from awsQuery forms: Steps.member.1.Name=x. */
#include "wire/scalar.h"
#include "wire/shape.h"

/* The pairs whose names begin with a prefix lie together, since the form is sorted. */
typedef struct Range {
    const FormPair *p, *end;
} Range;

static const FormPair *lower_bound(const Form *f, Str name)
{
    int64_t low = 0, high = f->n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (str_cmp(f->pairs[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return f->pairs + low;
}

static Range below(const Form *f, Str prefix)
{
    Range r = {.p = lower_bound(f, prefix)};
    for (r.end = r.p; r.end < f->pairs + f->n && str_starts(r.end->name, prefix);) r.end++;
    return r;
}

/* The last pair of exactly that name. */
static const FormPair *exactly(const Form *f, Str name)
{
    const FormPair *p = lower_bound(f, name), *found = NULL;
    for (; p < f->pairs + f->n && str_eq(p->name, name); p++) found = p;
    return found;
}

static bool present(const Form *f, Str name, Arena *a)
{
    Range r = below(f, str_printf(a, "%.*s.", STR(name)));
    return r.p < r.end || exactly(f, name);
}

static bool malformed(const Service *s, Str name, const char *rule, Arena *a, Fault *fault)
{
    return fault_set(fault, s, ERR_SERIALIZATION, a, "The parameter %.*s is not %s.",
                     STR(str_slice(name, 0, 200)), rule);
}

static bool from_form(const Service *s, const Member *m, const Form *f, Str name,
                      const ShapePath *path, Arena *a, Json *out, Fault *fault);

static int by_number(const void *x, const void *y)
{
    int64_t left = *(const int64_t *)x, right = *(const int64_t *)y;
    return (left > right) - (left < right);
}

/* The numbers that follow `prefix` ("Steps.member."), each once, ascending. Gaps are allowed. */
static bool item_numbers(const Form *f, Str prefix, Arena *a, int64_t **numbers, int64_t *n)
{
    Range r = below(f, prefix);
    int64_t *all = *numbers = new_array(a, int64_t, r.end - r.p), count = 0;
    for (*n = 0; r.p < r.end; r.p++) {
        Str rest = str_slice(r.p->name, prefix.n, r.p->name.n), digits;
        if (!str_cut(&rest, '.', &digits) || !str_to_int(digits, &all[count]) || all[count] < 1)
            return false;
        count++;
    }
    if (count) qsort(all, (size_t)count, sizeof *all, by_number);
    for (int64_t i = 0; i < count; i++)
        if (!i || all[i] != all[i - 1]) all[(*n)++] = all[i];
    return true;
}

/* A flattened list already stands under the name of its items. */
static Str list_prefix(const Service *s, const Member *m, Str name, Arena *a)
{
    if (m->flags & MEMBER_FLATTENED) return str_printf(a, "%.*s.", STR(name));
    return str_printf(a, "%.*s.%.*s.", STR(name),
                      STR(model_text(s, model_item(s, model_shape(s, m))->wire)));
}

static bool list_from_form(const Service *s, const Member *m, const Form *f, Str name,
                           const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonArray items = {.a = a};
    Str prefix = list_prefix(s, m, name, a);
    int64_t *numbers, n;
    if (!item_numbers(f, prefix, a, &numbers, &n))
        return malformed(s, name, "a list numbered from 1", a, fault);
    for (int64_t i = 0; i < n; i++) {
        ShapePath here = {.up = path, .index = i, .depth = path->depth + 1};
        Str item = str_printf(a, "%.*s%" PRId64, STR(prefix), numbers[i]);
        Json v = {0};
        if (!from_form(s, model_item(s, model_shape(s, m)), f, item, &here, a, &v, fault))
            return false;
        json_add(&items, v);
    }
    *out = json_array(&items);
    return true;
}

static bool entry_from_form(const Service *s, const Shape *shape, const Form *f, Str entry,
                            const ShapePath *path, Arena *a, JsonObject *out, Fault *fault)
{
    const Member *value = model_item(s, shape);
    const FormPair *key = exactly(
        f, str_printf(a, "%.*s.%.*s", STR(entry), STR(model_text(s, model_key(s, shape)->wire))));
    if (!key) return malformed(s, entry, "an entry with a key", a, fault);
    ShapePath here = {
        .up = path, .name = key->value.p ? key->value : S(""), .depth = path->depth + 1};
    Json v = {0};
    Str name = str_printf(a, "%.*s.%.*s", STR(entry), STR(model_text(s, value->wire)));
    if (!from_form(s, value, f, name, &here, a, &v, fault)) return false;
    json_put(out, here.name, v);
    return true;
}

static bool map_from_form(const Service *s, const Member *m, const Form *f, Str name,
                          const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonObject entries = {.a = a};
    Str prefix = str_printf(a, "%.*s.%s", STR(name), m->flags & MEMBER_FLATTENED ? "" : "entry.");
    int64_t *numbers, n;
    if (!item_numbers(f, prefix, a, &numbers, &n))
        return malformed(s, name, "a map numbered from 1", a, fault);
    for (int64_t i = 0; i < n; i++) {
        Str entry = str_printf(a, "%.*s%" PRId64, STR(prefix), numbers[i]);
        if (!entry_from_form(s, model_shape(s, m), f, entry, path, a, &entries, fault))
            return false;
    }
    *out = json_object(&entries);
    return true;
}

static bool structure_from_form(const Service *s, const Shape *shape, const Form *f, Str name,
                                const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonObject o = {.a = a};
    Str prefix = str_printf(a, "%.*s.", STR(name));
    if (!shape_members_from_form(s, shape, f, prefix, path, a, &o, fault)) return false;
    *out = json_object(&o);
    return true;
}

static bool from_form(const Service *s, const Member *m, const Form *f, Str name,
                      const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    const Shape *shape = model_shape(s, m);
    const char *rule = "shallow enough";
    if (path->depth > SHAPE_DEPTH_MAX) return malformed(s, name, rule, a, fault);
    if (shape->type == SHAPE_STRUCTURE)
        return structure_from_form(s, shape, f, name, path, a, out, fault);
    if (shape->type == SHAPE_LIST) return list_from_form(s, m, f, name, path, a, out, fault);
    if (shape->type == SHAPE_MAP) return map_from_form(s, m, f, name, path, a, out, fault);
    const FormPair *pair = exactly(f, name);
    if (!pair) return true; /* a gap: stays null */
    return scalar_parse(s, m, pair->value, a, out, &rule) || malformed(s, name, rule, a, fault);
}

bool shape_members_from_form(const Service *s, const Shape *shape, const Form *f, Str prefix,
                             const ShapePath *path, Arena *a, JsonObject *out, Fault *fault)
{
    for (int i = 0; i < shape->members_n; i++) {
        const Member *m = &s->members[shape->members + i];
        Str wire = model_text(s, m->wire), name = str_printf(a, "%.*s%.*s", STR(prefix), STR(wire));
        ShapePath here = {
            .up = path, .name = model_text(s, m->name), .depth = path ? path->depth + 1 : 1};
        Json v = {0};
        if (!present(f, name, a)) continue;
        if (!from_form(s, m, f, name, &here, a, &v, fault)) return false;
        if (v.type != JSON_NULL) json_put(out, here.name, v);
    }
    return true;
}
