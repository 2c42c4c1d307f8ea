/* pattern.c - matching an event against a pattern. */
#include "core/event/pattern.h"

#include "base/decimal.h"
#include "base/glob.h"
#include "core/event/pattern_inside.h"

static bool same_number(Arena *a, const Json *x, const Json *y)
{
    Decimal left, right;
    return decimal_parse(a, json_text(x), &left) && decimal_parse(a, json_text(y), &right) &&
           decimal_cmp(&left, &right) == 0;
}

static bool same_value(Arena *a, const Json *x, const Json *y)
{
    if (x->type != y->type) return false;
    if (x->type == JSON_NUMBER) return same_number(a, x, y);
    return x->type != JSON_STRING || str_eq(json_text(x), json_text(y));
}

/* ---- operators on one value ---- */

/* With {"equals-ignore-case": text} in place of the text, letters of either case are the same. */
static bool affix(PatternOp op, const Json *v, Str text)
{
    bool fold = json_is(v, JSON_OBJECT);
    Str part = json_text(fold ? &v->members[0].value : v);
    if (part.n > text.n) return false;
    Str there = op == PATTERN_PREFIX ? str_slice(text, 0, part.n)
                                     : str_slice(text, text.n - part.n, text.n);
    return fold ? str_eq_nocase(there, part) : str_eq(there, part);
}

static bool text_op(PatternOp op, const Json *v, const Json *value)
{
    if (!json_is(value, JSON_STRING)) return false;
    Str text = json_text(value);
    if (op == PATTERN_SAME_LETTERS) return str_eq_nocase(json_text(v), text);
    if (op == PATTERN_WILDCARD) return glob_matches(GLOB_STAR_ESCAPED, json_text(v), text);
    return affix(op, v, text);
}

static bool any_text_op(PatternOp op, const Json *v, const Json *value)
{
    if (!json_is(v, JSON_ARRAY)) return text_op(op, v, value);
    for (int32_t i = 0; i < v->n; i++)
        if (text_op(op, &v->items[i], value)) return true;
    return false;
}

static bool anything_but(Arena *a, const Json *v, const Json *value)
{
    if (json_is(v, JSON_OBJECT))
        return !any_text_op(pattern_op(v->members[0].key), &v->members[0].value, value);
    if (!json_is(v, JSON_ARRAY)) return !same_value(a, v, value);
    for (int32_t i = 0; i < v->n; i++)
        if (same_value(a, &v->items[i], value)) return false;
    return true;
}

static bool holds(Str op, int order)
{
    if (str_eq(op, S("="))) return order == 0;
    if (str_eq(op, S("<"))) return order < 0;
    if (str_eq(op, S("<="))) return order <= 0;
    return str_eq(op, S(">")) ? order > 0 : order >= 0;
}

static bool numeric(Arena *a, const Json *v, const Json *value)
{
    Decimal mine, limit;
    if (!json_is(value, JSON_NUMBER) || !decimal_parse(a, json_text(value), &mine)) return false;
    for (int32_t i = 0; i < v->n; i += 2)
        if (!decimal_parse(a, json_text(&v->items[i + 1]), &limit) ||
            !holds(json_text(&v->items[i]), decimal_cmp(&mine, &limit)))
            return false;
    return true;
}

static bool cidr(const Json *v, const Json *value)
{
    PatternAddress block, mine;
    if (!json_is(value, JSON_STRING) || !pattern_address(json_text(v), &block) ||
        !pattern_address(json_text(value), &mine) || block.size != mine.size)
        return false;
    for (int bit = 0; bit < block.prefix; bit++)
        if ((block.bytes[bit / 8] ^ mine.bytes[bit / 8]) >> (7 - bit % 8) & 1) return false;
    return true;
}

/* NULL: the event has no such field. */
static bool alternative(Arena *a, const Json *rule, const Json *value)
{
    if (!json_is(rule, JSON_OBJECT)) return value && same_value(a, rule, value);
    const Json *v = &rule->members[0].value;
    PatternOp op = pattern_op(rule->members[0].key);
    if (op == PATTERN_EXISTS) return json_true(v) == (value && value->type < JSON_ARRAY);
    if (!value || value->type >= JSON_ARRAY) return false;
    switch (op) {
    case PATTERN_PREFIX:
    case PATTERN_SUFFIX:
    case PATTERN_SAME_LETTERS:
    case PATTERN_WILDCARD: return text_op(op, v, value);
    case PATTERN_ANYTHING_BUT: return anything_but(a, v, value);
    case PATTERN_NUMERIC: return numeric(a, v, value);
    case PATTERN_CIDR: return cidr(v, value);
    case PATTERN_EXISTS:
    case PATTERN_UNKNOWN: break;
    }
    unreachable();
}

/* ---- fields ---- */

static bool leaf(Arena *a, const Json *alternatives, const Json *value)
{
    if (json_is(value, JSON_ARRAY) && value->n) {
        for (int32_t i = 0; i < value->n; i++)
            if (leaf(a, alternatives, &value->items[i])) return true;
        return false;
    }
    for (int32_t i = 0; i < alternatives->n; i++)
        if (alternative(a, &alternatives->items[i], value)) return true;
    return false;
}

static bool object(Arena *a, const Json *pattern, const Json *event);

/* A list of objects: one of them has all the fields. */
static bool nested(Arena *a, const Json *pattern, const Json *value)
{
    if (!json_is(value, JSON_ARRAY)) return object(a, pattern, value);
    for (int32_t i = 0; i < value->n; i++)
        if (nested(a, pattern, &value->items[i])) return true;
    return false;
}

static bool one_of(Arena *a, const Json *patterns, const Json *event)
{
    for (int32_t i = 0; i < patterns->n; i++)
        if (object(a, &patterns->items[i], event)) return true;
    return false;
}

static bool object(Arena *a, const Json *pattern, const Json *event)
{
    for (int32_t i = 0; i < pattern->n; i++) {
        const JsonMember *m = &pattern->members[i];
        bool good;
        if (str_eq(m->key, S("$or")))
            good = one_of(a, &m->value, event);
        else if (json_is(&m->value, JSON_ARRAY))
            good = leaf(a, &m->value, json_get(event, m->key));
        else
            good = nested(a, &m->value, json_get(event, m->key));
        if (!good) return false;
    }
    return true;
}

bool pattern_matches(const Json *pattern, const Json *event, Arena *a)
{
    return object(a, pattern, event);
}
