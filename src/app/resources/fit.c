/* fit.c - a template's values as an operation's input: members checked by name, texts for numbers and the reverse taken. */
#include "app/resources/fit.h"

#include "base/time.h"

bool fit_refused(Str logical, Str place, Str what, Error *err)
{
    return error_set(err, ERR_VALIDATION,
                     "Properties validation failed for resource %.*s with message:\n%.*s: %.*s",
                     STR(logical), STR(str_slice(place, 0, 300)), STR(str_slice(what, 0, 300)));
}

static const char *type_name(const Json *v)
{
    static const char *const names[] = {
        [JSON_NULL] = "Null",        [JSON_FALSE] = "Boolean", [JSON_TRUE] = "Boolean",
        [JSON_NUMBER] = "Number",    [JSON_STRING] = "String", [JSON_ARRAY] = "JSONArray",
        [JSON_OBJECT] = "JSONObject"};
    return names[v->type];
}

static bool unexpected(const Fit *f, Str place, const char *wanted, const Json *v, Error *err)
{
    return fit_refused(f->logical, place,
                       str_printf(f->a, "expected type: %s, found: %s", wanted, type_name(v)), err);
}

/* ---- texts, numbers, booleans, times ---- */

static bool as_text(const Fit *f, const Json *v, Json *out)
{
    bool plain = json_is(v, JSON_STRING);
    *out = plain ? *v : json_string(json_to_str(f->a, v));
    return true;
}

static bool is_decimal(Str s)
{
    int64_t digits = 0, points = 0;
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        digits += c >= '0' && c <= '9';
        points += c == '.';
        if (!(c >= '0' && c <= '9') && c != '.' && !(i == 0 && c == '-')) return false;
    }
    return digits > 0 && points <= 1 && s.p[s.n - 1] != '.' && s.p[0] != '.';
}

static bool as_number(const Fit *f, const Shape *shape, Str place, const Json *v, Json *out,
                      Error *err)
{
    int64_t n;
    Str text = str_trim(json_text(v));
    bool whole = shape->type == SHAPE_INTEGER || shape->type == SHAPE_LONG;
    if (v->type == JSON_NUMBER) return *out = *v, true;
    if (v->type == JSON_STRING && whole && str_to_int(text, &n))
        return *out = json_int(f->a, n), true;
    if (v->type == JSON_STRING && !whole && is_decimal(text)) return *out = json_number(text), true;
    return unexpected(f, place, whole ? "Integer" : "Number", v, err);
}

static bool as_bool(const Fit *f, Str place, const Json *v, Json *out, Error *err)
{
    Str text = json_text(v);
    if (v->type == JSON_TRUE || v->type == JSON_FALSE) return *out = *v, true;
    bool yes = str_eq_nocase(text, S("true")), no = str_eq_nocase(text, S("false"));
    if (v->type != JSON_STRING || (!yes && !no)) return unexpected(f, place, "Boolean", v, err);
    *out = json_bool(yes);
    return true;
}

static bool as_time(const Fit *f, Str place, const Json *v, Json *out, Error *err)
{
    Millis t;
    if (v->type == JSON_NUMBER) return *out = *v, true;
    if (v->type == JSON_STRING && time_parse_iso8601(json_text(v), &t))
        return *out = json_millis_as_seconds(f->a, t), true;
    return fit_refused(
        f->logical, place,
        str_printf(f->a, "[%.*s] is not a valid date-time.", STR(str_slice(json_text(v), 0, 80))),
        err);
}

/* ---- containers ---- */

static bool fit(const Fit *f, const Shape *shape, const Json *v, Str place, int depth, Json *out,
                Error *err);

