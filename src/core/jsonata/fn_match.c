/* fn_match.c - functions of texts and patterns: contains, match, replace, split. */
#include "core/jsonata/eval.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include "core/jsonata/regex.h"
#include "core/jsonata/text.h"
#include <math.h>

/* A pattern is a regular expression, or any function that gives what one gives when called with a
 * text:
 * {"match": text, "start": offset, "end": offset, "groups": [...], "next": function}, or nothing.
 * Those of regular expressions are not made into such objects here. Offsets are in bytes. */
typedef struct Match {
    bool found;
    Str text;
    int64_t from, to;
    Value groups;
    Value next; /* of a pattern that is not a regular expression */
} Match;

typedef struct Matcher {
    Call *call;
    Str subject;
    Value pattern;
    Match match;
} Matcher;

static Value groups_of(Ev *ev, Str subject, const RegexSpan *spans, int n)
{
    Seq groups = {.ev = ev};
    for (int i = 1; i <= n; i++)
        jn_push(&groups, spans[i].from < 0
                             ? UNDEFINED
                             : v_string(str_slice(subject, spans[i].from, spans[i].to)));
    return jn_seq(&groups, 0);
}

/* Behind the first match an empty one would come again and again. */
static bool search(Ev *ev, const Regex *regex, Str subject, int64_t from, bool first, Match *out)
{
    const RegexSpan *spans;
    *out = (Match){0};
    if (!first && from >= subject.n) return true;
    if (!jn_regex_search(ev, regex, subject, from, &out->found, &spans)) return false;
    if (!out->found) return true;
    if (!first && spans[0].from == spans[0].to) return jn_fail(ev, "D1004");
    out->from = spans[0].from;
    out->to = spans[0].to;
    out->text = str_slice(subject, out->from, out->to);
    out->groups = groups_of(ev, subject, spans, jn_regex_groups(regex));
    return true;
}

static bool put(Ev *ev, Object *o, Str key, Value v)
{
    if (!jn_room(ev, 2 * (int64_t)sizeof(Member))) return false;
    jn_object_put(ev->a, o, key, v);
    return true;
}

static int64_t units_before(Ev *ev, Str subject, int64_t offset)
{
    jn_charge(ev, offset);
    return jn_units(str_slice(subject, 0, offset));
}

bool jn_match_object(Ev *ev, const Function *f, Str subject, int64_t from, Value *out)
{
    Match m;
    *out = UNDEFINED;
    if (!search(ev, f->regex, subject, from, f->kind == FN_REGEX, &m)) return false;
    if (!m.found) return true;
    Function *next = jn_take(ev, 1, sizeof *next);
    *next = (Function){.kind = FN_REGEX_NEXT, .regex = f->regex, .subject = subject, .from = m.to};
    Object *o = jn_object_new(ev->a);
    int64_t start = units_before(ev, subject, m.from);
    *out = v_object(o);
    return put(ev, o, S("match"), v_string(m.text)) &&
           put(ev, o, S("start"), v_number((double)start)) &&
           put(ev, o, S("end"), v_number((double)(start + jn_units(m.text)))) &&
           put(ev, o, S("groups"), m.groups) && put(ev, o, S("next"), v_function(next));
}

static Value member(Value object, Str key)
{
    Value v = UNDEFINED;
    (void)jn_v_get(object, key, &v);
    return v;
}

static int64_t offset_of(Str subject, Value units)
{
    double n = units.type == V_NUMBER && units.number > 0 ? units.number : 0;
    return jn_unit_offset(subject, n < 1e15 ? (int64_t)n : INT64_MAX);
}

/* What a function that serves as a pattern has given. */
static bool read_match(Matcher *m, Value v)
{
    m->match = (Match){0};
    if (is_undefined(v) || v.type == V_NULL || (v.type == V_BOOLEAN && !v.truth)) return true;
    bool good = is_object(v) &&
                (member(v, S("start")).type == V_NUMBER || member(v, S("end")).type == V_NUMBER ||
                 is_array(member(v, S("groups"))) || is_function(member(v, S("next"))));
    if (!good) return jn_fail(m->call->ev, "T1010");
    jn_charge(m->call->ev, 2 * m->subject.n);
    Value text = member(v, S("match"));
    m->match = (Match){.found = true,
                       .text = is_string(text) ? v_text(text) : S(""),
                       .from = offset_of(m->subject, member(v, S("start"))),
                       .to = offset_of(m->subject, member(v, S("end"))),
                       .groups = jn_array_of(m->call->ev, member(v, S("groups"))),
                       .next = member(v, S("next"))};
    return true;
}

static bool first_match(Matcher *m)
{
    Value subject = v_string(m->subject), result;
    const Function *f = m->pattern.function;
    if (f->kind == FN_REGEX) return search(m->call->ev, f->regex, m->subject, 0, true, &m->match);
    return jn_apply(m->call->ev, m->pattern, &subject, 1, v_null(), m->call->frame, &result) &&
           read_match(m, result);
}

