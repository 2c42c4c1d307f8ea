/* conditions.c - the condition operators: texts, numbers, dates, addresses, ARNs; IfExists, ForAnyValue, ForAllValues. */
#include "base/decimal.h"
#include "base/glob.h"
#include "base/time.h"
#include "core/event/pattern_inside.h"
#include "core/policy/policy_inside.h"

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
typedef bool Compare(const PolicyContext *c, Str wanted, Str given);

/* ---- of one wanted value with one given ---- */

static bool same_text(const PolicyContext *c, Str wanted, Str given)
{
    return policy_expand(c, wanted, false, &wanted) && str_eq(wanted, given);
}

static bool same_letters(const PolicyContext *c, Str wanted, Str given)
{
    return policy_expand(c, wanted, false, &wanted) && str_eq_nocase(wanted, given);
}

static bool like_text(const PolicyContext *c, Str wanted, Str given)
{
    return policy_expand(c, wanted, true, &wanted) && glob_matches(GLOB_MARKED, wanted, given);
}

/* Each of the six parts for itself; the last may hold colons. */
static bool like_arn(const PolicyContext *c, Str wanted, Str given)
{
    Str mine, theirs;
    if (!policy_expand(c, wanted, true, &wanted)) return false;
    for (int i = 0; i < 5; i++)
        if (!str_cut(&wanted, ':', &mine) || !str_cut(&given, ':', &theirs) ||
            !glob_matches(GLOB_MARKED, mine, theirs))
            return false;
    return glob_matches(GLOB_MARKED, wanted, given);
}

static bool same_flag(const PolicyContext *c, Str wanted, Str given)
{
    return policy_expand(c, wanted, false, &wanted) && str_eq_nocase(wanted, given);
}

static bool order_numbers(const PolicyContext *c, Str wanted, Str given, int *order)
{
    Decimal mine, limit;
    if (!decimal_parse(c->a, given, &mine) || !decimal_parse(c->a, wanted, &limit)) return false;
    return *order = decimal_cmp(&mine, &limit), true;
}

/* ISO 8601, or seconds since 1970. */
static bool read_date(Str text, Millis *out)
{
    int64_t seconds;
    if (time_parse_iso8601(text, out)) return true;
    if (!str_to_int(text, &seconds) || seconds > INT64_MAX / 1000 || seconds < INT64_MIN / 1000)
        return false;
    return *out = seconds * 1000, true;
}

static bool order_dates(Str wanted, Str given, int *order)
{
    Millis mine, limit;
    if (!read_date(given, &mine) || !read_date(wanted, &limit)) return false;
    return *order = (mine > limit) - (mine < limit), true;
}

static bool in_block(const PolicyContext *c, Str wanted, Str given)
{
    PatternAddress block, mine;
    if (!policy_expand(c, wanted, false, &wanted) || !pattern_address(wanted, &block) ||
        !pattern_address(given, &mine) || block.size != mine.size)
        return false;
    for (int bit = 0; bit < block.prefix; bit++)
        if ((block.bytes[bit / 8] ^ mine.bytes[bit / 8]) >> (7 - bit % 8) & 1) return false;
    return true;
}

#define ORDERED(name, read, test)                                                                  \
    static bool name(const PolicyContext *c, Str wanted, Str given)                                \
    {                                                                                              \
        int order;                                                                                 \
        (void)c;                                                                                   \
        return read && order test 0;                                                               \
    }
ORDERED(number_eq, order_numbers(c, wanted, given, &order), ==)
ORDERED(number_lt, order_numbers(c, wanted, given, &order), <)
ORDERED(number_le, order_numbers(c, wanted, given, &order), <=)
ORDERED(number_gt, order_numbers(c, wanted, given, &order), >)
ORDERED(number_ge, order_numbers(c, wanted, given, &order), >=)
ORDERED(date_eq, order_dates(wanted, given, &order), ==)
ORDERED(date_lt, order_dates(wanted, given, &order), <)
ORDERED(date_le, order_dates(wanted, given, &order), <=)
ORDERED(date_gt, order_dates(wanted, given, &order), >)
ORDERED(date_ge, order_dates(wanted, given, &order), >=)

