/* eval.c - evaluates one node: dispatch by its type, then predicates, grouping, and what a sequence means. */
#include "core/jsonata/eval.h"

static bool eval_literal(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)ev, (void)input, (void)frame;
    *out = n->value;
    return true;
}

static bool eval_variable(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)ev;
    *out = UNDEFINED;
    if (n->text.n == 0) {
        *out = v_context(input);
        return true;
    }
    if (!jn_lookup(frame, n->text, out) && n->builtin) *out = v_function(n->builtin);
    return true;
}

static bool eval_parent(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)ev, (void)input;
    *out = UNDEFINED;
    (void)jn_lookup(frame, n->slot->label, out);
    return true;
}

static bool eval_regex(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)input, (void)frame;
    Function *f = jn_take(ev, 1, sizeof *f);
    *f = (Function){.kind = FN_REGEX, .regex = n->regex, .arity = 2, .node = n};
    *out = v_function(f);
    return true;
}

static bool eval_block(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Frame *inner = jn_frame(ev, frame);
    *out = UNDEFINED;
    for (int32_t i = 0; i < n->items.n; i++)
        if (!jn_eval(ev, n->items.p[i], input, inner, out)) return false;
    return true;
}

static bool eval_condition(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Value condition;
    if (!jn_eval(ev, n->lhs, input, frame, &condition)) return false;
    const Node *chosen = jn_truth(ev, condition) ? n->rhs : n->third;
    *out = UNDEFINED;
    return !chosen || jn_eval(ev, chosen, input, frame, out);
}

static bool eval_else(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    return jn_eval(ev, n->lhs, input, frame, out) &&
           (jn_truth(ev, *out) || jn_eval(ev, n->rhs, input, frame, out));
}

static bool eval_coalesce(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    return jn_eval(ev, n->lhs, input, frame, out) &&
           (!is_undefined(*out) || jn_eval(ev, n->rhs, input, frame, out));
}

static bool eval_bind(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    if (!jn_eval(ev, n->rhs, input, frame, out)) return false;
    jn_bind(ev, frame, n->lhs->text, *out);
    return true;
}

static bool eval_none(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)ev, (void)n, (void)input, (void)frame, (void)out;
    unreachable();
}

static Evaluate *const by_type[NODE_TYPES] = {
    [NODE_NAME] = jn_eval_name,
    [NODE_STRING] = eval_literal,
    [NODE_NUMBER] = eval_literal,
    [NODE_VALUE] = eval_literal,
    [NODE_VARIABLE] = eval_variable,
    [NODE_REGEX] = eval_regex,
    [NODE_WILDCARD] = jn_eval_wildcard,
    [NODE_DESCENDANT] = jn_eval_descendant,
    [NODE_PARENT] = eval_parent,
    [NODE_HOLE] = eval_none,
    [NODE_END] = eval_none,
    [NODE_BINARY] = jn_eval_binary,
    [NODE_NEGATE] = jn_eval_negate,
    [NODE_ARRAY] = jn_eval_array,
    [NODE_OBJECT] = jn_eval_object,
    [NODE_BLOCK] = eval_block,
    [NODE_CONDITION] = eval_condition,
    [NODE_ELSE] = eval_else,
    [NODE_COALESCE] = eval_coalesce,
    [NODE_BIND] = eval_bind,
    [NODE_CALL] = jn_eval_call,
    [NODE_PARTIAL] = jn_eval_partial,
    [NODE_LAMBDA] = jn_eval_lambda,
    [NODE_APPLY] = jn_eval_apply,
    [NODE_TRANSFORM] = jn_eval_transform,
    [NODE_PATH] = jn_eval_path,
    [NODE_SORT] = eval_none,
    [NODE_DOT] = eval_none,
    [NODE_FILTER] = eval_none,
    [NODE_GROUP] = eval_none,
    [NODE_ORDER] = eval_none,
    [NODE_FOCUS] = eval_none,
    [NODE_INDEX] = eval_none,
};

static bool apply_predicates(Ev *ev, const Node *n, Frame *frame, Value *out)
{
    for (int32_t i = 0; i < n->predicates.n; i++)
        if (!jn_eval_filter(ev, n->predicates.p[i].filter, *out, frame, out)) return false;
    return true;
}

/* A sequence of one is that one, an empty one is nothing: the difference between JSONata and
 * arrays. */
static void settle(const Node *n, Value *out)
{
    if (!has(*out, SEQUENCE) || has(*out, TUPLES)) return;
    if (n->keep_array) out->flags |= KEEP;
    if (out->n == 0)
        *out = UNDEFINED;
    else if (out->n == 1 && !(out->flags & KEEP))
        *out = jn_v_at(*out, 0);
}

static bool evaluate(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    if (!by_type[n->type](ev, n, input, frame, out)) return false;
    if (out->type == V_TAIL) return true;
    if (n->predicates.n && !apply_predicates(ev, n, frame, out)) return false;
    if (n->group && n->type != NODE_PATH && !jn_eval_group(ev, n->group, *out, frame, out))
        return false;
    settle(n, out);
    return true;
}

bool jn_eval(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    if (!jn_enter(ev)) return false;
    bool good = evaluate(ev, n, input, frame, out);
    jn_leave(ev);
    return good;
}
