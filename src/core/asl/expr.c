/* expr.c - compiling what a field may hold: a path, an intrinsic call, JSONata, or a template with those inside. */
#include "core/asl/expr.h"
#include "core/asl/intrinsic.h"
#include "core/jsonata/jsonata.h"

bool asl_failure(AslFailure *f, Str error, Str cause)
{
    *f = (AslFailure){.error = error, .cause = cause};
    return false;
}

static int64_t variable_name_end(Str text)
{
    int64_t i = 1;
    while (i < text.n && text.p[i] != '.' && text.p[i] != '[') i++;
    return i;
}

/* $.a is the state's input, $$.a the context object, $name.a a variable. */
bool asl_path(Str text, Arena *a, AslExpr *out, Str *why)
{
    *out = (AslExpr){.kind = EXPR_PATH, .text = text};
    if (!str_starts(text, S("$"))) return *why = S("a path begins with '$'"), false;
    int64_t from = 1;
    if (str_starts(text, S("$$"))) {
        out->root = ROOT_CONTEXT;
        from = 2;
    } else if (text.n > 1 && text.p[1] != '.' && text.p[1] != '[') {
        out->root = ROOT_VARIABLE;
        from = variable_name_end(text);
        out->variable = str_slice(text, 1, from);
    }
    return jsonpath_parse_steps(str_slice(text, from, text.n), a, &out->path, why);
}

bool asl_path_or_call(Str text, Arena *a, AslExpr *out, Str *why)
{
    return str_starts(text, S("States.")) ? asl_call(text, a, out, why)
                                          : asl_path(text, a, out, why);
}

bool asl_is_jsonata(Str text)
{
    return text.n >= 4 && str_starts(text, S("{%")) && str_ends(text, S("%}"));
}

bool asl_jsonata(Str text, Arena *a, AslExpr *out, Str *why)
{
    JsonataError err;
    *out = (AslExpr){.kind = EXPR_JSONATA, .text = str_trim(str_slice(text, 2, text.n - 2))};
    if (jsonata_compile(out->text, JSONATA_STATES, a, &out->program, &err)) return true;
    *why = str_copy(a, str_from(err.message));
    return false;
}

static bool refuse(AslTemplate *t, Str key, Str why)
{
    if (str_absent(t->why)) t->why = why, t->where = S("");
    t->where = str_printf(t->a, "/%.*s%.*s", STR(key), STR(t->where));
    return false;
}

static Str place_below(AslTemplate *t, Str key)
{
    return t->jsonata ? str_printf(t->a, "%.*s/%.*s", STR(t->place), STR(key)) : key;
}

/* "name.$": the value is a path or an intrinsic call. */
static bool dynamic_member(AslTemplate *t, const JsonMember *m, Str *key, AslExpr *out)
{
    Str why = {0};
    *key = str_slice(m->key, 0, m->key.n - 2);
    if (!json_is(&m->value, JSON_STRING)) why = S("the value must be a string");
    if (str_absent(why) && asl_path_or_call(json_text(&m->value), t->a, out, &why)) {
        out->place = m->key;
        return true;
    }
    return refuse(t, m->key,
                  str_printf(t->a,
                             "The value for the field '%.*s' must be a valid JSONPath or a valid "
                             "intrinsic function call",
                             STR(m->key)));
}

static bool member(AslTemplate *t, const JsonMember *m, Str *key, AslExpr *out)
{
    *key = m->key;
    if (!t->jsonata && str_ends(m->key, S(".$"))) return dynamic_member(t, m, key, out);
    AslTemplate below = *t;
    below.place = place_below(t, m->key);
    if (asl_template(&below, &m->value, out)) return true;
    t->why = below.why;
    t->code = below.code;
    t->where = below.where;
    return refuse(t, m->key, t->why);
}

static bool all_constant(const AslExpr *parts, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (parts[i].kind != EXPR_CONST) return false;
    return true;
}

static bool object(AslTemplate *t, const Json *v, AslExpr *out)
{
    Str *keys = new_array(t->a, Str, v->n);
    AslExpr *parts = new_array(t->a, AslExpr, v->n);
    bool plain = true;
    for (int32_t i = 0; i < v->n; i++) {
        if (!member(t, &v->members[i], &keys[i], &parts[i])) return false;
        plain &= str_eq(keys[i], v->members[i].key);
    }
    *out = (AslExpr){.kind = EXPR_CONST, .constant = *v, .place = t->place};
    if (plain && all_constant(parts, v->n)) return true;
    *out =
        (AslExpr){.kind = EXPR_OBJECT, .keys = keys, .parts = parts, .n = v->n, .place = t->place};
    return true;
}

static bool array(AslTemplate *t, const Json *v, AslExpr *out)
{
    AslExpr *parts = new_array(t->a, AslExpr, v->n);
    for (int32_t i = 0; i < v->n; i++) {
        AslTemplate below = *t;
        Str index = str_printf(t->a, "[%d]", (int)i);
        if (t->jsonata) below.place = str_printf(t->a, "%.*s%.*s", STR(t->place), STR(index));
        if (asl_template(&below, &v->items[i], &parts[i])) continue;
        t->why = below.why;
        t->code = below.code;
        t->where = below.where;
        return refuse(t, index, t->why);
    }
    *out = (AslExpr){.kind = EXPR_CONST, .constant = *v, .place = t->place};
    if (!all_constant(parts, v->n))
        *out = (AslExpr){.kind = EXPR_ARRAY, .parts = parts, .n = v->n, .place = t->place};
    return true;
}

static bool refuse_jsonata(AslTemplate *t, const char *code, Str why)
{
    t->code = code;
    t->why = why;
    t->where = S("");
    return false;
}

bool asl_template(AslTemplate *t, const Json *v, AslExpr *out)
{
    if (v->type == JSON_OBJECT) return object(t, v, out);
    if (v->type == JSON_ARRAY) return array(t, v, out);
    if (t->jsonata && v->type == JSON_STRING && asl_is_jsonata(json_text(v))) {
        Str why = {0};
        if (!asl_jsonata(json_text(v), t->a, out, &why))
            return refuse_jsonata(t, "INVALID_JSONATA_EXPRESSION", why);
        Str name = jsonata_context_name(out->program);
        if (!str_absent(name))
            return refuse_jsonata(
                t, "UNSUPPORTED_JSONATA_EXPRESSION",
                str_printf(t->a, "Reference to '%.*s' at the top level is not supported.",
                           STR(name)));
        out->place = t->place;
        return true;
    }
    *out = (AslExpr){.kind = EXPR_CONST, .constant = *v, .place = t->place};
    return true;
}
