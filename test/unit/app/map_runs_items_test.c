/* map_runs_items_test.c - lines of a Map Run's file of items are read as they were written. */
#include "app/map_runs/items.h"
#include "test.h"

TEST(map_run_item_lines)
{
    Buf out = {.a = test_arena()};
    ItemLine *lines;
    item_put(&out, S("{\"a\":\"x\\ty\"}"), (Str){0}, (Str){0});
    item_put(&out, S("7"), S("k\t\n"), (Str){0});
    item_put(&out, S("[8]"), (Str){0}, S("s3://b/k"));
    eq_int(item_lines(buf_str(&out), 10, test_arena(), &lines), 3);
    eq_str(lines[0].text, S("{\"a\":\"x\\ty\"}"));
    ok(str_absent(lines[0].key) && str_absent(lines[0].source));
    eq_str(lines[1].text, S("7"));
    eq_str(lines[1].key, S("k\t\n"));
    eq_str(lines[2].source, S("s3://b/k"));
    eq_int(lines[0].bytes + lines[1].bytes + lines[2].bytes, out.n);
    eq_int(item_lines(buf_str(&out), 2, test_arena(), &lines), 2);
    eq_int(item_lines(str_slice(buf_str(&out), 0, out.n - 1), 10, test_arena(), &lines), 2);
}
