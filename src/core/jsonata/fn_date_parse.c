/* fn_date_parse.c - $toMillis: text into moments, by ISO 8601 or by a picture. */
#include "core/jsonata/date_picture.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include "core/jsonata/regex.h"
#include <math.h>

enum { COMPONENTS = 128 }; /* by their letter */

typedef struct Parsed {
    double value[COMPONENTS];
    bool set[COMPONENTS];
    bool any;
} Parsed;

/* ISO 8601. */

typedef struct Cursor {
    Str rest;
} Cursor;

static bool digits(Cursor *c, int n, int *out)
{
    *out = 0;
    if (c->rest.n < n) return false;
    for (int i = 0; i < n; i++) {
        char d = c->rest.p[i];
        if (d < '0' || d > '9') return false;
        *out = *out * 10 + (d - '0');
    }
    c->rest = str_slice(c->rest, n, c->rest.n);
    return true;
}

static bool skip(Cursor *c, char wanted)
{
    if (!c->rest.n || c->rest.p[0] != wanted) return false;
    c->rest = str_slice(c->rest, 1, c->rest.n);
    return true;
}

static bool date(Cursor *c, Civil *out)
{
    int year;
    if (!digits(c, 4, &year)) return false;
    *out = (Civil){.year = year, .month = 1, .day = 1};
    if (!skip(c, '-')) return true;
    if (!digits(c, 2, &out->month) || out->month < 1 || out->month > 12) return false;
    return !skip(c, '-') || (digits(c, 2, &out->day) && out->day >= 1 && out->day <= 31);
}

static bool fraction(Cursor *c, int *ms)
{
    int n = 0, digit;
    if (!skip(c, '.')) return true;
    for (*ms = 0; digits(c, 1, &digit); n++)
        if (n < 3) *ms = *ms * 10 + digit;
    for (int i = n; i < 3; i++) *ms *= 10;
    return n > 0;
}

static bool clock_time(Cursor *c, Civil *out)
{
    if (!skip(c, 'T')) return true;
    if (!digits(c, 2, &out->hour) || !skip(c, ':') || !digits(c, 2, &out->minute) ||
        !skip(c, ':') || !digits(c, 2, &out->second))
        return false;
    return out->hour <= 24 && out->minute < 60 && out->second < 60 && fraction(c, &out->ms);
}

static bool zone(Cursor *c, int *minutes)
{
    int hour, minute, sign = c->rest.n && c->rest.p[0] == '-' ? -1 : 1;
    *minutes = 0;
    if (!c->rest.n || skip(c, 'Z')) return true;
    if (!skip(c, '+') && !skip(c, '-')) return false;
    if (!digits(c, 2, &hour)) return false;
    skip(c, ':');
    if (!digits(c, 2, &minute) || hour > 23 || minute > 59) return false;
    *minutes = sign * (hour * 60 + minute);
    return true;
}

static bool iso(Ev *ev, Value text, Value *out)
{
    Cursor c = {v_text(text)};
    Civil civil;
    int minutes;
    if (!date(&c, &civil) || !clock_time(&c, &civil) || !zone(&c, &minutes) || c.rest.n)
        return jn_fail_value(ev, "D3110", text);
    *out = v_number((double)(millis_from_civil(&civil) - (Millis)minutes * 60000));
    return true;
}

/* By a picture: a regular expression with one group for each part. */

static void put_literal(Text *out, Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr(".*+?^${}()|[]\\", s.p[i])) jn_putc(out, '\\');
        jn_putc(out, s.p[i]);
    }
}

static bool put_pattern(Ev *ev, const DatePart *part, Text *out)
{
    char c = part->component;
    if (!c) return put_literal(out, part->literal), true;
    if (c == 'Z' || c == 'z') {
        if (c == 'z') jn_put(out, S("GMT"));
        jn_put(out, S("[-+][0-9]+"));
        if (part->integer.every)
            jn_put_rune(out, part->integer.separators[0].rune), jn_put(out, S("[0-9]+"));
        return true;
    }
    if (part->has_integer) return jn_integer_format_pattern(ev, &part->integer, out);
    char name[2] = {c, 0};
    Value v;
    if (!strchr("MxFP", c))
        return jn_string(ev, str_from(name), &v) && jn_fail_value(ev, "D3133", v);
    jn_put(out, S("[a-zA-Z]+"));
    return true;
}

