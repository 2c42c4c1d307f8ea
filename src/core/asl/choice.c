/* choice.c - whether a Choice rule holds: the comparison operators of both query languages. */
#include "core/asl/choice.h"
#include "base/time.h"

static const AslComparison comparisons[] = {
    {"StringEquals", OF_STRING, ORDER_EQ},
    {"StringLessThan", OF_STRING, ORDER_LT},
    {"StringGreaterThan", OF_STRING, ORDER_GT},
    {"StringLessThanEquals", OF_STRING, ORDER_LE},
    {"StringGreaterThanEquals", OF_STRING, ORDER_GE},
    {"StringMatches", OF_MATCH, 0},
    {"NumericEquals", OF_NUMBER, ORDER_EQ},
    {"NumericLessThan", OF_NUMBER, ORDER_LT},
    {"NumericGreaterThan", OF_NUMBER, ORDER_GT},
    {"NumericLessThanEquals", OF_NUMBER, ORDER_LE},
    {"NumericGreaterThanEquals", OF_NUMBER, ORDER_GE},
    {"BooleanEquals", OF_BOOL, ORDER_EQ},
    {"TimestampEquals", OF_TIME, ORDER_EQ},
    {"TimestampLessThan", OF_TIME, ORDER_LT},
    {"TimestampGreaterThan", OF_TIME, ORDER_GT},
    {"TimestampLessThanEquals", OF_TIME, ORDER_LE},
    {"TimestampGreaterThanEquals", OF_TIME, ORDER_GE},
    {"IsNull", OF_TYPE, ASK_NULL},
    {"IsPresent", OF_TYPE, ASK_PRESENT},
    {"IsNumeric", OF_TYPE, ASK_NUMERIC},
    {"IsString", OF_TYPE, ASK_STRING},
    {"IsBoolean", OF_TYPE, ASK_BOOL},
    {"IsTimestamp", OF_TYPE, ASK_TIME},
};

const AslComparison *asl_comparison(Str name, bool *path)
{
    *path = str_ends(name, S("Path"));
    if (*path) name.n -= 4;
    for (int i = 0; i < countof(comparisons); i++) {
        const AslComparison *c = &comparisons[i];
        bool can_path = c->of != OF_MATCH && c->of != OF_TYPE;
        if (str_eq(name, str_from(c->name)) && (can_path || !*path)) return c;
    }
    return NULL;
}

bool asl_timestamp(Str text, Millis *out)
{
    return text.n > 11 && text.p[10] == 'T' && time_parse_iso8601(text, out);
}

static bool order_holds(int how, int sign)
{
    switch (how) {
    case ORDER_EQ: return sign == 0;
    case ORDER_LT: return sign < 0;
    case ORDER_GT: return sign > 0;
    case ORDER_LE: return sign <= 0;
    case ORDER_GE: return sign >= 0;
    default: unreachable();
    }
}

/* `*` stands for any bytes, a backslash takes what follows literally. */
static bool matches(Str s, Str pattern)
{
    int64_t i = 0, k = 0, star = -1, from = 0;
    while (i < s.n) {
        bool escaped = k + 1 < pattern.n && pattern.p[k] == '\\' &&
                       (pattern.p[k + 1] == '*' || pattern.p[k + 1] == '\\');
        if (k < pattern.n && pattern.p[k] == '*') {
            star = k++;
            from = i;
        } else if (k < pattern.n && pattern.p[k + escaped] == s.p[i]) {
            k += 1 + escaped;
            i++;
        } else if (star >= 0) {
            k = star + 1;
            i = ++from;
        } else {
            return false;
        }
    }
    while (k < pattern.n && pattern.p[k] == '*') k++;
    return k == pattern.n;
}

static bool compare_times(int how, const Json *x, const Json *y)
{
    Millis a, b;
    return asl_timestamp(json_text(x), &a) && asl_timestamp(json_text(y), &b) &&
           order_holds(how, a < b ? -1 : a > b);
}

