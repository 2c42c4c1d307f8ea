/* firings_slots.c - random schedules, and their slots by brute force. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "disk.h"
#include "firings.h"

#define MINUTE ((Millis)60 * 1000)
#define HOUR   (60 * MINUTE)

static const char *const zones[] = {"UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata",
                                    "Australia/Lord_Howe"};

/* Minutes and hours as bits, days of the week (0: Sunday) as bits, day of the month or 0. */
static const struct {
    const char *text;
    uint64_t minutes;
    uint32_t hours;
    unsigned weekdays;
    int day;
} crons[] = {
    {"cron(0/20 * * * ? *)", 1ull | 1ull << 20 | 1ull << 40, 0xffffff, 127, 0},
    {"cron(7,37 * * * ? *)", 1ull << 7 | 1ull << 37, 0xffffff, 127, 0},
    {"cron(30 2 * * ? *)", 1ull << 30, 1 << 2, 127, 0},
    {"cron(15 1,13 ? * * *)", 1ull << 15, 1 << 1 | 1 << 13, 127, 0},
    {"cron(0 8-18/5 ? * MON-FRI *)", 1ull, 1 << 8 | 1 << 13 | 1 << 18, 62, 0},
    {"cron(45 23 5 * ? *)", 1ull << 45, 1 << 23, 127, 5},
};

/* ---- the machine's zones ---- */

static void put_file(const char *path)
{
    char bytes[16 * 1024];
    Str leaf;
    FILE *f = fopen(path, "rb");
    if (!f) return;
    int64_t n = (int64_t)fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    Str name = str_from(path);
    disk_folder(str_slice(name, 0, str_rfind_char(name, '/')));
    Node *folder = disk_parent(name, &leaf), *file = disk_make(folder, leaf, false);
    disk_write(file, 0, (Str){bytes, n});
    disk_sync_file(file);
    disk_sync_folder(folder);
}

void slots_open(void)
{
    char path[200];
    for (int i = 1; i < countof(zones); i++) {
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zones[i]);
        put_file(path);
    }
}

static void use_zone(int zone)
{
    setenv("TZ", zones[zone], 1);
    tzset();
}

static struct tm local_of(Millis t)
{
    struct tm out;
    time_t seconds = (time_t)(t / 1000);
    localtime_r(&seconds, &out);
    return out;
}

static bool same_wall(const struct tm *x, const struct tm *y)
{
    return x->tm_min == y->tm_min && x->tm_hour == y->tm_hour && x->tm_mday == y->tm_mday &&
           x->tm_sec == y->tm_sec;
}

/* The clock has shown this before: it was put back in between. 0: no; else how long ago. */
static Millis shown_before(Millis t, const struct tm *wall)
{
    for (Millis ago = 30 * MINUTE; ago <= HOUR; ago += 30 * MINUTE) {
        struct tm then = local_of(t - ago);
        if (same_wall(&then, wall)) return ago;
    }
    return 0;
}

/* ---- drawing ---- */

Spec spec_draw_rule(void)
{
    Spec s = {.kind = chance_in(2) ? SPEC_RATE : SPEC_CRON, .after_anchor = true};
    s.cron = (int)chance_below(countof(crons));
    s.period_ms = chance_between(2, 90) * MINUTE;
    return s;
}

Spec spec_draw(void)
{
    Spec s = {.kind = (SpecKind)chance_below(SPEC_KINDS),
              .cron = (int)chance_below(countof(crons)),
              .zone = (int)chance_below(countof(zones)),
              .period_ms = chance_between(1, chance_in(4) ? 120 : 15) * MINUTE,
              .window_minutes = chance_in(4) ? (int)chance_between(1, 15) : 0,
              .disabled = chance_in(12),
              .delete_after = chance_in(2),
              .target = chance_in(2)   ? TARGET_FLAKY
                        : chance_in(6) ? TARGET_NONE
                                       : TARGET_FIRED,
              .retries = (int)chance_between(0, 9),
              .age_s = (int)chance_between(60, 3600)};
    Millis second = world.now / 1000 * 1000;
    s.at = second + chance_between(-HOUR, 8 * HOUR) / 1000 * 1000;
    if (s.kind == SPEC_RATE || chance_in(3))
        s.start = second + chance_between(-2 * MINUTE, HOUR) / 1000 * 1000;
    if (chance_in(3))
        s.end = (s.start ? s.start : second) + chance_between(2 * HOUR, 12 * HOUR) / 1000 * 1000;
    if (s.kind == SPEC_AT) s.start = s.end = 0;
    return s;
}

Str spec_expression(const Spec *s, Arena *a)
{
    if (s->kind == SPEC_CRON) return str_from(crons[s->cron].text);
    if (s->kind == SPEC_RATE) {
        int64_t n = s->period_ms / MINUTE;
        return str_printf(a, "rate(%" PRId64 " minute%s)", n, n == 1 ? "" : "s");
    }
    use_zone(s->zone);
    struct tm t = local_of(s->at);
    return str_printf(a, "at(%04d-%02d-%02dT%02d:%02d:%02d)", t.tm_year + 1900, t.tm_mon + 1,
                      t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

const char *spec_zone(const Spec *s)
{
    return zones[s->zone];
}

/* ---- slots ---- */

static bool matches(const Spec *s, const struct tm *t)
{
    return crons[s->cron].minutes >> t->tm_min & 1 && crons[s->cron].hours >> t->tm_hour & 1 &&
           crons[s->cron].weekdays >> t->tm_wday & 1 &&
           (!crons[s->cron].day || crons[s->cron].day == t->tm_mday);
}

static int64_t cron_slots(const Spec *s, Millis from, Millis to, Millis *out, int64_t max)
{
    int64_t n = 0;
    for (Millis t = (from + MINUTE - 1) / MINUTE * MINUTE; t <= to && n < max; t += MINUTE) {
        struct tm wall = local_of(t);
        if (matches(s, &wall) && !shown_before(t, &wall)) out[n++] = t;
    }
    return n;
}

static int64_t rate_slots(const Spec *s, Millis from, Millis to, Millis *out, int64_t max)
{
    int64_t n = 0;
    Millis first = s->start + (s->after_anchor ? s->period_ms : 0);
    for (Millis t = first; t <= to && n < max; t += s->period_ms)
        if (t >= from) out[n++] = t;
    return n;
}

int64_t spec_slots(const Spec *s, Millis from, Millis to, Millis *out, int64_t max)
{
    if (s->disabled) return 0;
    use_zone(s->zone);
    if (s->kind == SPEC_AT) {
        struct tm wall = local_of(s->at);
        *out = s->at - shown_before(s->at, &wall);
        return *out >= from && *out <= to;
    }
    if (from < s->start) from = s->start;
    if (s->end && to > s->end) to = s->end;
    return s->kind == SPEC_RATE ? rate_slots(s, from, to, out, max)
                                : cron_slots(s, from, to, out, max);
}

bool flaky_throttles(Millis now)
{
    uint64_t window = (uint64_t)(now / (10 * MINUTE)) * 0x9e3779b97f4a7c15u + world.seed;
    return (window ^ window >> 29) % 5 < 2;
}
