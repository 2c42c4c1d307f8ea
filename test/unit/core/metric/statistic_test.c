/* statistic_test.c - names of statistics read and refused, and each against values counted by hand. */
#include "core/metric/statistic.h"

#include "../../../test.h"

static double ask(const char *name, const Measured *m)
{
    Statistic s;
    double value = -12345;
    if (!statistic_parse(str_from(name), &s)) return -54321;
    return statistic_of(&s, m, &value) ? value : -12345;
}

static bool is(double x, double y)
{
    return x - y < 1e-9 && y - x < 1e-9;
}

/* 1, 2, ... 10, each once: ranks are the values. */
static Measured to_ten(Arena *a)
{
    Measured m = {0};
    for (int i = 10; i > 0; i--) measured_add(&m, a, i, 1);
    return m;
}

TEST(statistics_of_ten_values)
{
    Arena a = {0};
    Measured m = to_ten(&a);
    static const struct {
        const char *name;
        double value;
    } cases[] = {{"SampleCount", 10}, {"Sum", 55},          {"Average", 5.5},
                 {"Minimum", 1},      {"Maximum", 10},      {"p50", 5},
                 {"p90", 9},          {"p90.1", 10},        {"p100", 10},
                 {"p0", 1},           {"tm90", 5},          {"TM(10%:90%)", 5.5},
                 {"TM(:20%)", 1.5},   {"TM(2:4)", 3.5},     {"TM(8:)", 9.5},
                 {"IQM", 5.5},        {"tc20", 2},          {"TC(3:5)", 2},
                 {"ts20", 3},         {"TS(80%:)", 19},     {"PR(:3)", 30},
                 {"PR(3:)", 70},      {"PR(3:5)", 20},      {"wm80", 5.2},
                 {"WM(2:9)", 5.5},    {"TM(20:30)", -12345}};
    for (int i = 0; i < countof(cases); i++) {
        double got = ask(cases[i].name, &m);
        ok(is(got, cases[i].value));
    }
    arena_free(&a);
}

TEST(names_that_are_none)
{
    static const char *const names[] = {
        "",      "p",         "p101",    "p-1",  "p1.2.3",   "average", "px",    "TM",    "TM()",
        "TM(:)", "TM(9%:1%)", "PR(5%:)", "pr10", "TM(1%:5)", "TM(5)",   "tm101", "TM(1:2"};
    Statistic s;
    for (int i = 0; i < countof(names); i++) ok(!statistic_parse(str_from(names[i]), &s));
}

TEST(statistics_told_without_values_know_no_percentile)
{
    Arena a = {0};
    Measured m = to_ten(&a),
             set = {.count = 2, .sum = 30, .min = 10, .max = 20, .values.unknown = true};
    measured_join(&m, &a, &set);
    ok(is(ask("Maximum", &m), 20) && is(ask("SampleCount", &m), 12) && is(ask("Sum", &m), 85));
    ok(is(ask("p50", &m), -12345));
    Measured same = {.count = 3, .sum = 12, .min = 4, .max = 4, .values.unknown = true};
    ok(is(ask("p50", &same), 4));
    arena_free(&a);
}

TEST(distributions_as_text)
{
    Arena a = {0};
    Distribution d = {0}, back;
    distribution_add(&d, &a, 2.5, 3);
    distribution_add(&d, &a, -1, 2);
    distribution_add(&d, &a, 2.5, 1);
    eq_str(distribution_text(&a, &d), S("-1:2 2.5:4"));
    back = distribution_parse(&a, distribution_text(&a, &d));
    eq_str(distribution_text(&a, &back), S("-1:2 2.5:4"));
    ok(distribution_parse(&a, (Str){0}).unknown && distribution_parse(&a, S("1:x")).unknown);
    ok(distribution_parse(&a, S("1:0")).unknown && distribution_parse(&a, S("nan:1")).unknown);
    ok(!distribution_parse(&a, S("")).unknown);
    arena_free(&a);
}

TEST(many_values_are_rounded_and_lose_no_count)
{
    Arena a = {0};
    Measured m = {0};
    for (int i = 1; i <= 5000; i++) measured_add(&m, &a, i, 1);
    ok(m.values.rounded && m.values.n <= DISTRIBUTION_EXACT_MAX && !m.values.unknown);
    ok(is(distribution_count(&m.values), 5000));
    double p90 = ask("p90", &m);
    ok(p90 > 4500 * 0.95 && p90 < 4500 * 1.05);
    Distribution back = distribution_parse(&a, distribution_text(&a, &m.values));
    ok(back.rounded && back.n == m.values.n && is(distribution_count(&back), 5000));
    arena_free(&a);
}
