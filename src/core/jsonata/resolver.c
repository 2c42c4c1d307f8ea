/* resolver.c - the raw tree into the one that is evaluated: paths with their steps, groupings, names of steps. */
#include "core/jsonata/ancestry.h"
#include "core/jsonata/functions.h"

typedef bool Resolve(Compiler *c, Node *n, Node **out);
static Resolve resolve;

static bool refuse(Compiler *c, const char *code, const Node *at)
{
    return jn_refuse(
        c,
        (Failure){.code = code, .position = at->position, .token = at->text, .value = at->value});
}

void jn_node_push(Arena *a, NodeVec *list, Node *node)
{
    *vec_push(a, list) = node;
}

static Node *path_of(Compiler *c, Node *step)
{
    Node *path = new (c->a, Node);
    path->type = NODE_PATH;
    path->position = step->position;
    jn_node_push(c->a, &path->items, step);
    return path;
}

static Node *last_step(Node *n)
{
    return n->type == NODE_PATH ? n->items.p[n->items.n - 1] : n;
}

/* A child in place; what it seeks outside, its parent seeks too. */
static bool child(Compiler *c, Node *parent, Node **at)
{
    if (!*at) return true;
    if (!resolve(c, *at, at)) return false;
    jn_ancestry_inherit(c, parent, *at);
    return true;
}

static bool children(Compiler *c, Node *n)
{
    for (int32_t i = 0; i < n->items.n; i++)
        if (!child(c, n, &n->items.p[i])) return false;
    return true;
}

static bool resolve_leaf(Compiler *c, Node *n, Node **out)
{
    (void)c;
    *out = n;
    return true;
}

static bool resolve_end(Compiler *c, Node *n, Node **out)
{
    (void)out;
    return refuse(c, "S0207", n);
}

static bool resolve_name(Compiler *c, Node *n, Node **out)
{
    *out = path_of(c, n);
    (*out)->keep_singleton = n->keep_array;
    return true;
}

static bool resolve_variable(Compiler *c, Node *n, Node **out)
{
    const Builtin *builtin = jn_builtin(n->text, c->dialect);
    *out = n;
    if (!builtin) return true;
    Function *f = new (c->a, Function);
    *f = (Function){.kind = FN_BUILTIN, .builtin = builtin};
    n->builtin = f;
    return true;
}

static bool resolve_parent(Compiler *c, Node *n, Node **out)
{
    n->slot = new (c->a, Slot);
    *n->slot = (Slot){.label = str_printf(c->a, "!%d", c->labels++), .level = 1};
    *out = n;
    return true;
}

static bool resolve_inner(Compiler *c, Node *n, Node **out)
{
    *out = n;
    return child(c, n, &n->lhs) && child(c, n, &n->rhs) && child(c, n, &n->third) && children(c, n);
}

/* A negated number is a number. */
static bool resolve_negate(Compiler *c, Node *n, Node **out)
{
    if (!resolve_inner(c, n, out)) return false;
    if (n->lhs->type != NODE_NUMBER) return true;
    *out = n->lhs;
    (*out)->number = -n->lhs->number;
    (*out)->value = v_number((*out)->number);
    return true;
}

static bool resolve_block(Compiler *c, Node *n, Node **out)
{
    if (!resolve_inner(c, n, out)) return false;
    for (int32_t i = 0; i < n->items.n; i++) {
        const Node *part = n->items.p[i];
        if (part->cons || (part->type == NODE_PATH && part->items.p[0]->cons)) n->cons = true;
    }
    return true;
}

/* The procedure of a call is no place that % could look through. */
static bool resolve_call(Compiler *c, Node *n, Node **out)
{
    *out = n;
    return children(c, n) && resolve(c, n->lhs, &n->lhs);
}

static bool resolve_apply(Compiler *c, Node *n, Node **out)
{
    *out = n;
    if (!resolve(c, n->lhs, &n->lhs) || !resolve(c, n->rhs, &n->rhs)) return false;
    if (n->lhs->keep_array || n->rhs->keep_array) n->keep_array = true;
    return true;
}

