/* conformance_test.c - the public JSONata test suite, when its cases lie beside the tree. */
#include "cases.h"
#include "test.h"

TEST(jsonata_public_suite)
{
    static const char *const places[] = {"../../..", "../../../.."};
    const char *root = getenv("GOLDEN");
    Tally tally = {0};
    bool found = false;
    for (int i = 0; root && i < countof(places) && !found; i++) {
        Str folder = str_printf(test_arena(), "%s/%s/shared/conformance/jsonata", root, places[i]);
        const char *file =
            str_z(test_arena(), str_printf(test_arena(), "%.*s/cases.jsonl", STR(folder)));
        const char *datasets =
            str_z(test_arena(), str_printf(test_arena(), "%.*s/datasets", STR(folder)));
        found = cases_run(file, datasets, NULL, &tally);
    }
    if (!found) {
        test_skip("the cases (shared/conformance/jsonata beside the tree) are not here");
        return;
    }
    printf("# JSONata suite: %d of %d\n", tally.good, tally.run);
    ok(tally.run > 1000);
}
