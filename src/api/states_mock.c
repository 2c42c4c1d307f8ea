/* states_mock.c - a mocked result against the API model of the task's action, as TestState checks it. */
#include "api/states.h"
#include "base/encode.h"
#include "wire/model.h"

typedef struct MockCheck {
    const Service *s;
    bool strict; /* what the model requires must be there */
    Error *err;
} MockCheck;

static bool check_value(const MockCheck *c, Str field, const Member *m, const Json *v);

static bool wrong(const MockCheck *c, Str field, const char *what)
{
    return error_set(c->err, ERR_VALIDATION, "Mock result schema validation error: Field '%.*s' %s",
                     STR(field), what);
}

static bool listed(const Service *s, const ModelLimit *limit, Str text)
{
    for (int i = 0; i < limit->enums_n; i++)
        if (str_eq(model_text(s, s->enums[limit->enums + i]), text)) return true;
    return limit->enums_n == 0;
}

static bool check_text(const MockCheck *c, Str field, const ModelLimit *limit, Str text)
{
    if (!limit) return true;
    if (!listed(c->s, limit, text)) return wrong(c, field, "is not an expected value");
    if (utf8_count(text) < limit->min) return wrong(c, field, "is smaller than the minimum length");
    return utf8_count(text) <= limit->max || wrong(c, field, "exceeds the maximum length");
}

static bool check_number(const MockCheck *c, Str field, const ModelLimit *limit, const Json *v)
{
    int64_t whole;
    if (!limit || !json_to_int(v, &whole)) return true;
    if (whole < limit->min) return wrong(c, field, "is less than the minimum value");
    return whole <= limit->max || wrong(c, field, "exceeds the maximum value");
}

static const Member *member_named(const MockCheck *c, const Shape *structure, Str name)
{
    for (int i = 0; i < structure->members_n; i++) {
        const Member *m = &c->s->members[structure->members + i];
        Str known = model_text(c->s, m->name);
        if (known.n == name.n && str_eq_nocase(str_slice(known, 0, 1), str_slice(name, 0, 1)) &&
            str_eq(str_slice(known, 1, known.n), str_slice(name, 1, name.n)))
            return m;
    }
    return NULL;
}

static bool check_required(const MockCheck *c, const Shape *structure, const Json *v)
{
    for (int i = 0; c->strict && i < structure->members_n; i++) {
        const Member *m = &c->s->members[structure->members + i];
        Str name = model_text(c->s, m->name);
        bool there = false;
        for (int32_t k = 0; k < json_count(v); k++)
            there |= member_named(c, structure, v->members[k].key) == m;
        if ((m->flags & MEMBER_REQUIRED) && !there) return wrong(c, name, "is required");
    }
    return true;
}

/* Members that the model does not know are let through, in every mode. */
static bool check_structure(const MockCheck *c, const Shape *structure, const Json *v)
{
    for (int32_t i = 0; i < json_count(v); i++) {
        const Member *m = member_named(c, structure, v->members[i].key);
        if (m && !check_value(c, v->members[i].key, m, &v->members[i].value)) return false;
    }
    return check_required(c, structure, v);
}

static bool check_items(const MockCheck *c, Str field, const Shape *shape, const Json *v)
{
    const Member *item = model_item(c->s, shape);
    bool map = shape->type == SHAPE_MAP;
    for (int32_t i = 0; i < json_count(v); i++)
        if (!check_value(c, field, item, map ? &v->members[i].value : &v->items[i])) return false;
    return true;
}

static bool is_number(const Json *v)
{
    return v->type == JSON_NUMBER;
}

static bool check_value(const MockCheck *c, Str field, const Member *m, const Json *v)
{
    const Shape *shape = model_shape(c->s, m);
    const ModelLimit *limit = model_limit(c->s, shape);
    if (v->type == JSON_NULL || m->location == IN_PAYLOAD) return true;
    switch ((ShapeType)shape->type) {
    case SHAPE_STRING:
    case SHAPE_BLOB:
        if (v->type != JSON_STRING) return wrong(c, field, "must be a string");
        return check_text(c, field, limit, json_text(v));
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE:
        if (!is_number(v)) return wrong(c, field, "must be a number");
        return check_number(c, field, limit, v);
    case SHAPE_BOOLEAN:
        return v->type == JSON_TRUE || v->type == JSON_FALSE ||
               wrong(c, field, "must be a boolean");
    case SHAPE_TIMESTAMP:
        return v->type == JSON_STRING || is_number(v) || wrong(c, field, "must be a timestamp");
    case SHAPE_LIST:
        if (v->type != JSON_ARRAY) return wrong(c, field, "must be an array");
        return check_items(c, field, shape, v);
    case SHAPE_MAP:
        if (v->type != JSON_OBJECT) return wrong(c, field, "must be an object");
        return check_items(c, field, shape, v);
    case SHAPE_STRUCTURE:
        if (v->type != JSON_OBJECT) return wrong(c, field, "must be an object");
        return check_structure(c, shape, v);
    case SHAPE_DOCUMENT: return true;
    default: unreachable();
    }
}

/* Resources name services as their SDK does; the models, as botocore does. */
static const Service *service_of(Str name)
{
    static const char *const others[][2] = {
        {"states", "stepfunctions"}, {"sfn", "stepfunctions"},   {"elasticmapreduce", "emr"},
        {"eventbridge", "events"},   {"cloudwatchlogs", "logs"},
    };
    if (str_starts(name, S("aws-sdk:"))) name = str_slice(name, 8, name.n);
    for (int i = 0; i < countof(others); i++)
        if (str_eq(name, str_from(others[i][0]))) return model_service(str_from(others[i][1]));
    const Service *here = model_service(name);
    return here ? here : model_service_elsewhere(name);
}

bool states_check_mock(Arena *a, const AslTestState *state, const Json *result, bool strict,
                       Error *err)
{
    MockCheck c = {.s = service_of(state->service), .strict = strict, .err = err};
    if (!c.s || state->pattern.n || !state->action.n || result->type != JSON_OBJECT) return true;
    Str operation = str_printf(a, "%.*s%.*s", STR(str_upper(a, str_slice(state->action, 0, 1))),
                               STR(str_slice(state->action, 1, state->action.n)));
    const Operation *op = model_operation(c.s, operation);
    const Shape *output = op ? model_output(op) : NULL;
    return !output || check_structure(&c, output, result);
}
