/* math_test.c - expressions of metric math against results counted by hand, and those that are refused, with their place. */
#include "core/metric/math.h"

#include "../../../test.h"

/* a: 1 2 3 at 0, 60, 120; b: 10 at 0 and 30 at 120; e: nothing. */
static bool named(void *owner, Str id, Arena *a, MathValue *out, Error *err)
{
    static const double values[2][3] = {{1, 2, 3}, {10, 0, 30}};
    (void)owner;
    int which = str_eq(id, S("a")) ? 0 : str_eq(id, S("b")) ? 1 : str_eq(id, S("e")) ? 2 : 3;
    if (which == 3) return error_set(err, ERR_VALIDATION, "Unknown id %.*s", STR(id));
    MathSeries *s = new (a, MathSeries);
    *s = (MathSeries){.label = id, .period_s = 60, .p = new_array(a, MathPoint, 3)};
    for (int i = 0; i < 3 && which < 2; i++)
        if (which == 0 || i != 1) s->p[s->n++] = (MathPoint){i * 60000, values[which][i]};
    *out = (MathValue){.series = s, .n = 1};
    return true;
}

static bool metrics(void *owner, Str part, Arena *a, MathValue *out, Error *err)
{
    MathValue x, y;
    if (!named(owner, S("a"), a, &x, err) || !named(owner, S("b"), a, &y, err)) return false;
    MathSeries *both = new_array(a, MathSeries, 2);
    both[0] = x.series[0];
    both[1] = y.series[0];
    *out = (MathValue){.array = true, .series = both, .n = str_absent(part) ? 2 : 1};
    return true;
}

static bool search(void *owner, Str query, Str statistic, int64_t period_s, Arena *a,
                   MathValue *out, Error *err)
{
    (void)query, (void)statistic, (void)period_s;
    return metrics(owner, (Str){0}, a, out, err);
}

static void write_series(Buf *b, const MathSeries *s)
{
    for (int64_t i = 0; i < s->n; i++)
        buf_printf(b, "%s%" PRId64 ":%g", i ? " " : "", s->p[i].at / 1000, s->p[i].value);
}

/* A scalar "5", a series "0:1 60:2", an array "[..][..]", or the error. */
static Str evaluated(const char *text)
{
    Arena *a = test_arena();
    Error err = {0};
    const MathNode *node;
    MathValue v;
    Buf b = {.a = a};
    MathWorld world = {.from = 0,
                       .to = 180000,
                       .period_s = 60,
                       .named = named,
                       .metrics = metrics,
                       .search = search};
    if (!math_parse(str_from(text), a, &node, &err) || !math_evaluate(node, &world, a, &v, &err))
        return str_copy(a, error_text(&err));
    if (v.scalar) return str_printf(a, "%g", v.number);
    for (int64_t i = 0; i < v.n; i++) {
        if (v.array) buf_putc(&b, '[');
        write_series(&b, &v.series[i]);
        if (v.array) buf_putc(&b, ']');
    }
    return buf_str(&b);
}

