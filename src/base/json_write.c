/* json_write.c - JSON values back to text, compact or indented. */
#include "base/json.h"

static void write_escape(Buf *b, unsigned char c)
{
    switch (c) {
    case '"': buf_put(b, S("\\\"")); break;
    case '\\': buf_put(b, S("\\\\")); break;
    case '\n': buf_put(b, S("\\n")); break;
    case '\r': buf_put(b, S("\\r")); break;
    case '\t': buf_put(b, S("\\t")); break;
    case '\b': buf_put(b, S("\\b")); break;
    case '\f': buf_put(b, S("\\f")); break;
    default: buf_printf(b, "\\u%04x", c);
    }
}

void json_write_string(Buf *b, Str s)
{
    int64_t from = 0;
    buf_putc(b, '"');
    for (int64_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        buf_put(b, str_slice(s, from, i));
        write_escape(b, c);
        from = i + 1;
    }
    buf_put(b, str_slice(s, from, s.n));
    buf_putc(b, '"');
}

/* indent < 0: compact. */
static void new_line(Buf *b, int indent)
{
    if (indent < 0) return;
    buf_putc(b, '\n');
    for (int i = 0; i < indent; i++) buf_put(b, S("  "));
}

static void write_value(Buf *b, const Json *v, int indent);

static void write_items(Buf *b, const Json *v, int inner)
{
    bool object = v->type == JSON_OBJECT;
    for (int32_t i = 0; i < v->n; i++) {
        if (i) buf_putc(b, ',');
        new_line(b, inner);
        if (object) {
            json_write_string(b, v->members[i].key);
            buf_put(b, inner < 0 ? S(":") : S(": "));
        }
        write_value(b, object ? &v->members[i].value : &v->items[i], inner);
    }
}

static void write_container(Buf *b, const Json *v, int indent)
{
    bool object = v->type == JSON_OBJECT;
    buf_putc(b, object ? '{' : '[');
    write_items(b, v, indent < 0 ? indent : indent + 1);
    if (v->n) new_line(b, indent);
    buf_putc(b, object ? '}' : ']');
}

static void write_value(Buf *b, const Json *v, int indent)
{
    switch (v->type) {
    case JSON_NULL: buf_put(b, S("null")); break;
    case JSON_FALSE: buf_put(b, S("false")); break;
    case JSON_TRUE: buf_put(b, S("true")); break;
    case JSON_NUMBER: buf_put(b, json_text(v)); break;
    case JSON_STRING: json_write_string(b, json_text(v)); break;
    case JSON_ARRAY:
    case JSON_OBJECT: write_container(b, v, indent); break;
    default: unreachable();
    }
}

void json_write(Buf *out, const Json *v)
{
    write_value(out, v, -1);
}

void json_write_pretty(Buf *out, const Json *v)
{
    write_value(out, v, 0);
}

Str json_to_str(Arena *a, const Json *v)
{
    Buf b = {.a = a};
    json_write(&b, v);
    return buf_str(&b);
}