static bool pattern_of(Ev *ev, const DatePicture *parts, const Regex **out)
{
    Text pattern = {.ev = ev};
    const char *why;
    jn_putc(&pattern, '^');
    for (int32_t i = 0; i < parts->n; i++) {
        jn_putc(&pattern, '(');
        if (!put_pattern(ev, &parts->p[i], &pattern)) return false;
        jn_putc(&pattern, ')');
    }
    jn_putc(&pattern, '$');
    if (!jn_room(ev, 4096 + 16 * pattern.n) || !jn_steps(ev, 64 + pattern.n)) return false;
    *out = jn_regex_compile(ev->a, jn_str(&pattern), true, false, &why);
    return *out || jn_fail(ev, "D3136");
}

/* The number of the name that begins as the text does; 0: none. */
static int name_index(const char *const *names, int n, Str text, int width)
{
    for (int i = 0; i < n; i++) {
        Str name = str_from(names[i]);
        if (width > 0 && name.n > width) name.n = width;
        if (name.n && str_eq_nocase(name, text)) return i + 1;
    }
    return 0;
}

static double read_name(const DatePart *part, Str text)
{
    int index;
    if (part->component == 'P')
        return str_eq_nocase(text, S("pm")) ? 1 : str_eq_nocase(text, S("am")) ? 0 : NOT_A_NUMBER;
    if (part->component == 'F')
        index = name_index(jn_date_days + 1, 7, text, part->width_max);
    else
        index = name_index(jn_date_months, 12, text, part->width_max);
    return index ? index : NOT_A_NUMBER;
}

