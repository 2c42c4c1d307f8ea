/* rule_test.c - rules of composite alarms: precedence, names and ARNs, and refusals with their place. */
#include "core/metric/rule.h"

#include "../../../test.h"

/* bad is in ALARM, good is OK, new has no data; others are not there. */
static Str state(void *owner, Str alarm)
{
    (void)owner;
    if (str_eq(alarm, S("bad")) || str_eq(alarm, S("so bad"))) return S("ALARM");
    if (str_eq(alarm, S("good"))) return S("OK");
    return str_eq(alarm, S("new")) ? S("INSUFFICIENT_DATA") : (Str){0};
}

static Str result(const char *text)
{
    Rule rule;
    Error err = {0};
    if (!rule_parse(str_from(text), test_arena(), &rule, &err))
        return str_copy(test_arena(), error_text(&err));
    return str_printf(test_arena(), "%s %" PRId64,
                      rule_holds(rule.root, state, NULL) ? "true" : "false", rule.alarms.n);
}

TEST(composite_rules)
{
    static const struct {
        const char *text, *result;
    } cases[] = {
        {"TRUE", "true 0"},
        {"NOT TRUE", "false 0"},
        {"NOT NOT FALSE", "false 0"},
        {"ALARM(bad)", "true 1"},
        {"ALARM( \"so bad\" )", "true 1"},
        {"ALARM('bad') AND OK(good)", "true 2"},
        {"ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:bad)", "true 1"},
        {"INSUFFICIENT_DATA(new) AND NOT ALARM(good)", "true 2"},
        {"ALARM(gone) OR OK(gone) OR INSUFFICIENT_DATA(gone)", "false 1"},
        {"TRUE OR FALSE AND FALSE", "true 0"},
        {"(TRUE OR FALSE) AND FALSE", "false 0"},
        {"NOT FALSE AND FALSE", "false 0"},
        {"NOT (FALSE AND FALSE)", "true 0"},
        {"ALARM(bad) AND ALARM(bad)\nAND\tALARM(bad)", "true 1"},
        {"", "AlarmRule: a state, TRUE, FALSE or ( is expected at position 1"},
        {"ALARM", "AlarmRule: ( is missing at position 6"},
        {"ALARM()", "AlarmRule: an alarm's name is missing at position 7"},
        {"ALARM(bad", "AlarmRule: ) is missing at position 10"},
        {"ALARMS(bad)", "AlarmRule: a state, TRUE, FALSE or ( is expected at position 1"},
        {"TRUE TRUE", "AlarmRule: unexpected text at position 6"},
        {"TRUE AND", "AlarmRule: a state, TRUE, FALSE or ( is expected at position 9"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(result(cases[i].text), str_from(cases[i].result));
}

TEST(composite_rules_have_limits)
{
    Arena *a = test_arena();
    Buf deep = {.a = a}, many = {.a = a};
    for (int i = 0; i < 100; i++) buf_putc(&deep, '(');
    for (int i = 0; i < 101; i++) buf_printf(&many, "%sOK(a%d)", i ? " OR " : "", i);
    ok(str_starts(result(str_z(a, buf_str(&deep))), S("AlarmRule: nested too deeply")));
    ok(str_starts(result(str_z(a, buf_str(&many))), S("AlarmRule: too many alarms")));
}
