/* integrations_shape.c - inputs and outputs of API calls in the casing and the times that Task states see. */
#include "app/states/integrations.h"

#include "base/time.h"

enum { SHAPE_DEPTH = 32 };

static Str with_first(Arena *a, Str name, Str (*change)(Arena *, Str))
{
    return str_printf(a, "%.*s%.*s", STR(change(a, str_slice(name, 0, 1))),
                      STR(str_slice(name, 1, name.n)));
}

static const Member *member_like(Arena *a, const Service *s, const Shape *shape, Str name)
{
    const Member *m = model_member(s, shape, name);
    if (!m && name.n) m = model_member(s, shape, with_first(a, name, str_lower));
    if (!m && name.n) m = model_member(s, shape, with_first(a, name, str_upper));
    return m;
}

/* ---- in ---- */

static Json take(Arena *a, const Service *s, const Shape *shape, const Json *v, int depth);

static Json take_members(Arena *a, const Service *s, const Shape *shape, const Json *v, int depth)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(v); i++) {
        const Member *m = member_like(a, s, shape, v->members[i].key);
        if (!m || v->members[i].value.type == JSON_NULL) continue;
        json_put(&o, model_text(s, m->name),
                 take(a, s, model_shape(s, m), &v->members[i].value, depth + 1));
    }
    return json_object(&o);
}

static Json take_all(Arena *a, const Service *s, const Shape *shape, const Json *v, int depth)
{
    const Shape *item = model_shape(s, model_item(s, shape));
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(v); i++) {
        if (v->type == JSON_ARRAY)
            json_add(&list, take(a, s, item, &v->items[i], depth + 1));
        else
            json_put(&o, v->members[i].key, take(a, s, item, &v->members[i].value, depth + 1));
    }
    return v->type == JSON_ARRAY ? json_array(&list) : json_object(&o);
}

static Json take(Arena *a, const Service *s, const Shape *shape, const Json *v, int depth)
{
    if (depth > SHAPE_DEPTH) return (Json){0};
    bool nested = v->type >= JSON_ARRAY;
    if (shape->type == SHAPE_STRING &&
        (nested || v->type == JSON_NUMBER || v->type == JSON_TRUE || v->type == JSON_FALSE))
        return json_string(json_to_str(a, v));
    if (shape->type == SHAPE_STRUCTURE && v->type == JSON_OBJECT)
        return take_members(a, s, shape, v, depth);
    if ((shape->type == SHAPE_LIST && v->type == JSON_ARRAY) ||
        (shape->type == SHAPE_MAP && v->type == JSON_OBJECT))
        return take_all(a, s, shape, v, depth);
    return *v;
}

Json integrations_input(Arena *a, const Operation *op, const Json *given)
{
    const Shape *shape = model_input(op);
    return shape ? take(a, op->service, shape, given, 0) : (Json){.type = JSON_OBJECT};
}

/* ---- out ---- */

typedef struct Show {
    Arena *a;
    const Service *s;
    TimeStyle style;
} Show;

static Json show(const Show *w, const Shape *shape, const Json *v, int depth);

static int by_key(const void *x, const void *y)
{
    return str_cmp(((const JsonMember *)x)->key, ((const JsonMember *)y)->key);
}

static Json show_members(const Show *w, const Shape *shape, const Json *v, int depth)
{
    JsonObject o = {.a = w->a};
    for (int32_t i = 0; i < json_count(v); i++) {
        const JsonMember *given = &v->members[i];
        const Member *m = model_member(w->s, shape, given->key);
        if (!m || given->value.type == JSON_NULL) continue;
        json_put(&o, with_first(w->a, given->key, str_upper),
                 show(w, model_shape(w->s, m), &given->value, depth + 1));
    }
    if (o.n > 1) qsort(o.p, (size_t)o.n, sizeof *o.p, by_key);
    Json all = json_object(&o);
    all.type = JSON_OBJECT;
    return all;
}

static Json show_all(const Show *w, const Shape *shape, const Json *v, int depth)
{
    const Shape *item = model_shape(w->s, model_item(w->s, shape));
    JsonObject o = {.a = w->a};
    JsonArray list = {.a = w->a};
    for (int32_t i = 0; i < json_count(v); i++) {
        if (v->type == JSON_ARRAY)
            json_add(&list, show(w, item, &v->items[i], depth + 1));
        else
            json_put(&o, v->members[i].key, show(w, item, &v->members[i].value, depth + 1));
    }
    return v->type == JSON_ARRAY ? json_array(&list) : json_object(&o);
}

/* Seconds with at most three digits behind the point. */
static Millis millis_of(const Json *seconds)
{
    Str text = json_text(seconds), whole = {0}, rest = text;
    int64_t n = 0, ms = 0;
    if (!str_cut(&rest, '.', &whole) || !str_to_int(whole, &n)) return 0;
    for (int64_t i = 0; i < 3; i++)
        ms = ms * 10 + (rest.n > i && text.n > whole.n ? rest.p[i] - '0' : 0);
    return n * 1000 + ms;
}

static Json show(const Show *w, const Shape *shape, const Json *v, int depth)
{
    if (depth > SHAPE_DEPTH) return (Json){0};
    if (shape->type == SHAPE_TIMESTAMP && v->type == JSON_NUMBER)
        return w->style == TIMES_ISO ? json_string(time_iso8601(w->a, millis_of(v)))
                                     : json_int(w->a, millis_of(v));
    if (shape->type == SHAPE_STRUCTURE && v->type == JSON_OBJECT)
        return show_members(w, shape, v, depth);
    if ((shape->type == SHAPE_LIST && v->type == JSON_ARRAY) ||
        (shape->type == SHAPE_MAP && v->type == JSON_OBJECT))
        return show_all(w, shape, v, depth);
    return *v;
}

Json integrations_output(Arena *a, const Operation *op, const Json *answer, TimeStyle style)
{
    Show w = {a, op->service, style};
    const Shape *shape = model_output(op);
    return shape ? show(&w, shape, answer, 0) : (Json){.type = JSON_OBJECT};
}
