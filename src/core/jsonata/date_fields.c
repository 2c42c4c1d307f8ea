/* date_fields.c - the components of a moment, as a calendar and as ISO weeks of years and of months. */
#include "core/jsonata/date_picture.h"

#define DAY_MS ((Millis)24 * 60 * 60 * 1000)

const char *const jn_date_months[12] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
const char *const jn_date_days[8] = {"",         "Monday", "Tuesday",  "Wednesday",
                                     "Thursday", "Friday", "Saturday", "Sunday"};

static int iso_weekday(const Civil *c)
{
    return c->weekday ? c->weekday : 7;
}

/* A year (month 0) or a month of a year. */
typedef struct Period {
    int64_t year;
    int month;
} Period;

static Period neighbour(Period p, int by)
{
    if (!p.month) return (Period){p.year + by, 0};
    int month = p.month + by;
    if (month < 1) return (Period){p.year - 1, 12};
    return month > 12 ? (Period){p.year + 1, 1} : (Period){p.year, month};
}

static Millis first_day(Period p)
{
    Civil c = {.year = p.year, .month = p.month ? p.month : 1, .day = 1};
    return millis_from_civil(&c);
}

/* The Monday of the week that holds the period's first Thursday. */
static Millis first_week(Period p)
{
    Millis first = first_day(p);
    Civil c = civil_from_millis(first);
    int weekday = iso_weekday(&c);
    return first + (weekday > 4 ? 8 - weekday : 1 - weekday) * DAY_MS;
}

/* The period to which the moment's ISO week belongs: this one, the one before or the one after. */
static Period owner_of(Millis t, Period p)
{
    if (t < first_week(p)) return neighbour(p, -1);
    if (t >= first_week(neighbour(p, 1))) return neighbour(p, 1);
    return p;
}

static int64_t week_of(Millis t, Period p)
{
    return (t - first_week(owner_of(t, p))) / (7 * DAY_MS) + 1;
}

static int64_t day_of_year(Millis t, Period year)
{
    return (t - first_day(year)) / DAY_MS + 1;
}

double jn_date_field(Millis t, char component)
{
    Civil c = civil_from_millis(t);
    Period year = {c.year, 0}, month = {c.year, c.month};
    switch (component) {
    case 'Y': return (double)c.year;
    case 'M': return c.month;
    case 'D': return c.day;
    case 'd': return (double)day_of_year(t, year);
    case 'F': return iso_weekday(&c);
    case 'W': return (double)week_of(t, year);
    case 'w': return (double)week_of(t, month);
    case 'X': return (double)owner_of(t, year).year;
    case 'x': return owner_of(t, month).month;
    case 'H': return c.hour;
    case 'h': return c.hour % 12 ? c.hour % 12 : 12;
    case 'P': return c.hour >= 12;
    case 'm': return c.minute;
    case 's': return c.second;
    case 'f': return c.ms;
    default: return 0;
    }
}