static bool resolve_transform(Compiler *c, Node *n, Node **out)
{
    *out = n;
    return resolve(c, n->lhs, &n->lhs) && resolve(c, n->rhs, &n->rhs) &&
           (!n->third || resolve(c, n->third, &n->third));
}

static bool resolve_bind(Compiler *c, Node *n, Node **out)
{
    *out = n;
    return child(c, n, &n->rhs);
}

/* Calls in tail position are made by the function's caller, so that recursion does not go deeper.
 */
static void mark_tail(Node *n)
{
    if (!n || n->predicates.n || n->group || n->keep_array) return;
    if (n->type == NODE_CALL) n->tail = true;
    if (n->type == NODE_CONDITION || n->type == NODE_ELSE || n->type == NODE_COALESCE) {
        mark_tail(n->rhs);
        mark_tail(n->third);
    }
    if (n->type == NODE_BLOCK && n->items.n) mark_tail(n->items.p[n->items.n - 1]);
}

static bool resolve_lambda(Compiler *c, Node *n, Node **out)
{
    *out = n;
    if (!resolve(c, n->rhs, &n->rhs)) return false;
    mark_tail(n->rhs);
    return true;
}

/* Whether the literal may stand between dots: a text is a name there, a number or `true` is
 * refused. */
static bool name_literals(Compiler *c, Node *path)
{
    for (int32_t i = 0; i < path->items.n; i++) {
        Node *step = path->items.p[i];
        if (step->type == NODE_NUMBER || step->type == NODE_VALUE) return refuse(c, "S0213", step);
        if (step->type == NODE_STRING) step->type = NODE_NAME;
        if (step->keep_array) path->keep_singleton = true;
    }
    return true;
}

static void add_steps(Compiler *c, Node *path, Node *rest)
{
    if (rest->type != NODE_PATH) {
        rest->stages = rest->predicates;
        rest->predicates = (StageVec){0};
        jn_node_push(c->a, &path->items, rest);
        return;
    }
    for (int32_t i = 0; i < rest->items.n; i++) jn_node_push(c->a, &path->items, rest->items.p[i]);
}

static bool resolve_dot(Compiler *c, Node *n, Node **out)
{
    Node *left, *rest;
    if (!resolve(c, n->lhs, &left)) return false;
    Node *path = left->type == NODE_PATH ? left : path_of(c, left);
    if (left->type == NODE_PARENT) *vec_push(c->a, &path->seeking) = left->slot;
    if (!resolve(c, n->rhs, &rest)) return false;
    add_steps(c, path, rest);
    if (!name_literals(c, path)) return false;
    if (path->items.p[0]->type == NODE_ARRAY) path->items.p[0]->cons = true;
    if (last_step(path)->type == NODE_ARRAY) last_step(path)->cons = true;
    *out = path;
    return jn_ancestry_resolve(c, path);
}

static bool resolve_filter(Compiler *c, Node *n, Node **out)
{
    Node *predicate;
    if (!resolve(c, n->lhs, out)) return false;
    Node *step = last_step(*out);
    StageVec *list = (*out)->type == NODE_PATH ? &step->stages : &step->predicates;
    if (step->group) return refuse(c, "S0209", n);
    if (!resolve(c, n->rhs, &predicate) || !jn_ancestry_filter(c, step, predicate)) return false;
    *vec_push(c->a, list) = (Stage){.filter = predicate};
    return true;
}

static bool resolve_group(Compiler *c, Node *n, Node **out)
{
    if (!resolve(c, n->lhs, out)) return false;
    if ((*out)->group) return refuse(c, "S0210", n);
    Node *pairs = n->rhs;
    for (int32_t i = 0; i < pairs->items.n; i++)
        if (!resolve(c, pairs->items.p[i], &pairs->items.p[i])) return false;
    (*out)->group = pairs;
    return true;
}

