/* causes.c - a walk over a value that notes what it refers to. */
#include "core/stack/causes.h"
#include "core/stack/intrinsic_inside.h"

typedef struct Walk {
    const Template *t;
    Arena *a;
    Causes *out;
    const Json *own; /* the variables of the Sub in hand */
} Walk;

static void add(Walk *w, CauseKind kind, Str entity, Str resource)
{
    for (int64_t i = 0; i < w->out->n; i++)
        if (w->out->p[i].kind == kind && str_eq(w->out->p[i].entity, entity)) return;
    *vec_push(w->a, w->out) = (Cause){kind, entity, resource};
}

static void met_name(Walk *w, Str name)
{
    if (template_parameter(w->t, name))
        add(w, CAUSE_PARAMETER, name, (Str){0});
    else if (template_resource(w->t, name))
        add(w, CAUSE_RESOURCE, name, name);
}

static void met_attribute(Walk *w, Str dotted)
{
    int64_t dot = str_find_char(dotted, '.');
    Str resource = str_slice(dotted, 0, dot < 0 ? dotted.n : dot);
    if (template_resource(w->t, resource)) add(w, CAUSE_ATTRIBUTE, dotted, resource);
}

static bool met_piece(void *state, Str text, bool variable, Error *err)
{
    Walk *w = state;
    (void)err;
    if (!variable || json_get(w->own, text)) return true;
    if (str_find_char(text, '.') < 0)
        met_name(w, text);
    else
        met_attribute(w, text);
    return true;
}

static void walk(Walk *w, const Json *v);

static void walk_sub(Walk *w, const Json *argument)
{
    Error none = {0};
    const Json *pair = NULL, *text = argument, *outer = w->own;
    if (intrinsic_items(argument, 2, &pair)) text = &pair[0];
    w->own = pair ? &pair[1] : NULL;
    if (json_is(text, JSON_STRING))
        (void)intrinsic_sub_pieces(json_text(text), met_piece, w, &none);
    w->own = outer;
    if (pair) walk(w, &pair[1]);
}

static void walk_get_att(Walk *w, const Json *argument)
{
    const Json *pair;
    if (json_is(argument, JSON_STRING))
        met_attribute(w, json_text(argument));
    else if (intrinsic_items(argument, 2, &pair))
        met_attribute(
            w, str_printf(w->a, "%.*s.%.*s", STR(json_text(&pair[0])), STR(json_text(&pair[1]))));
}

static void walk(Walk *w, const Json *v)
{
    bool function = json_is(v, JSON_OBJECT) && v->n == 1;
    Str name = function ? v->members[0].key : (Str){0};
    const Json *argument = function ? &v->members[0].value : NULL;
    if (str_eq(name, S("Ref")) && json_is(argument, JSON_STRING)) {
        met_name(w, json_text(argument));
        return;
    }
    if (str_eq(name, S("Fn::GetAtt"))) {
        walk_get_att(w, argument);
        return;
    }
    if (str_eq(name, S("Fn::Sub"))) {
        walk_sub(w, argument);
        return;
    }
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++) walk(w, &v->items[i]);
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++) walk(w, &v->members[i].value);
}

void causes_of(const Template *t, const Json *value, Arena *a, Causes *out)
{
    Walk w = {.t = t, .a = a, .out = out};
    if (value) walk(&w, value);
}
