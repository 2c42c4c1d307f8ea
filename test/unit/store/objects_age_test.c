/* objects_age_test.c - versions with their neighbours: which is current, since when not, how many newer ones there are. */
#include "store/objects_age.h"

#include "shop.h"

static Bucket versioned(Shop *s)
{
    Error err = {0};
    Bucket b;
    shop_begin(s);
    ok(bucket_find(s->o, S("one"), test_arena(), &b, &err));
    bucket_set_versioning(s->o, b.id, VERSIONING_ENABLED);
    ok(shop_end(s));
    return b;
}

/* "k+ k0@0 k1@1": + current, D a marker, ! alone; else newer ones and how long after its own making
 * it was replaced, in puts. */
static Str told(const Ages *ages)
{
    Buf out = {.a = test_arena()};
    for (int64_t i = 0; i < ages->n; i++) {
        const Aged *v = &ages->p[i];
        buf_printf(&out, "%s%.*s%s", i ? " " : "", STR(v->object.key),
                   v->object.delete_marker ? "D" : "");
        if (v->current)
            buf_printf(&out, "+%s", v->alone ? "!" : "");
        else
            buf_printf(&out, "%" PRId64 "%s", v->newer, v->since > v->object.modified ? "" : "?");
    }
    return buf_str(&out);
}

TEST(ages_tell_what_is_current_and_since_when_the_others_are_not)
{
    Shop s = shop_open();
    Bucket b = versioned(&s);
    for (int i = 0; i < 3; i++) ok(shop_put(&s, "one", S("a"), S("x")));
    ok(shop_put(&s, "one", S("b"), S("x")));
    s.now += 1000;
    ok(shop_delete(&s, "one", S("b")));
    ok(!shop_delete(&s, "one", S("never")));
    Ages all = object_ages(s.o, b.id, b.name, (Str){0}, 0, test_arena());
    eq_str(told(&all), S("a+ a0 a1 bD+ b0 neverD+!"));
    Ages rest = object_ages(s.o, b.id, b.name, S("a"), all.p[1].object.seq, test_arena());
    eq_str(told(&rest), S("a1 bD+ b0 neverD+!"));
    shop_close(&s);
}
