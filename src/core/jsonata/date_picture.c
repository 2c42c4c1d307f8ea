/* date_picture.c - the picture strings of dates: XPath and XQuery Functions 3.1, section 9.8. */
#include "core/jsonata/date_picture.h"

/* How a component is presented when its marker does not say. */
static Str default_presentation(char component)
{
    static const char ones[] = "YMDdWwXxHhf", zeroes[] = "ms", zones[] = "Zz", names[] = "FPCE";
    if (!component) return (Str){0};
    if (strchr(ones, component)) return S("1");
    if (strchr(zeroes, component)) return S("01");
    if (strchr(zones, component)) return S("01:01");
    return strchr(names, component) ? S("n") : (Str){0};
}

/* ]] stands for ]. */
static void add_literal(Ev *ev, DatePicture *out, Str text)
{
    Text plain = {.ev = ev};
    for (int64_t i = 0; i < text.n; i++) {
        jn_putc(&plain, text.p[i]);
        if (text.p[i] == ']' && i + 1 < text.n && text.p[i + 1] == ']') i++;
    }
    if (text.n) *vec_push(ev->a, out) = (DatePart){.literal = jn_str(&plain)};
}

static Str without_blanks(Ev *ev, Str s)
{
    Text out = {.ev = ev};
    for (int64_t i = 0; i < s.n; i++)
        if (!strchr(" \t\n\r\v\f", s.p[i]) || !s.p[i]) jn_putc(&out, s.p[i]);
    return jn_str(&out);
}

/* "*" and what is no number: any width. */
static int width(Str s)
{
    int64_t n;
    return str_to_int(s, &n) && n > 0 && n < 1000 ? (int)n : -1;
}

typedef struct Marker {
    Str presentation;
    char second; /* a, t, c or o */
    int width_min, width_max;
} Marker;

static Marker read_marker(Str text)
{
    Marker m = {.width_min = -1, .width_max = -1};
    int64_t comma = str_rfind_char(text, ',');
    Str widths = comma < 0 ? S("") : str_slice(text, comma + 1, text.n);
    int64_t dash = str_find_char(widths, '-');
    m.width_min = width(str_slice(widths, 0, dash < 0 ? widths.n : dash));
    if (dash >= 0) m.width_max = width(str_slice(widths, dash + 1, widths.n));
    m.presentation = str_slice(text, 1, comma < 0 ? text.n : comma);
    Str p = m.presentation;
    if (p.n > 1 && strchr("atco", p.p[p.n - 1]) && p.p[p.n - 1]) {
        m.second = p.p[p.n - 1];
        m.presentation.n--;
    }
    return m;
}

static bool is_integer_component(char c)
{
    return c && strchr("YMDdFWwXxHhmsf", c);
}

/* Section 9.8.4.4: how many digits of the year are shown. */
static void year_width(const Marker *m, DatePart *part)
{
    int digits = part->integer.mandatory + part->integer.optional;
    part->year_digits = -1;
    if (m->width_max > 0)
        part->year_digits = part->integer.mandatory = m->width_max;
    else if (digits >= 2)
        part->year_digits = digits;
}

static bool integer_part(Ev *ev, const Marker *m, DatePart *part)
{
    Text picture = {.ev = ev};
    jn_put(&picture, m->presentation);
    if (m->second) jn_putc(&picture, ';'), jn_putc(&picture, m->second);
    if (!jn_integer_format_parse(ev, jn_str(&picture), &part->integer)) return false;
    bool digits = part->integer.style == STYLE_DIGITS;
    if (digits && m->width_min > part->integer.mandatory) part->integer.mandatory = m->width_min;
    if (part->component == 'Y') year_width(m, part);
    part->has_integer = true;
    return true;
}

static DateNames names_of(Str presentation)
{
    if (presentation.p[0] == 'n') return NAMES_LOWER;
    if (presentation.p[0] != 'N') return NAMES_NONE;
    return presentation.n > 1 && presentation.p[1] == 'n' ? NAMES_TITLE : NAMES_UPPER;
}

/* Digits that follow digits without anything between: the first ones have a fixed width. */
static void fix_width_before(DatePicture *out)
{
    DatePart *last = out->n ? &out->p[out->n - 1] : NULL;
    if (last && last->has_integer && last->component != 'Z' && last->component != 'z')
        last->integer.width = last->integer.mandatory;
}

static bool add_marker(Ev *ev, DatePicture *out, Str text)
{
    Marker m = read_marker(text);
    DatePart part = {
        .component = text.n ? text.p[0] : 0, .width_max = m.width_max, .year_digits = -1};
    Str otherwise = default_presentation(part.component);
    if (!m.presentation.n) m.presentation = otherwise;
    if (!otherwise.p) return jn_fail_value(ev, "D3132", v_string(str_slice(text, 0, 1)));
    part.names = names_of(m.presentation);
    part.zulu = m.second == 't';
    if (part.names == NAMES_NONE && is_integer_component(part.component)) {
        if (!integer_part(ev, &m, &part)) return false;
        fix_width_before(out);
    }
    if (part.component == 'Z' || part.component == 'z') {
        if (!jn_integer_format_parse(ev, m.presentation, &part.integer)) return false;
        part.has_integer = true;
    }
    *vec_push(ev->a, out) = part;
    return true;
}

bool jn_date_picture_parse(Ev *ev, Str picture, DatePicture *out)
{
    enum { PICTURE_MAX = 1000 };
    int64_t start = 0, at = 0;
    *out = (DatePicture){0};
    if (picture.n > PICTURE_MAX) return jn_fail(ev, "D3136");
    if (!jn_steps(ev, picture.n) || !jn_room(ev, picture.n * (int64_t)sizeof(DatePart)))
        return false;
    while (at < picture.n) {
        if (picture.p[at] != '[') {
            at++;
            continue;
        }
        add_literal(ev, out, str_slice(picture, start, at));
        bool doubled = at + 1 < picture.n && picture.p[at + 1] == '[';
        int64_t end = doubled ? at + 1 : str_find_char(str_slice(picture, at, picture.n), ']') + at;
        if (end < at) return jn_fail(ev, "D3135");
        if (doubled)
            add_literal(ev, out, S("["));
        else if (!add_marker(ev, out, without_blanks(ev, str_slice(picture, at + 1, end))))
            return false;
        start = at = end + 1;
    }
    add_literal(ev, out, str_slice(picture, start, at));
    return jn_step(ev);
}
