/* intrinsic_condition.c - conditions: If, Equals, And, Or, Not, and the section they are named in. */
#include "core/stack/intrinsic_inside.h"

static bool as_bool(StackScope *s, const Json *v, bool *out, Error *err)
{
    Json value;
    if (!intrinsic_value(s, v, &value, err)) return false;
    Str text = json_text(&value);
    if (json_is(&value, JSON_TRUE) || str_eq(text, S("true"))) return *out = true;
    if (json_is(&value, JSON_FALSE) || str_eq(text, S("false"))) return *out = false, true;
    return intrinsic_error(err, "a condition is neither true nor false");
}

static void remember(StackScope *s, Str name, bool holds)
{
    json_put(s->conditions_found, name, json_bool(holds));
    *s->conditions_view = json_object(s->conditions_found);
}

bool condition_holds(const StackScope *s, Str name, bool *out, Error *err)
{
    const Json *known = json_get(s->conditions, name);
    if (str_absent(name)) return *out = true;
    if (!known)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: Unresolved condition dependency %.*s in the "
                         "Conditions block of the template",
                         STR(name));
    *out = json_true(known);
    return true;
}

/* Within the Conditions section one may name another, which is then found at once and remembered;
 * intrinsic_check has refused circles and towers. */
bool stack_fn_condition(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Str name = json_text(argument);
    bool holds = false;
    const Json *definition = json_get(s->t->conditions, name);
    if (definition && s->conditions_found && !json_get(s->conditions, name)) {
        if (!as_bool(s, definition, &holds, err)) return false;
        remember(s, name, holds);
    } else if (!condition_holds(s, name, &holds, err)) {
        return false;
    }
    *out = json_bool(holds);
    return true;
}

bool stack_fn_if(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *items;
    Json holds;
    if (!intrinsic_items(argument, 3, &items) || !json_is(&items[0], JSON_STRING))
        return intrinsic_error(err,
                               "Fn::If requires a list argument with the first element being a "
                               "condition");
    if (!stack_fn_condition(s, &items[0], &holds, err)) return false;
    return intrinsic_value(s, json_true(&holds) ? &items[1] : &items[2], out, err);
}

/* Numbers and booleans are compared as they are written; lists and maps by their parts. */
static bool same(StackScope *s, const Json *x, const Json *y)
{
    Str left, right;
    if (intrinsic_text(s, x, &left) && intrinsic_text(s, y, &right)) return str_eq(left, right);
    return json_eq(x, y);
}

bool stack_fn_equals(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *items;
    Json x, y;
    if (!intrinsic_items(argument, 2, &items))
        return intrinsic_error(err,
                               "every Fn::Equals object requires a list of 2 string parameters");
    if (!intrinsic_value(s, &items[0], &x, err) || !intrinsic_value(s, &items[1], &y, err))
        return false;
    *out = json_bool(same(s, &x, &y));
    return true;
}

static bool many(StackScope *s, const Json *argument, const char *name, bool until, Json *out,
                 Error *err)
{
    enum { CONDITIONS_MIN = 2, CONDITIONS_MAX = 10 };
    bool value = !until;
    int32_t n = json_count(argument);
    if (!json_is(argument, JSON_ARRAY) || n < CONDITIONS_MIN || n > CONDITIONS_MAX)
        return intrinsic_error(err,
                               "every %s object requires a list of at least %d and at most %d "
                               "boolean parameters",
                               name, CONDITIONS_MIN, CONDITIONS_MAX);
    for (int32_t i = 0; i < n && value != until; i++)
        if (!as_bool(s, &argument->items[i], &value, err)) return false;
    *out = json_bool(value);
    return true;
}

bool stack_fn_and(StackScope *s, const Json *argument, Json *out, Error *err)
{
    return many(s, argument, "Fn::And", false, out, err);
}

bool stack_fn_or(StackScope *s, const Json *argument, Json *out, Error *err)
{
    return many(s, argument, "Fn::Or", true, out, err);
}

bool stack_fn_not(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *items;
    bool value;
    if (!intrinsic_items(argument, 1, &items))
        return intrinsic_error(err, "every Fn::Not object requires a list of 1 boolean parameter");
    if (!as_bool(s, &items[0], &value, err)) return false;
    *out = json_bool(!value);
    return true;
}

bool conditions_resolve(StackScope *s, Json *out, Error *err)
{
    JsonObject found = {.a = s->a};
    Json view = json_object(&found), value;
    StackScope inner = *s;
    inner.conditions = inner.conditions_view = &view;
    inner.conditions_found = &found;
    for (int32_t i = 0; i < json_count(s->t->conditions); i++) {
        Json name = json_string(s->t->conditions->members[i].key);
        if (!stack_fn_condition(&inner, &name, &value, err)) return false;
    }
    s->bytes_left = inner.bytes_left;
    *out = view;
    return true;
}
