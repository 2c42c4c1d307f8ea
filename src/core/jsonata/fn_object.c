/* fn_object.c - functions of objects, and of values of any type. */
#include "core/jsonata/functions.h"

static bool put(Ev *ev, Object *o, Str key, Value v)
{
    if (!jn_step(ev) || !jn_room(ev, 2 * (int64_t)sizeof(Member))) return false;
    jn_object_put(ev->a, o, key, v);
    return true;
}

static bool collect_keys(Ev *ev, Value v, int depth, Object *keys)
{
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    for (int32_t i = 0; is_array(v) && i < v.n; i++)
        if (!collect_keys(ev, jn_v_at(v, i), depth + 1, keys)) return false;
    for (int32_t i = 0; is_object(v) && i < jn_v_members(v); i++)
        if (!put(ev, keys, jn_v_key(v, i), v_bool(true))) return false;
    return true;
}

bool jn_fn_keys(Call *c, Value *out)
{
    Seq names = {.ev = c->ev};
    Object *keys = jn_object_new(c->ev->a);
    if (!collect_keys(c->ev, arg(c, 0), 0, keys)) return false;
    for (int32_t i = 0; i < keys->n; i++) jn_push(&names, v_string(keys->p[i].key));
    *out = jn_seq(&names, SEQUENCE);
    return true;
}

bool jn_fn_lookup(Call *c, Value *out)
{
    if (is_undefined(arg(c, 1)) && is_array(arg(c, 0))) *out = v_items(NULL, 0, SEQUENCE);
    if (is_undefined(arg(c, 1))) return true;
    return jn_lookup_key(c->ev, arg(c, 0), v_text(arg(c, 1)), out);
}

static bool spread(Ev *ev, Value v, int depth, Seq *out)
{
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    for (int32_t i = 0; is_array(v) && i < v.n; i++)
        if (!spread(ev, jn_v_at(v, i), depth + 1, out)) return false;
    if (!is_array(v) && !is_object(v)) jn_push(out, v);
    for (int32_t i = 0; is_object(v) && i < jn_v_members(v); i++) {
        Object *one = jn_object_new(ev->a);
        if (!jn_room(ev, sizeof(Object)) || !put(ev, one, jn_v_key(v, i), jn_v_member(v, i)))
            return false;
        jn_push(out, v_object(one));
    }
    return true;
}

bool jn_fn_spread(Call *c, Value *out)
{
    Seq parts = {.ev = c->ev};
    *out = arg(c, 0);
    if (!is_array(*out) && !is_object(*out)) return true;
    if (!spread(c->ev, *out, 0, &parts)) return false;
    *out = jn_seq(&parts, is_array(*out) && parts.n ? 0 : SEQUENCE);
    return true;
}

bool jn_fn_merge(Call *c, Value *out)
{
    Value list = arg(c, 0);
    if (is_undefined(list)) return true;
    Object *merged = jn_object_new(c->ev->a);
    for (int32_t i = 0; i < list.n; i++) {
        Value v = jn_v_at(list, i);
        for (int32_t k = 0; is_object(v) && k < jn_v_members(v); k++)
            if (!put(c->ev, merged, jn_v_key(v, k), jn_v_member(v, k))) return false;
    }
    *out = v_object(merged);
    return true;
}

bool jn_fn_clone(Call *c, Value *out)
{
    return is_undefined(arg(c, 0)) || jn_clone(c->ev, arg(c, 0), 0, out);
}

bool jn_fn_type(Call *c, Value *out)
{
    static const char *const names[] = {
        [V_NULL] = "null",        [V_BOOLEAN] = "boolean", [V_NUMBER] = "number",
        [V_STRING] = "string",    [V_ARRAY] = "array",     [V_OBJECT] = "object",
        [V_FUNCTION] = "function"};
    if (!is_undefined(arg(c, 0))) *out = v_string(str_from(names[arg(c, 0).type]));
    return true;
}

bool jn_fn_boolean(Call *c, Value *out)
{
    if (!is_undefined(arg(c, 0))) *out = v_bool(jn_truth(c->ev, arg(c, 0)));
    return true;
}

bool jn_fn_not(Call *c, Value *out)
{
    if (!is_undefined(arg(c, 0))) *out = v_bool(!jn_truth(c->ev, arg(c, 0)));
    return true;
}

static bool raise(Call *c, const char *code, Value message, Str otherwise)
{
    bool given = is_string(message) && message.n > 0;
    return jn_fail_with(
        c->ev,
        (Failure){.code = code, .position = -1, .text = given ? v_text(message) : otherwise});
}

bool jn_fn_error(Call *c, Value *out)
{
    (void)out;
    return raise(c, "D3137", arg(c, 0), S("$error() function evaluated"));
}

bool jn_fn_assert(Call *c, Value *out)
{
    (void)out;
    Value condition = arg(c, 0);
    bool good = condition.type == V_BOOLEAN && condition.truth;
    return good || raise(c, "D3141", arg(c, 1), S("$assert() statement failed"));
}
