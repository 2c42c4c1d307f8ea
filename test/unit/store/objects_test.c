/* objects_test.c - objects put, overwritten and deleted at every moment of their settling and across crashes. */
#include "shop.h"
#include "store/objects_path.h"

enum { LARGE = OBJECT_INLINE_BYTES_MAX + 1 };

TEST(path_plain_keys_are_file_names)
{
    static const char *const plain[] = {
        "a",    "a/b",        ".hidden",   "...",     "a/.../b", "state=NY/p 0.parquet",
        "a\nb", "x.mayfly/y", "a/.mayfly", ".mayfly2"};
    static const char *const other[] = {"/a",  "a/",     "a//b", ".", "..",      "a/.",
                                        "./a", "a/../b", "../a", "/", ".mayfly", ".mayfly/x"};
    for (int i = 0; i < countof(plain); i++) ok(key_is_plain(str_from(plain[i])));
    for (int i = 0; i < countof(other); i++) ok(!key_is_plain(str_from(other[i])));
    ok(!key_is_plain(S("")) && !key_is_plain(S("a\0b")));
    ok(key_is_plain(str_slice(shop_bytes(0, 1), 0, 0)) == false);
    char long_name[256];
    memset(long_name, 'k', sizeof long_name);
    ok(key_is_plain((Str){long_name, 255}) && !key_is_plain((Str){long_name, 256}));
}

TEST(path_next_after_a_prefix)
{
    Arena *a = test_arena();
    eq_str(key_after_prefix(a, S("a/")), S("a0"));
    eq_str(key_after_prefix(a, S("a\xff\xff")), S("b"));
    ok(str_absent(key_after_prefix(a, S("\xff"))) && str_absent(key_after_prefix(a, S(""))));
}

/* The bodies must be the same before, while and after they move. */
static void put_settle_get(Str body)
{
    Shop s = shop_open();
    ok(shop_put(&s, "one", S("a/b.csv"), body));
    eq_str(shop_get(&s, "one", S("a/b.csv"), (Str){0}), body);
    eq_int(shop_find(&s, "one", S("a/b.csv")).place, body.n < LARGE ? PLACE_INLINE : PLACE_STAGED);
    SettleBatch *b = settle_pick(s.o);
    eq_str(shop_get(&s, "one", S("a/b.csv"), (Str){0}), body);
    settle_work(b);
    eq_str(shop_get(&s, "one", S("a/b.csv"), (Str){0}), body);
    ok(shop_mark(&s, b));
    eq_int(shop_find(&s, "one", S("a/b.csv")).place, PLACE_FILE);
    eq_str(shop_get(&s, "one", S("a/b.csv"), (Str){0}), body);
    ok(shop_has_file(&s, "objects/one/a/b.csv"));
    eq_int(shop_names_in(&s, "staging"), 0);
    ok(settle_pick(s.o) == NULL);
    shop_close(&s);
}

TEST(objects_move_from_the_row_to_their_file)
{
    put_settle_get(S("small"));
    put_settle_get(S(""));
    put_settle_get(shop_bytes(OBJECT_INLINE_BYTES_MAX, 1));
}

TEST(objects_move_from_staging_to_their_file)
{
    put_settle_get(shop_bytes(LARGE, 1));
    put_settle_get(shop_bytes(3000000, 2));
}

TEST(objects_whose_client_never_got_an_answer_leave_nothing)
{
    Shop s = shop_open();
    Error err = {0};
    Upload *u = upload_open(s.o, NULL);
    ok(upload_put(u, shop_bytes(LARGE, 1), &err) && upload_seal(u, &err));
    eq_int(shop_names_in(&s, "staging"), 1);
    shop_crash(&s);
    eq_int(shop_names_in(&s, "staging"), 0);
    upload_close(u, true); /* only its memory */
    u = upload_open(s.o, NULL);
    ok(upload_put(u, shop_bytes(LARGE, 1), &err));
    upload_close(u, false);
    eq_int(shop_names_in(&s, "staging"), 1);
    shop_settle(&s);
    eq_int(shop_names_in(&s, "staging"), 0);
    shop_close(&s);
}

/* A crash at each step of settling, of a small and a large body: what was acknowledged is there and
 * settles again. */
static void crash_after_step(int step, Str body)
{
    Shop s = shop_open();
    Str old = shop_bytes(LARGE + 9, 7);
    ok(shop_put(&s, "one", S("k"), old));
    shop_settle(&s);
    ok(shop_put(&s, "one", S("k"), body));
    SettleBatch *b = step > 0 ? settle_pick(s.o) : NULL;
    if (step > 1) settle_work(b);
    if (step > 2) {
        shop_begin(&s);
        ok(settle_mark(s.o, b)); /* not committed */
    }
    if (b) settle_free(s.o, b, false);
    shop_crash(&s);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), body);
    shop_settle(&s);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), body);
    eq_int(shop_find(&s, "one", S("k")).place, PLACE_FILE);
    eq_int(shop_names_in(&s, "staging"), 0);
    shop_close(&s);
}

