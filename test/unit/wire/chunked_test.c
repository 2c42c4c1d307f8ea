/* chunked_test.c - chunked bodies: what they contain, what is refused, and the same answer wherever they are cut. */
#include "test.h"
#include "wire/chunked.h"

/* Feeds `text` in pieces of `step` bytes; gives the data, with "!" behind it when refused, "..."
 * when unfinished. */
static Str decode(Str text, int64_t step, Chunked *c, int64_t *left)
{
    Buf out = {.a = test_arena()};
    ChunkedGot got = CHUNKED_MORE;
    chunked_open(c);
    for (int64_t at = 0; at < text.n && got >= CHUNKED_MORE && got != CHUNKED_DONE; at += step) {
        Str in = str_slice(text, at, at + step), data;
        while ((got = chunked_next(c, &in, &data)) > CHUNKED_MORE && got != CHUNKED_DONE)
            if (got == CHUNKED_DATA) buf_put(&out, data);
        if (got == CHUNKED_MORE) eq_int(in.n, 0);
        *left = in.n + (text.n - at - step > 0 ? text.n - at - step : 0);
    }
    buf_put(&out, got == CHUNKED_BAD ? S("!") : got == CHUNKED_MORE ? S("...") : S(""));
    return buf_str(&out);
}

static void decodes(Str text, Str want, int64_t want_left)
{
    static Chunked c;
    for (int64_t step = 1; step <= text.n; step++) {
        int64_t left = -1;
        eq_str(decode(text, step, &c, &left), want);
        if (want_left >= 0) eq_int(left, want_left);
    }
}

/* RFC 9112 7.1 */
TEST(chunked_bodies)
{
    decodes(S("0\r\n\r\n"), S(""), 0);
    decodes(S("4\r\nWiki\r\n5\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\n\r\n"),
            S("Wikipedia in\r\n\r\nchunks."), 0);
    decodes(S("00000000000000a;name=value;other=\"q\"\r\n0123456789\r\n0\r\n\r\nGET /"),
            S("0123456789"), 5);
    decodes(S("1\r\na\r\n0;x\r\nX-One: 1\r\nx-two:2 \r\n\r\n"), S("a"), 0);
    decodes(S("3\r\nab"), S("ab..."), -1);
    decodes(S("0\r\n"), S("..."), -1);
}

TEST(chunked_trailers_are_collected)
{
    static Chunked c;
    int64_t left;
    Str text = S("0\r\nx-amz-checksum-crc32: y/Q5Jg==\r\nX-Empty:\r\n\r\n");
    for (int64_t step = 1; step <= text.n; step++) {
        eq_str(decode(text, step, &c, &left), S(""));
        eq_int(c.trailers_n, 2);
        eq_str(chunked_trailer(&c, S("X-Amz-Checksum-CRC32")), S("y/Q5Jg=="));
        ok(!str_absent(chunked_trailer(&c, S("x-empty"))) &&
           str_absent(chunked_trailer(&c, S("x"))));
    }
}

TEST(chunked_refuses)
{
    static const char *const bad[] = {
        "\r\n",
        "x\r\n",
        " 1\r\n",
        "1 \r\n",
        "1 ;x\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x1\r\n",
        "1\n",
        "1\r1",
        "1\r\r\n",
        "1;a\nb\r\n",
        "1;a\x01\r\n",
        "1000000000000000\r\n",
        "00000000000000000\r\n",
        "0\r\nX\r\n",
        "0\r\nX : 1\r\n",
        "0\r\n: 1\r\n",
        "0\r\nX: 1\n",
        "0\r\n folded: 1\r\n",
        "0\r\nX: \x7f\r\n",
        "0\r\n\n",
    };
    for (int i = 0; i < countof(bad); i++) decodes(str_from(bad[i]), S("!"), -1);
    decodes(S("1\r\nab\r\n"), S("a!"), -1);
    decodes(S("1\r\na\n"), S("a!"), -1);
    decodes(S("1\r\na\r\r"), S("a!"), -1);
}

TEST(chunked_limits)
{
    static Chunked c;
    int64_t left;
    Arena *a = test_arena();
    Buf b = {.a = a};
    buf_put(&b, S("0;"));
    while (b.n < CHUNKED_LINE_BYTES_MAX - 2) buf_putc(&b, 'x');
    int64_t n = b.n;
    buf_put(&b, S("\r\n\r\n"));
    eq_str(decode(buf_str(&b), 7, &c, &left), S(""));
    b.n = n;
    buf_put(&b, S("x\r\n\r\n"));
    eq_str(decode(buf_str(&b), 7, &c, &left), S("!"));

    b = (Buf){.a = a};
    buf_put(&b, S("0\r\n"));
    for (int i = 0; i < CHUNKED_TRAILERS_MAX; i++) buf_put(&b, S("X: y\r\n"));
    n = b.n;
    buf_put(&b, S("\r\n"));
    eq_str(decode(buf_str(&b), 7, &c, &left), S(""));
    b.n = n;
    buf_put(&b, S("X: y\r\n\r\n"));
    eq_str(decode(buf_str(&b), 7, &c, &left), S("!"));

    b = (Buf){.a = a};
    buf_put(&b, S("0\r\nX: "));
    while (b.n < CHUNKED_TRAILER_BYTES_MAX + 3) buf_putc(&b, 'y');
    buf_put(&b, S("\r\n\r\n"));
    eq_str(decode(buf_str(&b), 7, &c, &left), S("!"));
}
