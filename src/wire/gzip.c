/* gzip.c - gzip (RFC 1952) in pieces over zlib. */
#include "wire/gzip.h"

#define ZLIB_CONST
#include <zlib.h>

enum {
    GZIP_OUT_BYTES = 32 * 1024,
    GZIP_WINDOW = 15 + 16 /* zlib: + 16 asks for the gzip format */
};

struct Gzip {
    z_stream stream;
    bool ended;
    unsigned char out[GZIP_OUT_BYTES];
};

Gzip *gzip_open(void)
{
    Gzip *z = calloc(1, sizeof *z); /* tidy: opaque object with a close of its own */
    check(z);
    check(deflateInit2(&z->stream, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    return z;
}

bool gzip_next(Gzip *z, Str *in, bool last, Str *out)
{
    int64_t piece = in->n < INT32_MAX ? in->n : INT32_MAX;
    if (z->ended || (piece == 0 && !last)) return false;
    z->stream.next_in = (const unsigned char *)in->p;
    z->stream.avail_in = (unsigned)piece;
    z->stream.next_out = z->out;
    z->stream.avail_out = GZIP_OUT_BYTES;
    int code = deflate(&z->stream, last && piece == in->n ? Z_FINISH : Z_NO_FLUSH);
    check(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
    int64_t taken = piece - z->stream.avail_in;
    *in = (Str){in->p + taken, in->n - taken};
    *out = (Str){(const char *)z->out, GZIP_OUT_BYTES - (int64_t)z->stream.avail_out};
    z->ended = code == Z_STREAM_END;
    return out->n > 0 || in->n > 0;
}

void gzip_close(Gzip *z)
{
    if (!z) return;
    deflateEnd(&z->stream);
    free(z);
}

/* One piece of output; false: damaged. */
static bool inflate_some(z_stream *z, Buf *b)
{
    char *room = buf_room(b, GZIP_OUT_BYTES);
    z->next_out = (unsigned char *)room;
    z->avail_out = GZIP_OUT_BYTES;
    int code = inflate(z, Z_NO_FLUSH);
    b->n += GZIP_OUT_BYTES - (int64_t)z->avail_out;
    if (code == Z_STREAM_END) return z->avail_in == 0 || inflateReset(z) == Z_OK;
    return code == Z_OK && (z->avail_in > 0 || z->avail_out == 0);
}

bool gzip_unpack(Str in, int64_t bytes_max, Arena *a, Str *out)
{
    Buf b = {.a = a};
    z_stream z = {.next_in = (const unsigned char *)in.p, .avail_in = (unsigned)in.n};
    if (in.n < 18 || in.n > INT32_MAX) return false;
    check(inflateInit2(&z, GZIP_WINDOW) == Z_OK);
    bool good = true;
    while (good && (z.avail_in > 0)) good = inflate_some(&z, &b) && b.n <= bytes_max;
    inflateEnd(&z);
    if (good) *out = buf_str(&b);
    return good;
}
