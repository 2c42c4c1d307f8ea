/* change.c - resource by resource in the order of the graph, so that what a replacement makes unknown is known to be so. */
#include "core/stack/change.h"

typedef struct Comparing {
    ChangeInput *in;
    Arena *a;
    StackChange *of_node; /* by node of the graph */
    bool *changed;
} Comparing;

/* ---- the scope ---- */

static bool is_unknown(const Comparing *c, Str name)
{
    int32_t node = stack_graph_find(c->in->graph, name);
    if (node < 0 || !c->changed[node]) return false;
    const StackChange *x = &c->of_node[node];
    return x->action == CHANGE_ADD || x->replacement != REPLACEMENT_FALSE;
}

static bool ref(void *state, Str name, Json *out, Error *err)
{
    Comparing *c = state;
    if (is_unknown(c, name)) return *out = stack_unknown(), true;
    return c->in->scope.ref(c->in->scope.state, name, out, err);
}

static bool attribute(void *state, Str name, Str of, Json *out, Error *err)
{
    Comparing *c = state;
    if (is_unknown(c, name)) return *out = stack_unknown(), true;
    return c->in->scope.attribute(c->in->scope.state, name, of, out, err);
}

static bool imported(void *state, Str name, Json *out, Error *err)
{
    Comparing *c = state;
    return c->in->scope.imported(c->in->scope.state, name, out, err);
}

static bool output(void *state, const Json *which, Json *out, Error *err)
{
    Comparing *c = state;
    return c->in->scope.output(c->in->scope.state, which, out, err);
}

static bool resolve(Comparing *c, const Json *value, Json *out, Error *err)
{
    StackScope s = c->in->scope;
    s.ref = ref;
    s.attribute = attribute;
    s.imported = c->in->scope.imported ? imported : NULL;
    s.output = c->in->scope.output ? output : NULL;
    s.state = c;
    return intrinsic_resolve(&s, value, out, err);
}

/* ---- one resource ---- */

static bool same(const Json *x, const Json *y)
{
    return x && y ? json_eq(x, y) : x == y;
}

static void compare_property(Comparing *c, StackChange *x, Str name, const Json *before)
{
    const Json *was = json_get(before, name), *is = json_get(&x->after, name);
    bool dynamic = is && stack_is_unknown(is);
    if (!dynamic && same(was, is)) return;
    Recreation r = c->in->recreation(c->in->scope.state, x->resource->type, name, was, is);
    *vec_push(c->a, &x->properties) = (PropertyChange){name, r, dynamic, was, is};
    if (r == RECREATION_NEVER || x->replacement == REPLACEMENT_TRUE) return;
    x->replacement =
        r == RECREATION_ALWAYS && !dynamic ? REPLACEMENT_TRUE : REPLACEMENT_CONDITIONAL;
}

static void compare_properties(Comparing *c, StackChange *x, const Json *before)
{
    for (int32_t i = 0; i < json_count(&x->after); i++)
        compare_property(c, x, x->after.members[i].key, before);
    for (int32_t i = 0; i < json_count(before); i++)
        if (!json_get(&x->after, before->members[i].key))
            compare_property(c, x, before->members[i].key, before);
}

static void compare_attributes(Comparing *c, StackChange *x, const TemplateResource *old)
{
    if (!old) return;
    x->metadata =
        !same(json_get(old->body, S("Metadata")), json_get(x->resource->body, S("Metadata")));
    x->policies = old->deletion != x->resource->deletion ||
                  old->update_replace != x->resource->update_replace;
    x->tags = c->in->tags;
}

static bool type_differs(const StackChange *x, const TemplateResource *old, Error *err)
{
    if (!old || str_eq(old->type, x->resource->type)) return false;
    error_set(err, ERR_VALIDATION,
              "Update of resource type is not permitted. The new template modifies resource type "
              "of the following resources: [%.*s]",
              STR(old->name));
    return true;
}

static bool compare(Comparing *c, int32_t node, Error *err)
{
    StackChange *x = &c->of_node[node];
    const TemplateResource *r = c->in->graph->resources[node];
    const Json *before = c->in->before(c->in->scope.state, r->name);
    const TemplateResource *old =
        c->in->old && before ? template_resource(c->in->old, r->name) : NULL;
    static const Json none = {.type = JSON_OBJECT};
    *x = (StackChange){.resource = r, .action = before ? CHANGE_MODIFY : CHANGE_ADD};
    if (type_differs(x, old, err)) return false;
    if (!resolve(c, r->properties ? r->properties : &none, &x->after, err)) return false;
    x->old = old;
    if (before) {
        compare_properties(c, x, before);
        compare_attributes(c, x, old);
        x->inner =
            !x->properties.n && c->in->inner && c->in->inner(c->in->scope.state, r, &x->after);
    }
    c->changed[node] =
        !before || x->properties.n || x->metadata || x->tags || x->policies || x->inner;
    return true;
}

/* ---- the whole ---- */

static void add_removed(Comparing *c, StackChanges *out)
{
    for (int64_t i = 0; c->in->old && i < c->in->old->resources.n; i++) {
        const TemplateResource *r = &c->in->old->resources.p[i];
        if (stack_graph_find(c->in->graph, r->name) >= 0 ||
            !c->in->before(c->in->scope.state, r->name))
            continue;
        *vec_push(c->a, &out->list) = (StackChange){.resource = r, .action = CHANGE_REMOVE};
    }
}

static bool outputs_differ(const ChangeInput *in)
{
    const Json *was = in->old ? json_get(&in->old->root, S("Outputs")) : NULL;
    return !same(was, json_get(&in->scope.t->root, S("Outputs")));
}

bool stack_change(ChangeInput *in, StackChanges *out, Error *err)
{
    const StackGraph *g = in->graph;
    Arena *a = in->scope.a;
    Comparing c = {.in = in,
                   .a = a,
                   .of_node = new_array(a, StackChange, g->n),
                   .changed = new_array(a, bool, g->n)};
    StackChanges found = {0};
    memset(c.changed, 0, (size_t)g->n);
    for (int64_t i = 0; i < g->n; i++)
        if (!compare(&c, g->order[i], err)) return false;
    for (int64_t i = 0; i < g->n; i++)
        if (c.changed[i]) *vec_push(a, &found.list) = c.of_node[i];
    add_removed(&c, &found);
    found.outputs = outputs_differ(in);
    *out = found;
    return true;
}

const StackChange *stack_change_of(const StackChanges *changes, Str name)
{
    for (int64_t i = 0; i < changes->list.n; i++)
        if (str_eq(changes->list.p[i].resource->name, name)) return &changes->list.p[i];
    return NULL;
}
