/* when_test.c - cron, rate and at: cases of the guides, refusals, and a scan of every minute of thirty years in twelve zones. */
#include "core/when/when.h"

#include <time.h>

#include "../../../test.h"
#include "base/time.h"

static Str read_zone_file(const char *name)
{
    const char *path =
        str_z(test_arena(), str_printf(test_arena(), "/usr/share/zoneinfo/%s", name));
    FILE *f = fopen(path, "rb");
    if (!f) return (Str){0};
    char *bytes = new_array(test_arena(), char, ZONE_FILE_BYTES_MAX);
    int64_t n = (int64_t)fread(bytes, 1, ZONE_FILE_BYTES_MAX, f);
    fclose(f);
    return (Str){bytes, n};
}

static Zone zone_named(const char *name)
{
    Error err = {0};
    Zone z = zone_utc();
    ok(zone_parse(read_zone_file(name), test_arena(), &z, &err));
    return z;
}

static Millis at(const char *iso)
{
    Millis t = -1;
    ok(time_parse_iso8601(str_from(iso), &t));
    return t;
}

static Str next_of(const char *expression, const Zone *z, const char *after)
{
    Error err = {0};
    When w;
    Millis t;
    if (!when_parse(str_from(expression), WHEN_SCHEDULER, &w, &err))
        return str_copy(test_arena(), error_text(&err));
    if (!when_next(&w, z, at(after), at(after), &t)) return S("none");
    return time_iso8601(test_arena(), t);
}

