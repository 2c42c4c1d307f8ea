/* graph.c - needs collected by name, then ordered; what cannot be ordered is a circle. */
#include "core/stack/graph.h"

static bool exists(const TemplateResource *r, const Json *conditions)
{
    return str_absent(r->condition) || !conditions || json_true(json_get(conditions, r->condition));
}

/* ---- nodes ---- */

/* Names to nodes: open addressing, at most half full. */
typedef struct Names {
    int32_t *slots; /* node + 1 */
    uint64_t mask;
    const StackGraph *g;
} Names;

static int32_t *slot_of(const Names *names, Str name)
{
    uint64_t at = str_hash(name) & names->mask;
    while (names->slots[at] && !str_eq(names->g->resources[names->slots[at] - 1]->name, name))
        at = (at + 1) & names->mask;
    return &names->slots[at];
}

static void add_nodes(const Template *t, const Json *conditions, Arena *a, StackGraph *g)
{
    g->resources = new_array(a, const TemplateResource *, t->resources.n);
    for (int64_t i = 0; i < t->resources.n; i++)
        if (exists(&t->resources.p[i], conditions)) g->resources[g->n++] = &t->resources.p[i];
    g->needs = new_array(a, StackNeeds, g->n);
    g->order = new_array(a, int32_t, g->n);
    memset(g->needs, 0, (size_t)g->n * sizeof *g->needs);
}

static Names index_names(const StackGraph *g, Arena *a)
{
    Names names = {.g = g, .mask = 15};
    while ((int64_t)names.mask < 2 * g->n) names.mask = names.mask * 2 + 1;
    names.slots = new_array(a, int32_t, (int64_t)names.mask + 1);
    memset(names.slots, 0, (names.mask + 1) * sizeof *names.slots);
    for (int32_t i = 0; i < g->n; i++) *slot_of(&names, g->resources[i]->name) = i + 1;
    return names;
}

int32_t stack_graph_find(const StackGraph *g, Str name)
{
    for (int32_t i = 0; i < g->n; i++)
        if (str_eq(g->resources[i]->name, name)) return i;
    return -1;
}

/* ---- needs ---- */

static void add_need(StackNeeds *needs, int32_t node, Arena *a)
{
    for (int64_t i = 0; i < needs->n; i++)
        if (needs->p[i] == node) return;
    *vec_push(a, needs) = node;
}

static void add_needs(const Template *t, const Names *names, int32_t i, Arena *a, StackGraph *g)
{
    StrVec refs = {0};
    const TemplateResource *r = g->resources[i];
    if (r->properties) intrinsic_references(t, r->properties, a, &refs);
    for (int64_t k = 0; k < r->depends_on.n; k++) *vec_push(a, &refs) = r->depends_on.p[k];
    for (int64_t k = 0; k < refs.n; k++) {
        int32_t node = *slot_of(names, refs.p[k]) - 1;
        if (node >= 0) add_need(&g->needs[i], node, a);
    }
}

/* ---- order ---- */

static bool ready(const StackGraph *g, const bool *placed, int32_t i)
{
    for (int64_t k = 0; k < g->needs[i].n; k++)
        if (!placed[g->needs[i].p[k]]) return false;
    return true;
}

static bool needed_by_unplaced(const StackGraph *g, const bool *placed, int32_t node)
{
    for (int32_t i = 0; i < g->n; i++)
        for (int64_t k = 0; !placed[i] && k < g->needs[i].n; k++)
            if (g->needs[i].p[k] == node) return true;
    return false;
}

/* What only leads to the circle is none of it. */
static bool circle(const StackGraph *g, bool *placed, Arena *a, Error *err)
{
    StrVec names = {0};
    for (bool more = true; more;) {
        more = false;
        for (int32_t i = 0; i < g->n; i++)
            if (!placed[i] && !needed_by_unplaced(g, placed, i)) placed[i] = more = true;
    }
    for (int32_t i = 0; i < g->n; i++)
        if (!placed[i]) *vec_push(a, &names) = g->resources[i]->name;
    return error_set(err, ERR_VALIDATION, "Circular dependency between resources: [%.*s]",
                     STR(str_join(a, names.p, names.n, S(", "))));
}

static bool put_in_order(StackGraph *g, Arena *a, Error *err)
{
    int64_t n = 0;
    bool *placed = new_array(a, bool, g->n);
    memset(placed, 0, (size_t)g->n);
    for (bool more = true; more;) {
        more = false;
        for (int32_t i = 0; i < g->n; i++) {
            if (placed[i] || !ready(g, placed, i)) continue;
            placed[i] = more = true;
            g->order[n++] = i;
        }
    }
    return n == g->n || circle(g, placed, a, err);
}

bool stack_graph(const Template *t, const Json *conditions, Arena *a, StackGraph *out, Error *err)
{
    StackGraph g = {0};
    add_nodes(t, conditions, a, &g);
    Names names = index_names(&g, a);
    for (int32_t i = 0; i < g.n; i++) add_needs(t, &names, i, a, &g);
    if (!put_in_order(&g, a, err)) return false;
    *out = g;
    return true;
}
