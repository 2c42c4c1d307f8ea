/* transform.c - the transform operator: a copy of the input in which the matched objects are changed. */
#include "core/jsonata/eval.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include <math.h>

bool jn_eval_transform(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Function *f = jn_take(ev, 1, sizeof *f);
    *f = (Function){.kind = FN_TRANSFORM, .arity = 1, .node = n, .frame = frame, .input = input};
    *out = v_function(f);
    return true;
}

static bool clone_array(Ev *ev, Value v, int depth, Value *out)
{
    Seq items = {.ev = ev};
    for (int32_t i = 0; i < v.n; i++) {
        Value item;
        if (!jn_clone(ev, jn_v_at(v, i), depth + 1, &item)) return false;
        jn_push(&items, is_undefined(item) ? v_null() : item);
    }
    *out = jn_seq(&items, 0);
    return jn_step(ev);
}

static bool clone_object(Ev *ev, Value v, int depth, Value *out)
{
    Object *o = jn_object_new(ev->a);
    for (int32_t i = 0; i < jn_v_members(v); i++) {
        Value member;
        if (!jn_room(ev, 2 * (int64_t)sizeof(Member)) ||
            !jn_clone(ev, jn_v_member(v, i), depth + 1, &member))
            return false;
        jn_object_put(ev->a, o, jn_v_key(v, i), member);
    }
    *out = v_object(o);
    return true;
}

/* The language copies by way of $string, which rounds. */
static bool clone_number(Ev *ev, double x, Value *out)
{
    *out = isnan(x) ? v_null() : v_number(jn_fifteen_digits(x));
    return !isinf(x) || jn_fail_value(ev, "D1001", v_number(x));
}

bool jn_clone(Ev *ev, Value v, int depth, Value *out)
{
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    if (is_array(v)) return clone_array(ev, v, depth, out);
    if (is_object(v)) return clone_object(ev, v, depth, out);
    if (v.type == V_NUMBER) return clone_number(ev, v.number, out);
    *out = is_function(v) ? v_string(S("")) : v;
    return true;
}

static bool update(Ev *ev, const Function *f, Value match)
{
    Value changes;
    if (!jn_eval(ev, f->node->rhs, match, f->frame, &changes)) return false;
    if (is_undefined(changes)) return true;
    if (!is_object(changes))
        return jn_fail_with(
            ev, (Failure){.code = "T2011", .value = changes, .position = f->node->rhs->position});
    for (int32_t i = 0; i < jn_v_members(changes) && is_object(match); i++) {
        if (!jn_room(ev, 2 * (int64_t)sizeof(Member))) return false;
        jn_object_put(ev->a, match.object, jn_v_key(changes, i), jn_v_member(changes, i));
    }
    return true;
}

static bool remove_names(Ev *ev, const Function *f, Value match)
{
    Value names;
    if (!f->node->third) return true;
    if (!jn_eval(ev, f->node->third, match, f->frame, &names)) return false;
    Value list = jn_array_of(ev, names);
    if (!jn_all_type(list, V_STRING))
        return jn_fail_with(
            ev, (Failure){.code = "T2012", .value = names, .position = f->node->third->position});
    for (int32_t i = 0; i < list.n && is_object(match); i++) {
        if (!jn_steps(ev, match.object->n)) return false;
        jn_object_delete(match.object, v_text(jn_v_at(list, i)));
    }
    return true;
}

/* $clone may be bound to something else, and then that is asked for the copy. */
static bool private_copy(Ev *ev, const Function *f, Value input, Value *out)
{
    Value other;
    if (!jn_lookup(f->frame, S("clone"), &other)) return jn_clone(ev, input, 0, out);
    if (!is_function(other))
        return jn_fail_with(ev, (Failure){.code = "T2013", .position = f->node->position});
    return jn_apply(ev, other, &input, 1, v_null(), f->frame, &input) &&
           jn_clone(ev, input, 0, out);
}

/* The objects that the pattern finds are those of the private copy: changing them changes the
 * result. */
bool jn_transform(Ev *ev, const Function *f, Value input, Value *out)
{
    Value matches;
    *out = UNDEFINED;
    if (is_undefined(input)) return true;
    if (!private_copy(ev, f, input, out)) return false;
    if (!jn_eval(ev, f->node->lhs, *out, f->frame, &matches)) return false;
    Value list = jn_array_of(ev, matches);
    for (int32_t i = 0; i < list.n; i++) {
        Value match = jn_v_at(list, i);
        if (is_object(match) && match.form != FORM_OWN) continue;
        if (!update(ev, f, match) || !remove_names(ev, f, match)) return false;
    }
    return true;
}
