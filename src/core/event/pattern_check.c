/* pattern_check.c - what an event pattern may say, and the address blocks it may name. */
#include "base/decimal.h"
#include "core/event/pattern_inside.h"

PatternOp pattern_op(Str name)
{
    static const Str names[] = {
        [PATTERN_PREFIX] = STR_INIT("prefix"),
        [PATTERN_SUFFIX] = STR_INIT("suffix"),
        [PATTERN_SAME_LETTERS] = STR_INIT("equals-ignore-case"),
        [PATTERN_WILDCARD] = STR_INIT("wildcard"),
        [PATTERN_ANYTHING_BUT] = STR_INIT("anything-but"),
        [PATTERN_NUMERIC] = STR_INIT("numeric"),
        [PATTERN_CIDR] = STR_INIT("cidr"),
        [PATTERN_EXISTS] = STR_INIT("exists"),
    };
    for (int i = 0; i < countof(names); i++)
        if (str_eq(name, names[i])) return (PatternOp)i;
    return PATTERN_UNKNOWN;
}

/* ---- addresses ---- */

static bool take_part(Str part, int base, int max, int *out)
{
    int n = 0;
    if (part.n < 1 || part.n > 4) return false;
    for (int64_t i = 0; i < part.n; i++) {
        char c = part.p[i], letter = c | 0x20;
        int digit = c >= '0' && c <= '9'             ? c - '0'
                    : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                                     : 99;
        if (digit >= base) return false;
        n = n * base + digit;
    }
    *out = n;
    return n <= max;
}

static bool parse_v4(Str text, PatternAddress *out)
{
    Str part;
    int n = 0, value;
    for (; str_cut(&text, '.', &part); n++) {
        if (n == 4 || !take_part(part, 10, 255, &value)) return false;
        out->bytes[n] = (unsigned char)value;
    }
    out->size = 4;
    return n == 4;
}

/* Groups from `at` on; how many, or -1. */
static int parse_groups(Str text, unsigned char *bytes)
{
    Str part;
    int n = 0, value;
    for (; text.n && str_cut(&text, ':', &part); n++) {
        if (n == 8 || !take_part(part, 16, 0xffff, &value)) return -1;
        bytes[2 * n] = (unsigned char)(value >> 8);
        bytes[2 * n + 1] = (unsigned char)value;
    }
    return n;
}

static bool parse_v6(Str text, PatternAddress *out)
{
    int64_t gap = str_find(text, S("::"));
    unsigned char tail[16] = {0};
    out->size = 16;
    if (gap < 0) return parse_groups(text, out->bytes) == 8;
    int before = parse_groups(str_slice(text, 0, gap), out->bytes);
    int after = parse_groups(str_slice(text, gap + 2, text.n), tail);
    if (before < 0 || after < 0 || before + after > 7) return false;
    size_t behind = 2 * (size_t)after;
    memcpy(out->bytes + 16 - behind, tail, behind);
    return true;
}

bool pattern_address(Str text, PatternAddress *out)
{
    PatternAddress found = {0};
    int64_t slash = str_find_char(text, '/'), bits = -1;
    Str address = slash < 0 ? text : str_slice(text, 0, slash);
    bool v6 = str_find_char(address, ':') >= 0;
    if (!(v6 ? parse_v6(address, &found) : parse_v4(address, &found))) return false;
    if (slash >= 0 && (!str_to_int(str_slice(text, slash + 1, text.n), &bits) || bits < 0 ||
                       bits > found.size * 8))
        return false;
    found.prefix = slash < 0 ? found.size * 8 : (int)bits;
    *out = found;
    return true;
}

/* ---- the checker ---- */

typedef struct Check {
    Arena *a;
    int depth;
    int64_t alternatives; /* of $or, along the path */
} Check;

static bool bad(Str place, const char *reason, Error *err)
{
    return error_set(err, ERR_INVALID_EVENT_PATTERN,
                     "Event pattern is not valid. Reason: %s at '%.*s'", reason, STR(place));
}

static bool is_scalar(const Json *v)
{
    return v->type < JSON_ARRAY;
}

