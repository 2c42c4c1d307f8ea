/* old_test.c - what updates leave behind of a resource, and in which order it is removed. */
#include "app/stacks/old.h"

#include "../../../test.h"

static StackResourceRow thing(const char *physical)
{
    return (StackResourceRow){.physical = str_from(physical), .status = S("UPDATE_COMPLETE")};
}

static Str physical_of(const Json *v)
{
    return json_text(json_get(v, S("physical")));
}

TEST(old_of_a_change_in_place_is_no_thing_to_remove)
{
    Arena arena = {0}, *a = &arena;
    Json next;
    StackResourceRow r = thing("a");
    Str old = old_with(a, (Str){0}, &r, false);
    Json top = old_thing(a, old);
    eq_str(physical_of(&top), S("a"));
    ok(!old_next(a, old, &next));
    ok(str_absent(old_forget(a, old)));
    ok(str_absent(old_set_aside(a, old)));
    arena_free(a);
}

TEST(old_things_set_aside_are_removed_after_the_last)
{
    Arena arena = {0}, *a = &arena;
    Json next;
    StackResourceRow r = thing("a"), then = thing("b");
    Str old = old_set_aside(a, old_with(a, (Str){0}, &r, true));
    ok(old_thing(a, old).type == JSON_NULL);
    old = old_keep_next(a, old_with(a, old, &then, true), S("k"));
    ok(old_next(a, old, &next));
    eq_str(physical_of(&next), S("b"));
    eq_str(json_text(json_get(&next, S("kept"))), S("k"));
    old = old_without_next(a, old);
    ok(old_next(a, old, &next));
    eq_str(physical_of(&next), S("a"));
    ok(str_absent(json_text(json_get(&next, S("kept")))));
    ok(str_absent(old_without_next(a, old)));
    arena_free(a);
}

TEST(old_remembers_that_it_could_not_be_made)
{
    Arena arena = {0}, *a = &arena;
    StackResourceRow r = {.physical = S("a"), .status = S("CREATE_FAILED")};
    Json top = old_thing(a, old_with(a, (Str){0}, &r, true));
    eq_str(json_text(json_get(&top, S("status"))), S("CREATE_FAILED"));
    arena_free(a);
}