static bool resolve_order(Compiler *c, Node *n, Node **out)
{
    Node *path, *sort = new (c->a, Node);
    *sort = (Node){.type = NODE_SORT,
                   .position = n->position,
                   .text = n->text,
                   .items = n->items,
                   .descending = n->descending};
    if (!resolve(c, n->lhs, &path)) return false;
    if (path->type != NODE_PATH) path = path_of(c, path);
    if (!children(c, sort)) return false;
    jn_node_push(c->a, &path->items, sort);
    *out = path;
    return jn_ancestry_resolve(c, path);
}

static bool resolve_focus(Compiler *c, Node *n, Node **out)
{
    if (!resolve(c, n->lhs, out)) return false;
    Node *step = last_step(*out);
    if (step->stages.n || step->predicates.n) return refuse(c, "S0215", n);
    if (step->type == NODE_SORT) return refuse(c, "S0216", n);
    if (n->keep_array) step->keep_array = true;
    step->focus = n->rhs->text;
    step->tuple = true;
    return true;
}

static bool resolve_index(Compiler *c, Node *n, Node **out)
{
    if (!resolve(c, n->lhs, out)) return false;
    if ((*out)->type != NODE_PATH) {
        (*out)->stages = (*out)->predicates;
        (*out)->predicates = (StageVec){0};
        *out = path_of(c, *out);
    }
    Node *step = last_step(*out);
    step->tuple = true;
    if (step->stages.n)
        *vec_push(c->a, &step->stages) = (Stage){.index = n->rhs->text};
    else
        step->index = n->rhs->text;
    return true;
}

static Resolve *const by_type[NODE_TYPES] = {
    [NODE_NAME] = resolve_name,
    [NODE_STRING] = resolve_leaf,
    [NODE_NUMBER] = resolve_leaf,
    [NODE_VALUE] = resolve_leaf,
    [NODE_VARIABLE] = resolve_variable,
    [NODE_REGEX] = resolve_leaf,
    [NODE_WILDCARD] = resolve_leaf,
    [NODE_DESCENDANT] = resolve_leaf,
    [NODE_PARENT] = resolve_parent,
    [NODE_HOLE] = resolve_leaf,
    [NODE_END] = resolve_end,
    [NODE_BINARY] = resolve_inner,
    [NODE_NEGATE] = resolve_negate,
    [NODE_ARRAY] = resolve_inner,
    [NODE_OBJECT] = resolve_inner,
    [NODE_BLOCK] = resolve_block,
    [NODE_CONDITION] = resolve_inner,
    [NODE_ELSE] = resolve_inner,
    [NODE_COALESCE] = resolve_inner,
    [NODE_BIND] = resolve_bind,
    [NODE_CALL] = resolve_call,
    [NODE_PARTIAL] = resolve_call,
    [NODE_LAMBDA] = resolve_lambda,
    [NODE_APPLY] = resolve_apply,
    [NODE_TRANSFORM] = resolve_transform,
    [NODE_DOT] = resolve_dot,
    [NODE_FILTER] = resolve_filter,
    [NODE_GROUP] = resolve_group,
    [NODE_ORDER] = resolve_order,
    [NODE_FOCUS] = resolve_focus,
    [NODE_INDEX] = resolve_index,
};

static bool resolve(Compiler *c, Node *n, Node **out)
{
    bool keep = n->keep_array;
    if (!by_type[n->type](c, n, out)) return false;
    if (keep) (*out)->keep_array = true;
    return true;
}

bool jn_resolve(Compiler *c, Node *raw, Node **out)
{
    if (!resolve(c, raw, out)) return false;
    bool seeks = (*out)->type == NODE_PARENT;
    for (int32_t i = 0; i < (*out)->seeking.n; i++) seeks |= (*out)->seeking.p[i]->level > 0;
    return !seeks || refuse(c, "S0217", *out);
}
