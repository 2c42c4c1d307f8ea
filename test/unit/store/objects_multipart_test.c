/* objects_multipart_test.c - parts become an object once, whatever is lost on the way. */
#include "shop.h"

enum { LARGE_ENOUGH = OBJECT_INLINE_BYTES_MAX + 1 }; /* for a staging file */

static Multi begin(Shop *s, DigestAlgorithm checksum, bool full)
{
    Error err = {0};
    Multi m;
    shop_begin(s);
    ok(multi_create(
        s->o, S("one"), S("big"),
        &(Multi){.facts = {.type = JSON_OBJECT}, .checksum = checksum, .full_object = full}, s->now,
        test_arena(), &m, &err));
    ok(shop_end(s));
    return m;
}

static PartWanted put_part(Shop *s, const Multi *m, int64_t number, Str body)
{
    Error err = {0};
    ObjectBody made;
    Upload *u = upload_open(s->o, NULL);
    if (m->checksum != DIGEST_NONE) upload_set_checksum(u, m->checksum);
    ok(upload_put(u, body, &err) && upload_seal(u, &err) &&
       upload_body(u, test_arena(), &made, &err));
    shop_begin(s);
    part_put(s->o, m, number, &made, s->now += 1000);
    ok(shop_end(s));
    upload_close(u, true);
    return (PartWanted){.number = number, .etag = made.etag};
}

static ErrorCode plan(Shop *s, const Multi *m, const PartWanted *wanted, int64_t n, Assembly *out)
{
    Error err = {0};
    return multi_plan(s->o, m, wanted, n, out, &err) ? ERR_NONE : err.code;
}

static ErrorCode complete(Shop *s, Assembly *a)
{
    Error err = {0};
    Object out;
    multi_assemble(a);
    shop_begin(s);
    bool good = multi_complete(s->o, a, &(ObjectNew){0}, s->now, test_arena(), &out, &err);
    ok(shop_end(s));
    assembly_free(s->o, a, good);
    return good ? ERR_NONE : err.code;
}

static Str joined(Str x, Str y)
{
    return str_join(test_arena(), (Str[]){x, y}, 2, S(""));
}

TEST(multipart_of_many_parts_one_part_and_a_small_last)
{
    Shop s = shop_open();
    Str five = shop_bytes(MULTI_PART_BYTES_MIN, 1),
        bodies[] = {S("small last"), shop_bytes(LARGE_ENOUGH, 2), S("")};
    for (int i = 0; i < countof(bodies); i++) {
        Assembly a;
        Multi m = begin(&s, DIGEST_NONE, false);
        PartWanted parts[] = {put_part(&s, &m, 3, five), put_part(&s, &m, 7, bodies[i])};
        eq_int(plan(&s, &m, parts, 2, &a), ERR_NONE);
        eq_int(complete(&s, &a), ERR_NONE);
        Str whole = joined(five, bodies[i]);
        eq_str(shop_get(&s, "one", S("big"), (Str){0}), whole);
        DigestValue crc = digest_of(DIGEST_CRC64NVME, whole);
        eq_str(shop_find(&s, "one", S("big")).checksum,
               str_printf(test_arena(), "CRC64NVME FULL_OBJECT %.*s",
                          STR(digest_text(test_arena(), &crc))));
        shop_settle(&s);
        eq_str(shop_get(&s, "one", S("big"), (Str){0}), whole);
        m = begin(&s, DIGEST_NONE, false);
        PartWanted one = put_part(&s, &m, 1, bodies[i]);
        eq_int(plan(&s, &m, &one, 1, &a), ERR_NONE);
        ok(!a.copied);
        eq_int(complete(&s, &a), ERR_NONE);
        eq_str(shop_get(&s, "one", S("big"), (Str){0}), bodies[i]);
        shop_settle(&s);
        eq_str(shop_get(&s, "one", S("big"), (Str){0}), bodies[i]);
        eq_int(shop_names_in(&s, "staging"), 0);
    }
    shop_close(&s);
}

