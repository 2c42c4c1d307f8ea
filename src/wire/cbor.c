/* cbor.c - a recursive reader of CBOR with bounds, and its writer. */
#include "wire/cbor.h"

#include "base/encode.h"

#include <math.h>

enum {
    INFO_ONE = 24,
    INFO_EIGHT = 27,
    INFO_INDEFINITE = 31,
    SIMPLE_FALSE = 20,
    SIMPLE_TRUE = 21,
    SIMPLE_NULL = 22,
    SIMPLE_UNDEFINED = 23,
    SIMPLE_HALF = 25,
    SIMPLE_FLOAT = 26,
    SIMPLE_DOUBLE = 27,
    CBOR_BREAK = 0xff,
    TAG_EPOCH = 1,
};

typedef struct Reader {
    Str in;
    int64_t at;
    Arena *a;
    Error *err;
    int depth;
} Reader;

typedef struct Head {
    CborType type;
    int info;
    uint64_t n;
} Head;

static bool wrong(Reader *r, const char *what)
{
    return error_set(r->err, ERR_SERIALIZATION, "Invalid CBOR at byte %" PRId64 ": %s.", r->at,
                     what);
}

static bool read_head(Reader *r, Head *out)
{
    if (r->at >= r->in.n) return wrong(r, "it ends too early");
    int byte = (unsigned char)r->in.p[r->at++];
    *out = (Head){.type = (CborType)(byte >> 5), .info = byte & 31};
    out->n = (uint64_t)out->info;
    if (out->info < INFO_ONE || out->info == INFO_INDEFINITE) return true;
    if (out->info > INFO_EIGHT) return wrong(r, "a reserved length");
    int bytes = 1 << (out->info - INFO_ONE);
    if (r->in.n - r->at < bytes) return wrong(r, "it ends too early");
    out->n = 0;
    for (int i = 0; i < bytes; i++) out->n = out->n << 8 | (unsigned char)r->in.p[r->at++];
    return true;
}

static bool at_break(Reader *r)
{
    if (r->at >= r->in.n || (unsigned char)r->in.p[r->at] != CBOR_BREAK) return false;
    r->at++;
    return true;
}

/* ---- numbers ---- */

/* The shortest text that reads as the same double again. */
static Json number_of(Reader *r, double value)
{
    char text[40];
    if (isnan(value)) return json_string(S("NaN"));
    if (isinf(value)) return json_string(value > 0 ? S("Infinity") : S("-Infinity"));
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) >= value && strtod(text, NULL) <= value) break;
    }
    return json_number(str_copy(r->a, str_from(text)));
}

static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    double value = exponent == 0    ? ldexp(fraction, -24)
                   : exponent != 31 ? ldexp(fraction + 1024, exponent - 25)
                   : fraction       ? (double)NAN
                                    : (double)INFINITY;
    return bits >> 15 ? -value : value;
}

static double float_of(const Head *h)
{
    float single;
    double value;
    uint32_t bits = (uint32_t)h->n;
    if (h->info == SIMPLE_HALF) return half(h->n);
    if (h->info == SIMPLE_FLOAT) {
        memcpy(&single, &bits, sizeof single);
        return (double)single;
    }
    memcpy(&value, &h->n, sizeof value);
    return value;
}

static bool read_simple(Reader *r, const Head *h, Json *out)
{
    switch (h->info) {
    case SIMPLE_FALSE: *out = json_bool(false); return true;
    case SIMPLE_TRUE: *out = json_bool(true); return true;
    case SIMPLE_NULL:
    case SIMPLE_UNDEFINED: *out = (Json){0}; return true;
    case SIMPLE_HALF:
    case SIMPLE_FLOAT:
    case SIMPLE_DOUBLE: *out = number_of(r, float_of(h)); return true;
    default: return wrong(r, "a simple value without a meaning");
    }
}

static Json integer(Reader *r, const Head *h)
{
    if (h->type == CBOR_UINT) return json_number(str_printf(r->a, "%" PRIu64, h->n));
    return h->n == UINT64_MAX ? json_number(S("-18446744073709551616"))
                              : json_number(str_printf(r->a, "-%" PRIu64, h->n + 1));
}

/* ---- strings ---- */

static bool read_bytes(Reader *r, const Head *h, Str *out)
{
    if (h->n > (uint64_t)(r->in.n - r->at)) return wrong(r, "it ends too early");
    *out = str_slice(r->in, r->at, r->at + (int64_t)h->n);
    r->at += out->n;
    return true;
}

/* The pieces of a string of indefinite length are strings of the same type. */
static bool read_pieces(Reader *r, const Head *h, Str *out)
{
    Buf b = {.a = r->a};
    while (!at_break(r)) {
        Head piece;
        Str part;
        if (!read_head(r, &piece)) return false;
        if (piece.type != h->type || piece.info == INFO_INDEFINITE)
            return wrong(r, "a piece of another type in a string");
        if (!read_bytes(r, &piece, &part)) return false;
        buf_put(&b, part);
    }
    *out = buf_str(&b);
    return true;
}

