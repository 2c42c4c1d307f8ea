/* fn_hof.c - functions that take functions: map, filter, single, reduce, each, sift, sort. */
#include "core/jsonata/functions.h"
#include "core/jsonata/text.h"

static bool call3(Call *c, Value fn, Value x, Value y, Value z, Value *out)
{
    return jn_step(c->ev) && jn_apply3(c->ev, c->frame, fn, x, y, z, out);
}

bool jn_fn_map(Call *c, Value *out)
{
    Seq results = {.ev = c->ev};
    Value list = arg(c, 0), result;
    if (is_undefined(list)) return true;
    for (int32_t i = 0; i < list.n; i++) {
        if (!call3(c, arg(c, 1), jn_v_at(list, i), v_number(i), list, &result)) return false;
        if (!is_undefined(result)) jn_push(&results, result);
    }
    *out = jn_seq(&results, SEQUENCE);
    return true;
}

bool jn_fn_filter(Call *c, Value *out)
{
    Seq kept = {.ev = c->ev};
    Value list = arg(c, 0), result;
    if (is_undefined(list)) return true;
    for (int32_t i = 0; i < list.n; i++) {
        if (!call3(c, arg(c, 1), jn_v_at(list, i), v_number(i), list, &result)) return false;
        if (jn_truth(c->ev, result)) jn_push(&kept, jn_v_at(list, i));
    }
    *out = jn_seq(&kept, SEQUENCE);
    return true;
}

bool jn_fn_single(Call *c, Value *out)
{
    bool found = false;
    Value list = arg(c, 0), result;
    if (is_undefined(list)) return true;
    for (int32_t i = 0; i < list.n; i++) {
        result = v_bool(true);
        if (is_function(arg(c, 1)) &&
            !call3(c, arg(c, 1), jn_v_at(list, i), v_number(i), list, &result))
            return false;
        if (!jn_truth(c->ev, result)) continue;
        if (found) return jn_fail(c->ev, "D3138");
        found = true;
        *out = jn_v_at(list, i);
    }
    return found || jn_fail(c->ev, "D3139");
}

bool jn_fn_reduce(Call *c, Value *out)
{
    Value list = arg(c, 0), fn = arg(c, 1);
    if (is_undefined(list)) return true;
    int32_t arity = jn_arity(fn), i = 0;
    if (arity < 2) return jn_fail(c->ev, "D3050");
    *out = arg(c, 2);
    if (is_undefined(*out) && list.n > 0) *out = jn_v_at(list, i++);
    for (; i < list.n; i++) {
        Value args[4] = {*out, jn_v_at(list, i), v_number(i), list};
        if (!jn_step(c->ev) ||
            !jn_apply(c->ev, fn, args, arity < 4 ? arity : 4, v_null(), c->frame, out))
            return false;
    }
    return true;
}

bool jn_fn_each(Call *c, Value *out)
{
    Seq results = {.ev = c->ev};
    Value object = arg(c, 0), result;
    for (int32_t i = 0; is_object(object) && i < jn_v_members(object); i++) {
        if (!call3(c, arg(c, 1), jn_v_member(object, i), v_string(jn_v_key(object, i)), object,
                   &result))
            return false;
        if (!is_undefined(result)) jn_push(&results, result);
    }
    *out = jn_seq(&results, SEQUENCE);
    return true;
}

bool jn_fn_sift(Call *c, Value *out)
{
    Value object = arg(c, 0), result;
    Object *kept = jn_object_new(c->ev->a);
    for (int32_t i = 0; is_object(object) && i < jn_v_members(object); i++) {
        Value member = jn_v_member(object, i);
        if (!call3(c, arg(c, 1), member, v_string(jn_v_key(object, i)), object, &result))
            return false;
        if (!jn_truth(c->ev, result)) continue;
        if (!jn_room(c->ev, 2 * (int64_t)sizeof(Member))) return false;
        jn_object_put(c->ev->a, kept, jn_v_key(object, i), member);
    }
    *out = kept->n ? v_object(kept) : UNDEFINED;
    return true;
}

typedef struct Sorting {
    Call *call;
    Value list;
} Sorting;

static bool after_by_value(void *ctx, int32_t x, int32_t y, bool *after)
{
    const Sorting *s = ctx;
    Value a = jn_v_at(s->list, x), b = jn_v_at(s->list, y);
    *after = is_string(a) ? jn_compare(v_text(a), v_text(b)) > 0 : a.number > b.number;
    return true;
}

/* The comparator says whether its first argument goes behind its second, by JavaScript's idea of
 * truth. */
static bool after_by_function(void *ctx, int32_t x, int32_t y, bool *after)
{
    const Sorting *s = ctx;
    Value args[2] = {jn_v_at(s->list, x), jn_v_at(s->list, y)}, result;
    if (!jn_apply(s->call->ev, arg(s->call, 1), args, 2, v_null(), s->call->frame, &result))
        return false;
    *after = is_array(result) || is_object(result) || is_function(result) ||
             jn_truth(s->call->ev, result);
    return true;
}

bool jn_fn_sort(Call *c, Value *out)
{
    Sorting s = {.call = c, .list = arg(c, 0)};
    Seq sorted = {.ev = c->ev};
    *out = s.list;
    if (!is_array(s.list) || s.list.n < 2) return true;
    bool by_value = !is_function(arg(c, 1));
    if (by_value && !jn_all_type(s.list, V_NUMBER) && !jn_all_type(s.list, V_STRING))
        return jn_fail(c->ev, "D3070");
    if (!jn_steps(c->ev, s.list.n) || !jn_room(c->ev, s.list.n * (int64_t)sizeof(int32_t)))
        return false;
    int32_t *order = new_array(c->ev->a, int32_t, s.list.n);
    if (!jn_sort(c->ev, s.list.n, order, by_value ? after_by_value : after_by_function, &s))
        return false;
    for (int32_t i = 0; i < s.list.n; i++) jn_push(&sorted, jn_v_at(s.list, order[i]));
    *out = jn_seq(&sorted, 0);
    return true;
}
