/* objects_versions_test.c - versioning: nothing is overwritten, deletes are markers, versions come back. */
#include "shop.h"
#include "store/objects_list.h"

static void set_versioning(Shop *s, Versioning v)
{
    Error err = {0};
    Bucket b;
    shop_begin(s);
    ok(bucket_find(s->o, S("one"), test_arena(), &b, &err));
    bucket_set_versioning(s->o, b.id, v);
    ok(shop_end(s));
}

/* "2:<body>L 1:<body>" of one key, newest first; D for a marker, L for the latest. */
static Str versions_of(Shop *s, Str key)
{
    Error err = {0};
    Bucket b;
    Buf out = {.a = test_arena()};
    ok(bucket_find(s->o, S("one"), test_arena(), &b, &err));
    Listing list = version_list(s->o, &(ListQuery){.bucket_id = b.id, .prefix = key, .max = 1000},
                                test_arena());
    for (int64_t i = 0; i < list.n; i++) {
        const Object *v = &list.p[i].object;
        Str body = v->delete_marker ? S("D") : shop_get(s, "one", key, v->version);
        buf_printf(&out, "%s%.*s%s", i ? " " : "", STR(body), list.p[i].is_latest ? "!" : "");
    }
    return buf_str(&out);
}

static ObjectGone delete (Shop *s, Str key, Str version)
{
    Error err = {0};
    ObjectGone gone = {0};
    shop_begin(s);
    ok(object_delete(s->o, S("one"), key, version, (Str){0}, s->now += 1000, test_arena(), &gone,
                     &err));
    ok(shop_end(s));
    return gone;
}

TEST(versions_are_kept_hidden_and_brought_back)
{
    Shop s = shop_open();
    for (int settled = 0; settled < 2; settled++) {
        Str key = settled ? S("settled") : S("fresh");
        set_versioning(&s, VERSIONING_NEVER);
        ok(shop_put(&s, "one", key, S("v0")));
        if (settled) shop_settle(&s);
        set_versioning(&s, VERSIONING_ENABLED);
        ok(shop_put(&s, "one", key, S("v1")));
        ok(shop_put(&s, "one", key, S("v2")));
        if (settled) shop_settle(&s);
        eq_str(versions_of(&s, key), S("v2! v1 v0"));
        eq_str(shop_get(&s, "one", key, S("null")), S("v0"));
        ObjectGone gone = delete (&s, key, (Str){0});
        ok(gone.marker && gone.version.n == 32);
        eq_str(shop_get(&s, "one", key, (Str){0}), S("NoSuchKey"));
        eq_str(versions_of(&s, key), S("D! v2 v1 v0"));
        ok(delete (&s, key, gone.version).marker);
        eq_str(shop_get(&s, "one", key, (Str){0}), S("v2"));
        ok(!delete (&s, key, shop_find(&s, "one", key).version).marker);
        eq_str(versions_of(&s, key), S("v1! v0"));
        delete (&s, key, S("null"));
        eq_str(versions_of(&s, key), S("v1!"));
        delete (&s, key, shop_find(&s, "one", key).version);
        eq_str(versions_of(&s, key), S(""));
    }
    shop_settle(&s);
    eq_int(shop_names_in(&s, "objects"), 0);
    shop_close(&s);
}

TEST(versions_when_suspended_there_is_one_null_version)
{
    Shop s = shop_open();
    Str key = S("k");
    set_versioning(&s, VERSIONING_ENABLED);
    ok(shop_put(&s, "one", key, S("v1")));
    set_versioning(&s, VERSIONING_SUSPENDED);
    ok(shop_put(&s, "one", key, S("n1")));
    shop_settle(&s);
    ok(shop_put(&s, "one", key, S("n2")));
    eq_str(versions_of(&s, key), S("n2! v1"));
    ObjectGone gone = delete (&s, key, (Str){0});
    ok(gone.marker);
    eq_str(gone.version, S("null"));
    eq_str(versions_of(&s, key), S("D! v1"));
    ok(shop_put(&s, "one", key, S("n3")));
    eq_str(versions_of(&s, key), S("n3! v1"));
    shop_settle(&s);
    eq_str(versions_of(&s, key), S("n3! v1"));
    eq_int(shop_names_in(&s, "objects/one/.mayfly"), 2);
    shop_close(&s);
}

TEST(versions_are_listed_in_pages_of_any_size)
{
    Shop s = shop_open();
    Error err = {0};
    Bucket b;
    set_versioning(&s, VERSIONING_ENABLED);
    for (int i = 0; i < 12; i++)
        ok(shop_put(&s, "one", str_printf(test_arena(), "k%d", i % 4), S("x")));
    delete (&s, S("k1"), (Str){0});
    ok(bucket_find(s.o, S("one"), test_arena(), &b, &err));
    for (int64_t size = 1; size <= 14; size++) {
        int64_t n = 0, last_seq = 0;
        Str after = {0};
        Listing page;
        do {
            page = version_list(
                s.o,
                &(ListQuery){.bucket_id = b.id, .after = after, .after_seq = last_seq, .max = size},
                test_arena());
            ok(page.n == size || !page.truncated);
            for (int64_t i = 0; i < page.n; i++, n++) {
                const Object *v = &page.p[i].object;
                ok(str_absent(after) || str_cmp(v->key, after) > 0 || v->seq < last_seq);
                after = v->key;
                last_seq = v->seq;
            }
        } while (page.truncated);
        eq_int(n, 13);
    }
    shop_close(&s);
}
