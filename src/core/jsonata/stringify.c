/* stringify.c - values as text ($string, &) and as the Json that leaves an evaluation. */
#include "core/jsonata/ev.h"
#include "core/jsonata/number.h"
#include "core/jsonata/text.h"
#include <math.h>

typedef struct Writer {
    Ev *ev;
    Text *out;
    bool pretty;
} Writer;

static bool write_value(Writer *w, Value v, int depth);

static void put_escape(Text *out, unsigned char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *found = c ? strchr(from, c) : NULL;
    char text[8];
    int n = found ? snprintf(text, sizeof text, "\\%c", to[found - from])
                  : snprintf(text, sizeof text, "\\u%04x", c);
    jn_put(out, (Str){text, n});
}

/* The length of what needs no escape at the front. */
static int64_t plain(Str s)
{
    int64_t n = 0;
    while (n < s.n && (unsigned char)s.p[n] >= 0x20 && s.p[n] != '"' && s.p[n] != '\\' &&
           (unsigned char)s.p[n] != 0xed)
        n++;
    return n;
}

/* Surrogates begin with the byte 0xed, as other letters may. */
static int put_ed(Text *out, Str s)
{
    int n;
    char text[8];
    int32_t rune = jn_decode_rune(s, &n);
    if (rune < 0xd800 || rune >= 0xe000)
        jn_put(out, str_slice(s, 0, n));
    else
        jn_put(out, (Str){text, snprintf(text, sizeof text, "\\u%04x", (unsigned)rune)});
    return n;
}

static void put_quoted(Text *out, Str s)
{
    jn_putc(out, '"');
    for (int64_t at = 0; at < s.n;) {
        Str rest = str_slice(s, at, s.n);
        int64_t n = plain(rest);
        jn_put(out, str_slice(rest, 0, n));
        at += n;
        if (at == s.n) break;
        if ((unsigned char)s.p[at] == 0xed)
            at += put_ed(out, str_slice(s, at, s.n));
        else
            put_escape(out, (unsigned char)s.p[at++]);
    }
    jn_putc(out, '"');
}

static void put_number(Text *out, double x)
{
    char text[NUMBER_TEXT_MAX];
    if (isnan(x))
        jn_put(out, S("null"));
    else
        jn_put(out, jn_number_text(jn_fifteen_digits(x), text));
}

static void put_line(Writer *w, int depth)
{
    if (!w->pretty) return;
    jn_putc(w->out, '\n');
    for (int i = 0; i < depth; i++) jn_put(w->out, S("  "));
}

static bool write_array(Writer *w, Value v, int depth)
{
    jn_putc(w->out, '[');
    for (int32_t i = 0; i < v.n; i++) {
        if (i) jn_putc(w->out, ',');
        put_line(w, depth + 1);
        if (!write_value(w, jn_v_at(v, i), depth + 1)) return false;
    }
    if (v.n) put_line(w, depth);
    jn_putc(w->out, ']');
    return true;
}

static bool write_object(Writer *w, Value v, int depth)
{
    bool first = true;
    jn_putc(w->out, '{');
    for (int32_t i = 0; i < jn_v_members(v); i++) {
        if (is_undefined(jn_v_member(v, i))) continue;
        if (!first) jn_putc(w->out, ',');
        first = false;
        put_line(w, depth + 1);
        put_quoted(w->out, jn_v_key(v, i));
        jn_put(w->out, w->pretty ? S(": ") : S(":"));
        if (!write_value(w, jn_v_member(v, i), depth + 1)) return false;
    }
    if (!first) put_line(w, depth);
    jn_putc(w->out, '}');
    return true;
}

static bool write_value(Writer *w, Value v, int depth)
{
    if (!jn_step(w->ev) || !jn_nesting(w->ev, depth)) return false;
    if (v.type == V_NUMBER && isinf(v.number)) return jn_fail_value(w->ev, "D1001", v);
    if (is_array(v)) return write_array(w, v, depth);
    if (is_object(v)) return write_object(w, v, depth);
    if (v.type == V_NUMBER)
        put_number(w->out, v.number);
    else if (is_string(v))
        put_quoted(w->out, v_text(v));
    else if (v.type == V_BOOLEAN)
        jn_put(w->out, v.truth ? S("true") : S("false"));
    else if (is_function(v))
        jn_put(w->out, S("\"\""));
    else
        jn_put(w->out, S("null"));
    return true;
}

bool jn_stringify(Ev *ev, Text *out, Value v, bool pretty)
{
    Writer w = {.ev = ev, .out = out, .pretty = pretty};
    return write_value(&w, v, 0);
}

