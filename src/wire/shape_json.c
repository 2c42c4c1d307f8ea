/* shape_json.c - values of the model's types from and to JSON bodies; type errors in the words of the JSON services. */
#include "wire/shape.h"

#include "wire/scalar.h"

Str shape_path_text(const ShapePath *path, Arena *a)
{
    if (!path) return S("");
    Str up = shape_path_text(path->up, a);
    Str dot = up.n ? S(".") : S("");
    if (str_absent(path->name))
        return str_printf(a, "%.*s%.*s%" PRId64 ".member", STR(up), STR(dot), path->index + 1);
    Str rest = str_slice(path->name, 1, path->name.n),
        first = str_lower(a, str_slice(path->name, 0, 1));
    return str_printf(a, "%.*s%.*s%.*s%.*s", STR(up), STR(dot), STR(first), STR(rest));
}

static const char *json_kind(const Json *v)
{
    switch (v->type) {
    case JSON_NULL: return "NULL_VALUE";
    case JSON_FALSE: return "FALSE_VALUE";
    case JSON_TRUE: return "TRUE_VALUE";
    case JSON_NUMBER: return "NUMBER_VALUE";
    case JSON_STRING: return "STRING_VALUE";
    case JSON_ARRAY: return "START_ARRAY";
    case JSON_OBJECT: return "START_OBJECT";
    default: unreachable();
    }
}

static const char *java_type(ShapeType type)
{
    switch (type) {
    case SHAPE_STRUCTURE: return "a structure";
    case SHAPE_LIST: return "a list";
    case SHAPE_MAP: return "a map";
    case SHAPE_STRING: return "a String";
    case SHAPE_INTEGER: return "an Integer";
    case SHAPE_LONG: return "a Long";
    case SHAPE_FLOAT: return "a Float";
    case SHAPE_DOUBLE: return "a Double";
    case SHAPE_BOOLEAN: return "a Boolean";
    case SHAPE_BLOB: return "a Blob";
    case SHAPE_TIMESTAMP: return "a Timestamp";
    case SHAPE_DOCUMENT: return "a Document";
    default: unreachable();
    }
}

static bool wrong_type(const Service *s, ShapeType type, const Json *in, const ShapePath *path,
                       Arena *a, Fault *fault)
{
    Str where = shape_path_text(path, a);
    return fault_set(fault, s, ERR_SERIALIZATION, a, "%s can not be converted to %s%s%.*s",
                     json_kind(in), java_type(type), where.n ? " at " : "", STR(where));
}

static bool too_deep(const Service *s, Arena *a, Fault *fault)
{
    return fault_set(fault, s, ERR_SERIALIZATION, a, "The request is nested deeper than %d levels.",
                     SHAPE_DEPTH_MAX);
}

static const Member *wire_member(const Service *s, const Shape *shape, Str key, int *cursor)
{
    int n = shape->members_n;
    for (int i = 0; i < n; i++) {
        int at = *cursor + i < n ? *cursor + i : *cursor + i - n;
        const Member *m = &s->members[shape->members + at];
        if (m->wire.n != key.n || m->location != IN_BODY || !str_eq(model_text(s, m->wire), key))
            continue;
        *cursor = at + 1 < n ? at + 1 : 0;
        return m;
    }
    return NULL;
}

bool shape_members_from_json(const Service *s, const Shape *shape, const Json *in,
                             const ShapePath *path, Arena *a, JsonObject *out, Fault *fault)
{
    int cursor = 0;
    for (int32_t i = 0; i < in->n; i++) {
        const JsonMember *given = &in->members[i];
        const Member *m = wire_member(s, shape, given->key, &cursor);
        if (!m || given->value.type == JSON_NULL) continue;
        ShapePath here = {
            .up = path, .name = model_text(s, m->name), .depth = path ? path->depth + 1 : 1};
        Json v = {0};
        if (!shape_from_json(s, m, &given->value, &here, a, &v, fault)) return false;
        json_put(out, here.name, v);
    }
    return true;
}

static bool structure_from_json(const Service *s, const Shape *shape, const Json *in,
                                const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonObject o = {.a = a};
    if (!shape_members_from_json(s, shape, in, path, a, &o, fault)) return false;
    *out = json_object(&o);
    return true;
}

static bool list_from_json(const Service *s, const Shape *shape, const Json *in,
                           const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    Json *items = new_array(a, Json, in->n);
    const Member *item = model_item(s, shape);
    for (int32_t i = 0; i < in->n; i++) {
        ShapePath here = {.up = path, .index = i, .depth = path->depth + 1};
        if (in->items[i].type == JSON_NULL) continue;
        if (!shape_from_json(s, item, &in->items[i], &here, a, &items[i], fault)) return false;
    }
    *out = (Json){.type = JSON_ARRAY, .n = in->n, .items = items};
    return true;
}