TEST(metric_math_values)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"1 + 2 * 3 ^ 2", "19"},
        {"2^3^2", "512"},
        {"-2^2", "-4"},
        {"(1+2)*3", "9"},
        {"10/4-1", "1.5"},
        {"1 < 2 AND 3 >= 3 OR 0", "1"},
        {"1 == 1 && 2 != 2", "0"},
        {"a", "0:1 60:2 120:3"},
        {"-a", "0:-1 60:-2 120:-3"},
        {"a*2+1", "0:3 60:5 120:7"},
        {"10-a", "0:9 60:8 120:7"},
        {"a+b", "0:11 120:33"},
        {"b/(a-1)", "120:15"}, /* a division by zero is no point */
        {"a > 1", "0:0 60:1 120:1"},
        {"[a, b] * 2", "[0:2 60:4 120:6][0:20 120:60]"},
        {"a + [a, b]", "[0:2 60:4 120:6][0:11 120:33]"},
        {"SUM(a)", "6"},
        {"SUM([a,b])", "0:11 60:2 120:33"},
        {"AVG(METRICS())", "0:5.5 60:2 120:16.5"},
        {"MAX(METRICS('x'))", "0:1 60:2 120:3"},
        {"MIN(a) + MAX(b)", "31"},
        {"STDDEV(b)", "10"},
        {"METRIC_COUNT([a,b])", "2"},
        {"DATAPOINT_COUNT(b)", "2"},
        {"FILL(b, 0)", "0:10 60:0 120:30"},
        {"FILL(b, REPEAT)", "0:10 60:10 120:30"},
        {"FILL(b, LINEAR)", "0:10 60:20 120:30"},
        {"FILL(e, REPEAT)", ""},
        {"FILL(e, 7)", "0:7 60:7 120:7"},
        {"RATE(b)", "120:0.166667"},
        {"DIFF(a)", "60:1 120:1"},
        {"DIFF_TIME(b)", "120:120"},
        {"RUNNING_SUM(a)", "0:1 60:3 120:6"},
        {"PERIOD(a)", "60"},
        {"a/PERIOD(a)*60", "0:1 60:2 120:3"},
        {"IF(a > 1, a)", "60:2 120:3"},
        {"IF(a > 1, b, -1)", "0:-1 120:30"},
        {"IF(1, a, b)", "0:1 60:2 120:3"},
        {"FIRST([a,b])", "0:1 60:2 120:3"},
        {"LAST([a,b])", "0:10 120:30"},
        {"SLICE([a,b,a], 1)", "0:10 120:30"},
        {"SLICE([a,b,a], 0, 2)", "[0:1 60:2 120:3][0:10 120:30]"},
        {"SORT([a,b], MAX, DESC, 1)", "[0:10 120:30]"},
        {"SORT([b,a], AVG, ASC)", "[0:1 60:2 120:3][0:10 120:30]"},
        {"REMOVE_EMPTY([e,a])", "[0:1 60:2 120:3]"},
        {"TIME_SERIES(4)", "0:4 60:4 120:4"},
        {"EPOCH(a)", "0:0 60:60 120:120"},
        {"MINUTE(a)", "0:0 60:1 120:2"},
        {"DAY(a)", "0:4 60:4 120:4"}, /* a Thursday */
        {"YEAR(b)", "0:1970 120:1970"},
        {"ABS(-a)", "0:1 60:2 120:3"},
        {"CEIL(a/2)", "0:1 60:1 120:2"},
        {"LOG10(b)", "0:1 120:1.47712"},
        {"LOG(a-1)", "60:0 120:0.693147"},
        {"SEARCH('{X} y', 'Sum', 60)", "[0:1 60:2 120:3][0:10 120:30]"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(evaluated(cases[i].text), str_from(cases[i].value));
}

TEST(metric_math_refusals)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "Unexpected end of the expression at position 1"},
        {"a +", "Unexpected end of the expression at position 4"},
        {"a b", "Unexpected character at position 3"},
        {"(a", "A closing bracket is missing at position 3"},
        {"SUM(a", "A closing bracket is missing at position 6"},
        {"1e", "Invalid number at position 3"},
        {"'x", "A text is not closed at position 3"},
        {"x", "Unknown id x"},
        {"NOPE(a)", "The function NOPE at position 1 is not offered"},
        {"a + SUM()", "Wrong number of arguments at position 5"},
        {"1/0", "The result is not a number at position 2"},
        {"[a]+[b]", "Two arrays of time series cannot be combined at position 4"},
        {"'t' + 1", "A text is not expected at position 2"},
        {"RUNNING_SUM(1)", "A time series is expected at position 1"},
        {"SLICE([a], 1)", "SLICE is out of the array's range at position 1"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(evaluated(cases[i].text), str_from(cases[i].why));
}

TEST(metric_math_limits)
{
    Arena *a = test_arena();
    Buf deep = {.a = a}, many = {.a = a}, minus = {.a = a};
    for (int i = 0; i < 200; i++) buf_putc(&deep, '('), buf_putc(&minus, '-');
    buf_putc(&minus, '1');
    for (int i = 0; i < 600; i++) buf_put(&many, S("1+"));
    buf_putc(&many, '1');
    eq_str(evaluated(str_z(a, buf_str(&deep))),
           S("The expression is nested too deeply at position 33"));
    eq_str(evaluated(str_z(a, buf_str(&minus))),
           S("The expression is nested too deeply at position 32"));
    ok(str_starts(evaluated(str_z(a, buf_str(&many))), S("The expression is too long")));
}

TEST(metric_math_searches)
{
    MathSearch s;
    Error err = {0};
    Arena *a = test_arena();
    ok(math_search_parse(S("{AWS/SQS, QueueName} MetricName=\"Sent Now\" AND web"), a, &s, &err));
    eq_str(s.name_space, S("AWS/SQS"));
    ok(s.schema && s.dimensions.n == 1 && s.terms_n == 2);
    eq_str(s.terms[0].key, S("MetricName"));
    eq_str(s.terms[0].value, S("Sent Now"));
    ok(s.terms[0].exact && !s.terms[1].exact && str_absent(s.terms[1].key));
    ok(math_search_parse(S(""), a, &s, &err) && !s.schema && !s.terms_n);
    static const char *const bad[] = {"{AWS/SQS", "a OR b", "NOT a", "(a)", "k=\"x", "k=(a)"};
    for (int i = 0; i < countof(bad); i++) ok(!math_search_parse(str_from(bad[i]), a, &s, &err));
}
