/* sam_golden_test.c - runs the cases of test/golden/sam: a serverless template in, what CloudFormation is to make of it out. */
#include <glob.h>

#include "../../../test.h"
#include "app/stacks/template_text.h"
#include "core/stack/intrinsic.h"
#include "core/stack/sam.h"

#define RULER "---- made ----\n"

/* What comes out is a template whose references lead somewhere. */
static Str made_of(Str text)
{
    Error err = {0};
    Json root, out;
    Template t;
    Buf b = {.a = test_arena()};
    if (!template_text_read(text, test_arena(), &root, &err) ||
        !sam_transform(&root, NULL, test_arena(), &out, &err))
        return str_printf(test_arena(), "%.*s\n", STR(error_text(&err)));
    if (!template_check(&out, test_arena(), &t, &err) || !intrinsic_check(&t, test_arena(), &err))
        test_fail(__FILE__, __LINE__, "no template: %.*s", STR(error_text(&err)));
    json_write_pretty(&b, &out);
    buf_putc(&b, '\n');
    return buf_str(&b);
}

static void run_file(const char *path)
{
    Str want = test_file(test_arena(), path);
    int64_t at = str_find(want, S(RULER));
    Str text = at < 0 ? want : str_slice(want, 0, at);
    Str made = made_of(text);
    test_golden(path, want, str_printf(test_arena(), "%.*s" RULER "%.*s", STR(text), STR(made)));
}

TEST(golden_sam)
{
    const char *root = getenv("GOLDEN");
    glob_t found;
    if (!root) {
        test_skip("GOLDEN names test/golden");
        return;
    }
    check(glob(str_z(test_arena(), str_printf(test_arena(), "%s/sam/*.yaml", root)), 0, NULL,
               &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++) run_file(found.gl_pathv[i]);
    ok(found.gl_pathc >= 8);
    globfree(&found);
}
