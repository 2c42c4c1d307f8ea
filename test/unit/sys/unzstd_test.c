/* unzstd_test.c - ZSTD undone: frames in slices, into small room, one after the other, cut short, and damaged. */
#include "sys/unzstd.h"

#include "test.h"

/* By `zstd -c`: "hello zstd\n"; and 100,000 zero bytes. */
static const char hello[] = "\x28\xb5\x2f\xfd\x04\x58\x59\x00\x00hello zstd\n\x6c\x57\xf9\x51";
static const char zeros[] = "\x28\xb5\x2f\xfd\x04\x58\x55\x00\x00\x10\x00\x00\x01\x00\x9b\x86\x39"
                            "\xc0\x02\xdb\x23\x4e\xf3";
#define HELLO ((Str){hello, sizeof hello - 1})
#define ZEROS ((Str){zeros, sizeof zeros - 1})

/* What comes out; -1: damaged. */
static int64_t undo(Unzstd *z, Str in, int64_t slice, int64_t room, Buf *out)
{
    for (int64_t got; in.n;) {
        Str piece = str_slice(in, 0, slice);
        in = str_slice(in, piece.n, in.n);
        do {
            if (!unzstd_next(z, &piece, buf_room(out, room), room, &got)) return -1;
            out->n += got;
        } while (got);
    }
    return out->n;
}

static Unzstd *opened(void)
{
    Error err = {0};
    Unzstd *z = NULL;
    if (!unzstd_open(&z, &err)) test_fail(__FILE__, __LINE__, "%s", err.text);
    return z;
}

TEST(frames_come_in_slices_of_any_size)
{
    for (int64_t slice = 1; slice <= 64; slice *= 2) {
        Unzstd *z = opened();
        Buf out = {.a = test_arena()};
        eq_int(undo(z, HELLO, slice, 3, &out), 11);
        eq_str(buf_str(&out), S("hello zstd\n"));
        ok(unzstd_whole(z));
        eq_int(undo(z, HELLO, slice, 100, &out), 22); /* a further frame */
        unzstd_close(z);
    }
}

TEST(much_comes_of_little)
{
    Unzstd *z = opened();
    Buf out = {.a = test_arena()};
    eq_int(undo(z, ZEROS, 100, 777, &out), 100000);
    ok(unzstd_whole(z) && out.p[99999] == 0);
    unzstd_close(z);
}

TEST(what_is_cut_short_is_not_whole_and_what_is_damaged_is_refused)
{
    Unzstd *z = opened();
    Buf out = {.a = test_arena()};
    eq_int(undo(z, str_slice(HELLO, 0, 20), 7, 100, &out), 11);
    ok(!unzstd_whole(z));
    unzstd_close(z);
    z = opened();
    Str wrong = str_copy(test_arena(), HELLO);
    ((char *)wrong.p)[wrong.n - 1] ^= 1; /* of the check sum */
    eq_int(undo(z, wrong, 100, 100, &out), -1);
    unzstd_close(z);
    z = opened();
    eq_int(undo(z, S("no frame at all"), 100, 100, &out), -1);
    unzstd_close(z);
    unzstd_close(NULL);
}