static bool map_from_json(const Service *s, const Shape *shape, const Json *in,
                          const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonMember *members = new_array(a, JsonMember, in->n);
    const Member *value = model_item(s, shape);
    for (int32_t i = 0; i < in->n; i++) {
        ShapePath here = {.up = path, .name = in->members[i].key, .depth = path->depth + 1};
        members[i].key = here.name;
        if (in->members[i].value.type == JSON_NULL) continue;
        if (!shape_from_json(s, value, &in->members[i].value, &here, a, &members[i].value, fault))
            return false;
    }
    *out = (Json){.type = JSON_OBJECT, .n = in->n, .members = members};
    return true;
}

/* Strings carry timestamps (ISO 8601), blobs and the numbers JSON cannot write. */
static bool scalar_from_json(const Service *s, const Member *m, const Json *in, Arena *a, Json *out)
{
    ShapeType type = (ShapeType)model_shape(s, m)->type;
    const char *rule;
    bool number = in->type == JSON_NUMBER, text = in->type == JSON_STRING;
    *out = *in;
    switch (type) {
    case SHAPE_STRING: return text;
    case SHAPE_BOOLEAN: return in->type == JSON_TRUE || in->type == JSON_FALSE;
    case SHAPE_BLOB: return text && scalar_parse(s, m, json_text(in), a, out, &rule);
    case SHAPE_TIMESTAMP:
        return (number || text) && scalar_parse(s, m, json_text(in), a, out, &rule);
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE:
        return number || (text && scalar_parse(s, m, json_text(in), a, out, &rule) &&
                          out->type == JSON_STRING);
    case SHAPE_INTEGER:
    case SHAPE_LONG: {
        int64_t value;
        return json_to_int(in, &value) &&
               scalar_parse(s, m, str_printf(a, "%" PRId64, value), a, out, &rule);
    }
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
    case SHAPE_DOCUMENT: return false;
    default: unreachable();
    }
}

bool shape_from_json(const Service *s, const Member *m, const Json *in, const ShapePath *path,
                     Arena *a, Json *out, Fault *fault)
{
    const Shape *shape = model_shape(s, m);
    if (path->depth > SHAPE_DEPTH_MAX) return too_deep(s, a, fault);
    if (shape->type == SHAPE_STRUCTURE && in->type == JSON_OBJECT)
        return structure_from_json(s, shape, in, path, a, out, fault);
    if (shape->type == SHAPE_LIST && in->type == JSON_ARRAY)
        return list_from_json(s, shape, in, path, a, out, fault);
    if (shape->type == SHAPE_MAP && in->type == JSON_OBJECT)
        return map_from_json(s, shape, in, path, a, out, fault);
    if (shape->type == SHAPE_DOCUMENT) return *out = *in, true;
    if (scalar_from_json(s, m, in, a, out)) return true;
    return wrong_type(s, (ShapeType)shape->type, in, path, a, fault);
}

void shape_members_to_json(Buf *b, const Service *s, const Shape *shape, const Json *v)
{
    int cursor = 0;
    bool first = true;
    buf_putc(b, '{');
    for (int32_t i = 0; i < (json_is(v, JSON_OBJECT) ? v->n : 0); i++) {
        const Member *m = model_next_member(s, shape, v->members[i].key, &cursor);
        if (!m || m->location != IN_BODY || v->members[i].value.type == JSON_NULL) continue;
        if (!first) buf_putc(b, ',');
        first = false;
        json_write_string(b, model_text(s, m->wire));
        buf_putc(b, ':');
        shape_to_json(b, s, m, &v->members[i].value);
    }
    buf_putc(b, '}');
}

static void list_to_json(Buf *b, const Service *s, const Member *item, const Json *v)
{
    buf_putc(b, '[');
    for (int32_t i = 0; i < v->n; i++) {
        if (i) buf_putc(b, ',');
        shape_to_json(b, s, item, &v->items[i]);
    }
    buf_putc(b, ']');
}

static void map_to_json(Buf *b, const Service *s, const Member *value, const Json *v)
{
    buf_putc(b, '{');
    for (int32_t i = 0; i < v->n; i++) {
        if (i) buf_putc(b, ',');
        json_write_string(b, v->members[i].key);
        buf_putc(b, ':');
        shape_to_json(b, s, value, &v->members[i].value);
    }
    buf_putc(b, '}');
}

void shape_to_json(Buf *b, const Service *s, const Member *m, const Json *v)
{
    const Shape *shape = model_shape(s, m);
    if (shape->type == SHAPE_STRUCTURE && v->type == JSON_OBJECT)
        shape_members_to_json(b, s, shape, v);
    else if (shape->type == SHAPE_LIST && v->type == JSON_ARRAY)
        list_to_json(b, s, model_item(s, shape), v);
    else if (shape->type == SHAPE_MAP && v->type == JSON_OBJECT)
        map_to_json(b, s, model_item(s, shape), v);
    else if (m->time > TIME_EPOCH)
        json_write_string(b, scalar_text(m, v, b->a));
    else
        json_write(b, v);
}