static bool compare(const AslComparison *c, const Json *x, const Json *y)
{
    static const JsonType wanted[] = {[OF_STRING] = JSON_STRING,
                                      [OF_NUMBER] = JSON_NUMBER,
                                      [OF_TIME] = JSON_STRING,
                                      [OF_MATCH] = JSON_STRING};
    if (c->of == OF_BOOL)
        return (x->type == JSON_TRUE || x->type == JSON_FALSE) && x->type == y->type;
    if (x->type != wanted[c->of] || y->type != wanted[c->of]) return false;
    if (c->of == OF_MATCH) return matches(json_text(x), json_text(y));
    if (c->of == OF_TIME) return compare_times(c->how, x, y);
    if (c->of == OF_STRING) return order_holds(c->how, str_cmp(json_text(x), json_text(y)));
    double a = asl_number(x), b = asl_number(y);
    return order_holds(c->how, a < b ? -1 : a > b);
}

static bool is_of_type(AslTypeAsked asked, const Json *v)
{
    Millis t;
    switch (asked) {
    case ASK_NULL: return v->type == JSON_NULL;
    case ASK_PRESENT: return true;
    case ASK_NUMERIC: return v->type == JSON_NUMBER;
    case ASK_STRING: return v->type == JSON_STRING;
    case ASK_BOOL: return v->type == JSON_TRUE || v->type == JSON_FALSE;
    case ASK_TIME: return v->type == JSON_STRING && asl_timestamp(json_text(v), &t);
    }
    unreachable();
}

static bool not_found(const AslExpr *path, const AslScope *s, AslFailure *f)
{
    return asl_failure(
        f, S("States.Runtime"),
        str_printf(
            s->a,
            "Invalid path '%.*s': The choice state's condition path references an invalid value.",
            STR(path->text)));
}

static bool comparison_holds(const AslRule *r, const AslScope *s, bool *holds, AslFailure *f)
{
    Json x, y;
    bool found = asl_find(r->variable, s, &x) == JSONPATH_FOUND;
    if (r->comparison->of == OF_TYPE) {
        if (!found && r->comparison->how != ASK_PRESENT) return not_found(r->variable, s, f);
        *holds = (found && is_of_type((AslTypeAsked)r->comparison->how, &x)) ==
                 json_true(&r->operand->constant);
        return true;
    }
    if (!found) return not_found(r->variable, s, f);
    if (r->operand->kind == EXPR_CONST)
        y = r->operand->constant;
    else if (asl_find(r->operand, s, &y) != JSONPATH_FOUND)
        return not_found(r->operand, s, f);
    *holds = compare(r->comparison, &x, &y);
    return true;
}

static bool condition_holds(const AslRule *r, const AslScope *s, bool *holds, AslFailure *f)
{
    static const char *const names[] = {"null",   "boolean", "boolean", "number",
                                        "string", "array",   "object"};
    Json v;
    if (!asl_eval(r->condition, s, &v, f)) return false;
    *holds = json_true(&v);
    if (v.type == JSON_TRUE || v.type == JSON_FALSE) return true;
    asl_failure(f, S("States.QueryEvaluationError"),
                str_printf(s->a,
                           "The JSONata expression '%.*s' specified for the field '%.*s' returned "
                           "an unexpected result type. Expected "
                           "'boolean', but was '%s' for value: %.*s",
                           STR(r->condition->text), STR(r->condition->place), names[v.type],
                           STR(json_to_str(s->a, &v))));
    f->place = r->condition->place;
    return false;
}

bool asl_rule_holds(const AslRule *r, const AslScope *s, bool *holds, AslFailure *f)
{
    if (r->kind == RULE_COMPARE) return comparison_holds(r, s, holds, f);
    if (r->kind == RULE_CONDITION) return condition_holds(r, s, holds, f);
    for (int32_t i = 0; i < r->n; i++) {
        if (!asl_rule_holds(&r->rules[i], s, holds, f)) return false;
        if (r->kind == RULE_NOT) return *holds = !*holds, true;
        if (*holds == (r->kind == RULE_OR)) return true;
    }
    *holds = r->kind == RULE_AND;
    return true;
}
