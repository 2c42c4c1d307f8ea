/* zone.c - TZif and POSIX rules: offsets of instants, instants of local times. */
#include "core/when/zone.h"

#include "base/time.h"

enum {
    HEADER_BYTES = 44,
    ABBREVIATION_BYTES_MAX = 4096,
    LEAP_SECONDS_MAX = 1024,
    OFFSET_S_MAX = 26 * 3600, /* RFC 8536, 3.2: more than 25:59:59 is not a time zone */
    DAY_S = 86400,
};

/* ---- the file ---- */

typedef struct Counts {
    int64_t utc_flags, standard_flags, leaps, transitions, types, abbreviations;
} Counts;

static int64_t big_endian(const char *p, int n)
{
    uint64_t v = (unsigned char)p[0] & 0x80 ? ~0ull : 0;
    for (int i = 0; i < n; i++) v = v << 8 | (unsigned char)p[i];
    return (int64_t)v;
}

static bool bad(Error *err, const char *why)
{
    return error_set(err, ERR_VALIDATION, "not a time zone file: %s", why);
}

static bool read_header(Str s, Counts *c, Error *err)
{
    if (s.n < HEADER_BYTES || memcmp(s.p, "TZif", 4) != 0) return bad(err, "no TZif header");
    int64_t *fields[] = {&c->utc_flags,   &c->standard_flags, &c->leaps,
                         &c->transitions, &c->types,          &c->abbreviations};
    for (int i = 0; i < countof(fields); i++) *fields[i] = big_endian(s.p + 20 + 4 * i, 4);
    if (c->transitions < 0 || c->transitions > ZONE_TRANSITIONS_MAX || c->types < 1 ||
        c->types > ZONE_TYPES_MAX || c->abbreviations < 0 ||
        c->abbreviations > ABBREVIATION_BYTES_MAX || c->leaps < 0 || c->leaps > LEAP_SECONDS_MAX ||
        c->utc_flags < 0 || c->utc_flags > c->types || c->standard_flags < 0 ||
        c->standard_flags > c->types)
        return bad(err, "a count is out of its range");
    return true;
}

static int64_t block_bytes(const Counts *c, int time_bytes)
{
    return c->transitions * (time_bytes + 1) + c->types * 6 + c->abbreviations +
           c->leaps * (time_bytes + 4) + c->standard_flags + c->utc_flags;
}

/* The block of 64-bit times and, behind it, the footer. */
static bool find_block(Str file, Counts *c, Str *block, Str *footer, Error *err)
{
    if (file.n > ZONE_FILE_BYTES_MAX) return bad(err, "too long");
    if (!read_header(file, c, err)) return false;
    if (file.p[4] < '2') return bad(err, "version 1 has no 64-bit times");
    Str second = str_slice(file, HEADER_BYTES + block_bytes(c, 4), file.n);
    if (!read_header(second, c, err)) return false;
    int64_t bytes = block_bytes(c, 8);
    if (second.n < HEADER_BYTES + bytes) return bad(err, "cut short");
    *block = str_slice(second, HEADER_BYTES, HEADER_BYTES + bytes);
    *footer = str_trim(str_slice(second, HEADER_BYTES + bytes, second.n));
    return true;
}

static bool read_offset(Str block, const Counts *c, int64_t type, int32_t *out, Error *err)
{
    if (type >= c->types) return bad(err, "a transition names no type");
    int64_t offset = big_endian(block.p + c->transitions * 9 + type * 6, 4);
    if (offset <= -OFFSET_S_MAX || offset >= OFFSET_S_MAX) return bad(err, "an offset of days");
    *out = (int32_t)offset;
    return true;
}

static bool read_transitions(Str block, const Counts *c, Arena *a, Zone *z, Error *err)
{
    int64_t *at = new_array(a, int64_t, c->transitions);
    int32_t *after = new_array(a, int32_t, c->transitions);
    for (int64_t i = 0; i < c->transitions; i++) {
        at[i] = big_endian(block.p + 8 * i, 8);
        if (i && at[i] <= at[i - 1]) return bad(err, "transitions out of order");
        int64_t type = (unsigned char)block.p[8 * c->transitions + i];
        if (!read_offset(block, c, type, &after[i], err)) return false;
    }
    z->n = c->transitions;
    z->at_s = at;
    z->after_s = after;
    return read_offset(block, c, 0, &z->before_s, err);
}