static bool next_match(Matcher *m)
{
    Value result;
    const Function *f = m->pattern.function;
    if (!jn_step(m->call->ev)) return false;
    if (f->kind == FN_REGEX)
        return search(m->call->ev, f->regex, m->subject, m->match.to, false, &m->match);
    if (!is_function(m->match.next)) return jn_fail(m->call->ev, "T1010");
    return jn_apply(m->call->ev, m->match.next, NULL, 0, v_null(), m->call->frame, &result) &&
           read_match(m, result);
}

/* The limit argument: how many at most. */
static bool limit_of(Call *c, int32_t index, const char *code, double *out)
{
    Value v = arg(c, index);
    *out = v.type == V_NUMBER ? v.number : INFINITE;
    return *out >= 0 ||
           jn_fail_with(c->ev,
                        (Failure){.code = code, .value = v, .index = index + 1, .position = -1});
}

bool jn_fn_contains(Call *c, Value *out)
{
    Value pattern = arg(c, 1);
    if (is_undefined(arg(c, 0)) || is_undefined(pattern)) return true;
    Matcher m = {.call = c, .subject = v_text(arg(c, 0)), .pattern = pattern};
    if (is_string(pattern)) {
        jn_charge(c->ev, m.subject.n);
        *out = v_bool(str_find(m.subject, v_text(pattern)) >= 0);
        return true;
    }
    if (!first_match(&m)) return false;
    *out = v_bool(m.match.found);
    return true;
}

static bool push_match(Matcher *m, Seq *out)
{
    Ev *ev = m->call->ev;
    Object *o = jn_object_new(ev->a);
    double index = (double)units_before(ev, m->subject, m->match.from);
    jn_push(out, v_object(o));
    return put(ev, o, S("match"), v_string(m->match.text)) &&
           put(ev, o, S("index"), v_number(index)) && put(ev, o, S("groups"), m->match.groups);
}

bool jn_fn_match(Call *c, Value *out)
{
    Matcher m = {.call = c, .subject = v_text(arg(c, 0)), .pattern = arg(c, 1)};
    Seq matches = {.ev = c->ev};
    double limit;
    if (is_undefined(arg(c, 0))) return true;
    if (!limit_of(c, 2, "D3040", &limit)) return false;
    if (limit > 0 && !first_match(&m)) return false;
    while (m.match.found && matches.n < limit)
        if (!push_match(&m, &matches) || !next_match(&m)) return false;
    *out = jn_seq(&matches, SEQUENCE);
    return true;
}

static bool split_by_text(Call *c, Str s, Str separator, double limit, Seq *out)
{
    while (out->n < limit) {
        Str whole = separator.n ? s : str_slice(s, 0, jn_rune_offset(s, 1));
        int64_t at = separator.n ? str_find(s, separator) : whole.n < s.n ? whole.n : -1;
        if (!jn_step(c->ev)) return false;
        jn_charge(c->ev, at < 0 ? s.n : at);
        jn_push(out, v_string(str_slice(s, 0, at < 0 ? s.n : at)));
        if (at < 0) break;
        s = str_slice(s, at + separator.n, s.n);
    }
    return true;
}

static bool split_by_pattern(Matcher *m, double limit, Seq *out)
{
    int64_t from = 0;
    if (limit > 0 && !first_match(m)) return false;
    while (m->match.found && out->n < limit) {
        jn_push(out, v_string(str_slice(m->subject, from, m->match.from)));
        from = m->match.to;
        if (!next_match(m)) return false;
    }
    if (out->n < limit) jn_push(out, v_string(str_slice(m->subject, from, m->subject.n)));
    return true;
}

bool jn_fn_split(Call *c, Value *out)
{
    Matcher m = {.call = c, .subject = v_text(arg(c, 0)), .pattern = arg(c, 1)};
    Seq parts = {.ev = c->ev};
    double limit;
    if (is_undefined(arg(c, 0))) return true;
    if (!limit_of(c, 2, "D3020", &limit)) return false;
    if (limit < 1e9) limit = floor(limit);
    bool empty = is_string(m.pattern) && m.pattern.n == 0 && m.subject.n == 0;
    if (is_undefined(m.pattern))
        jn_push(&parts, arg(c, 0));
    else if (is_string(m.pattern) && !empty &&
             !split_by_text(c, m.subject, v_text(m.pattern), limit, &parts))
        return false;
    else if (is_function(m.pattern) && !split_by_pattern(&m, limit, &parts))
        return false;
    *out = jn_seq(&parts, 0);
    return true;
}

/* Replacement texts: $$ is a dollar, $0 the match, $n a group. */

