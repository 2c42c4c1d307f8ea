/* chunked.c - the chunked transfer coding as a small machine that can stop after any byte (RFC 9112 7.1). */
#include "wire/chunked.h"

#include "base/encode.h"

void chunked_open(Chunked *c)
{
    c->state = CHUNKED_AT_SIZE;
    c->chunk_bytes = c->left = 0;
    c->extension = (Str){0};
    c->why = "";
    c->line_n = c->text_n = c->trailers_n = 0;
}

static ChunkedGot bad(Chunked *c, const char *why)
{
    c->why = why;
    return CHUNKED_BAD;
}

typedef enum LineGot { LINE_BAD = -1, LINE_MORE, LINE_WHOLE } LineGot;

/* Moves bytes from `in` behind text_n until CRLF; *line is what stood before it. `max` counts the
 * CRLF too. */
static LineGot take_line(Chunked *c, Str *in, int max, Str *line)
{
    while (in->n) {
        char ch = *in->p;
        bool after_cr = c->line_n && c->text[c->text_n + c->line_n - 1] == '\r';
        if (after_cr != (ch == '\n') || c->line_n >= max) return LINE_BAD;
        in->p++, in->n--;
        c->text[c->text_n + c->line_n++] = ch;
        if (!after_cr) continue;
        *line = (Str){c->text + c->text_n, c->line_n - 2};
        c->line_n = 0;
        return LINE_WHOLE;
    }
    return LINE_MORE;
}

static bool printable(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f) return false;
    return true;
}

/* At most 15 hexadecimal digits, then nothing or ';' and extensions. No blank before the ';': RFC
 * 9112 allows a server to refuse it, and disagreement about it has been used for smuggling. */
static bool chunk_size(Chunked *c, Str line)
{
    int64_t i = 0, n = 0;
    for (; i < line.n && i < 15 && hex_digit(line.p[i]) >= 0; i++)
        n = n * 16 + hex_digit(line.p[i]);
    if (i == 0 || (i < line.n && line.p[i] != ';')) return false;
    c->chunk_bytes = c->left = n;
    c->extension = i < line.n ? str_slice(line, i + 1, line.n) : (Str){0};
    return printable(c->extension);
}

static ChunkedGot at_size(Chunked *c, Str *in)
{
    Str line;
    LineGot got = take_line(c, in, CHUNKED_LINE_BYTES_MAX, &line);
    if (got == LINE_MORE) return CHUNKED_MORE;
    if (got == LINE_BAD || !chunk_size(c, line)) return bad(c, "chunk size line");
    c->state = c->chunk_bytes ? CHUNKED_AT_DATA : CHUNKED_AT_TRAILER;
    return CHUNKED_SIZE;
}

static ChunkedGot at_data(Chunked *c, Str *in, Str *data)
{
    int64_t n = c->left < in->n ? c->left : in->n;
    if (n == 0) return CHUNKED_MORE;
    *data = (Str){in->p, n};
    in->p += n, in->n -= n;
    c->left -= n;
    if (c->left == 0) c->state = CHUNKED_AT_DATA_END;
    return CHUNKED_DATA;
}

static ChunkedGot at_data_end(Chunked *c, Str *in)
{
    Str line;
    LineGot got = take_line(c, in, 2, &line);
    if (got == LINE_MORE) return CHUNKED_MORE;
    if (got == LINE_BAD || line.n) return bad(c, "end of a chunk's data");
    c->state = CHUNKED_AT_SIZE;
    return CHUNKED_SIZE;
}

static bool token(Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (!((ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z') || ch == '-' ||
              ch == '_'))
            return false;
    }
    return s.n > 0;
}

static bool add_trailer(Chunked *c, Str line)
{
    int64_t colon = str_find_char(line, ':');
    if (colon < 0 || c->trailers_n == CHUNKED_TRAILERS_MAX) return false;
    HttpHeader h = {str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.n))};
    if (!token(h.name) || !printable(h.value)) return false;
    c->trailers[c->trailers_n++] = h;
    c->text_n += (int)line.n;
    return true;
}

static ChunkedGot at_trailer(Chunked *c, Str *in)
{
    for (;;) {
        Str line;
        LineGot got = take_line(c, in, CHUNKED_TRAILER_BYTES_MAX - c->text_n, &line);
        if (got == LINE_MORE) return CHUNKED_MORE;
        if (got == LINE_BAD) return bad(c, "trailer line");
        if (line.n == 0) return c->state = CHUNKED_AT_END, CHUNKED_DONE;
        if (!add_trailer(c, line)) return bad(c, "trailer field");
    }
}

ChunkedGot chunked_next(Chunked *c, Str *in, Str *data)
{
    for (;;) {
        switch (c->state) {
        case CHUNKED_AT_SIZE: return at_size(c, in);
        case CHUNKED_AT_DATA: return at_data(c, in, data);
        case CHUNKED_AT_DATA_END: {
            ChunkedGot got = at_data_end(c, in);
            if (got <= CHUNKED_MORE) return got;
            break;
        }
        case CHUNKED_AT_TRAILER: return at_trailer(c, in);
        case CHUNKED_AT_END: return CHUNKED_DONE;
        }
    }
}

Str chunked_trailer(const Chunked *c, Str name)
{
    for (int i = 0; i < c->trailers_n; i++)
        if (str_eq_nocase(c->trailers[i].name, name)) return c->trailers[i].value;
    return (Str){0};
}