/* ---- the footer: POSIX TZ, "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static bool take(Str *s, char c)
{
    if (s->n == 0 || s->p[0] != c) return false;
    *s = str_slice(*s, 1, s->n);
    return true;
}

static bool take_number(Str *s, int max, int *out)
{
    int n = 0, digits = 0;
    for (; s->n && s->p[0] >= '0' && s->p[0] <= '9' && digits < 4; digits++) {
        n = n * 10 + (s->p[0] - '0');
        *s = str_slice(*s, 1, s->n);
    }
    *out = n;
    return digits > 0 && n <= max;
}

static bool take_name(Str *s)
{
    bool quoted = take(s, '<');
    int64_t n = 0;
    while (n < s->n && (quoted ? s->p[n] != '>' : s->p[n] >= 'A' && s->p[n] <= 'z')) n++;
    *s = str_slice(*s, n, s->n);
    return n >= 3 && (!quoted || take(s, '>'));
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool take_time(Str *s, int32_t *out)
{
    bool minus = take(s, '-');
    int h = 0, m = 0, sec = 0;
    if (!minus) take(s, '+');
    if (!take_number(s, 167, &h)) return false;
    if (take(s, ':') && !take_number(s, 59, &m)) return false;
    if (take(s, ':') && !take_number(s, 59, &sec)) return false;
    *out = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
    return true;
}

static bool take_day(Str *s, ZoneRule *r)
{
    if (take(s, 'M')) {
        r->kind = ZONE_MONTH_WEEK_DAY;
        return take_number(s, 12, &r->month) && r->month > 0 && take(s, '.') &&
               take_number(s, 5, &r->week) && r->week > 0 && take(s, '.') &&
               take_number(s, 6, &r->day);
    }
    r->kind = take(s, 'J') ? ZONE_JULIAN : ZONE_DAY_OF_YEAR;
    return take_number(s, 365, &r->day) && (r->kind == ZONE_DAY_OF_YEAR || r->day > 0);
}

static bool take_rule(Str *s, ZoneRule *r)
{
    r->time_s = 2 * 3600;
    return take(s, ',') && take_day(s, r) && (!take(s, '/') || take_time(s, &r->time_s));
}

/* POSIX counts westward. */
static bool take_offset(Str *s, int32_t *out)
{
    int32_t west;
    if (!take_time(s, &west) || west <= -OFFSET_S_MAX || west >= OFFSET_S_MAX) return false;
    *out = -west;
    return true;
}

static bool read_footer(Str s, Zone *z)
{
    if (s.n == 0) return true;
    z->has_rule = true;
    if (!take_name(&s) || !take_offset(&s, &z->standard_s)) return false;
    if (s.n == 0) return true;
    z->has_summer = true;
    z->summer_s = z->standard_s + 3600;
    if (!take_name(&s) || (s.n && s.p[0] != ',' && !take_offset(&s, &z->summer_s))) return false;
    return take_rule(&s, &z->begin) && take_rule(&s, &z->end) && s.n == 0;
}

bool zone_parse(Str file, Arena *a, Zone *out, Error *err)
{
    Counts counts;
    Str block, footer;
    Zone z = {0};
    if (!find_block(file, &counts, &block, &footer, err)) return false;
    if (!read_transitions(block, &counts, a, &z, err)) return false;
    if (!read_footer(footer, &z)) return bad(err, "its last line is no POSIX rule");
    *out = z;
    return true;
}

Zone zone_utc(void)
{
    return (Zone){.has_rule = true};
}

bool zone_name_good(Str name)
{
    if (name.n == 0 || name.n > 64 || name.p[0] == '/' || str_find(name, S("..")) >= 0)
        return false;
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i], letter = c | 0x20;
        bool good = (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                    c == '-' || c == '+' || c == '/';
        if (!good) return false;
    }
    return true;
}

/* ---- offsets ---- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Seconds since 1970 of a local day and time, as if it were UTC. */
static int64_t local_s(int64_t year, int month, int day, int64_t time_s)
{
    Civil c = {.year = year, .month = month, .day = day};
    return millis_from_civil(&c) / 1000 + time_s;
}

static int64_t rule_local_s(const ZoneRule *r, int64_t year)
{
    if (r->kind == ZONE_JULIAN) { /* 29 February is never counted */
        int day = r->day + (is_leap(year) && r->day >= 60);
        return local_s(year, 1, day, r->time_s);
    }
    if (r->kind == ZONE_DAY_OF_YEAR) return local_s(year, 1, r->day + 1, r->time_s);
    int64_t first = local_s(year, r->month, 1, 0);
    int ahead = (r->day - civil_from_millis(first * 1000).weekday + 7) % 7;
    int64_t day = first + (ahead + 7 * (r->week - 1)) * (int64_t)DAY_S;
    bool over = civil_from_millis(day * 1000).month != r->month;
    return (over ? day - 7 * DAY_S : day) + r->time_s;
}

static int32_t offset_by_rule(const Zone *z, int64_t t)
{
    if (!z->has_summer) return z->standard_s;
    int64_t year = civil_from_millis((t + z->standard_s) * 1000).year;
    int64_t begin = rule_local_s(&z->begin, year) - z->standard_s;
    int64_t end = rule_local_s(&z->end, year) - z->summer_s;
    bool summer = begin < end ? t >= begin && t < end : t < end || t >= begin;
    return summer ? z->summer_s : z->standard_s;
}

static int64_t floor_seconds(Millis t)
{
    return t / 1000 - (t % 1000 < 0);
}

int32_t zone_offset_s(const Zone *z, Millis t)
{
    int64_t s = floor_seconds(t), low = 0, high = z->n;
    if (z->has_rule && (z->n == 0 || s >= z->at_s[z->n - 1])) return offset_by_rule(z, s);
    while (low < high) { /* low: how many transitions lie at or before s */
        int64_t middle = (low + high) / 2;
        if (z->at_s[middle] <= s)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? z->after_s[low - 1] : z->before_s;
}

int zone_instants(const Zone *z, Millis local, Millis out[2])
{
    /* No offset changes twice within a day, nor by more than a day. */
    int32_t before = zone_offset_s(z, local - DAY_S * 1000),
            after = zone_offset_s(z, local + DAY_S * 1000);
    int n = 0;
    Millis first = local - before * 1000ll, second = local - after * 1000ll;
    if (zone_offset_s(z, first) == before) out[n++] = first;
    if (second != first && zone_offset_s(z, second) == after) out[n++] = second;
    if (n == 2 && out[0] > out[1]) {
        Millis later = out[0];
        out[0] = out[1];
        out[1] = later;
    }
    return n;
}