/* A text, or for some {"equals-ignore-case": text}. */
static bool check_text(const Json *v, bool may_fold, Str place, Error *err)
{
    if (json_is(v, JSON_STRING)) return true;
    if (may_fold && json_is(v, JSON_OBJECT) && v->n == 1 &&
        pattern_op(v->members[0].key) == PATTERN_SAME_LETTERS)
        return check_text(&v->members[0].value, false, place, err);
    return bad(place, "this match pattern must be a string", err);
}

static bool check_wildcard(const Json *v, Str place, Error *err)
{
    if (!json_is(v, JSON_STRING)) return bad(place, "wildcard match pattern must be a string", err);
    if (str_find(json_text(v), S("**")) >= 0)
        return bad(place, "Consecutive wildcard characters at pos", err);
    return true;
}

static bool check_text_op(PatternOp op, const Json *v, Str place, Error *err)
{
    switch (op) {
    case PATTERN_PREFIX:
    case PATTERN_SUFFIX: return check_text(v, true, place, err);
    case PATTERN_SAME_LETTERS: return check_text(v, false, place, err);
    case PATTERN_WILDCARD: return check_wildcard(v, place, err);
    case PATTERN_ANYTHING_BUT:
    case PATTERN_NUMERIC:
    case PATTERN_CIDR:
    case PATTERN_EXISTS:
    case PATTERN_UNKNOWN: return bad(place, "Unsupported anything-but pattern", err);
    }
    unreachable();
}

static bool check_anything_but(const Json *v, Str place, Error *err)
{
    if (is_scalar(v)) {
        if (json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER)) return true;
        return bad(place, "Value of anything-but must be an array or single string/number value",
                   err);
    }
    if (json_is(v, JSON_ARRAY)) {
        if (v->n == 0) return bad(place, "Empty arrays are not allowed", err);
        for (int32_t i = 0; i < v->n; i++)
            if (v->items[i].type != v->items[0].type ||
                (!json_is(&v->items[i], JSON_STRING) && !json_is(&v->items[i], JSON_NUMBER)))
                return bad(place,
                           "Inside anything but list, either all values are number or string, "
                           "mixed type is not supported",
                           err);
        return true;
    }
    if (v->n != 1) return bad(place, "Only one key allowed in match expression", err);
    PatternOp op = pattern_op(v->members[0].key);
    const Json *inner = &v->members[0].value;
    if (!json_is(inner, JSON_ARRAY)) return check_text_op(op, inner, place, err);
    for (int32_t i = 0; i < inner->n; i++)
        if (!check_text_op(op, &inner->items[i], place, err)) return false;
    return inner->n > 0 || bad(place, "Empty arrays are not allowed", err);
}

static bool in_numeric_range(Arena *a, const Json *v)
{
    Decimal d, low, high;
    return json_is(v, JSON_NUMBER) && decimal_parse(a, json_text(v), &d) &&
           decimal_parse(a, S("-5000000000"), &low) && decimal_parse(a, S("5000000000"), &high) &&
           decimal_cmp(&d, &low) >= 0 && decimal_cmp(&d, &high) <= 0;
}

/* One comparison, or a lower and an upper bound. */
static bool check_numeric(const Check *c, const Json *v, Str place, Error *err)
{
    static const Str ops[] = {STR_INIT("<"), STR_INIT("<="), STR_INIT("="), STR_INIT(">"),
                              STR_INIT(">=")};
    if (!json_is(v, JSON_ARRAY)) return bad(place, "Value of numeric must be an array.", err);
    if (v->n != 2 && v->n != 4)
        return bad(place, "Numeric match must have one operator and number, or two", err);
    for (int32_t i = 0; i < v->n; i += 2) {
        bool known = false;
        for (int k = 0; k < countof(ops) && !known; k++)
            known = json_is(&v->items[i], JSON_STRING) && str_eq(json_text(&v->items[i]), ops[k]);
        if (!known) return bad(place, "Unrecognized numeric range operator", err);
        if (!json_is(&v->items[i + 1], JSON_NUMBER))
            return bad(place, "Value of a numeric operator must be numeric", err);
        if (!in_numeric_range(c->a, &v->items[i + 1]))
            return bad(place, "Value must be between -5.0E9 and 5.0E9, inclusive", err);
    }
    return true;
}