TEST(objects_survive_a_crash_at_every_step_of_settling)
{
    for (int step = 0; step <= 3; step++) {
        crash_after_step(step, S("small and new"));
        crash_after_step(step, shop_bytes(LARGE + step, 3));
    }
}

TEST(objects_overwritten_before_they_settle_leave_nothing)
{
    Shop s = shop_open();
    ok(shop_put(&s, "one", S("k"), shop_bytes(LARGE, 1)));
    ok(shop_put(&s, "one", S("k"), S("small")));
    ok(shop_put(&s, "one", S("k"), S("smaller")));
    ok(shop_put(&s, "one", S("k"), shop_bytes(LARGE, 2)));
    shop_settle(&s);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), shop_bytes(LARGE, 2));
    eq_int(shop_names_in(&s, "staging"), 0);
    eq_int(shop_loose_rows(&s), 0);
    shop_close(&s);
}

TEST(objects_a_newer_one_wins_over_a_batch_under_way)
{
    Shop s = shop_open();
    Str first = shop_bytes(LARGE, 1), second = S("second"), third = shop_bytes(LARGE, 3);
    ok(shop_put(&s, "one", S("k"), first));
    SettleBatch *b = settle_pick(s.o);
    ok(shop_put(&s, "one", S("k"), second));
    settle_work(b);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), second);
    shop_mark(&s, b);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), second);
    b = settle_pick(s.o);
    settle_work(b);
    ok(shop_put(&s, "one", S("k"), third));
    shop_mark(&s, b);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), third);
    shop_settle(&s);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), third);
    eq_int(shop_names_in(&s, "staging"), 0);
    shop_close(&s);
}

TEST(objects_deleted_while_they_settle_leave_no_file)
{
    for (int large = 0; large < 2; large++) {
        Shop s = shop_open();
        ok(shop_put(&s, "one", S("a/b/c"), large ? shop_bytes(LARGE, 1) : S("small")));
        SettleBatch *b = settle_pick(s.o);
        ok(shop_delete(&s, "one", S("a/b/c")));
        settle_work(b);
        ok(shop_has_file(&s, "objects/one/a/b/c"));
        shop_mark(&s, b);
        shop_settle(&s);
        eq_str(shop_get(&s, "one", S("a/b/c"), (Str){0}), S("NoSuchKey"));
        eq_int(shop_names_in(&s, "objects"), 0);
        eq_int(shop_names_in(&s, "staging"), 0);
        shop_close(&s);
    }
}

/* Deleted and put again before the garbage went out: the file of the new one must not be taken for
 * the old one's. */
static void put_again_after_a_delete(Str body)
{
    Shop s = shop_open();
    ok(shop_put(&s, "one", S("k"), S("old")));
    shop_settle(&s);
    ok(shop_delete(&s, "one", S("k")));
    ok(shop_put(&s, "one", S("k"), body));
    SettleBatch *b = settle_pick(s.o);
    settle_work(b);
    settle_free(s.o, b, false);
    shop_crash(&s); /* the garbage is picked once more, when the new file lies there already */
    shop_settle(&s);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), body);
    ok(shop_has_file(&s, "objects/one/k"));
    shop_close(&s);
}

TEST(objects_put_again_after_a_delete_keep_their_file)
{
    put_again_after_a_delete(S("new"));
    put_again_after_a_delete(shop_bytes(LARGE, 1));
}

TEST(objects_a_file_may_be_beside_a_folder_of_its_name)
{
    static const char *const keys[] = {"foo",    "foo/bar", "foo/", "foo/bar/baz", "foo//bar",
                                       "a/../b", "..",      "/x",   ".mayfly/y"};
    for (int turn = 0; turn < 4; turn++) {
        Shop s = shop_open();
        for (int i = 0; i < countof(keys); i++) {
            const char *key = keys[turn & 1 ? countof(keys) - 1 - i : i];
            ok(shop_put(&s, "one", str_from(key), str_from(key)));
            if (turn & 2) shop_settle(&s);
        }
        shop_settle(&s);
        for (int i = 0; i < countof(keys); i++)
            eq_str(shop_get(&s, "one", str_from(keys[i]), (Str){0}), str_from(keys[i]));
        ok(shop_has_file(&s, turn & 1 ? "objects/one/foo/bar/baz" : "objects/one/foo"));
        for (int i = 0; i < countof(keys); i++) ok(shop_delete(&s, "one", str_from(keys[i])));
        shop_settle(&s);
        eq_int(shop_names_in(&s, "objects"), 0);
        shop_close(&s);
    }
}

