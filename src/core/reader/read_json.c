/* read_json.c - the elements of a JSON array, or the members of an object, anywhere in a document, without holding the rest. */
#include "core/reader/reader.h"

static int skip_blanks(Reader *r)
{
    int c = reader_peek(r);
    for (; c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = reader_peek(r)) reader_get(r);
    return c;
}

/* A value's extent is told by quotes and brackets alone; what is kept of it is parsed afterwards,
 * what is skipped is not. `to` NULL: skipped. */
static bool take(Reader *r, Buf *to, Error *err)
{
    int c = reader_get(r);
    if (c == READER_END) return reader_wrong(r, err, "The JSON data ends within a value");
    if (!to) return true;
    if (to->n >= READER_ITEM_BYTES_MAX) return reader_wrong(r, err, "An item is larger than 8 MB");
    buf_putc(to, (char)c);
    return true;
}

static bool scan_string(Reader *r, Buf *to, Error *err)
{
    if (!take(r, to, err)) return false;
    for (int c = reader_peek(r); c != '"'; c = reader_peek(r)) {
        if (c == '\\' && !take(r, to, err)) return false;
        if (!take(r, to, err)) return false;
    }
    return take(r, to, err);
}

static bool scan_scalar(Reader *r, Buf *to, Error *err)
{
    int taken = 0;
    for (int c = reader_peek(r); c != READER_END && !strchr(",]} \t\r\n", c); c = reader_peek(r)) {
        if (!take(r, to, err)) return false;
        taken++;
    }
    return taken > 0 || reader_wrong(r, err, "A JSON value is missing");
}

static bool scan_value(Reader *r, Buf *to, Error *err)
{
    int c = skip_blanks(r);
    int64_t depth = 0;
    if (c == '"') return scan_string(r, to, err);
    if (c != '[' && c != '{') return scan_scalar(r, to, err);
    do {
        c = reader_peek(r);
        if (c == '"') {
            if (!scan_string(r, to, err)) return false;
            continue;
        }
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        if (!take(r, to, err)) return false;
    } while (depth > 0);
    return true;
}

/* "name" : */
static bool scan_name(Reader *r, Arena *a, Str *out, Error *err)
{
    Buf text = {.a = a};
    Json name;
    if (skip_blanks(r) != '"') return reader_wrong(r, err, "A JSON member has no name");
    if (!scan_string(r, &text, err)) return false;
    Error parse = {0};
    if (!json_parse(buf_str(&text), a, &name, &parse))
        return reader_wrong(r, err, "A JSON member's name is damaged");
    *out = json_text(&name);
    if (skip_blanks(r) != ':') return reader_wrong(r, err, "A JSON member has no colon");
    reader_get(r);
    return true;
}

/* ---- the way to the items ---- */

static bool nowhere(const Reader *r, Error *err)
{
    if (r->failure.code) return *err = r->failure, false;
    return error_set(err, ERR_VALIDATION, "The ItemsPointer '%.*s' points to nothing",
                     STR(r->config.items_pointer));
}

/* RFC 6901: ~1 is a slash, ~0 a tilde. */
static Str unescaped(Arena *a, Str token)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < token.n; i++) {
        bool escape = token.p[i] == '~' && i + 1 < token.n &&
                      (token.p[i + 1] == '0' || token.p[i + 1] == '1');
        buf_putc(&b, !escape ? token.p[i] : token.p[++i] == '1' ? '/' : '~');
    }
    return buf_str(&b);
}

static bool next_sibling(Reader *r, Error *err)
{
    if (!scan_value(r, NULL, err)) return false;
    if (skip_blanks(r) != ',') return nowhere(r, err);
    reader_get(r);
    return true;
}

static bool into_member(Reader *r, Str token, Error *err)
{
    Arena a = {0};
    bool found = false, good = true;
    reader_get(r);
    while (good && !found) {
        Str name = {0};
        good = skip_blanks(r) == '}' ? nowhere(r, err) : scan_name(r, &a, &name, err);
        found = good && str_eq(name, token);
        if (good && !found) good = next_sibling(r, err);
        arena_reset(&a);
    }
    arena_free(&a);
    return good;
}

static bool into_element(Reader *r, Str token, Error *err)
{
    int64_t index;
    reader_get(r);
    if (!str_to_int(token, &index) || index < 0 || skip_blanks(r) == ']') return nowhere(r, err);
    for (; index > 0; index--)
        if (!next_sibling(r, err)) return false;
    return true;
}

static bool descend(Reader *r, Error *err)
{
    Str token, rest = r->config.items_pointer;
    if (rest.n == 0) return true;
    if (!str_cut(&rest, '/', &token) || token.n) return nowhere(r, err);
    while (str_cut(&rest, '/', &token)) {
        int c = skip_blanks(r);
        Str name = unescaped(&r->arena, token);
        if (c == '{' ? !into_member(r, name, err) : c != '[' || !into_element(r, name, err))
            return err->code ? false : nowhere(r, err);
    }
    return true;
}

/* ---- items ---- */

/* true: there is one more. */
static bool at_item(Reader *r, bool first, Error *err)
{
    int c = skip_blanks(r);
    if (c == r->close) {
        reader_get(r);
        if (!r->config.items_pointer.n && skip_blanks(r) != READER_END)
            return reader_wrong(r, err, "There is something after the JSON data");
        return false;
    }
    if (first) return true;
    if (c != ',')
        return reader_wrong(r, err,
                            c == READER_END ? "The JSON data ends within its items"
                                            : "A comma is missing between items");
    reader_get(r);
    return skip_blanks(r) != r->close || reader_wrong(r, err, "There is a comma too much");
}

bool reader_next_json(Reader *r, Arena *a, ReaderItem *out, Error *err)
{
    bool first = !r->close;
    Buf text = {.a = a};
    if (first) {
        if (!descend(r, err)) return false;
        int c = skip_blanks(r);
        if (c != '[' && c != '{')
            return reader_wrong(r, err, "Attempting to map over non-iterable node.");
        reader_get(r);
        r->close = c == '[' ? ']' : '}';
    }
    if (!at_item(r, first, err)) return false;
    if (r->close == '}' && !scan_name(r, a, &out->key, err)) return false;
    return scan_value(r, &text, err) && reader_compact(r, buf_str(&text), a, &out->json, err);
}

bool reader_next_jsonl(Reader *r, Arena *a, ReaderItem *out, Error *err)
{
    Buf line = {.a = a};
    for (;;) {
        int c = reader_peek(r);
        if (c == READER_END || c == '\n') {
            if (c == '\n') reader_get(r);
            if (str_trim(buf_str(&line)).n)
                return reader_compact(r, buf_str(&line), a, &out->json, err);
            if (c == READER_END) return false;
            line.n = 0;
        } else if (!take(r, &line, err)) {
            return false;
        }
    }
}