static const Member *member_like(const Fit *f, const Shape *shape, Str name)
{
    const Member *m = model_member(f->service, shape, name);
    if (m || !name.n) return m;
    Str first = str_slice(name, 0, 1), rest = str_slice(name, 1, name.n);
    Str low = str_lower(f->a, first), high = str_upper(f->a, first);
    m = model_member(f->service, shape, str_printf(f->a, "%.*s%.*s", STR(low), STR(rest)));
    return m ? m
             : model_member(f->service, shape, str_printf(f->a, "%.*s%.*s", STR(high), STR(rest)));
}

static Str below(const Fit *f, Str place, Str name)
{
    return str_printf(f->a, "%.*s/%.*s", STR(place), STR(name));
}

static bool as_structure(const Fit *f, const Shape *shape, const Json *v, Str place, int depth,
                         Json *out, Error *err)
{
    JsonObject o = {.a = f->a};
    if (v->type != JSON_OBJECT) return unexpected(f, place, "JSONObject", v, err);
    for (int32_t i = 0; i < v->n; i++) {
        Json value;
        Str key = v->members[i].key;
        const Member *m = member_like(f, shape, key);
        if (!m)
            return fit_refused(f->logical, place,
                               str_printf(f->a, "extraneous key [%.*s] is not permitted", STR(key)),
                               err);
        if (v->members[i].value.type == JSON_NULL) continue;
        if (!fit(f, model_shape(f->service, m), &v->members[i].value, below(f, place, key),
                 depth + 1, &value, err))
            return false;
        json_put(&o, model_text(f->service, m->name), value);
    }
    *out = json_object(&o);
    return true;
}

static bool as_list(const Fit *f, const Shape *shape, const Json *v, Str place, int depth,
                    Json *out, Error *err)
{
    JsonArray list = {.a = f->a};
    const Shape *item = model_shape(f->service, model_item(f->service, shape));
    if (v->type != JSON_ARRAY) return unexpected(f, place, "JSONArray", v, err);
    for (int32_t i = 0; i < v->n; i++) {
        Json value;
        Str at = str_printf(f->a, "%.*s/%d", STR(place), i);
        if (!fit(f, item, &v->items[i], at, depth + 1, &value, err)) return false;
        json_add(&list, value);
    }
    *out = json_array(&list);
    return true;
}

static bool as_map(const Fit *f, const Shape *shape, const Json *v, Str place, int depth, Json *out,
                   Error *err)
{
    JsonObject o = {.a = f->a};
    const Shape *item = model_shape(f->service, model_item(f->service, shape));
    if (v->type != JSON_OBJECT) return unexpected(f, place, "JSONObject", v, err);
    for (int32_t i = 0; i < v->n; i++) {
        Json value;
        Str key = v->members[i].key;
        if (!fit(f, item, &v->members[i].value, below(f, place, key), depth + 1, &value, err))
            return false;
        json_put(&o, key, value);
    }
    *out = json_object(&o);
    return true;
}

static bool fit(const Fit *f, const Shape *shape, const Json *v, Str place, int depth, Json *out,
                Error *err)
{
    if (depth > FIT_DEPTH_MAX) return fit_refused(f->logical, place, S("is nested too deep"), err);
    switch ((ShapeType)shape->type) {
    case SHAPE_STRUCTURE: return as_structure(f, shape, v, place, depth, out, err);
    case SHAPE_LIST: return as_list(f, shape, v, place, depth, out, err);
    case SHAPE_MAP: return as_map(f, shape, v, place, depth, out, err);
    case SHAPE_STRING: return as_text(f, v, out);
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE: return as_number(f, shape, place, v, out, err);
    case SHAPE_BOOLEAN: return as_bool(f, place, v, out, err);
    case SHAPE_TIMESTAMP: return as_time(f, place, v, out, err);
    case SHAPE_BLOB:
    case SHAPE_DOCUMENT: break;
    }
    *out = *v;
    return true;
}

bool fit_member(const Fit *f, const Shape *structure, Str member, const Json *given, Str place,
                Json *out, Error *err)
{
    const Member *m = model_member(f->service, structure, member);
    check(m);
    return fit(f, model_shape(f->service, m), given, place, 0, out, err);
}
