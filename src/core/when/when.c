/* when.c - schedule expressions: three forms, one question. */
#include "core/when/when.h"

#include "base/time.h"

/* The text between `name(` and `)`. */
static bool inside(Str text, Str name, Str *out)
{
    if (!str_starts(text, name) || text.n < name.n + 2 || text.p[name.n] != '(' ||
        text.p[text.n - 1] != ')')
        return false;
    *out = str_slice(text, name.n + 1, text.n - 1);
    return true;
}

static bool all_digits(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

/* yyyy-mm-ddThh:mm:ss, and nothing else. */
static bool parse_at(Str s, When *w, Error *err)
{
    char text[21];
    if (s.n != 19 || s.p[10] != 'T')
        return error_set(err, ERR_VALIDATION, "at(%.*s): yyyy-mm-ddThh:mm:ss is wanted", STR(s));
    memcpy(text, s.p, 19);
    text[19] = 'Z';
    if (!time_parse_iso8601((Str){text, 20}, &w->at_local))
        return error_set(err, ERR_VALIDATION, "at(%.*s) is not a date and time", STR(s));
    return true;
}

static const struct {
    Str one, many;
    int64_t ms;
} units[] = {
    {STR_INIT("minute"), STR_INIT("minutes"), 60000},
    {STR_INIT("hour"), STR_INIT("hours"), 3600000},
    {STR_INIT("day"), STR_INIT("days"), 86400000},
};

static bool parse_rate(Str s, WhenDialect dialect, When *w, Error *err)
{
    Str value, unit = s;
    int64_t n = 0;
    if (!str_cut(&unit, ' ', &value) || !all_digits(value) || !str_to_int(value, &n) || n < 1 ||
        n > WHEN_RATE_VALUE_MAX)
        return error_set(err, ERR_VALIDATION, "rate(%.*s): a whole number from 1 to %d is wanted",
                         STR(s), WHEN_RATE_VALUE_MAX);
    for (int i = 0; i < countof(units); i++) {
        bool one = str_eq(unit, units[i].one), many = str_eq(unit, units[i].many);
        if (!one && !many) continue;
        if (dialect == WHEN_RULE && one != (n == 1))
            return error_set(err, ERR_VALIDATION, "rate(%.*s): the unit does not agree with %.*s",
                             STR(s), STR(value));
        w->period_ms = n * units[i].ms;
        return true;
    }
    return error_set(err, ERR_VALIDATION, "rate(%.*s): minutes, hours or days are wanted", STR(s));
}

bool when_parse(Str text, WhenDialect dialect, When *out, Error *err)
{
    When w = {.kind = WHEN_CRON};
    Str body;
    bool good;
    if (inside(text, S("cron"), &body)) {
        good = cron_parse(body, &w.cron, err);
    } else if (inside(text, S("rate"), &body)) {
        w.kind = WHEN_RATE;
        good = parse_rate(body, dialect, &w, err);
    } else if (dialect == WHEN_SCHEDULER && inside(text, S("at"), &body)) {
        w.kind = WHEN_AT;
        good = parse_at(body, &w, err);
    } else {
        good = error_set(err, ERR_VALIDATION, "\"%.*s\" is none of %scron(...) and rate(...)",
                         STR(text), dialect == WHEN_SCHEDULER ? "at(...), " : "");
    }
    if (good) *out = w;
    return good;
}

static bool next_at(const When *w, const Zone *z, Millis after, Millis *out)
{
    Millis at[2];
    if (zone_instants(z, w->at_local, at) == 0 || at[0] <= after) return false;
    *out = at[0];
    return true;
}

static bool next_rate(const When *w, Millis anchor, Millis after, Millis *out)
{
    int64_t periods = after < anchor ? 0 : (after - anchor) / w->period_ms;
    *out = anchor + (periods + 1) * w->period_ms;
    return true;
}

bool when_next(const When *w, const Zone *z, Millis anchor, Millis after, Millis *out)
{
    switch (w->kind) {
    case WHEN_AT: return next_at(w, z, after, out);
    case WHEN_RATE: return next_rate(w, anchor, after, out);
    case WHEN_CRON: return cron_next(&w->cron, z, after, out);
    }
    unreachable();
}