TEST(when_next_by_the_guides_examples)
{
    static const struct {
        const char *expression, *after, *want;
    } cases[] = {
        {"cron(0 10 * * ? *)", "2026-01-01T10:00:00Z", "2026-01-02T10:00:00.000Z"},
        {"cron(15 12 * * ? *)", "2026-01-01T10:00:00Z", "2026-01-01T12:15:00.000Z"},
        {"cron(0 18 ? * MON-FRI *)", "2026-11-20T18:00:00Z", "2026-11-23T18:00:00.000Z"},
        {"cron(0 8 1 * ? *)", "2026-12-01T08:00:00Z", "2027-01-01T08:00:00.000Z"},
        {"cron(0/15 * * * ? *)", "2026-01-01T00:14:59Z", "2026-01-01T00:15:00.000Z"},
        {"cron(0/5 8-17 ? * MON-FRI *)", "2026-11-20T17:55:00Z", "2026-11-23T08:00:00.000Z"},
        {"cron(30 20 ? * 6L *)", "2026-11-01T00:00:00Z", "2026-11-27T20:30:00.000Z"},
        {"cron(0 9 ? * 2#1 *)", "2026-11-03T00:00:00Z", "2026-12-07T09:00:00.000Z"},
        {"cron(0 0 L * ? *)", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00.000Z"},
        {"cron(0 0 15W * ? *)", "2026-11-01T00:00:00Z", "2026-11-16T00:00:00.000Z"},
        {"cron(0 0 1W * ? *)", "2026-07-31T12:00:00Z", "2026-08-03T00:00:00.000Z"},
        {"cron(0 0 31W * ? *)", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00.000Z"},
        {"cron(0 0 LW * ? *)", "2026-10-01T00:00:00Z", "2026-10-30T00:00:00.000Z"},
        {"cron(0 0 ? * L *)", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00.000Z"},
        {"cron(0 0 ? * FRI-MON *)", "2026-11-23T00:00:00Z", "2026-11-27T00:00:00.000Z"},
        {"cron(0 0 29 2 ? 2027-2031)", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"},
        {"cron(59 23 31 12 ? 2199)", "2026-01-01T00:00:00Z", "2199-12-31T23:59:00.000Z"},
        {"cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00Z", "none"},
        {"cron(0 0 31 2 ? *)", "2026-01-01T00:00:00Z", "none"},
        {"at(2026-11-20T13:00:00)", "2026-11-20T12:59:59Z", "2026-11-20T13:00:00.000Z"},
        {"at(2026-11-20T13:00:00)", "2026-11-20T13:00:00Z", "none"},
        {"rate(5 minutes)", "2026-11-20T13:00:07Z", "2026-11-20T13:05:07.000Z"},
        {"rate(1 day)", "2026-11-20T13:00:07Z", "2026-11-21T13:00:07.000Z"},
    };
    Zone utc = zone_utc();
    for (int i = 0; i < countof(cases); i++)
        eq_str(next_of(cases[i].expression, &utc, cases[i].after), str_from(cases[i].want));
}

TEST(when_clocks_put_forward_and_back)
{
    Zone york = zone_named("America/New_York");
    /* 2026-03-08: 02:00 becomes 03:00. 2026-11-01: 02:00 becomes 01:00. */
    eq_str(next_of("cron(30 2 * * ? *)", &york, "2026-03-07T07:30:00Z"),
           S("2026-03-09T06:30:00.000Z"));
    eq_str(next_of("cron(30 1 * * ? *)", &york, "2026-11-01T00:00:00Z"),
           S("2026-11-01T05:30:00.000Z"));
    eq_str(next_of("cron(30 1 * * ? *)", &york, "2026-11-01T05:30:00Z"),
           S("2026-11-02T06:30:00.000Z"));
    eq_str(next_of("at(2026-03-08T02:30:00)", &york, "2026-01-01T00:00:00Z"), S("none"));
    eq_str(next_of("rate(1 days)", &york, "2026-03-07T15:00:00Z"), S("2026-03-08T15:00:00.000Z"));
}

TEST(when_refusals_name_the_field)
{
    static const struct {
        const char *expression, *want;
    } cases[] = {
        {"cron(0 10 * * * *)", "one of Day-of-month and Day-of-week must be ?"},
        {"cron(0 10 ? * ? *)", "one of Day-of-month and Day-of-week must be ?"},
        {"cron(60 10 * * ? *)", "Minutes: \"60\""},
        {"cron(0 24 * * ? *)", "Hours: \"24\""},
        {"cron(0 0 0 * ? *)", "Day-of-month: \"0\""},
        {"cron(0 0 32W * ? *)", "Day-of-month: \"32W\""},
        {"cron(0 0 * 13 ? *)", "Month: \"13\""},
        {"cron(0 0 * JUNE ? *)", "Month: \"JUNE\""},
        {"cron(0 0 ? * 8 *)", "Day-of-week: \"8\""},
        {"cron(0 0 ? * MON#6 *)", "Day-of-week: \"MON#6\""},
        {"cron(0 0 * * ? 1969)", "Year: \"1969\""},
        {"cron(0 0 * * ? 2030-2026)", "Year: \"2030-2026\""},
        {"cron(0/0 0 * * ? *)", "Minutes: \"0/0\""},
        {"cron(1,,2 0 * * ? *)", "Minutes: \"\""},
        {"cron(1, 0 * * ? *)", "\"1,\" has an empty item"},
        {"cron(0 0 * * ?)", "cron has six fields, not 5"},
        {"cron(0 0 * * ? * *)", "cron has six fields, not more"},
        {"rate(0 minutes)", "rate(0 minutes): a whole number"},
        {"rate(-1 minutes)", "rate(-1 minutes): a whole number"},
        {"rate(5 weeks)", "rate(5 weeks): minutes, hours or days"},
        {"at(2026-02-30T00:00:00)", "at(2026-02-30T00:00:00) is not a date"},
        {"at(2026-02-20T00:00:00Z)", "at(2026-02-20T00:00:00Z): yyyy-mm-dd"},
        {"every day", "\"every day\" is none of at(...)"},
        {"cron(", "\"cron(\" is none of at(...)"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Error err = {0};
        When w;
        ok(!when_parse(str_from(cases[i].expression), WHEN_SCHEDULER, &w, &err));
        if (!str_starts(error_text(&err), str_from(cases[i].want)))
            eq_str(error_text(&err), str_from(cases[i].want));
    }
}

TEST(when_rules_want_the_unit_to_agree)
{
    Error err = {0};
    When w;
    ok(when_parse(S("rate(1 minute)"), WHEN_RULE, &w, &err));
    ok(when_parse(S("rate(10 minutes)"), WHEN_RULE, &w, &err));
    ok(!when_parse(S("rate(1 minutes)"), WHEN_RULE, &w, &err));
    ok(!when_parse(S("rate(10 minute)"), WHEN_RULE, &w, &err));
    ok(!when_parse(S("at(2026-01-01T00:00:00)"), WHEN_RULE, &w, &err));
}

TEST(zone_names_stay_in_their_folder)
{
    ok(zone_name_good(S("America/Argentina/Buenos_Aires")) && zone_name_good(S("Etc/GMT+5")));
    ok(!zone_name_good(S("../../etc/passwd")) && !zone_name_good(S("/etc/passwd")));
    ok(!zone_name_good(S("")) && !zone_name_good(S("Europe/Berlin\n")));
}

/* ---- every minute of thirty years, by the C library's clock ---- */

enum { QUARTER_MINUTES = 15, MINUTE_MS = 60000 };

typedef struct Scan {
    int64_t begin_min, n; /* minutes since 1970 */
    int32_t *local;       /* of each: the local minute it shows */
} Scan;

/* Offsets change at quarters of an hour only, in these years. WHEN_YEARS=30 takes all of them. */
static Scan scan_zone(const char *name)
{
    bool all = getenv("WHEN_YEARS") != NULL;
    Scan s = {.begin_min = at(all ? "2008-01-01T00:00:00Z" : "2011-06-01T00:00:00Z") / MINUTE_MS};
    s.n = at(all ? "2038-01-01T00:00:00Z" : "2012-04-30T00:00:00Z") / MINUTE_MS - s.begin_min;
    s.local = malloc((size_t)s.n * sizeof *s.local);
    check(s.local);
    setenv("TZ", name, 1);
    tzset();
    for (int64_t i = 0; i < s.n; i += QUARTER_MINUTES) {
        time_t t = (s.begin_min + i) * 60;
        struct tm tm;
        localtime_r(&t, &tm);
        for (int64_t k = i; k < i + QUARTER_MINUTES && k < s.n; k++)
            s.local[k] = (int32_t)(s.begin_min + k + tm.tm_gmtoff / 60);
    }
    unsetenv("TZ");
    tzset();
    return s;
}

/* Each is decided on its own by the broken-down local time, without the parser. */
static bool every_quarter(const Civil *c)
{
    return c->minute % 15 == 0;
}
static bool half_past_one_and_two(const Civil *c)
{
    return c->minute == 30 && (c->hour == 1 || c->hour == 2);
}
static bool last_day(const Civil *c)
{
    Civil next = civil_from_millis(millis_from_civil(c) + 86400000);
    return next.month != c->month && c->hour == 2 && c->minute == 0;
}
static bool second_tuesday(const Civil *c)
{
    return c->weekday == 2 && c->day > 7 && c->day <= 14 && c->hour == 9 && c->minute == 5;
}
static bool work_hours(const Civil *c)
{
    return c->weekday >= 1 && c->weekday <= 5 && c->hour >= 8 && c->hour <= 17 &&
           c->minute % 20 == 5;
}

static const struct {
    const char *expression;
    bool (*matches)(const Civil *c);
} scanned[] = {
    {"0/15 * * * ? *", every_quarter},
    {"30 1,2 * * ? *", half_past_one_and_two},
    {"0 2 L * ? *", last_day},
    {"5 9 ? * 3#2 *", second_tuesday},
    {"5/20 8-17 ? * MON-FRI *", work_hours},
};

/* A local minute is due when it is shown for the first time. Clocks are put back by hours, never
 * more, so it is enough to remember the latest one shown. */
static int64_t differences(const Scan *s, const Zone *z, const Cron *c,
                           bool (*matches)(const Civil *))
{
    Millis next = -1;
    int32_t latest = s->local[0];
    int64_t wrong = 0;
    ok(cron_next(c, z, s->begin_min * MINUTE_MS, &next));
    for (int64_t i = 1; i < s->n; i++) {
        bool first = s->local[i] > latest, due = false;
        if (first) {
            Civil local = civil_from_millis((int64_t)s->local[i] * MINUTE_MS);
            due = matches(&local);
            latest = s->local[i];
        }
        Millis now = (s->begin_min + i) * MINUTE_MS;
        wrong += due != (next == now);
        if (next <= now && !cron_next(c, z, now, &next)) break;
    }
    return wrong;
}

static void scan(const char *name)
{
    Zone z = zone_named(name);
    Scan s = scan_zone(name);
    for (int i = 0; i < countof(scanned); i++) {
        Error err = {0};
        Cron c;
        ok(cron_parse(str_from(scanned[i].expression), &c, &err));
        int64_t wrong = differences(&s, &z, &c, scanned[i].matches);
        if (wrong)
            test_fail(__FILE__, __LINE__, "%s, cron(%s): %" PRId64 " minutes differ", name,
                      scanned[i].expression, wrong);
    }
    free(s.local);
}

TEST(when_every_minute_of_thirty_years)
{
    static const char *const zones[] = {
        "UTC",           "America/New_York",    "America/Los_Angeles", "America/Sao_Paulo",
        "Europe/Berlin", "Europe/London",       "Africa/Casablanca",   "Asia/Kolkata",
        "Asia/Tehran",   "Australia/Lord_Howe", "Pacific/Apia",        "America/St_Johns",
    };
    if (read_zone_file("UTC").n == 0) {
        test_skip("no time zones on this machine");
        return;
    }
    for (int i = 0; i < countof(zones); i++) scan(zones[i]);
}
