/* validate.c - inputs against the model's constraints, all violations at once, in the words of the service. */
#include "wire/validate.h"

#include "base/encode.h"
#include "wire/scalar.h"
#include "wire/shape.h"

typedef struct Violation {
    Str where, value; /* value absent: sensitive */
    Str rule;         /* "Member must not be null" */
    bool null;
    const Member *top; /* the input's own member in which it lies */
} Violation;

typedef struct Check {
    const Service *s;
    Arena *a;
    const Member *top;
    struct {
        Violation *p;
        int64_t n, cap;
    } found;
} Check;

typedef struct Rules {
    Str *p;
    int64_t n, cap;
} Rules;

static void check_value(Check *c, const Member *m, const Json *v, const ShapePath *path);

/* ---- what a value looks like in a message ---- */

static void put_value(Buf *b, const Json *v)
{
    bool object = v->type == JSON_OBJECT;
    if (v->type < JSON_ARRAY) {
        buf_put(b, v->type == JSON_NULL ? S("null")
                                        : scalar_text(&(Member){.time = TIME_NONE}, v, b->a));
        return;
    }
    buf_putc(b, object ? '{' : '[');
    for (int32_t i = 0; i < v->n && b->n <= VALIDATE_VALUE_BYTES_MAX; i++) {
        if (i) buf_put(b, S(", "));
        if (object) {
            buf_put(b, v->members[i].key);
            buf_putc(b, '=');
        }
        put_value(b, object ? &v->members[i].value : &v->items[i]);
    }
    buf_putc(b, object ? '}' : ']');
}

/* Cut between characters; a cut value ends with three dots. */
static Str shown(const Json *v, Arena *a)
{
    Buf b = {.a = a};
    put_value(&b, v);
    Str text = buf_str(&b);
    if (text.n <= VALIDATE_VALUE_BYTES_MAX) return text;
    int64_t end = VALIDATE_VALUE_BYTES_MAX;
    while (end > 0 && ((unsigned char)text.p[end] & 0xc0) == 0x80) end--;
    return str_printf(a, "%.*s...", STR(str_slice(text, 0, end)));
}

static void violate(Check *c, const ShapePath *path, const Shape *shape, const Json *v, Str rule)
{
    if (c->found.n == VALIDATE_VIOLATIONS_MAX) return;
    Violation *x = vec_push(c->a, &c->found);
    *x = (Violation){.where = shape_path_text(path, c->a), .rule = rule, .null = !v, .top = c->top};
    if (v && !(shape->flags & SHAPE_IS_SENSITIVE)) x->value = shown(v, c->a);
}

/* ---- the rules of one value ---- */

static void bound(Rules *r, Arena *a, const char *what, int64_t value, int64_t min, int64_t max)
{
    if (value > max)
        *vec_push(a, r) =
            str_printf(a, "Member must have %s less than or equal to %" PRId64, what, max);
    if (value < min)
        *vec_push(a, r) =
            str_printf(a, "Member must have %s greater than or equal to %" PRId64, what, min);
}

/* Whole numbers are compared exactly; of others, the part before the point decides (limits are
 * whole). */
static void bound_number(Rules *r, Arena *a, const ModelLimit *limit, const Json *v)
{
    int64_t whole;
    Millis thousandths;
    if (json_to_int(v, &whole))
        bound(r, a, "value", whole, limit->min, limit->max);
    else if (v->type == JSON_NUMBER && scalar_seconds_to_millis(json_text(v), &thousandths))
        bound(r, a, "value", thousandths / 1000 - (thousandths < 0 && limit->min >= 0), limit->min,
              limit->max);
}

static int64_t blob_length(Str base64)
{
    int64_t padding = str_ends(base64, S("==")) ? 2 : str_ends(base64, S("="));
    return base64.n / 4 * 3 - padding;
}

static void check_length(Rules *r, Arena *a, const Shape *shape, const ModelLimit *limit,
                         const Json *v)
{
    switch ((ShapeType)shape->type) {
    case SHAPE_STRING:
        bound(r, a, "length", utf8_count(json_text(v)), limit->min, limit->max);
        break;
    case SHAPE_BLOB:
        bound(r, a, "length", blob_length(json_text(v)), limit->min, limit->max);
        break;
    case SHAPE_LIST:
    case SHAPE_MAP: bound(r, a, "length", v->n, limit->min, limit->max); break;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE: bound_number(r, a, limit, v); break;
    case SHAPE_STRUCTURE:
    case SHAPE_BOOLEAN:
    case SHAPE_TIMESTAMP:
    case SHAPE_DOCUMENT: break;
    default: unreachable();
    }
}

