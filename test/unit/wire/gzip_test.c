/* gzip_test.c - what is packed in pieces is what is unpacked, member after member. */
#include "test.h"
#include "wire/gzip.h"

static Str pack(Str in, int64_t piece)
{
    Buf b = {.a = test_arena()};
    Gzip *z = gzip_open();
    bool over = false;
    while (!over) {
        Str part = str_slice(in, 0, piece), out;
        in = str_slice(in, part.n, in.n);
        over = in.n == 0;
        while (gzip_next(z, &part, over, &out)) buf_put(&b, out);
        eq_int(part.n, 0);
    }
    gzip_close(z);
    return buf_str(&b);
}

static Str noise(int64_t n)
{
    char *p = new_array(test_arena(), char, n);
    uint64_t x = 88172645463325252u;
    for (int64_t i = 0; i < n; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        p[i] = (char)x;
    }
    return (Str){p, n};
}

TEST(gzip_round_trips_whatever_the_pieces)
{
    static const int64_t pieces[] = {1, 7, 4096, 1 << 20};
    Str text = noise(200000), out;
    for (int i = 0; i < countof(pieces); i++) {
        ok(gzip_unpack(pack(text, pieces[i]), text.n, test_arena(), &out));
        ok(str_eq(out, text));
    }
}

TEST(gzip_of_nothing_is_an_empty_file)
{
    Str out;
    Str packed = pack(S(""), 10);
    ok(packed.n >= 18);
    ok(gzip_unpack(packed, 100, test_arena(), &out));
    eq_int(out.n, 0);
}

TEST(gzip_members_follow_each_other)
{
    Buf b = {.a = test_arena()};
    Str out;
    buf_put(&b, pack(S("so far\n"), 3));
    buf_put(&b, pack(S("the rest\n"), 100));
    ok(gzip_unpack(buf_str(&b), 1000, test_arena(), &out));
    eq_str(out, S("so far\nthe rest\n"));
}

TEST(gzip_refuses_damage_and_bombs)
{
    Str out, packed = pack(S("text that is long enough to be packed, packed, packed, packed"), 100);
    char *damaged = (char *)str_copy(test_arena(), packed).p;
    damaged[packed.n - 6] ^= 1;
    ok(!gzip_unpack((Str){damaged, packed.n}, 1000, test_arena(), &out));
    ok(!gzip_unpack(str_slice(packed, 0, packed.n - 4), 1000, test_arena(), &out));
    ok(!gzip_unpack(packed, 10, test_arena(), &out));
    ok(!gzip_unpack(S("no gzip at all, not even by its first bytes"), 1000, test_arena(), &out));
}

/* Unpacked from pieces of `piece` bytes through `room` bytes; "damaged" or "cut" when it is so. */
static Str unpack_in(Str in, int64_t piece, int64_t room)
{
    Buf b = {.a = test_arena()};
    Gunzip *z = gunzip_open();
    char *to = new_array(test_arena(), char, room);
    bool good = true;
    while (good && in.n) {
        Str part = str_slice(in, 0, piece);
        in = str_slice(in, part.n, in.n);
        for (int64_t got = 1; good && got;) {
            good = gunzip_next(z, &part, to, room, &got);
            buf_put(&b, (Str){to, got});
        }
    }
    Str out = !good ? S("damaged") : gunzip_whole(z) ? buf_str(&b) : S("cut");
    gunzip_close(z);
    return out;
}

TEST(gunzip_in_pieces_of_any_size)
{
    Buf text = {.a = test_arena()};
    for (int i = 0; i < 5000; i++) buf_printf(&text, "line %d of a text\n", i * i);
    Str packed = pack(buf_str(&text), 1000),
        twice = str_join(test_arena(), (Str[]){packed, packed}, 2, S(""));
    for (int64_t piece = 1; piece < 100000; piece *= 7)
        for (int64_t room = 1; room < 200000; room *= 31)
            eq_str(unpack_in(packed, piece, room), buf_str(&text));
    eq_int(unpack_in(twice, 1000, 1000).n, 2 * text.n);
    eq_str(unpack_in(str_slice(packed, 0, packed.n - 1), 1000, 1000), S("cut"));
    eq_str(unpack_in(S("no gzip at all"), 1000, 1000), S("damaged"));
}
