/* fn_date_format.c - $fromMillis, $now and $millis: moments as text, by a picture and a time zone. */
#include "core/jsonata/date_picture.h"
#include "core/jsonata/functions.h"
#include <math.h>

/* What a JavaScript date can hold: 100 million days around 1970. */
#define MOMENT_MAX 8.64e15

typedef struct Moment {
    Millis local;       /* shifted by the zone, so that UTC's fields are the zone's */
    int hours, minutes; /* of the zone, both with its sign */
} Moment;

static void put_cut(Text *out, const char *name, const DatePart *part)
{
    Str s = str_from(name);
    if (part->width_max > 0 && s.n > part->width_max) s.n = part->width_max;
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (part->names == NAMES_UPPER && c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (part->names == NAMES_LOWER && c >= 'A' && c <= 'Z') c = (char)(c + 32);
        jn_putc(out, c);
    }
}

static bool put_name(Ev *ev, const DatePart *part, double value, Text *out)
{
    bool month = part->component == 'M' || part->component == 'x';
    if (!month && part->component != 'F') {
        char name[2] = {part->component, 0};
        Value v;
        return jn_string(ev, str_from(name), &v) && jn_fail_value(ev, "D3133", v);
    }
    put_cut(out, month ? jn_date_months[(int)value - 1] : jn_date_days[(int)value], part);
    return true;
}

static bool put_integer(Ev *ev, const DatePart *part, double value, Text *out)
{
    if (part->component == 'Y' && part->year_digits > 0 && part->year_digits < 16)
        value = fmod(value, pow(10, part->year_digits));
    return jn_integer_format_put(ev, &part->integer, value, out);
}

/* +hh:mm, or +h and the minutes only when there are some, as the picture wants. */
static bool put_offset(Ev *ev, const DatePart *part, const Moment *m, Text *out)
{
    const IntegerFormat *f = &part->integer;
    int offset = m->hours * 100 + m->minutes;
    bool short_form = !f->every && f->mandatory <= 2;
    if (part->component == 'z') jn_put(out, S("GMT"));
    if (offset == 0 && part->zulu) {
        if (part->component == 'z') out->n -= 3;
        jn_putc(out, 'Z');
        return true;
    }
    if (f->style != STYLE_DIGITS || (!f->every && f->mandatory > 4))
        return jn_fail_value(ev, "D3134", v_number(f->mandatory));
    jn_putc(out, offset < 0 ? '-' : '+');
    if (!jn_integer_format_put(ev, f, abs(short_form ? m->hours : offset), out)) return false;
    char minutes[16];
    if (short_form && m->minutes)
        jn_put(out, (Str){minutes, snprintf(minutes, sizeof minutes, ":%02d", abs(m->minutes))});
    return true;
}

static bool put_part(Ev *ev, const DatePart *part, const Moment *m, Text *out)
{
    char c = part->component;
    if (!c) return jn_put(out, part->literal), true;
    if (c == 'Z' || c == 'z') return put_offset(ev, part, m, out);
    double value = jn_date_field(m->local, c);
    if (c == 'P') return put_cut(out, value > 0 ? "pm" : "am", part), true;
    if (c == 'C' || c == 'E') return jn_put(out, S("ISO")), true;
    return part->names ? put_name(ev, part, value, out) : put_integer(ev, part, value, out);
}

/* "+0530": the number 530 is five hours and thirty minutes. */
static Moment moment_of(double millis, Str zone)
{
    int64_t number = 0;
    bool negative = zone.n && zone.p[0] == '-';
    Str digits =
        zone.n && (zone.p[0] == '-' || zone.p[0] == '+') ? str_slice(zone, 1, zone.n) : zone;
    int64_t n = 0;
    while (n < digits.n && n < 6 && digits.p[n] >= '0' && digits.p[n] <= '9')
        number = number * 10 + digits.p[n++] - '0';
    int sign = negative ? -1 : 1;
    Moment m = {.hours = (int)(number / 100) * sign, .minutes = (int)(number % 100) * sign};
    m.local = (Millis)millis + (60 * (Millis)m.hours + m.minutes) * 60 * 1000;
    return m;
}

static bool format(Ev *ev, double millis, Value picture, Value zone, Value *out)
{
    DatePicture parts;
    Text text = {.ev = ev};
    Str pattern = is_string(picture) ? v_text(picture)
                                     : S("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]");
    if (!(fabs(millis) <= MOMENT_MAX)) return jn_fail_value(ev, "D1001", v_number(millis));
    Moment m = moment_of(floor(millis), is_string(zone) ? v_text(zone) : S(""));
    if (!jn_date_picture_parse(ev, pattern, &parts)) return false;
    for (int32_t i = 0; i < parts.n; i++)
        if (!put_part(ev, &parts.p[i], &m, &text)) return false;
    return jn_text(&text, out);
}

bool jn_fn_from_millis(Call *c, Value *out)
{
    return is_undefined(arg(c, 0)) || format(c->ev, arg(c, 0).number, arg(c, 1), arg(c, 2), out);
}

bool jn_fn_now(Call *c, Value *out)
{
    return format(c->ev, (double)c->ev->now, arg(c, 0), arg(c, 1), out);
}

bool jn_fn_millis(Call *c, Value *out)
{
    *out = v_number((double)c->ev->now);
    return true;
}