static bool is_listed(const Service *s, const ModelLimit *limit, Str text)
{
    for (int i = 0; i < limit->enums_n; i++)
        if (str_eq(model_text(s, s->enums[limit->enums + i]), text)) return true;
    return limit->enums_n == 0;
}

static Str listed(const Service *s, const ModelLimit *limit, Arena *a)
{
    Buf b = {.a = a};
    buf_put(&b, S("Member must satisfy enum value set: ["));
    for (int i = 0; i < limit->enums_n; i++) {
        if (i) buf_put(&b, S(", "));
        buf_put(&b, model_text(s, s->enums[limit->enums + i]));
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

static void check_text(Rules *r, Arena *a, const Service *s, const ModelLimit *limit, Str text)
{
    if (!is_listed(s, limit, text)) *vec_push(a, r) = listed(s, limit, a);
    if (limit->pattern.n && !validate_pattern(s, limit, text))
        *vec_push(a, r) = str_printf(a, "Member must satisfy regular expression pattern: %.*s",
                                     STR(model_text(s, limit->pattern)));
}

static Rules broken_rules(Check *c, const Shape *shape, const Json *v)
{
    Rules r = {0};
    const ModelLimit *limit = model_limit(c->s, shape);
    if (!limit) return r;
    check_length(&r, c->a, shape, limit, v);
    if (shape->type == SHAPE_STRING) check_text(&r, c->a, c->s, limit, json_text(v));
    return r;
}

/* ---- the walk ---- */

static bool is_simple(const Shape *shape)
{
    return shape->type > SHAPE_MAP && shape->type != SHAPE_DOCUMENT;
}

/* "[Member must have length ..., Member must ...]": rules of simple items are reported once, for
 * the container. */
static Str bracketed(const char *what, const Rules *r, Arena *a)
{
    return str_printf(a, "%s must satisfy constraint: [%.*s]", what,
                      STR(str_join(a, r->p, r->n, S(", "))));
}

/* Of all items together, each broken rule once. */
static void collect(Check *c, Rules *all, const Shape *shape, const Json *v)
{
    Rules r = broken_rules(c, shape, v);
    for (int64_t i = 0; i < r.n; i++) {
        bool known = false;
        for (int64_t k = 0; k < all->n; k++) known |= str_eq(all->p[k], r.p[i]);
        if (!known) *vec_push(c->a, all) = r.p[i];
    }
}

static void check_list(Check *c, const Shape *shape, const Json *v, const ShapePath *path)
{
    const Member *item = model_item(c->s, shape);
    const Shape *inner = model_shape(c->s, item);
    Rules simple = {0};
    for (int32_t i = 0; i < v->n; i++) {
        ShapePath here = {.up = path, .index = i, .depth = path->depth + 1};
        if (v->items[i].type == JSON_NULL)
            violate(c, &here, inner, NULL, S("Member must not be null"));
        else if (is_simple(inner))
            collect(c, &simple, inner, &v->items[i]);
        else
            check_value(c, item, &v->items[i], &here);
    }
    if (simple.n) violate(c, path, inner, v, bracketed("Member", &simple, c->a));
}

static void check_map(Check *c, const Shape *shape, const Json *v, const ShapePath *path)
{
    const Member *value = model_item(c->s, shape);
    const Shape *keys = model_shape(c->s, model_key(c->s, shape)),
                *values = model_shape(c->s, value);
    Rules key_rules = {0}, value_rules = {0};
    for (int32_t i = 0; i < v->n; i++) {
        const JsonMember *m = &v->members[i];
        ShapePath here = {.up = path, .name = m->key, .depth = path->depth + 1};
        Json key = json_string(m->key);
        collect(c, &key_rules, keys, &key);
        if (m->value.type == JSON_NULL)
            violate(c, &here, values, NULL, S("Member must not be null"));
        else if (is_simple(values))
            collect(c, &value_rules, values, &m->value);
        else
            check_value(c, value, &m->value, &here);
    }
    if (key_rules.n) violate(c, path, keys, v, bracketed("Map keys", &key_rules, c->a));
    if (value_rules.n) violate(c, path, values, v, bracketed("Map value", &value_rules, c->a));
}

static void check_members(Check *c, const Shape *shape, const Json *v, const ShapePath *path)
{
    for (int i = 0; i < shape->members_n; i++) {
        const Member *m = &c->s->members[shape->members + i];
        const Json *value = json_get(v, model_text(c->s, m->name));
        ShapePath here = {
            .up = path, .name = model_text(c->s, m->name), .depth = path ? path->depth + 1 : 1};
        if (!path) c->top = m;
        if (value)
            check_value(c, m, value, &here);
        else if (m->flags & MEMBER_REQUIRED && !(m->flags & MEMBER_STREAMING))
            violate(c, &here, model_shape(c->s, m), NULL, S("Member must not be null"));
    }
}

static void check_value(Check *c, const Member *m, const Json *v, const ShapePath *path)
{
    const Shape *shape = model_shape(c->s, m);
    Rules r = broken_rules(c, shape, v);
    for (int64_t i = 0; i < r.n; i++) violate(c, path, shape, v, r.p[i]);
    if (shape->type == SHAPE_STRUCTURE) check_members(c, shape, v, path);
    if (shape->type == SHAPE_LIST) check_list(c, shape, v, path);
    if (shape->type == SHAPE_MAP) check_map(c, shape, v, path);
}

/* ---- the answer ---- */

static bool answer(const Check *c, Fault *fault)
{
    Buf b = {.a = c->a};
    buf_printf(&b, "%" PRId64 " validation error%s detected: ", c->found.n,
               c->found.n == 1 ? "" : "s");
    for (int64_t i = 0; i < c->found.n; i++) {
        const Violation *x = &c->found.p[i];
        if (i) buf_put(&b, S("; "));
        buf_put(&b, x->null ? S("Value null") : str_absent(x->value) ? S("Value") : S("Value '"));
        if (!str_absent(x->value)) {
            buf_put(&b, x->value);
            buf_putc(&b, '\'');
        }
        buf_printf(&b, " at '%.*s' failed to satisfy constraint: %.*s", STR(x->where),
                   STR(x->rule));
    }
    Str text = buf_str(&b);
    return fault_set(fault, c->s, ERR_VALIDATION, c->a, "%.*s", STR(text));
}

/* S3 names the header or parameter; of the body it says only that it is wrong. */
static bool answer_s3(const Check *c, Fault *fault)
{
    const Violation *x = &c->found.p[0];
    Str wire = model_text(c->s, x->top->wire);
    if (x->top->location == IN_PAYLOAD && x->null && str_find_char(x->where, '.') < 0)
        return fault_named(fault, S("MissingRequestBodyError"), 400, S("Request Body is empty"));
    if (x->top->location == IN_BODY || x->top->location == IN_PAYLOAD)
        return fault_named(fault, S("MalformedXML"), 400,
                           S("The XML you provided was not well-formed or did not validate against "
                             "our published schema"));
    if (x->null)
        fault_named(fault, S("InvalidArgument"), 400,
                    str_printf(c->a, "The argument %.*s is missing.", STR(wire)));
    else if (str_eq(wire, S("x-amz-storage-class")))
        return fault_named(fault, S("InvalidStorageClass"), 400,
                           S("The storage class you specified is not valid"));
    else
        fault_named(fault, S("InvalidArgument"), 400,
                    str_printf(c->a, "%.*s: %.*s", STR(wire), STR(x->rule)));
    fault_add(fault, c->a, S("ArgumentName"), wire);
    fault_add(fault, c->a, S("ArgumentValue"), x->value);
    return false;
}

bool validate_input(const Operation *op, const Json *in, Arena *a, Fault *fault)
{
    Check c = {.s = op->service, .a = a};
    if (op->input == MODEL_NONE) return true;
    check_members(&c, model_input(op), in, NULL);
    if (!c.found.n) return true;
    return op->service->protocol == PROTOCOL_REST_XML ? answer_s3(&c, fault) : answer(&c, fault);
}
