/* statistic.c - names of statistics read, and each computed from count, sum, extremes or the values themselves. */
#include "core/metric/statistic.h"

#include <math.h>

/* ---- names ---- */

static const struct {
    const char *name;
    StatisticKind kind;
} plain[] = {
    {"SampleCount", STATISTIC_COUNT}, {"Sum", STATISTIC_SUM},
    {"Average", STATISTIC_AVERAGE},   {"Minimum", STATISTIC_MINIMUM},
    {"Maximum", STATISTIC_MAXIMUM},
};

static const struct {
    const char *name;
    StatisticKind kind;
} bounded[] = {
    {"tm", STATISTIC_TRIMMED_MEAN},    {"wm", STATISTIC_WINSORIZED_MEAN},
    {"tc", STATISTIC_TRIMMED_COUNT},   {"ts", STATISTIC_TRIMMED_SUM},
    {"pr", STATISTIC_PERCENTILE_RANK},
};

/* Digits, one point, at most ten digits behind it; a minus only where values are meant. */
static bool number(Str s, bool negative, double *out)
{
    char text[40];
    int points = 0;
    bool digit = false;
    if (!s.n || s.n >= (int64_t)sizeof text) return false;
    for (int64_t i = 0; i < s.n; i++) {
        points += s.p[i] == '.';
        digit |= s.p[i] >= '0' && s.p[i] <= '9';
        bool sign = negative && i == 0 && s.p[i] == '-';
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '.' && !sign) return false;
    }
    memcpy(text, s.p, (size_t)s.n);
    text[s.n] = 0;
    *out = strtod(text, NULL);
    return digit && points <= 1;
}

static bool percent(Str s, double *out)
{
    return number(s, false, out) && *out <= 100;
}

/* One bound; *kind: 0 left out, '%' a percent, 'v' a value. */
static bool bound(Str s, double *out, char *kind)
{
    *kind = 0;
    if (!s.n) return true;
    *kind = str_ends(s, S("%")) ? '%' : 'v';
    return *kind == '%' ? percent(str_slice(s, 0, s.n - 1), out) : number(s, true, out);
}

/* "10%:90%", ":300", "5:" */
static bool bounds(Str s, Statistic *out)
{
    char low = 0, high = 0;
    int64_t colon = str_find_char(s, ':');
    double from = 0, to = 0;
    if (colon < 0 || !bound(str_slice(s, 0, colon), &from, &low) ||
        !bound(str_slice(s, colon + 1, s.n), &to, &high))
        return false;
    if ((!low && !high) || (low && high && (low != high || from >= to))) return false;
    out->by_value = low == 'v' || high == 'v';
    out->low = low ? from : out->by_value ? -HUGE_VAL : 0;
    out->high = high ? to : out->by_value ? HUGE_VAL : 100;
    return out->kind != STATISTIC_PERCENTILE_RANK || out->by_value;
}

static bool parse_bounded(Str name, Statistic *out)
{
    for (int i = 0; i < countof(bounded); i++) {
        if (!str_eq_nocase(str_slice(name, 0, 2), str_from(bounded[i].name))) continue;
        Str rest = str_slice(name, 2, name.n);
        *out = (Statistic){.kind = bounded[i].kind, .low = 0, .high = 100};
        if (rest.n > 2 && rest.p[0] == '(' && rest.p[rest.n - 1] == ')')
            return bounds(str_slice(rest, 1, rest.n - 1), out);
        return out->kind != STATISTIC_PERCENTILE_RANK && percent(rest, &out->high);
    }
    return false;
}

bool statistic_parse(Str name, Statistic *out)
{
    *out = (Statistic){.high = 100};
    for (int i = 0; i < countof(plain); i++) {
        out->kind = plain[i].kind;
        if (str_eq(name, str_from(plain[i].name))) return true;
    }
    if (str_eq_nocase(name, S("IQM"))) {
        *out = (Statistic){.kind = STATISTIC_TRIMMED_MEAN, .low = 25, .high = 75};
        return true;
    }
    if (parse_bounded(name, out)) return true;
    *out = (Statistic){.kind = STATISTIC_PERCENTILE};
    return name.n > 1 && (name.p[0] | 32) == 'p' && percent(str_slice(name, 1, name.n), &out->high);
}

