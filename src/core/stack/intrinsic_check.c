/* intrinsic_check.c - what the values of a template refer to, and whether it is there. */
#include "core/stack/intrinsic_inside.h"

typedef enum Block { BLOCK_RESOURCES, BLOCK_OUTPUTS, BLOCK_CONDITIONS } Block;

/* What a walk over a value meets: names as Ref has them, and resources with an attribute. */
typedef struct Walk {
    const Template *t;
    Arena *a;
    Block block;
    StrVec *references; /* or NULL: check */
    const Json *own;    /* the variables of the Sub being read */
} Walk;

static bool walk(Walk *w, const Json *v, Error *err);

static void add_once(Arena *a, StrVec *all, Str name)
{
    for (int64_t i = 0; i < all->n; i++)
        if (str_eq(all->p[i], name)) return;
    *vec_push(a, all) = name;
}

static bool is_pseudo(Str name)
{
    static const Str names[] = {
        STR_INIT("AWS::AccountId"), STR_INIT("AWS::NotificationARNs"), STR_INIT("AWS::NoValue"),
        STR_INIT("AWS::Partition"), STR_INIT("AWS::Region"),           STR_INIT("AWS::StackId"),
        STR_INIT("AWS::StackName"), STR_INIT("AWS::URLSuffix"),
    };
    for (int i = 0; i < countof(names); i++)
        if (str_eq(name, names[i])) return true;
    return false;
}

static bool unresolved(const Walk *w, Str name, Error *err)
{
    if (w->block == BLOCK_CONDITIONS)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: Unresolved dependencies [%.*s]. Cannot reference "
                         "resources in the Conditions block of the template",
                         STR(name));
    return error_set(err, ERR_VALIDATION,
                     "Template format error: Unresolved resource dependencies [%.*s] in the %s "
                     "block of the template",
                     STR(name), w->block == BLOCK_OUTPUTS ? "Outputs" : "Resources");
}

static bool met_ref(Walk *w, Str name, Error *err)
{
    if (is_pseudo(name) || template_parameter(w->t, name)) return true;
    const TemplateResource *r = template_resource(w->t, name);
    if (r && w->references) return add_once(w->a, w->references, name), true;
    if (r && w->block != BLOCK_CONDITIONS) return true;
    return w->references || unresolved(w, name, err);
}

static bool met_attribute(Walk *w, Str name, Error *err)
{
    const TemplateResource *r = template_resource(w->t, name);
    if (r && w->references) return add_once(w->a, w->references, name), true;
    if (r && w->block != BLOCK_CONDITIONS) return true;
    if (w->references) return true;
    if (w->block == BLOCK_CONDITIONS) return unresolved(w, name, err);
    return intrinsic_error(err, "instance of Fn::GetAtt references undefined resource %.*s",
                           STR(name));
}

static bool sub_name(void *state, Str text, bool variable, Error *err)
{
    Walk *w = state;
    if (!variable || json_get(w->own, text)) return true;
    int64_t dot = str_find_char(text, '.');
    return dot < 0 ? met_ref(w, text, err) : met_attribute(w, str_slice(text, 0, dot), err);
}

static bool walk_sub(Walk *w, const Json *argument, Error *err)
{
    const Json *pair = NULL, *text = argument, *outer = w->own;
    if (intrinsic_items(argument, 2, &pair)) text = &pair[0];
    w->own = pair ? &pair[1] : NULL;
    bool good =
        !json_is(text, JSON_STRING) || intrinsic_sub_pieces(json_text(text), sub_name, w, err);
    w->own = outer;
    return good && (!pair || walk(w, &pair[1], err));
}

static bool walk_get_att(Walk *w, const Json *argument, Error *err)
{
    Str text = json_text(argument);
    int64_t dot = str_find_char(text, '.');
    if (json_is(argument, JSON_STRING))
        return met_attribute(w, dot < 0 ? text : str_slice(text, 0, dot), err);
    return met_attribute(w, json_text(json_at(argument, 0)), err) &&
           (!json_at(argument, 1) || walk(w, json_at(argument, 1), err));
}

static bool walk_parts(Walk *w, const Json *v, Error *err)
{
    for (int32_t i = 0; i < json_count(v); i++)
        if (!walk(w, v->type == JSON_ARRAY ? &v->items[i] : &v->members[i].value, err))
            return false;
    return true;
}

static bool walk(Walk *w, const Json *v, Error *err)
{
    const Intrinsic *f = intrinsic_of(v);
    if (!f) return walk_parts(w, v, err);
    const Json *argument = &v->members[0].value;
    if (str_eq(f->name, S("Ref")) && json_is(argument, JSON_STRING))
        return met_ref(w, json_text(argument), err);
    if (str_eq(f->name, S("Fn::Sub"))) return walk_sub(w, argument, err);
    if (str_eq(f->name, S("Fn::GetAtt"))) return walk_get_att(w, argument, err);
    return walk_parts(w, argument, err);
}

