/* objects_list_test.c - listings against what a loop over all keys makes of them. */
#include "shop.h"
#include "store/objects_list.h"

/* Keys that lie close together in byte order, with every sort of delimiter among them. */
static const char *const keys[] = {
    "a",
    "a-b",
    "a/",
    "a/b",
    "a/b/c",
    "a/b/d",
    "a0",
    "a\xc3\xbc",
    "b//c",
    "b//d",
    "b/c",
    "c=1/d=1/p0",
    "c=1/d=1/p1",
    "c=1/d=2/p0",
    "c=2/p",
    "zz",
    "\xc3\xbc/x",
    "\xc3\xbc/y",
    "\xf4\x8f\xbf\xbf",
};

static Str common(Str key, const ListQuery *q)
{
    int64_t at = q->delimiter.n ? str_find(str_slice(key, q->prefix.n, key.n), q->delimiter) : -1;
    return at < 0 ? key : str_slice(key, 0, q->prefix.n + at + q->delimiter.n);
}

static Str expected(const ListQuery *q, bool *truncated)
{
    Buf out = {.a = test_arena()};
    Str last = {0};
    int64_t n = 0;
    *truncated = false;
    for (int i = 0; i < countof(keys); i++) {
        Str key = str_from(keys[i]), entry = str_starts(key, q->prefix) ? common(key, q) : (Str){0};
        if (str_absent(entry) || str_cmp(key, q->after) <= 0 || str_eq(entry, last)) continue;
        if (entry.n < key.n && str_starts(q->after, entry)) continue;
        if (entry.n == key.n && q->delimiter.n && str_ends(key, q->delimiter) &&
            str_starts(q->after, entry) && entry.n > q->prefix.n)
            continue;
        if (n++ == q->max) {
            *truncated = true;
            break;
        }
        buf_printf(&out, "[%.*s]", STR(entry));
        last = entry;
    }
    return buf_str(&out);
}

static Str listed(Shop *s, const ListQuery *q, bool *truncated)
{
    Buf out = {.a = test_arena()};
    Listing list = object_list(s->o, q, test_arena());
    for (int64_t i = 0; i < list.n; i++) buf_printf(&out, "[%.*s]", STR(list.p[i].object.key));
    *truncated = list.truncated;
    return buf_str(&out);
}

TEST(listings_are_what_a_loop_over_all_keys_makes)
{
    static const char *const prefixes[] = {"",   "a",    "a/",   "a/b",     "b//",
                                           "c=", "c=1/", "\xc3", "nothing", "zz"};
    static const char *const delimiters[] = {"", "/", "//", "=", "b", "\xbc"};
    static const char *const afters[] = {"",    "a",          "a/",   "a/a", "a/b/c",
                                         "b//", "c=1/d=1/p1", "c=1/", "zz",  "\xff"};
    Shop s = shop_open();
    Bucket b;
    Error err = {0};
    for (int i = 0; i < countof(keys); i++) ok(shop_put(&s, "one", str_from(keys[i]), S("x")));
    ok(shop_put(&s, "two", S("a"), S("not in the listing")));
    ok(bucket_find(s.o, S("one"), test_arena(), &b, &err));
    for (int i = 0; i < countof(prefixes) * countof(delimiters) * countof(afters) * 4; i++) {
        bool cut, cut_wanted;
        ListQuery q = {.bucket_id = b.id,
                       .prefix = str_from(prefixes[i % 10]),
                       .delimiter = str_from(delimiters[i / 10 % 6]),
                       .after = str_from(afters[i / 60 % 10]),
                       .max = (const int64_t[]){1, 2, 5, 1000}[i / 600]};
        Str want = expected(&q, &cut_wanted), got = listed(&s, &q, &cut);
        if (!str_eq(got, want) || cut != cut_wanted)
            test_fail(__FILE__, __LINE__,
                      "prefix \"%.*s\" delimiter \"%.*s\" after \"%.*s\" max %d: %.*s, want %.*s",
                      STR(q.prefix), STR(q.delimiter), STR(q.after), (int)q.max, STR(got),
                      STR(want));
    }
    shop_close(&s);
}
