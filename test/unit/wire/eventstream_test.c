/* eventstream_test.c - messages of event streams, byte by byte. */
#include "wire/eventstream.h"

#include "base/encode.h"
#include "test.h"

static Str hex(Arena *a, const Buf *b)
{
    return hex_encode(a, (const unsigned char *)buf_str(b).p, b->n);
}

/* The two messages that public implementations of the encoding have as their first vectors. */
TEST(eventstream_messages_have_the_known_bytes)
{
    Arena a = {0};
    Buf b = {.a = &a};
    eventstream_put_message(&b, NULL, 0, S(""));
    eq_str(hex(&a, &b), S("000000100000000005c248eb7d98c8ff"));
    b = (Buf){.a = &a};
    eventstream_put_message(&b, NULL, 0, S("{'foo':'bar'}"));
    eq_str(hex(&a, &b), S("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936"));
    arena_free(&a);
}

TEST(eventstream_headers_are_texts_with_their_lengths)
{
    Arena a = {0};
    Buf b = {.a = &a};
    const EventStreamHeader header = {S("n"), S("vw")};
    eventstream_put_message(&b, &header, 1, S("p"));
    Str bytes = hex(&a, &b);
    eq_str(str_slice(bytes, 0, 16), S("0000001800000007"));
    eq_str(str_slice(bytes, 24, 40), S("016e070002767770"));
    arena_free(&a);
}