void intrinsic_references(const Template *t, const Json *value, Arena *a, StrVec *out)
{
    Walk w = {.t = t, .a = a, .references = out};
    Error ignored; /* nothing is checked */
    if (value) (void)!walk(&w, value, &ignored);
}

/* ---- conditions that name each other ---- */

enum { CONDITIONS_HEIGHT_MAX = 64, IN_PROGRESS = -1 };

typedef struct Heights {
    const Template *t;
    int *of; /* of each condition: 0 unknown, IN_PROGRESS, else one more than of those it names */
} Heights;

static bool height_of_value(Heights *h, const Json *v, int depth, int *out, Error *err);

static int index_of(const Json *conditions, Str name)
{
    for (int32_t i = 0; i < json_count(conditions); i++)
        if (str_eq(conditions->members[i].key, name)) return i;
    return -1;
}

/* Each condition is walked once: two that name two others each, and so on, cost no more than their
 * number. */
static bool height_of(Heights *h, int i, int depth, int *out, Error *err)
{
    const JsonMember *m = &h->t->conditions->members[i];
    if (h->of[i] == IN_PROGRESS)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: Found circular condition dependency with %.*s",
                         STR(m->key));
    if (h->of[i] == 0) {
        int below = 0;
        h->of[i] = IN_PROGRESS;
        if (!height_of_value(h, &m->value, depth, &below, err)) return false;
        h->of[i] = below + 1;
    }
    *out = h->of[i] > *out ? h->of[i] : *out;
    if (*out > CONDITIONS_HEIGHT_MAX)
        return error_set(
            err, ERR_VALIDATION,
            "Template format error: conditions name each other more than %d deep: %.*s",
            CONDITIONS_HEIGHT_MAX, STR(m->key));
    return true;
}

static bool height_of_name(Heights *h, Str name, int depth, int *out, Error *err)
{
    int i = index_of(h->t->conditions, name);
    if (i < 0 || depth > CONDITIONS_HEIGHT_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: Unresolved condition dependency %.*s in the "
                         "Conditions block of the template",
                         STR(name));
    return height_of(h, i, depth + 1, out, err);
}

static bool height_of_value(Heights *h, const Json *v, int depth, int *out, Error *err)
{
    const Intrinsic *f = intrinsic_of(v);
    if (f && str_eq(f->name, S("Condition")))
        return height_of_name(h, json_text(&v->members[0].value), depth, out, err);
    for (int32_t i = 0; i < json_count(v); i++) {
        const Json *part = v->type == JSON_ARRAY ? &v->items[i] : &v->members[i].value;
        if (!height_of_value(h, part, depth, out, err)) return false;
    }
    return true;
}

static bool check_conditions(Walk *w, Error *err)
{
    int32_t n = json_count(w->t->conditions);
    Heights h = {w->t, new_array(w->a, int, n)};
    for (int32_t i = 0; i < n; i++) {
        int height = 0;
        if (!walk(w, &w->t->conditions->members[i].value, err) ||
            !height_of(&h, i, 0, &height, err))
            return false;
    }
    return true;
}

static bool check_condition(const Template *t, Str name, Error *err)
{
    if (str_absent(name) || json_get(t->conditions, name)) return true;
    return error_set(err, ERR_VALIDATION,
                     "Template format error: Unresolved condition dependency %.*s in the Resources "
                     "block of the template",
                     STR(name));
}

static bool check_resource(Walk *w, const TemplateResource *r, Error *err)
{
    for (int64_t i = 0; i < r->depends_on.n; i++)
        if (!template_resource(w->t, r->depends_on.p[i]))
            return unresolved(w, r->depends_on.p[i], err);
    return check_condition(w->t, r->condition, err) &&
           (!r->properties || walk(w, r->properties, err));
}

bool intrinsic_check(const Template *t, Arena *a, Error *err)
{
    Walk w = {.t = t, .a = a, .block = BLOCK_CONDITIONS};
    if (!check_conditions(&w, err)) return false;
    w.block = BLOCK_RESOURCES;
    for (int64_t i = 0; i < t->resources.n; i++)
        if (!check_resource(&w, &t->resources.p[i], err)) return false;
    w.block = BLOCK_OUTPUTS;
    for (int64_t i = 0; i < t->outputs.n; i++)
        if (!check_condition(t, t->outputs.p[i].condition, err) ||
            !walk(&w, t->outputs.p[i].value, err) ||
            (t->outputs.p[i].export_name && !walk(&w, t->outputs.p[i].export_name, err)))
            return false;
    return true;
}