static bool check_operator(const Check *c, const Json *object, Str place, Error *err)
{
    PatternAddress address;
    if (object->n != 1) return bad(place, "Only one key allowed in match expression", err);
    const Json *v = &object->members[0].value;
    PatternOp op = pattern_op(object->members[0].key);
    switch (op) {
    case PATTERN_PREFIX:
    case PATTERN_SUFFIX:
    case PATTERN_SAME_LETTERS:
    case PATTERN_WILDCARD: return check_text_op(op, v, place, err);
    case PATTERN_ANYTHING_BUT: return check_anything_but(v, place, err);
    case PATTERN_NUMERIC: return check_numeric(c, v, place, err);
    case PATTERN_CIDR:
        return (json_is(v, JSON_STRING) && str_find_char(json_text(v), '/') > 0 &&
                pattern_address(json_text(v), &address)) ||
               bad(place, "Malformed CIDR, one '/' required", err);
    case PATTERN_EXISTS:
        return json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE) ||
               bad(place, "exists match pattern must be either true or false.", err);
    case PATTERN_UNKNOWN: break;
    }
    return error_set(err, ERR_INVALID_EVENT_PATTERN,
                     "Event pattern is not valid. Reason: Unrecognized match type %.*s at '%.*s'",
                     STR(object->members[0].key), STR(place));
}

static bool check_leaf(const Check *c, const Json *list, Str place, Error *err)
{
    if (list->n == 0) return bad(place, "Empty arrays are not allowed", err);
    for (int32_t i = 0; i < list->n; i++) {
        const Json *v = &list->items[i];
        if (json_is(v, JSON_ARRAY))
            return bad(place, "Match value must be String, number, true, false, or null", err);
        if (json_is(v, JSON_OBJECT) && !check_operator(c, v, place, err)) return false;
    }
    return true;
}

static bool check_object(Check *c, const Json *pattern, Str place, Error *err);

static bool check_or(Check *c, const Json *list, Str place, Error *err)
{
    if (!json_is(list, JSON_ARRAY) || list->n < 2)
        return bad(place, "$or must be an array of at least two patterns", err);
    int64_t outer = c->alternatives;
    c->alternatives *= list->n;
    if (c->alternatives > PATTERN_OR_MAX) return bad(place, "$or gives too many combinations", err);
    for (int32_t i = 0; i < list->n; i++)
        if (!check_object(c, &list->items[i], place, err)) return false;
    c->alternatives = outer;
    return true;
}

static bool check_field(Check *c, const JsonMember *m, Str place, Error *err)
{
    Str inner = place.n ? str_printf(c->a, "%.*s.%.*s", STR(place), STR(m->key)) : m->key;
    if (str_eq(m->key, S("$or"))) return check_or(c, &m->value, inner, err);
    if (json_is(&m->value, JSON_ARRAY)) return check_leaf(c, &m->value, inner, err);
    if (json_is(&m->value, JSON_OBJECT)) return check_object(c, &m->value, inner, err);
    return error_set(err, ERR_INVALID_EVENT_PATTERN,
                     "Event pattern is not valid. Reason: \"%.*s\" must be an object or an array",
                     STR(inner));
}

static bool check_object(Check *c, const Json *pattern, Str place, Error *err)
{
    if (!json_is(pattern, JSON_OBJECT)) return bad(place, "Filter is not an object", err);
    if (pattern->n == 0) return bad(place, "Empty objects are not allowed", err);
    if (c->depth == PATTERN_DEPTH_MAX) return bad(place, "nested too deeply", err);
    c->depth++;
    for (int32_t i = 0; i < pattern->n; i++)
        if (!check_field(c, &pattern->members[i], place, err)) return false;
    c->depth--;
    return true;
}

bool pattern_check(const Json *pattern, Arena *a, Error *err)
{
    Check c = {.a = a, .alternatives = 1};
    return check_object(&c, pattern, S(""), err);
}