static int digits_of(int32_t groups)
{
    int n = 1;
    while (groups >= 10) groups /= 10, n++;
    return n;
}

/* The number at the front, of at most `most` digits; *length 0: there is none. */
static int32_t number_at(Str s, int most, int *length)
{
    int32_t n = 0;
    for (*length = 0; *length < most && *length < s.n && s.p[*length] >= '0' && s.p[*length] <= '9';
         ++*length)
        n = n * 10 + (s.p[*length] - '0');
    return n;
}

/* What stands behind a $; gives how many bytes of it were used. */
static int put_reference(Text *out, Str rest, const Match *m)
{
    int length, most = digits_of(m->groups.n);
    if (rest.n && rest.p[0] == '$') return jn_putc(out, '$'), 1;
    if (rest.n && rest.p[0] == '0') return jn_put(out, m->text), 1;
    int32_t n = number_at(rest, most, &length);
    if (most > 1 && n > m->groups.n) n = number_at(rest, most - 1, &length);
    if (!length) jn_putc(out, '$');
    Value group = n > 0 && n <= m->groups.n ? jn_v_at(m->groups, n - 1) : UNDEFINED;
    if (length && is_string(group)) jn_put(out, v_text(group));
    return length;
}

static void put_substitute(Text *out, Str template, const Match *m)
{
    for (int64_t at; (at = str_find_char(template, '$')) >= 0;) {
        jn_put(out, str_slice(template, 0, at));
        Str rest = str_slice(template, at + 1, template.n);
        template = str_slice(rest, put_reference(out, rest, m), rest.n);
    }
    jn_put(out, template);
}

static bool match_as_object(Matcher *m, Value *out)
{
    Ev *ev = m->call->ev;
    Object *o = jn_object_new(ev->a);
    double start = (double)units_before(ev, m->subject, m->match.from);
    *out = v_object(o);
    return put(ev, o, S("match"), v_string(m->match.text)) &&
           put(ev, o, S("start"), v_number(start)) &&
           put(ev, o, S("end"), v_number(start + (double)jn_units(m->match.text))) &&
           put(ev, o, S("groups"), m->match.groups);
}

static bool put_replacement(Matcher *m, Value replacement, Text *out)
{
    Value object, text;
    if (is_string(replacement)) {
        put_substitute(out, v_text(replacement), &m->match);
        return true;
    }
    if (!match_as_object(m, &object)) return false;
    if (!jn_apply(m->call->ev, replacement, &object, 1, v_null(), m->call->frame, &text))
        return false;
    if (!is_string(text)) return jn_fail_value(m->call->ev, "D3012", text);
    jn_put(out, v_text(text));
    return true;
}

static bool replace_pattern(Matcher *m, Value replacement, double limit, Text *out)
{
    int64_t from = 0;
    int32_t count = 0;
    if (limit > 0 && !first_match(m)) return false;
    for (; m->match.found && count < limit; count++) {
        jn_put(out, str_slice(m->subject, from, m->match.from));
        if (!put_replacement(m, replacement, out)) return false;
        from = m->match.from + m->match.text.n;
        if (!next_match(m)) return false;
    }
    jn_put(out, str_slice(m->subject, from, m->subject.n));
    return true;
}

static bool replace_text(Call *c, Str s, Str what, Str with, double limit, Text *out)
{
    for (int32_t count = 0; count < limit; count++) {
        int64_t at = str_find(s, what);
        if (!jn_step(c->ev)) return false;
        jn_charge(c->ev, at < 0 ? s.n : at);
        if (at < 0) break;
        jn_put(out, str_slice(s, 0, at));
        jn_put(out, with);
        s = str_slice(s, at + what.n, s.n);
    }
    jn_put(out, s);
    return true;
}

bool jn_fn_replace(Call *c, Value *out)
{
    Matcher m = {.call = c, .subject = v_text(arg(c, 0)), .pattern = arg(c, 1)};
    Text text = {.ev = c->ev};
    Value with = arg(c, 2);
    double limit;
    if (is_undefined(arg(c, 0))) return true;
    if (is_string(m.pattern) && m.pattern.n == 0)
        return jn_fail_with(
            c->ev, (Failure){.code = "D3010", .value = m.pattern, .index = 2, .position = -1});
    if (!limit_of(c, 3, "D3011", &limit)) return false;
    if (is_undefined(m.pattern) || is_undefined(with))
        jn_put(&text, m.subject);
    else if (is_function(m.pattern) && !replace_pattern(&m, with, limit, &text))
        return false;
    else if (is_string(m.pattern) && !is_string(with))
        return jn_fail_value(c->ev, "D3012", with);
    else if (is_string(m.pattern) &&
             !replace_text(c, m.subject, v_text(m.pattern), v_text(with), limit, &text))
        return false;
    return jn_text(&text, out);
}
