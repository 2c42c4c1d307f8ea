/* zip_make.c - zip archives of a few texts: members stored as they are, readable by all, without dates. */
#include "wire/zip_make.h"

#include "wire/crc.h"

/* APPNOTE 4.3.7, 4.3.12, 4.3.16 */
enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    VERSION = 20,
    MADE_BY = 3 << 8 | VERSION, /* Unix: the mode counts */
    UTF8_NAME = 1 << 11,
    FIRST_DAY = 1 << 5 | 1, /* 1980-01-01 */
};
#define MODE ((uint32_t)0100644 << 16)

static void put(Buf *b, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) buf_putc(b, (char)(value >> (8 * i) & 0xff));
}

/* What both heads of a member have: version needed, flags, method, time, date, CRC, sizes, name's
 * and extra's length. */
static void put_facts(Buf *b, const ZipText *m)
{
    put(b, VERSION, 2);
    put(b, UTF8_NAME, 2);
    put(b, 0, 2);
    put(b, 0, 2);
    put(b, FIRST_DAY, 2);
    put(b, crc32_add(0, m->text), 4);
    put(b, (uint32_t)m->text.n, 4);
    put(b, (uint32_t)m->text.n, 4);
    put(b, (uint32_t)m->name.n, 2);
    put(b, 0, 2);
}

static void put_central(Buf *b, const ZipText *m, int64_t at)
{
    put(b, CENTRAL, 4);
    put(b, MADE_BY, 2);
    put_facts(b, m);
    put(b, 0, 2); /* comment */
    put(b, 0, 2); /* disk */
    put(b, 0, 2); /* internal attributes */
    put(b, MODE, 4);
    put(b, (uint32_t)at, 4);
    buf_put(b, m->name);
}

Str zip_make(const ZipText *members, int n, Arena *a)
{
    Buf b = {.a = a}, central = {.a = a};
    for (int i = 0; i < n; i++) {
        put_central(&central, &members[i], b.n);
        put(&b, LOCAL, 4);
        put_facts(&b, &members[i]);
        buf_put(&b, members[i].name);
        buf_put(&b, members[i].text);
    }
    int64_t at = b.n;
    buf_put(&b, buf_str(&central));
    put(&b, END, 4);
    put(&b, 0, 4); /* disks */
    put(&b, (uint32_t)n, 2);
    put(&b, (uint32_t)n, 2);
    put(&b, (uint32_t)central.n, 4);
    put(&b, (uint32_t)at, 4);
    put(&b, 0, 2);
    return buf_str(&b);
}
