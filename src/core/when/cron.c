/* cron.c - cron expressions: fields as sets of bits, and the next instant by jumping from set bit to set bit. */
#include "core/when/cron.h"

#include "base/time.h"

static const char month_names[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
static const char day_names[] = "SUNMONTUEWEDTHUFRISAT";

/* ---- parsing ---- */

typedef struct Field {
    const char *name;
    int low, high;
    const char *names; /* of three letters each, the first is `low` */
    bool wraps;
} Field;

static const Field minutes = {"Minutes", 0, 59, NULL, true};
static const Field hours = {"Hours", 0, 23, NULL, true};
static const Field day_of_month = {"Day-of-month", 1, 31, NULL, true};
static const Field month_field = {"Month", 1, 12, month_names, true};
static const Field day_of_week = {"Day-of-week", 1, 7, day_names, true};
static const Field year_field = {"Year", CRON_YEAR_MIN, CRON_YEAR_MAX, NULL, false};

static bool bad(const Field *f, Str item, const char *rule, Error *err)
{
    return error_set(err, ERR_VALIDATION, "%s: \"%.*s\" %s", f->name, STR(item), rule);
}

static bool parse_name(const Field *f, Str s, int *out)
{
    if (!f->names || s.n != 3) return false;
    for (int i = 0; i <= f->high - f->low; i++)
        if (str_eq_nocase(s, (Str){f->names + 3 * i, 3})) return *out = f->low + i, true;
    return false;
}

static bool parse_value(const Field *f, Str s, int *out)
{
    int64_t n;
    if (parse_name(f, s, out)) return true;
    if (s.n == 0 || s.n > 4 || s.p[0] == '-' || !str_to_int(s, &n) || n < f->low || n > f->high)
        return false;
    *out = (int)n;
    return true;
}

static void set_bit(uint64_t *words, int bit)
{
    words[bit / 64] |= 1ull << (bit % 64);
}

/* Every step-th from `from` to `to`, over the end where from > to. Bit 0 of words is `base`. */
static void set_range(const Field *f, int from, int to, int step, int base, uint64_t *words)
{
    int span = f->high - f->low + 1;
    int n = to >= from ? to - from : to - from + span;
    for (int i = 0; i <= n; i += step) set_bit(words, f->low + (from - f->low + i) % span - base);
}

/* "*", "5", "5-9", "FRI-MON"; `open`: a single value, which a step extends to the field's end. */
static bool parse_range(const Field *f, Str s, int *from, int *to, bool *open, Error *err)
{
    *from = f->low;
    *to = f->high;
    *open = false;
    if (str_eq(s, S("*"))) return true;
    int64_t dash = str_find_char(s, '-');
    Str first = dash < 0 ? s : str_slice(s, 0, dash);
    if (!parse_value(f, first, from)) return bad(f, s, "is not a value of this field", err);
    *open = dash < 0;
    if (*open) return *to = *from, true;
    if (!parse_value(f, str_slice(s, dash + 1, s.n), to))
        return bad(f, s, "does not end with a value of this field", err);
    if (*from > *to && !f->wraps) return bad(f, s, "ends before it begins", err);
    return true;
}

static bool parse_item(const Field *f, Str item, int base, uint64_t *words, Error *err)
{
    int64_t step = 1, slash = str_find_char(item, '/');
    int from, to;
    bool open;
    if (!parse_range(f, slash < 0 ? item : str_slice(item, 0, slash), &from, &to, &open, err))
        return false;
    if (slash >= 0) {
        if (!str_to_int(str_slice(item, slash + 1, item.n), &step) || step < 1 || step > f->high)
            return bad(f, item, "has a step that is not a value of this field", err);
        if (open) to = f->high;
    }
    set_range(f, from, to, (int)step, base, words);
    return true;
}

static bool parse_list(const Field *f, Str text, int base, uint64_t *words, Error *err)
{
    Str item;
    while (str_cut(&text, ',', &item))
        if (!parse_item(f, item, base, words, err)) return false;
    return true;
}

static bool ends_in_letter(Str s, char letter)
{
    return s.n > 0 && (s.p[s.n - 1] & ~0x20) == letter;
}

/* L, LW, 15W or a plain item. */
static bool parse_day(Str item, Cron *c, Error *err)
{
    const Field *f = &day_of_month;
    int day;
    if (str_eq_nocase(item, S("L"))) return c->last = true;
    if (str_eq_nocase(item, S("LW"))) return c->near_last = true;
    if (!ends_in_letter(item, 'W')) return parse_item(f, item, 0, &c->days, err);
    if (!parse_value(f, str_slice(item, 0, item.n - 1), &day))
        return bad(f, item, "is not a day and W", err);
    set_bit(&c->near, day);
    return true;
}

/* L, 6L, FRIL, 3#2 or a plain item. */
static bool parse_weekday(Str item, Cron *c, Error *err)
{
    const Field *f = &day_of_week;
    int64_t n, hash = str_find_char(item, '#');
    int day;
    if (str_eq_nocase(item, S("L"))) return set_bit(&c->weekdays, 7), true;
    if (hash >= 0) {
        if (!parse_value(f, str_slice(item, 0, hash), &day) ||
            !str_to_int(str_slice(item, hash + 1, item.n), &n) || n < 1 || n > 5)
            return bad(f, item, "is not a day of the week, # and 1 to 5", err);
        set_bit(&c->nth_weekdays, 8 * day + (int)n);
        return true;
    }
    if (!ends_in_letter(item, 'L')) return parse_item(f, item, 0, &c->weekdays, err);
    if (!parse_value(f, str_slice(item, 0, item.n - 1), &day))
        return bad(f, item, "is not a day of the week and L", err);
    set_bit(&c->last_weekdays, day);
    return true;
}

static bool parse_days(Str month_day, Str week_day, Cron *c, Error *err)
{
    bool open_month = str_eq(month_day, S("?")), open_week = str_eq(week_day, S("?"));
    if (open_month == open_week)
        return error_set(err, ERR_VALIDATION,
                         "one of Day-of-month and Day-of-week must be ?, and only one: \"%.*s\" "
                         "and \"%.*s\"",
                         STR(month_day), STR(week_day));
    c->by_weekday = open_month;
    Str list = open_month ? week_day : month_day, item;
    while (str_cut(&list, ',', &item))
        if (!(open_month ? parse_weekday(item, c, err) : parse_day(item, c, err))) return false;
    return true;
}

static bool split(Str text, Str fields[6], Error *err)
{
    int n = 0;
    Str rest = str_trim(text), part;
    while (str_cut(&rest, ' ', &part)) {
        if (part.n == 0) continue;
        if (n == 6) return error_set(err, ERR_VALIDATION, "cron has six fields, not more");
        if (part.p[part.n - 1] == ',' || part.p[0] == ',')
            return error_set(err, ERR_VALIDATION, "\"%.*s\" has an empty item", STR(part));
        fields[n++] = part;
    }
    if (n < 6) return error_set(err, ERR_VALIDATION, "cron has six fields, not %d", n);
    return true;
}

bool cron_parse(Str text, Cron *out, Error *err)
{
    Cron c = {0};
    Str f[6];
    if (text.n > CRON_TEXT_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "cron is longer than %d bytes", CRON_TEXT_BYTES_MAX);
    if (!split(text, f, err) || !parse_list(&minutes, f[0], 0, &c.minutes, err) ||
        !parse_list(&hours, f[1], 0, &c.hours, err) || !parse_days(f[2], f[4], &c, err) ||
        !parse_list(&month_field, f[3], 0, &c.months, err) ||
        !parse_list(&year_field, f[5], CRON_YEAR_MIN, c.years, err))
        return false;
    *out = c;
    return true;
}

/* ---- days of a month ---- */

typedef struct Month {
    int64_t year;
    int month, days;
    int first; /* weekday of the 1st, 0 = Sunday */
} Month;

static Month month_of(int64_t year, int month)
{
    Civil first = {.year = year, .month = month, .day = 1}, next = first;
    next.year += month == 12;
    next.month = month == 12 ? 1 : month + 1;
    Millis begin = millis_from_civil(&first), end = millis_from_civil(&next);
    return (Month){year, month, (int)((end - begin) / 86400000), civil_from_millis(begin).weekday};
}

static int weekday(const Month *m, int day)
{
    return (m->first + day - 1) % 7;
}

/* The weekday nearest to a day, in the same month. */
static int nearest(const Month *m, int day)
{
    int w = weekday(m, day);
    if (w == 6) return day == 1 ? 3 : day - 1;
    if (w == 0) return day == m->days ? day - 2 : day + 1;
    return day;
}

static uint64_t days_by_date(const Cron *c, const Month *m)
{
    uint64_t set = c->days;
    for (int day = 1; day <= m->days; day++)
        if (c->near >> day & 1) set |= 1ull << nearest(m, day);
    if (c->last) set |= 1ull << m->days;
    if (c->near_last) set |= 1ull << nearest(m, m->days);
    return set;
}

static uint64_t days_by_weekday(const Cron *c, const Month *m)
{
    uint64_t set = 0;
    for (int day = 1; day <= m->days; day++) {
        int w = weekday(m, day) + 1, nth = (day - 1) / 7 + 1;
        if (c->weekdays >> w & 1 || c->nth_weekdays >> (8 * w + nth) & 1 ||
            (c->last_weekdays >> w & 1 && day + 7 > m->days))
            set |= 1ull << day;
    }
    return set;
}

static uint64_t days_of(const Cron *c, const Month *m)
{
    uint64_t set = c->by_weekday ? days_by_weekday(c, m) : days_by_date(c, m);
    return set & ((2ull << m->days) - 1);
}

/* ---- the next local time ---- */

/* The lowest set bit at or above `from`, or -1. */
static int bit_from(uint64_t set, int from)
{
    uint64_t left = from < 64 ? set >> from << from : 0;
    return left ? __builtin_ctzll(left) : -1;
}

/* To the next hour and minute of the same day, from those given. */
static bool next_time(const Cron *c, Civil *t)
{
    int hour = bit_from(c->hours, t->hour);
    int minute = hour == t->hour ? bit_from(c->minutes, t->minute) : -1;
    if (hour == t->hour && minute < 0) hour = bit_from(c->hours, t->hour + 1);
    if (hour < 0) return false;
    t->minute = minute >= 0 ? minute : bit_from(c->minutes, 0);
    t->hour = hour;
    return true;
}

static bool next_in_month(const Cron *c, Civil *t)
{
    Month m = month_of(t->year, t->month);
    uint64_t set = days_of(c, &m);
    for (int day; (day = bit_from(set, t->day)) >= 0; t->day = day + 1, t->hour = t->minute = 0) {
        if (day != t->day) t->hour = t->minute = 0;
        t->day = day;
        if (next_time(c, t)) return true;
    }
    return false;
}

static bool year_matches(const Cron *c, int64_t year)
{
    int64_t bit = year - CRON_YEAR_MIN;
    return bit >= 0 && c->years[bit / 64] >> (bit % 64) & 1;
}

/* The first match at or after *t, in local time. */
static bool next_local(const Cron *c, Civil *t)
{
    for (; t->year <= CRON_YEAR_MAX; *t = (Civil){.year = t->year + 1, .month = 1, .day = 1}) {
        if (!year_matches(c, t->year)) continue;
        for (int month; (month = bit_from(c->months, t->month)) >= 0;) {
            if (month != t->month) *t = (Civil){.year = t->year, .month = month, .day = 1};
            if (next_in_month(c, t)) return true;
            *t = (Civil){.year = t->year, .month = month + 1, .day = 1};
        }
    }
    return false;
}

bool cron_next(const Cron *c, const Zone *z, Millis after, Millis *out)
{
    Millis local = after + zone_offset_s(z, after) * 1000ll;
    Civil t = civil_from_millis(local);
    t.second = t.ms = 0;
    while (next_local(c, &t)) {
        Millis at[2], found = millis_from_civil(&t);
        if (zone_instants(z, found, at) > 0 && at[0] > after) return *out = at[0], true;
        t = civil_from_millis(found + 60000);
    }
    return false;
}