/* ---- values ---- */

/* How much of the item [before, before + count) lies within the bounds, in values. */
static double share(const Statistic *s, const DistributionItem *item, double before, double all)
{
    double from = floor(s->low / 100 * all + 1e-9), to = ceil(s->high / 100 * all - 1e-9),
           end = before + item->count;
    if (s->by_value) return item->value > s->low && item->value <= s->high ? item->count : 0;
    if (before > from) from = before;
    if (end < to) to = end;
    return to > from ? to - from : 0;
}

static double percentile(const Distribution *d, double percents, double all)
{
    double wanted = ceil(percents / 100 * all - 1e-9), passed = 0;
    for (int64_t i = 0; i < d->n; i++) {
        passed += d->p[i].count;
        if (passed >= wanted) return d->p[i].value;
    }
    return d->p[d->n - 1].value;
}

/* What lies beyond a bound counts as the bound's value. */
static double winsorized_mean(const Statistic *s, const Distribution *d, double all)
{
    double low = s->by_value ? s->low : percentile(d, s->low, all),
           high = s->by_value ? s->high : percentile(d, s->high, all), sum = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double value = d->p[i].value;
        if (value < low) value = low;
        if (value > high) value = high;
        sum += value * d->p[i].count;
    }
    return sum / all;
}

static bool trimmed(const Statistic *s, const Distribution *d, double all, double *out)
{
    double before = 0, count = 0, sum = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double part = share(s, &d->p[i], before, all);
        before += d->p[i].count;
        count += part;
        sum += part * d->p[i].value;
    }
    if (s->kind == STATISTIC_TRIMMED_COUNT) return *out = count, true;
    if (s->kind == STATISTIC_PERCENTILE_RANK) return *out = 100 * count / all, true;
    if (s->kind == STATISTIC_TRIMMED_SUM) return *out = sum, true;
    *out = sum / count;
    return count > 0;
}

/* Of equal values the distribution is known without having been kept. */
static bool of_values(const Statistic *s, const Measured *m, double *out)
{
    DistributionItem one = {m->min, m->count};
    Distribution same = {.p = &one, .n = 1};
    const Distribution *d = &m->values;
    if (d->unknown && m->min >= m->max) d = &same;
    double all = distribution_count(d);
    if (d->unknown || all <= 0) return false;
    if (s->kind == STATISTIC_PERCENTILE) return *out = percentile(d, s->high, all), true;
    if (s->kind == STATISTIC_WINSORIZED_MEAN) return *out = winsorized_mean(s, d, all), true;
    return trimmed(s, d, all, out);
}

bool statistic_of(const Statistic *s, const Measured *m, double *out)
{
    switch (s->kind) {
    case STATISTIC_COUNT: return *out = m->count, true;
    case STATISTIC_SUM: return *out = m->sum, true;
    case STATISTIC_AVERAGE: return *out = m->sum / m->count, true;
    case STATISTIC_MINIMUM: return *out = m->min, true;
    case STATISTIC_MAXIMUM: return *out = m->max, true;
    case STATISTIC_PERCENTILE:
    case STATISTIC_TRIMMED_MEAN:
    case STATISTIC_WINSORIZED_MEAN:
    case STATISTIC_TRIMMED_COUNT:
    case STATISTIC_TRIMMED_SUM:
    case STATISTIC_PERCENTILE_RANK: return of_values(s, m, out);
    }
    unreachable();
}

/* ---- joining ---- */

void measured_add(Measured *m, Arena *a, double value, double count)
{
    if (m->count <= 0 || value < m->min) m->min = value;
    if (m->count <= 0 || value > m->max) m->max = value;
    m->count += count;
    m->sum += value * count;
    distribution_add(&m->values, a, value, count);
}

void measured_join(Measured *into, Arena *a, const Measured *from)
{
    if (into->count <= 0 || from->min < into->min) into->min = from->min;
    if (into->count <= 0 || from->max > into->max) into->max = from->max;
    into->count += from->count;
    into->sum += from->sum;
    distribution_join(&into->values, a, &from->values);
}