bool jn_to_string(Ev *ev, Value v, Value *out)
{
    Text text = {.ev = ev};
    if (is_undefined(v) || is_string(v)) {
        *out = v;
        return true;
    }
    if (is_function(v)) return jn_string(ev, S(""), out);
    if (v.type == V_NUMBER && !isfinite(v.number)) return jn_fail_value(ev, "D3001", v);
    return jn_stringify(ev, &text, v_context(v), false) && jn_text(&text, out);
}

static Json json_of_number(Ev *ev, double x)
{
    char text[NUMBER_TEXT_MAX];
    Str s = jn_number_text(x, text);
    char *copy = jn_take(ev, s.n, 1);
    memcpy(copy, s.p, (size_t)s.n);
    return json_number((Str){copy, s.n});
}

/* Texts that leave are well-formed: a lone surrogate becomes U+FFFD. */
static Str well_formed(Ev *ev, Str s)
{
    if (!memchr(s.p, 0xed, (size_t)s.n) || !jn_has_lone_surrogate(s)) return s;
    Text out = {.ev = ev};
    for (int64_t at = 0, n; at < s.n; at += n) {
        int bytes;
        int32_t rune = jn_decode_rune(str_slice(s, at, s.n), &bytes);
        jn_put_rune(&out, rune >= 0xd800 && rune < 0xe000 ? 0xfffd : rune);
        n = bytes;
    }
    return jn_str(&out);
}

static bool shareable(Ev *ev, const Json *json, int depth)
{
    char text[NUMBER_TEXT_MAX];
    if (!jn_step(ev) || depth > JSON_DEPTH_MAX) return false;
    if (json->type == JSON_NUMBER) {
        double x = jn_v_double(json_text(json));
        return isfinite(x) && str_eq(jn_number_text(x, text), json_text(json));
    }
    for (int32_t i = 0; i < json_count(json); i++)
        if (!shareable(ev, json->type == JSON_ARRAY ? &json->items[i] : &json->members[i].value,
                       depth + 1))
            return false;
    return true;
}

/* What came from outside goes out as it is, when every number in it is written as JavaScript writes
 * it. */
static bool share(Ev *ev, Value v, int depth, Json *out)
{
    if (v.form != FORM_JSON) return false;
    Json json = {.type = is_array(v) ? JSON_ARRAY : JSON_OBJECT, .n = v.n, .items = v.json};
    if (!shareable(ev, &json, depth)) return false;
    *out = json;
    return true;
}

static bool array_to_json(Ev *ev, Value v, int depth, Json *out);
static bool object_to_json(Ev *ev, Value v, int depth, Json *out);

static bool value_to_json(Ev *ev, Value v, int depth, Json *out)
{
    if (!jn_step(ev)) return false;
    if (depth > JSON_DEPTH_MAX) return jn_nesting(ev, INT32_MAX);
    if ((is_array(v) || is_object(v)) && share(ev, v, depth, out)) return true;
    if (is_array(v)) return array_to_json(ev, v, depth, out);
    if (is_object(v)) return object_to_json(ev, v, depth, out);
    *out = (Json){.type = JSON_NULL};
    if (v.type == V_BOOLEAN) *out = json_bool(v.truth);
    if (is_string(v)) *out = json_string(well_formed(ev, v_text(v)));
    if (v.type == V_NUMBER && !isfinite(v.number)) return jn_fail_value(ev, "D1001", v);
    if (v.type == V_NUMBER) *out = json_of_number(ev, v.number);
    return true;
}

static bool array_to_json(Ev *ev, Value v, int depth, Json *out)
{
    if (!jn_room(ev, (int64_t)v.n * (int64_t)sizeof(Json))) return false;
    Json *items = new_array(ev->a, Json, v.n);
    for (int32_t i = 0; i < v.n; i++)
        if (!value_to_json(ev, jn_v_at(v, i), depth + 1, &items[i])) return false;
    *out = (Json){.type = JSON_ARRAY, .n = v.n, .items = items};
    return true;
}

static bool object_to_json(Ev *ev, Value v, int depth, Json *out)
{
    int32_t n = 0;
    if (!jn_room(ev, (int64_t)jn_v_members(v) * (int64_t)sizeof(JsonMember))) return false;
    JsonMember *members = new_array(ev->a, JsonMember, jn_v_members(v));
    for (int32_t i = 0; i < jn_v_members(v); i++) {
        Value member = jn_v_member(v, i);
        if (is_undefined(member) || is_function(member)) continue;
        members[n].key = well_formed(ev, jn_v_key(v, i));
        if (!value_to_json(ev, member, depth + 1, &members[n++].value)) return false;
    }
    *out = (Json){.type = JSON_OBJECT, .n = n, .members = members};
    return true;
}

bool jn_to_json(Ev *ev, Value v, Json *out)
{
    return value_to_json(ev, v, 1, out);
}
