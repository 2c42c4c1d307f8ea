/* zip_test.c - archives put together by hand: what is taken, what is refused, and by which words. */
#include "test.h"
#include "wire/crc.h"
#include "wire/zip.h"

/* One stored member. */
typedef struct Made {
    const char *name, *bytes;
    uint32_t mode;     /* with a Unix type: made on Unix */
    int64_t told;      /* bytes it says it has; 0: those it has */
    uint32_t crc_less; /* taken from the right one */
} Made;

static void put(Buf *b, uint64_t value, int n)
{
    for (int i = 0; i < n; i++) buf_putc(b, (char)(value >> (8 * i)));
}

/* From the version needed to the extra field's length: the same in both heads. */
static void put_common(Buf *b, const Made *m)
{
    Str bytes = str_from(m->bytes);
    put(b, 20, 2);
    put(b, 0, 2);
    put(b, 0, 2);
    put(b, 0, 4);
    put(b, crc32_add(0, bytes) - m->crc_less, 4);
    put(b, (uint64_t)bytes.n, 4);
    put(b, (uint64_t)(m->told ? m->told : bytes.n), 4);
    put(b, strlen(m->name), 2);
    put(b, 0, 2);
}

static void put_entry(Buf *b, const Made *m, int64_t at)
{
    buf_put(b, S("PK\1\2"));
    put(b, m->mode ? 3 << 8 | 20 : 20, 2);
    put_common(b, m);
    put(b, 0, 2);
    put(b, 0, 2);
    put(b, 0, 2);
    put(b, (uint64_t)m->mode << 16, 4);
    put(b, (uint64_t)at, 4);
    buf_put(b, str_from(m->name));
}

static Str archive(const Made *made, int n)
{
    Buf b = {.a = test_arena()}, directory = {.a = test_arena()};
    for (int i = 0; i < n; i++) {
        put_entry(&directory, &made[i], b.n);
        buf_put(&b, S("PK\3\4"));
        put_common(&b, &made[i]);
        buf_put(&b, str_from(made[i].name));
        buf_put(&b, str_from(made[i].bytes));
    }
    int64_t at = b.n;
    buf_put(&b, buf_str(&directory));
    buf_put(&b, S("PK\5\6"));
    put(&b, 0, 4);
    put(&b, (uint64_t)n, 2);
    put(&b, (uint64_t)n, 2);
    put(&b, (uint64_t)directory.n, 4);
    put(&b, (uint64_t)at, 4);
    put(&b, 0, 2);
    return buf_str(&b);
}

static bool append(void *to, Str piece, Error *err)
{
    (void)err;
    buf_put(to, piece);
    return true;
}

static const ZipLimits limits = {10, 1000};

TEST(zip_gives_what_it_holds)
{
    Made made[] = {{.name = "lib/", .bytes = ""},
                   {.name = "lib/a.py", .bytes = "x = 1\n"},
                   {.name = "bootstrap", .bytes = "#!/bin/sh\n", .mode = 0100755}};
    Zip zip;
    Error err = {0};
    Buf b = {.a = test_arena()};
    ok(zip_open(archive(made, 3), &limits, test_arena(), &zip, &err));
    eq_int(zip.n, 3);
    ok(zip.members[0].folder);
    eq_str(zip.members[0].name, S("lib"));
    ok(!zip.members[1].executable && zip.members[2].executable);
    ok(zip_unpack(&zip, &zip.members[1], append, &b, &err));
    eq_str(buf_str(&b), S("x = 1\n"));
    eq_int(zip.unpacked_bytes, 16);
}

static void refused(Made made, const char *words)
{
    Zip zip;
    Error err = {0};
    ok(!zip_open(archive(&made, 1), &limits, test_arena(), &zip, &err));
    ok(err.code == ERR_VALIDATION && strstr(err.text, words));
}

TEST(zip_refuses_members_that_leave)
{
    static const char *const names[] = {"../x", "/x", "a/../../x", "a/./b", "a//b", "..", ".", "/"};
    for (int i = 0; i < countof(names); i++)
        refused((Made){.name = names[i], .bytes = ""}, "outside its folder");
    refused((Made){.name = "x", .bytes = "/etc/passwd", .mode = 0120777}, "links are not taken");
    refused((Made){.name = "x", .bytes = "", .mode = 0020666}, "links are not taken");
    refused((Made){.name = "\xff", .bytes = ""}, "not UTF-8");
    refused((Made){.name = "x", .bytes = "1", .told = 1001}, "Unzipped size");
}

TEST(zip_refuses_what_is_damaged)
{
    Made wrong = {.name = "x", .bytes = "abc", .crc_less = 1}, fine = {.name = "x", .bytes = "abc"};
    Zip zip;
    Error err = {0};
    Buf b = {.a = test_arena()};
    ok(zip_open(archive(&wrong, 1), &limits, test_arena(), &zip, &err));
    ok(!zip_unpack(&zip, &zip.members[0], append, &b, &err));
    ok(strstr(err.text, "is damaged"));
    Str whole = archive(&fine, 1);
    for (int64_t n = 0; n < whole.n; n++)
        ok(!zip_open(str_slice(whole, 0, n), &limits, test_arena(), &zip, &err));
    Made many[11];
    for (int i = 0; i < 11; i++) many[i] = fine;
    ok(!zip_open(archive(many, 11), &limits, test_arena(), &zip, &err));
    ok(strstr(err.text, "more than 10 members"));
}
