/* distribution.c - a sorted list of values and counts: added to, joined, rounded when it grows, as text and back. */
#include "core/metric/distribution.h"

#include <math.h>

static int64_t place_of(const Distribution *d, double value)
{
    int64_t low = 0, high = d->n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (d->p[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(Distribution *d, Arena *a, double value, double count)
{
    int64_t at = place_of(d, value);
    if (at < d->n && d->p[at].value <= value) {
        d->p[at].count += count;
        return;
    }
    (void)vec_push(a, d);
    memmove(d->p + at + 1, d->p + at, (size_t)(d->n - 1 - at) * sizeof *d->p);
    d->p[at] = (DistributionItem){value, count};
}

static double two_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.1e", value);
    return strtod(text, NULL);
}

/* Rounding keeps the order, so what becomes equal lies side by side. */
static void round_all(Distribution *d)
{
    int64_t n = 0;
    d->rounded = true;
    for (int64_t i = 0; i < d->n; i++) {
        DistributionItem item = {two_digits(d->p[i].value), d->p[i].count};
        if (n && d->p[n - 1].value >= item.value)
            d->p[n - 1].count += item.count;
        else
            d->p[n++] = item;
    }
    d->n = n;
}

static void forget(Distribution *d)
{
    d->unknown = true;
    d->n = 0;
}

void distribution_add(Distribution *d, Arena *a, double value, double count)
{
    if (d->unknown || count <= 0) return;
    insert(d, a, d->rounded ? two_digits(value) : value, count);
    if (d->n > DISTRIBUTION_EXACT_MAX && !d->rounded) round_all(d);
    if (d->n > DISTRIBUTION_VALUES_MAX) forget(d);
}

void distribution_join(Distribution *into, Arena *a, const Distribution *from)
{
    if (from->unknown) forget(into);
    if (from->rounded && !into->rounded) round_all(into);
    for (int64_t i = 0; i < from->n; i++)
        distribution_add(into, a, from->p[i].value, from->p[i].count);
}

double distribution_count(const Distribution *d)
{
    double n = 0;
    for (int64_t i = 0; i < d->n; i++) n += d->p[i].count;
    return n;
}

/* ---- as text ---- */

static void put_number(Buf *b, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits += 2) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (back >= value && back <= value) break;
    }
    buf_put(b, str_from(text));
}

Str distribution_text(Arena *a, const Distribution *d)
{
    Buf b = {.a = a};
    if (d->unknown) return (Str){0};
    if (d->rounded) buf_putc(&b, '~');
    for (int64_t i = 0; i < d->n; i++) {
        if (i) buf_putc(&b, ' ');
        put_number(&b, d->p[i].value);
        buf_putc(&b, ':');
        put_number(&b, d->p[i].count);
    }
    return buf_str(&b);
}

static bool number(Str s, double *out)
{
    char text[40], *end;
    if (!s.n || s.n >= (int64_t)sizeof text) return false;
    memcpy(text, s.p, (size_t)s.n);
    text[s.n] = 0;
    *out = strtod(text, &end);
    return end == text + s.n && isfinite(*out);
}

Distribution distribution_parse(Arena *a, Str text)
{
    Distribution d = {.unknown = str_absent(text)};
    Str part;
    if (str_starts(text, S("~"))) {
        d.rounded = true;
        text = str_slice(text, 1, text.n);
    }
    while (text.n && str_cut(&text, ' ', &part)) {
        double value, count;
        int64_t colon = str_find_char(part, ':');
        if (colon < 0 || !number(str_slice(part, 0, colon), &value) ||
            !number(str_slice(part, colon + 1, part.n), &count) || count <= 0)
            return (Distribution){.unknown = true};
        distribution_add(&d, a, value, count);
    }
    return d;
}
