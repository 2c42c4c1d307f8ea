/* golden_test.c - JSONata by example: test/golden/jsonata, written from the language's documentation. */
#include "cases.h"
#include "test.h"
#include <glob.h>

TEST(golden_jsonata)
{
    const char *root = getenv("GOLDEN");
    Tally all = {0}, tally;
    glob_t found;
    if (!root) {
        test_skip("GOLDEN names test/golden");
        return;
    }
    const char *datasets =
        str_z(test_arena(), str_printf(test_arena(), "%s/jsonata/datasets", root));
    check(glob(str_z(test_arena(), str_printf(test_arena(), "%s/jsonata/*.jsonl", root)), 0, NULL,
               &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        ok(cases_run(found.gl_pathv[i], datasets, NULL, &tally));
        all.run += tally.run;
        all.good += tally.good;
    }
    globfree(&found);
    ok(all.run > 300);
    eq_int(all.good, all.run);
}
