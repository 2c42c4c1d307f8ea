/* validate_output.c - for tests: what in a value the model does not know, or knows with another type. */
#include "wire/shape.h"
#include "wire/validate.h"

static bool check_output(const Service *s, const Member *m, const Json *v, const ShapePath *path,
                         Arena *a, Str *wrong);

static bool say(Str *wrong, const ShapePath *path, const char *what, Arena *a)
{
    *wrong = str_printf(a, "%.*s %s", STR(shape_path_text(path, a)), what);
    return false;
}

static bool check_structure(const Service *s, const Shape *shape, const Json *v,
                            const ShapePath *path, Arena *a, Str *wrong)
{
    for (int32_t i = 0; i < v->n; i++) {
        const JsonMember *given = &v->members[i];
        const Member *m = model_member(s, shape, given->key);
        ShapePath here = {.up = path, .name = given->key};
        if (!m) return say(wrong, &here, "is not in the model", a);
        if (given->value.type != JSON_NULL && !check_output(s, m, &given->value, &here, a, wrong))
            return false;
    }
    return true;
}

static bool check_items(const Service *s, const Shape *shape, const Json *v, const ShapePath *path,
                        Arena *a, Str *wrong)
{
    for (int32_t i = 0; i < v->n; i++) {
        ShapePath here = {.up = path, .index = i};
        const Json *item = shape->type == SHAPE_MAP ? &v->members[i].value : &v->items[i];
        if (shape->type == SHAPE_MAP) here.name = v->members[i].key;
        if (item->type != JSON_NULL &&
            !check_output(s, model_item(s, shape), item, &here, a, wrong))
            return false;
    }
    return true;
}

static bool has_type(ShapeType type, const Json *v)
{
    int64_t value;
    switch (type) {
    case SHAPE_STRUCTURE:
    case SHAPE_MAP: return v->type == JSON_OBJECT;
    case SHAPE_LIST: return v->type == JSON_ARRAY;
    case SHAPE_STRING:
    case SHAPE_BLOB: return v->type == JSON_STRING;
    case SHAPE_INTEGER:
    case SHAPE_LONG: return json_to_int(v, &value);
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE: return v->type == JSON_NUMBER || v->type == JSON_STRING;
    case SHAPE_TIMESTAMP: return v->type == JSON_NUMBER;
    case SHAPE_BOOLEAN: return v->type == JSON_TRUE || v->type == JSON_FALSE;
    case SHAPE_DOCUMENT: return true;
    default: unreachable();
    }
}

static bool check_output(const Service *s, const Member *m, const Json *v, const ShapePath *path,
                         Arena *a, Str *wrong)
{
    const Shape *shape = model_shape(s, m);
    if (!has_type((ShapeType)shape->type, v))
        return say(wrong, path, "has another type in the model", a);
    if (shape->type == SHAPE_STRUCTURE) return check_structure(s, shape, v, path, a, wrong);
    if (shape->type == SHAPE_LIST || shape->type == SHAPE_MAP)
        return check_items(s, shape, v, path, a, wrong);
    return true;
}

Str validate_types(const Service *s, const Shape *structure, const Json *v, Arena *a)
{
    Str wrong = {0};
    if (!json_is(v, JSON_OBJECT)) return S("the value is not an object");
    (void)!check_structure(s, structure, v, NULL, a, &wrong);
    return wrong;
}

Str validate_output(const Operation *op, const Json *out, Arena *a)
{
    static const Shape nothing;
    if (json_is(out, JSON_NULL)) return (Str){0};
    return validate_types(op->service, op->output == MODEL_NONE ? &nothing : model_output(op), out,
                          a);
}