static bool read_string(Reader *r, const Head *h, Str *out)
{
    if (!(h->info == INFO_INDEFINITE ? read_pieces(r, h, out) : read_bytes(r, h, out)))
        return false;
    return h->type == CBOR_BYTES || utf8_valid(*out) || wrong(r, "a text that is not UTF-8");
}

/* ---- containers ---- */

static bool read_item(Reader *r, Json *out);

/* Whether another item follows; every item takes a byte at least, so a count that lies ends early.
 */
static bool more(Reader *r, const Head *h, uint64_t so_far)
{
    return h->info == INFO_INDEFINITE ? !at_break(r) : so_far < h->n;
}

static bool read_array(Reader *r, const Head *h, Json *out)
{
    JsonArray list = {.a = r->a};
    for (uint64_t i = 0; more(r, h, i); i++) {
        Json item;
        if (!read_item(r, &item)) return false;
        json_add(&list, item);
    }
    *out = json_array(&list);
    return true;
}

static bool read_map(Reader *r, const Head *h, Json *out)
{
    JsonObject o = {.a = r->a};
    for (uint64_t i = 0; more(r, h, i); i++) {
        Head key;
        Str name;
        Json value;
        if (!read_head(r, &key)) return false;
        if (key.type != CBOR_TEXT) return wrong(r, "a key that is no text");
        if (!read_string(r, &key, &name) || !read_item(r, &value)) return false;
        json_put(&o, name, value);
    }
    *out = json_object(&o);
    return true;
}

static bool read_tagged(Reader *r, const Head *h, Json *out)
{
    if (h->n != TAG_EPOCH) return wrong(r, "a tag that is not known");
    if (!read_item(r, out)) return false;
    return out->type == JSON_NUMBER || wrong(r, "a time that is no number");
}

static bool read_value(Reader *r, const Head *h, Json *out)
{
    Str text;
    bool open = h->type == CBOR_BYTES || h->type == CBOR_TEXT || h->type == CBOR_ARRAY ||
                h->type == CBOR_MAP;
    if (h->info == INFO_INDEFINITE && !open) return wrong(r, "an end without a beginning");
    switch (h->type) {
    case CBOR_UINT:
    case CBOR_NEGATIVE: *out = integer(r, h); return true;
    case CBOR_BYTES:
    case CBOR_TEXT:
        if (!read_string(r, h, &text)) return false;
        *out = json_string(h->type == CBOR_TEXT ? text : base64_encode(r->a, text));
        return true;
    case CBOR_ARRAY: return read_array(r, h, out);
    case CBOR_MAP: return read_map(r, h, out);
    case CBOR_TAG: return read_tagged(r, h, out);
    case CBOR_SIMPLE: return read_simple(r, h, out);
    default: unreachable();
    }
}

static bool read_item(Reader *r, Json *out)
{
    Head h;
    if (r->depth == CBOR_DEPTH_MAX) return wrong(r, "it is nested too deeply");
    if (!read_head(r, &h)) return false;
    r->depth++;
    bool good = read_value(r, &h, out);
    r->depth--;
    return good;
}

bool cbor_parse(Str in, Arena *a, Json *out, Error *err)
{
    Reader r = {.in = in, .a = a, .err = err};
    return read_item(&r, out) && (r.at == in.n || wrong(&r, "something follows the value"));
}

/* ---- writing ---- */

void cbor_head(Buf *b, CborType type, uint64_t n)
{
    int bytes = n < INFO_ONE      ? 0
                : n <= UINT8_MAX  ? 1
                : n <= UINT16_MAX ? 2
                : n <= UINT32_MAX ? 4
                                  : 8;
    int info = bytes == 0   ? (int)n
               : bytes == 1 ? INFO_ONE
               : bytes == 2 ? INFO_ONE + 1
               : bytes == 4 ? INFO_ONE + 2
                            : INFO_EIGHT;
    buf_putc(b, (char)((int)type << 5 | info));
    while (bytes--) buf_putc(b, (char)(n >> 8 * bytes & 255));
}

void cbor_int(Buf *b, int64_t value)
{
    if (value < 0)
        cbor_head(b, CBOR_NEGATIVE, (uint64_t)(-(value + 1)));
    else
        cbor_head(b, CBOR_UINT, (uint64_t)value);
}

void cbor_text(Buf *b, Str text)
{
    cbor_head(b, CBOR_TEXT, (uint64_t)text.n);
    buf_put(b, text);
}

void cbor_bytes(Buf *b, Str bytes)
{
    cbor_head(b, CBOR_BYTES, (uint64_t)bytes.n);
    buf_put(b, bytes);
}

void cbor_double(Buf *b, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    buf_putc(b, (char)((int)CBOR_SIMPLE << 5 | SIMPLE_DOUBLE));
    for (int i = 7; i >= 0; i--) buf_putc(b, (char)(bits >> 8 * i & 255));
}

void cbor_bool(Buf *b, bool value)
{
    buf_putc(b, (char)((int)CBOR_SIMPLE << 5 | (value ? SIMPLE_TRUE : SIMPLE_FALSE)));
}

void cbor_null(Buf *b)
{
    buf_putc(b, (char)((int)CBOR_SIMPLE << 5 | SIMPLE_NULL));
}
