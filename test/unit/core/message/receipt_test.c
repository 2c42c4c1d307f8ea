/* receipt_test.c - receipt handles there and back, and all that is no handle. */
#include "core/message/receipt.h"

#include "../../../test.h"
#include "base/encode.h"

static bool reads(Str handle)
{
    Receipt r;
    return receipt_read(test_arena(), handle, &r);
}

static Str coded(const char *text)
{
    return base64_encode(test_arena(), str_from(text));
}

TEST(receipts_there_and_back)
{
    Receipt r, given = {.queue = 3, .n = INT64_MAX, .receives = 2, .id = S("0a1b-2c")};
    Str handle = receipt_write(test_arena(), &given);
    ok(receipt_read(test_arena(), handle, &r));
    eq_int(r.queue, 3);
    ok(r.n == INT64_MAX);
    eq_int(r.receives, 2);
    eq_str(r.id, S("0a1b-2c"));
    ok(reads(coded("mayfly:1:2:3:x")));
}

TEST(what_is_no_receipt)
{
    static const char *const texts[] = {
        "",
        "mayfly",
        "mayfly:1:2:3",
        "mayfly:1:2:3:",
        "other:1:2:3:x",
        "mayfly:0:2:3:x",
        "mayfly:1:-2:3:x",
        "mayfly:1:2:+3:x",
        "mayfly:01:2:3:x",
        "mayfly:1: 2:3:x",
        "mayfly:1:2:99999999999999999999:x",
        "mayfly:1:2:x",
    };
    Buf long_one = {.a = test_arena()};
    for (int i = 0; i < countof(texts); i++) ok(!reads(coded(texts[i])));
    ok(!reads(S("not base64!")) && !reads(S("bWF5")) && !reads((Str){0}));
    for (int i = 0; i < RECEIPT_BYTES_MAX; i++) buf_putc(&long_one, 'x');
    ok(!reads(coded(str_z(
        test_arena(), str_printf(test_arena(), "mayfly:1:2:3:%.*s", STR(buf_str(&long_one)))))));
}

/* The bits that Base64 leaves over must be zero: each message has one handle for a reception. */
TEST(a_receipt_has_one_form)
{
    Str handle = str_copy(test_arena(), coded("mayfly:1:2:3:a"));
    ok(str_ends(handle, S("=")) && reads(handle));
    char *digit = (char *)handle.p + handle.n - 2;
    (*digit)++;
    ok(!reads(handle));
}