TEST(objects_what_somebody_put_in_the_way_is_walked_around)
{
    Shop s = shop_open();
    Error err = {0};
    ok(folder_make(s.folder, S("objects/one/k/of somebody"), &err));
    ok(shop_put(&s, "one", S("k"), S("body")));
    shop_settle(&s);
    eq_str(shop_get(&s, "one", S("k"), (Str){0}), S("body"));
    eq_int(shop_find(&s, "one", S("k")).path, PATH_ESCAPED);
    shop_close(&s);
}

TEST(objects_cut_by_hand_are_not_served)
{
    Shop s = shop_open();
    Error err = {0};
    ok(shop_put(&s, "one", S("k"), S("body")));
    shop_settle(&s);
    ok(file_replace_durably(s.folder, S("objects/one/k"), S("bod"), &err));
    Object object = shop_find(&s, "one", S("k"));
    ObjectBytes bytes;
    ok(!object_bytes(s.o, &object, test_arena(), &bytes, &err));
    eq_int(err.code, ERR_IO);
    shop_close(&s);
}

TEST(objects_writes_on_conditions)
{
    Shop s = shop_open();
    Error err = {0};
    Object out;
    ObjectBody body = {.id = object_new_id(s.o),
                       .size = 1,
                       .place = PLACE_INLINE,
                       .bytes = S("x"),
                       .etag = S("e1")};
    shop_begin(&s);
    ok(!object_put(s.o, S("one"), S("k"), &body, &(ObjectNew){.if_match = S("\"e1\"")}, 1,
                   test_arena(), &out, &err));
    eq_int(err.code, ERR_S3_NO_SUCH_KEY);
    ok(object_put(s.o, S("one"), S("k"), &body, &(ObjectNew){.if_none_match = S("*")}, 1,
                  test_arena(), &out, &err));
    body.id = object_new_id(s.o);
    body.etag = S("e2");
    ok(!object_put(s.o, S("one"), S("k"), &body, &(ObjectNew){.if_none_match = S("*")}, 1,
                   test_arena(), &out, &err));
    eq_int(err.code, ERR_S3_PRECONDITION_FAILED);
    ok(!object_put(s.o, S("one"), S("k"), &body, &(ObjectNew){.if_match = S("\"e2\"")}, 1,
                   test_arena(), &out, &err));
    ok(object_put(s.o, S("one"), S("k"), &body, &(ObjectNew){.if_match = S("e1")}, 1, test_arena(),
                  &out, &err));
    ok(!object_put(s.o, S("none"), S("k"), &body, &(ObjectNew){0}, 1, test_arena(), &out, &err));
    eq_int(err.code, ERR_S3_NO_SUCH_BUCKET);
    ok(shop_end(&s));
    eq_str(shop_find(&s, "one", S("k")).etag, S("e2"));
    shop_close(&s);
}

TEST(buckets_go_when_they_are_empty_and_come_again)
{
    Shop s = shop_open();
    Error err = {0};
    ok(shop_put(&s, "one", S("a/b"), S("x")));
    shop_settle(&s);
    shop_begin(&s);
    ok(!bucket_delete(s.o, S("one"), &err));
    eq_int(err.code, ERR_S3_BUCKET_NOT_EMPTY);
    ok(shop_end(&s));
    ok(shop_delete(&s, "one", S("a/b")));
    shop_begin(&s);
    ok(bucket_delete(s.o, S("one"), &err));
    ok(bucket_create(s.o, &(Bucket){.name = S("one"), .account = S("1"), .region = S("r")}, &err));
    ok(shop_end(&s));
    ok(shop_put(&s, "one", S("a/b"), S("new")));
    shop_settle(&s);
    eq_str(shop_get(&s, "one", S("a/b"), (Str){0}), S("new"));
    ok(shop_has_file(&s, "objects/one/a/b"));
    shop_close(&s);
}

TEST(bucket_names)
{
    static const char *const good[] = {"abc", "a.b-c", "0ab", "a1.2.3.4", "1234"};
    static const char *const bad[] = {"ab",      "Abc",   "a_b",       "-ab", "ab-", "a..b",
                                      "1.2.3.4", "xn--a", "a-s3alias", ".ab", "a b", "../a"};
    for (int i = 0; i < countof(good); i++) ok(bucket_name_ok(str_from(good[i])));
    for (int i = 0; i < countof(bad); i++) ok(!bucket_name_ok(str_from(bad[i])));
}
