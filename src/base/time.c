/* time.c - civil time from milliseconds and back (the days-from-civil arithmetic of the proleptic Gregorian calendar). */
#include "base/time.h"

enum { MS_A_DAY = 86400000 };

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

static int64_t floor_div(int64_t x, int64_t y)
{
    return x / y - (x % y < 0);
}

/* Eras of 400 years, years beginning in March, so that the leap day comes last. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, Civil *c)
{
    days += 719468;
    int64_t era = floor_div(days, 146097), doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = yoe + era * 400 + (c->month <= 2);
}

Civil civil_from_millis(Millis t)
{
    int64_t days = floor_div(t, MS_A_DAY), ms = t - days * MS_A_DAY;
    Civil c = {.hour = (int)(ms / 3600000),
               .minute = (int)(ms / 60000 % 60),
               .second = (int)(ms / 1000 % 60),
               .ms = (int)(ms % 1000)};
    c.weekday = (int)((days % 7 + 11) % 7);
    civil_from_days(days, &c);
    return c;
}

Millis millis_from_civil(const Civil *c)
{
    return days_from_civil(c->year, c->month, c->day) * MS_A_DAY + c->hour * 3600000ll +
           c->minute * 60000ll + c->second * 1000ll + c->ms;
}

Str time_iso8601(Arena *a, Millis t)
{
    Civil c = civil_from_millis(t);
    return str_printf(a, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day,
                      c.hour, c.minute, c.second, c.ms);
}

Str time_iso8601_basic(Arena *a, Millis t)
{
    Civil c = civil_from_millis(t);
    return str_printf(a, "%04" PRId64 "%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour,
                      c.minute, c.second);
}

Str time_http(Arena *a, Millis t)
{
    Civil c = civil_from_millis(t);
    return str_printf(a, "%.3s, %02d %.3s %04" PRId64 " %02d:%02d:%02d GMT",
                      day_names + 3 * c.weekday, c.day, month_names + 3 * (c.month - 1), c.year,
                      c.hour, c.minute, c.second);
}

/* Reads exactly `digits` digits off the front of *s. */
static bool take_number(Str *s, int digits, int *out)
{
    int value = 0;
    if (s->n < digits) return false;
    for (int i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *s = str_slice(*s, digits, s->n);
    *out = value;
    return true;
}

static bool take(Str *s, char c)
{
    if (!s->n || s->p[0] != c) return false;
    *s = str_slice(*s, 1, s->n);
    return true;
}

static bool in_range(const Civil *c)
{
    if (c->month < 1 || c->month > 12 || c->day < 1 || c->hour > 23 || c->minute > 59 ||
        c->second > 60)
        return false;
    Civil back = civil_from_millis(days_from_civil(c->year, c->month, c->day) * MS_A_DAY);
    return back.day == c->day && back.month == c->month;
}

static bool take_date(Str *s, Civil *c, bool dashes)
{
    int year;
    if (!take_number(s, 4, &year) || (dashes && !take(s, '-'))) return false;
    c->year = year;
    return take_number(s, 2, &c->month) && (!dashes || take(s, '-')) && take_number(s, 2, &c->day);
}

static bool take_clock(Str *s, Civil *c, bool colons)
{
    return take_number(s, 2, &c->hour) && (!colons || take(s, ':')) &&
           take_number(s, 2, &c->minute) && (!colons || take(s, ':')) &&
           take_number(s, 2, &c->second);
}

static void take_fraction(Str *s, Civil *c)
{
    int scale = 100;
    if (!take(s, '.')) return;
    for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; scale /= 10) {
        c->ms += (s->p[0] - '0') * scale;
        *s = str_slice(*s, 1, s->n);
    }
}

static bool take_zone(Str *s, Millis *offset)
{
    int hours, minutes;
    *offset = 0;
    if (take(s, 'Z')) return true;
    bool west = s->n && s->p[0] == '-';
    if (!west && !(s->n && s->p[0] == '+')) return false;
    *s = str_slice(*s, 1, s->n);
    if (!take_number(s, 2, &hours)) return false;
    (void)take(s, ':');
    if (!take_number(s, 2, &minutes) || hours > 23 || minutes > 59) return false;
    *offset = (west ? -1 : 1) * (hours * 3600000ll + minutes * 60000ll);
    return true;
}

bool time_parse_iso8601(Str s, Millis *out)
{
    Civil c = {0};
    Millis offset = 0;
    if (!take_date(&s, &c, true)) return false;
    if (s.n) {
        if (!take(&s, 'T') || !take_clock(&s, &c, true)) return false;
        take_fraction(&s, &c);
        if (!take_zone(&s, &offset)) return false;
    }
    if (s.n || !in_range(&c)) return false;
    *out = millis_from_civil(&c) - offset;
    return true;
}

bool time_parse_iso8601_basic(Str s, Millis *out)
{
    Civil c = {0};
    if (!take_date(&s, &c, false) || !take(&s, 'T') || !take_clock(&s, &c, false) || !take(&s, 'Z'))
        return false;
    if (s.n || !in_range(&c)) return false;
    *out = millis_from_civil(&c);
    return true;
}

bool time_parse_http(Str s, Millis *out)
{
    Civil c = {0};
    int year;
    if (s.n != 29 || s.p[3] != ',' || s.p[4] != ' ') return false;
    s = str_slice(s, 5, s.n);
    if (!take_number(&s, 2, &c.day) || !take(&s, ' ')) return false;
    for (int m = 0; m < 12; m++)
        if (str_starts(s, (Str){month_names + 3 * m, 3})) c.month = m + 1;
    s = str_slice(s, 3, s.n);
    if (!c.month || !take(&s, ' ') || !take_number(&s, 4, &year) || !take(&s, ' ') ||
        !take_clock(&s, &c, true))
        return false;
    c.year = year;
    if (!str_eq(s, S(" GMT")) || !in_range(&c)) return false;
    *out = millis_from_civil(&c);
    return true;
}
