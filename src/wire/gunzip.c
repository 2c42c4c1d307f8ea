/* gunzip.c - gzip undone in pieces: compressed slices in, bytes out, one member after the other. */
#include <zlib.h>

#include "wire/gzip.h"

enum { GUNZIP_WINDOW = 15 + 16 };

struct Gunzip {
    z_stream z;
    bool open; /* within a member */
    bool full; /* the room was too small: more comes without input */
};

Gunzip *gunzip_open(void)
{
    Gunzip *g = calloc(1, sizeof *g); /* tidy: opaque object with a close of its own */
    check(g && inflateInit2(&g->z, GUNZIP_WINDOW) == Z_OK);
    return g;
}

bool gunzip_next(Gunzip *g, Str *in, char *to, int64_t room, int64_t *got)
{
    *got = 0;
    while ((in->n || g->full) && *got == 0) {
        unsigned given = in->n > INT32_MAX ? INT32_MAX : (unsigned)in->n;
        g->z.next_in = (unsigned char *)in->p;
        g->z.avail_in = given;
        g->z.next_out = (unsigned char *)to;
        g->z.avail_out = (unsigned)room;
        int code = inflate(&g->z, Z_NO_FLUSH);
        *in = str_slice(*in, given - g->z.avail_in, in->n);
        *got = room - (int64_t)g->z.avail_out;
        bool more = g->full && code == Z_BUF_ERROR; /* there was none after all */
        if (code != Z_OK && code != Z_STREAM_END && !more) return false;
        g->full = code == Z_OK && g->z.avail_out == 0;
        g->open = code != Z_STREAM_END;
        if (code == Z_STREAM_END && inflateReset(&g->z) != Z_OK) return false;
    }
    return true;
}

bool gunzip_whole(const Gunzip *g)
{
    return !g->open;
}

void gunzip_close(Gunzip *g)
{
    if (!g) return;
    inflateEnd(&g->z);
    free(g);
}