typedef struct Operator {
    const char *name;
    Compare *compare;
    bool negated; /* none of the wanted values may compare */
} Operator;

static const Operator operators[] = {
    {"StringEquals", same_text, false},
    {"StringNotEquals", same_text, true},
    {"StringEqualsIgnoreCase", same_letters, false},
    {"StringNotEqualsIgnoreCase", same_letters, true},
    {"StringLike", like_text, false},
    {"StringNotLike", like_text, true},
    {"NumericEquals", number_eq, false},
    {"NumericNotEquals", number_eq, true},
    {"NumericLessThan", number_lt, false},
    {"NumericLessThanEquals", number_le, false},
    {"NumericGreaterThan", number_gt, false},
    {"NumericGreaterThanEquals", number_ge, false},
    {"DateEquals", date_eq, false},
    {"DateNotEquals", date_eq, true},
    {"DateLessThan", date_lt, false},
    {"DateLessThanEquals", date_le, false},
    {"DateGreaterThan", date_gt, false},
    {"DateGreaterThanEquals", date_ge, false},
    {"Bool", same_flag, false},
    {"BinaryEquals", same_text, false},
    {"IpAddress", in_block, false},
    {"NotIpAddress", in_block, true},
    {"ArnEquals", like_arn, false},
    {"ArnLike", like_arn, false},
    {"ArnNotEquals", like_arn, true},
    {"ArnNotLike", like_arn, true},
};

static const Operator *find_operator(Str base)
{
    for (int i = 0; i < countof(operators); i++)
        if (str_eq(base, str_from(operators[i].name))) return &operators[i];
    return NULL;
}

/* ---- of all values of a key ---- */

static Str text_of(const Json *v)
{
    if (json_is(v, JSON_TRUE)) return S("true");
    if (json_is(v, JSON_FALSE)) return S("false");
    return json_text(v);
}

static bool one_of(const PolicyContext *c, const Operator *op, const Json *wanted, Str given)
{
    for (int32_t i = 0; i < policy_count(wanted); i++)
        if (op->compare(c, text_of(policy_at(wanted, i)), given)) return true;
    return false;
}

static bool fits(const PolicyContext *c, const Operator *op, const Json *wanted, Str given)
{
    return one_of(c, op, wanted, given) != op->negated;
}

/* Without a set operator a key of several values is one of them: a negated operator, none. */
static bool values_fit(const PolicyContext *c, const Operator *op, const Json *wanted,
                       const PolicyKey *key, bool all)
{
    for (int i = 0; i < key->n; i++)
        if (fits(c, op, wanted, key->values[i]) != all) return !all;
    return all;
}

static bool null_holds(const Json *wanted, const PolicyKey *key)
{
    bool absent = !key || !key->n;
    for (int32_t i = 0; i < policy_count(wanted); i++)
        if (str_eq_nocase(text_of(policy_at(wanted, i)), S("true")) == absent) return true;
    return false;
}

static bool holds(const PolicyContext *c, Str name, Str key_name, const Json *wanted)
{
    Str base = policy_operator(name);
    const PolicyKey *key = policy_key(c->r, key_name);
    const Operator *op = find_operator(base);
    bool all = str_starts(name, S("ForAllValues:")), any = str_starts(name, S("ForAnyValue:"));
    if (str_eq(base, S("Null"))) return null_holds(wanted, key);
    if (!op) return false;
    if (!key || !key->n) return all || str_ends(name, S("IfExists")) || (op->negated && !any);
    return values_fit(c, op, wanted, key, all || (op->negated && !any));
}

bool policy_conditions_hold(const PolicyContext *c, const Json *statement)
{
    const Json *conditions = json_get(statement, S("Condition"));
    for (int32_t i = 0; i < json_count(conditions); i++) {
        const JsonMember *m = &conditions->members[i];
        for (int32_t k = 0; k < json_count(&m->value); k++)
            if (!holds(c, m->key, m->value.members[k].key, &m->value.members[k].value))
                return false;
    }
    return true;
}