static double number_in(Str s)
{
    double value = 0;
    for (int64_t i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        value = value * 10 + (s.p[i] - '0');
    return value;
}

/* Minutes east of Greenwich. */
static double read_offset(const DatePart *part, Str text)
{
    if (part->component == 'z') text = str_slice(text, 3, text.n);
    double sign = text.n && text.p[0] == '-' ? -1 : 1;
    text = str_slice(text, 1, text.n);
    int64_t split = text.n <= 2 ? text.n : 2, rest = split;
    while (part->integer.every && rest < text.n && text.p[rest] >= '0' && text.p[rest] <= '9')
        rest++;
    if (part->integer.every) split = rest;
    while (rest < text.n && (text.p[rest] < '0' || text.p[rest] > '9')) rest++;
    return sign *
           (number_in(str_slice(text, 0, split)) * 60 + number_in(str_slice(text, rest, text.n)));
}

/* Digits behind a decimal point, in milliseconds. */
static double read_fraction(Str text)
{
    double value = number_in(str_slice(text, 0, 3));
    for (int64_t i = text.n; i < 3; i++) value *= 10;
    return value;
}

static bool read_part(Ev *ev, const DatePart *part, Str text, Parsed *out)
{
    unsigned char c = (unsigned char)part->component;
    double value = NOT_A_NUMBER;
    if (!c) return true;
    if (c == 'Z' || c == 'z')
        value = read_offset(part, text);
    else if (c == 'f' && part->integer.style == STYLE_DIGITS)
        value = read_fraction(text);
    else if (!part->has_integer)
        value = read_name(part, text);
    else if (!jn_integer_format_read(ev, &part->integer, text, &value))
        return false;
    out->any = true;
    if (isnan(value)) return true;
    out->value[c] = value;
    out->set[c] = true;
    return true;
}

static bool read_parts(Ev *ev, const DatePicture *parts, Str text, Parsed *out, bool *matched)
{
    const Regex *regex;
    const RegexSpan *spans;
    if (!pattern_of(ev, parts, &regex) || !jn_regex_search(ev, regex, text, 0, matched, &spans))
        return false;
    for (int32_t i = 0; *matched && i < parts->n; i++)
        if (!read_part(ev, &parts->p[i], str_slice(text, spans[i + 1].from, spans[i + 1].to), out))
            return false;
    return true;
}

/* Whether some of the letters are set, and none of the others among them. */
static bool only(const Parsed *p, const char *letters, const char *among)
{
    bool any = false;
    for (; *among; among++) {
        bool set = p->set[(int)*among] && p->value[(int)*among] != 0;
        if (set && !strchr(letters, *among)) return false;
        any |= set;
    }
    return any;
}

static const char *date_components(const Parsed *p)
{
    static const char all[] = "YXMxWwdD";
    if (only(p, "YMD", all)) return "YMD";
    if (only(p, "Yd", all)) return "Yd";
    if (only(p, "Xxw", all)) return "XxwF";
    return only(p, "XW", all) ? "XWF" : "YMD";
}

/* What stands before the first component given is now's, what stands behind the last is the least
 * there is. */
static bool fill(Ev *ev, Parsed *p, const char *components)
{
    bool started = false, ended = false;
    for (; *components; components++) {
        unsigned char c = (unsigned char)*components;
        if (p->set[c]) {
            if (ended) return jn_fail(ev, "D3136");
            started = true;
            continue;
        }
        ended = started;
        p->value[c] = !started ? jn_date_field(ev->now, (char)c) : strchr("MDd", c) ? 1 : 0;
    }
    return true;
}

static double moment_of(const Parsed *p, bool by_day, bool twelve)
{
    const double *v = p->value;
    Civil c = {.year = (int64_t)v['Y'], .month = by_day || v['M'] < 1 ? 1 : (int)v['M'], .day = 1};
    if (c.year >= 0 && c.year < 100) c.year += 1900; /* as ECMAScript's Date.UTC */
    double hour = twelve ? (v['h'] == 12 ? 0 : v['h']) + 12 * v['P'] : v['H'];
    double days = (by_day ? v['d'] : v['D']) - 1;
    double minutes = ((days * 24 + hour) * 60 + v['m']) - (p->set['Z']   ? v['Z']
                                                           : p->set['z'] ? v['z']
                                                                         : 0);
    return (double)millis_from_civil(&c) + (minutes * 60 + v['s']) * 1000 + floor(v['f']);
}

static bool in_range(const Parsed *p)
{
    static const char components[] = "YMDdHhmsfZz";
    for (const char *c = components; *c; c++)
        if (!(fabs(p->value[(int)*c]) < 300000)) return false;
    return p->value['M'] <= 12;
}

static bool to_millis(Ev *ev, Parsed *p, Value *out)
{
    static const char all[] = "PHhmsf";
    bool twelve = !only(p, "Hmsf", all) && only(p, "Phmsf", all);
    const char *days = date_components(p);
    char components[16];
    snprintf(components, sizeof components, "%s%s", days, twelve ? "Phmsf" : "Hmsf");
    if (!fill(ev, p, components)) return false;
    if (days[0] == 'X') return jn_fail(ev, "D3136");
    if (in_range(p)) *out = v_number(moment_of(p, days[1] == 'd', twelve));
    return true;
}

bool jn_fn_to_millis(Call *c, Value *out)
{
    DatePicture parts;
    Parsed parsed = {0};
    bool matched;
    if (is_undefined(arg(c, 0))) return true;
    jn_charge(c->ev, arg(c, 0).n);
    if (!is_string(arg(c, 1))) return iso(c->ev, arg(c, 0), out);
    if (!jn_date_picture_parse(c->ev, v_text(arg(c, 1)), &parts)) return false;
    if (!read_parts(c->ev, &parts, v_text(arg(c, 0)), &parsed, &matched)) return false;
    return !matched || !parsed.any || to_millis(c->ev, &parsed, out);
}
