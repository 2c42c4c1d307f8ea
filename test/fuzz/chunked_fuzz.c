/* chunked_fuzz.c - the chunked decoder against a slow second one, with the input cut at every place the first byte says. */
#include "base/encode.h"
#include "wire/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Result {
    ChunkedGot got;
    int64_t left, data_n, trailers_n;
    uint64_t data_hash;
} Result;

static void mix(Result *r, Str data)
{
    for (int64_t i = 0; i < data.n; i++)
        r->data_hash = (r->data_hash ^ (unsigned char)data.p[i]) * 0x100000001b3u;
    r->data_n += data.n;
}

static Result decode(Str all, int64_t step)
{
    static Chunked c;
    Result r = {.got = CHUNKED_MORE};
    chunked_open(&c);
    for (int64_t at = 0; r.got == CHUNKED_MORE && at < all.n; at += step) {
        Str in = str_slice(all, at, at + step), data;
        while ((r.got = chunked_next(&c, &in, &data)) == CHUNKED_DATA || r.got == CHUNKED_SIZE)
            if (r.got == CHUNKED_DATA) mix(&r, data);
        check(r.got != CHUNKED_MORE || in.n == 0);
        r.left = in.n + (all.n > at + step ? all.n - at - step : 0);
    }
    r.trailers_n = c.trailers_n;
    return r;
}

/* The line before the next CRLF; a CR or LF elsewhere in it, or too much of it, is an error. */
static int line(Str *in, int64_t max, Str *out)
{
    for (int64_t i = 0; i < in->n; i++) {
        if (i >= max) return -1;
        if (in->p[i] == '\n') return -1;
        if (in->p[i] != '\r') continue;
        if (i + 1 == in->n) return 0;
        if (in->p[i + 1] != '\n' || i + 2 > max) return -1;
        *out = str_slice(*in, 0, i);
        *in = str_slice(*in, i + 2, in->n);
        return 1;
    }
    return 0;
}

static bool text(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f) return false;
    return true;
}

/* -1 refused, 0 unfinished, 1 whole. */
static int plain_trailers(Str *in, Result *r)
{
    int64_t room = CHUNKED_TRAILER_BYTES_MAX;
    for (;;) {
        Str l, name;
        int got = line(in, room, &l);
        if (got <= 0 || l.n == 0) return got;
        Str value = l;
        room -= l.n;
        if (str_find_char(l, ':') <= 0 || r->trailers_n == CHUNKED_TRAILERS_MAX) return -1;
        check(str_cut(&value, ':', &name));
        for (int64_t i = 0; i < name.n; i++)
            if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
                        name.p[i]) ||
                !name.p[i])
                return -1;
        if (!text(str_trim(value))) return -1;
        r->trailers_n++;
    }
}

static int plain_decode(Str *in, Result *r)
{
    for (;;) {
        Str l, size, none;
        int got = line(in, CHUNKED_LINE_BYTES_MAX, &l);
        if (got <= 0) return got;
        Str extension = l;
        check(str_cut(&extension, ';', &size));
        int64_t n = 0;
        if (size.n == 0 || size.n > 15 || !text(extension)) return -1;
        for (int64_t i = 0; i < size.n; i++) {
            if (hex_digit(size.p[i]) < 0) return -1;
            n = n * 16 + hex_digit(size.p[i]);
        }
        if (n == 0) return plain_trailers(in, r);
        Str data = str_slice(*in, 0, n);
        mix(r, data);
        *in = str_slice(*in, data.n, in->n);
        if (data.n < n) return 0;
        if ((got = line(in, 2, &none)) <= 0) return got;
        if (none.n) return -1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2) return 0;
    Str all = {(const char *)data + 1, (int64_t)n - 1};
    Result whole = decode(all, all.n), pieces = decode(all, data[0] % 32 + 1), plain = {0};
    check(whole.got == pieces.got && whole.data_n == pieces.data_n);
    check(whole.data_hash == pieces.data_hash && whole.trailers_n == pieces.trailers_n);
    Str rest = all;
    int want = plain_decode(&rest, &plain);
    /* The second one sees a bad line only when it is complete. */
    if (want > 0)
        check(whole.got == CHUNKED_DONE && whole.left == rest.n && pieces.left == rest.n);
    else if (want == 0)
        check(whole.got == CHUNKED_MORE || whole.got == CHUNKED_BAD);
    else
        check(whole.got == CHUNKED_BAD);
    if (whole.got == CHUNKED_DONE) check(want == 1 && whole.trailers_n == plain.trailers_n);
    if (whole.got != CHUNKED_BAD)
        check(whole.data_n == plain.data_n && whole.data_hash == plain.data_hash);
    return 0;
}