TEST(multipart_lists_that_are_wrong)
{
    Shop s = shop_open();
    Assembly a;
    Multi m = begin(&s, DIGEST_SHA256, false);
    PartWanted one = put_part(&s, &m, 1, shop_bytes(MULTI_PART_BYTES_MIN - 1, 1)),
               two = put_part(&s, &m, 2, S("x"));
    PartWanted other = {.number = 2, .etag = one.etag}, absent = {.number = 3, .etag = two.etag};
    PartWanted bad_sum = {.number = 2, .etag = two.etag, .checksum = S("AAAA")};
    eq_int(plan(&s, &m, (PartWanted[]){two, one}, 2, &a), ERR_S3_INVALID_PART_ORDER);
    eq_int(plan(&s, &m, (PartWanted[]){two, two}, 2, &a), ERR_S3_INVALID_PART_ORDER);
    eq_int(plan(&s, &m, &other, 1, &a), ERR_S3_INVALID_PART);
    eq_int(plan(&s, &m, &absent, 1, &a), ERR_S3_INVALID_PART);
    eq_int(plan(&s, &m, &bad_sum, 1, &a), ERR_S3_INVALID_PART);
    eq_int(plan(&s, &m, (PartWanted[]){one, two}, 2, &a), ERR_S3_ENTITY_TOO_SMALL);
    shop_close(&s);
}

TEST(multipart_a_crash_before_the_commit_leaves_the_upload)
{
    Shop s = shop_open();
    Error err = {0};
    Object out;
    Assembly a;
    Multi m = begin(&s, DIGEST_CRC32, false);
    PartWanted parts[] = {put_part(&s, &m, 1, shop_bytes(MULTI_PART_BYTES_MIN, 1)),
                          put_part(&s, &m, 2, S("end"))};
    eq_int(plan(&s, &m, parts, 2, &a), ERR_NONE);
    multi_assemble(&a);
    shop_begin(&s);
    ok(multi_complete(s.o, &a, &(ObjectNew){0}, s.now, test_arena(), &out,
                      &err)); /* not committed */
    assembly_free(s.o, &a, true);
    shop_crash(&s);
    eq_str(shop_get(&s, "one", S("big"), (Str){0}), S("NoSuchKey"));
    eq_int(shop_names_in(&s, "staging"), 1); /* the first part; the second is in its row */
    eq_int(plan(&s, &m, parts, 2, &a), ERR_NONE);
    eq_int(complete(&s, &a), ERR_NONE);
    eq_int(shop_get(&s, "one", S("big"), (Str){0}).n, MULTI_PART_BYTES_MIN + 3);
    ok(str_ends(shop_find(&s, "one", S("big")).checksum, S("-2")));
    ok(multi_find(s.o, S("one"), S("big"), m.name, true, test_arena(), &m, &err));
    eq_str(m.completed_etag, shop_find(&s, "one", S("big")).etag);
    ok(!multi_find(s.o, S("one"), S("big"), m.name, false, test_arena(), &m, &err));
    eq_int(err.code, ERR_S3_NO_SUCH_UPLOAD);
    shop_close(&s);
}

/* Two requests complete the same upload at once; and a part is put again while it is being
 * assembled. */
TEST(multipart_is_completed_once)
{
    Shop s = shop_open();
    Assembly a, b;
    Multi m = begin(&s, DIGEST_NONE, false);
    PartWanted parts[] = {put_part(&s, &m, 1, shop_bytes(MULTI_PART_BYTES_MIN, 1)),
                          put_part(&s, &m, 2, S("end"))};
    eq_int(plan(&s, &m, parts, 2, &a), ERR_NONE);
    parts[1] = put_part(&s, &m, 2, S("END"));
    eq_int(complete(&s, &a), ERR_S3_INVALID_PART);
    eq_int(plan(&s, &m, parts, 2, &a), ERR_NONE);
    eq_int(plan(&s, &m, parts, 2, &b), ERR_NONE);
    eq_int(complete(&s, &a), ERR_NONE);
    eq_int(complete(&s, &b), ERR_S3_NO_SUCH_UPLOAD);
    shop_settle(&s);
    eq_int(shop_names_in(&s, "staging"), 0);
    ok(str_ends(shop_get(&s, "one", S("big"), (Str){0}), S("END")));
    shop_close(&s);
}

TEST(multipart_aborted_leaves_nothing)
{
    Shop s = shop_open();
    Error err = {0};
    Multi m = begin(&s, DIGEST_NONE, false);
    put_part(&s, &m, 1, shop_bytes(LARGE_ENOUGH, 1));
    put_part(&s, &m, 1, shop_bytes(LARGE_ENOUGH, 2));
    put_part(&s, &m, 2, S("small"));
    shop_begin(&s);
    ok(!bucket_delete(s.o, S("one"), &err));
    ok(multi_abort(s.o, S("one"), S("big"), m.name, &err));
    ok(shop_end(&s));
    shop_settle(&s);
    eq_int(shop_names_in(&s, "staging"), 0);
    shop_begin(&s);
    ok(bucket_delete(s.o, S("one"), &err));
    ok(shop_end(&s));
    shop_close(&s);
}
