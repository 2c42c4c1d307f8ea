/* glob_test.c - stars, question marks, escapes; and a pattern that would be slow if every star were tried again. */
#include "base/glob.h"

#include "../../test.h"

TEST(glob_stars_and_question_marks)
{
    ok(glob_matches(GLOB_STAR, S("*"), S("")) && glob_matches(GLOB_STAR, S("a*c*"), S("abcbc")));
    ok(glob_matches(GLOB_STAR, S("*.csv"), S("a.csv.csv")) &&
       !glob_matches(GLOB_STAR, S("*.csv"), S("a.csv.gz")));
    ok(glob_matches(GLOB_STAR, S("a?"), S("a?")) && !glob_matches(GLOB_STAR, S("a?"), S("ab")));
    ok(glob_matches(GLOB_STAR_QUESTION, S("arn:*:s3:::b?/x*"), S("arn:aws:s3:::b1/xyz")));
    ok(!glob_matches(GLOB_STAR_QUESTION, S("b?"), S("b")) &&
       !glob_matches(GLOB_STAR_QUESTION, S(""), S("b")));
    ok(glob_matches(GLOB_STAR_ESCAPED, S("a\\*b*"), S("a*bc")) &&
       !glob_matches(GLOB_STAR_ESCAPED, S("a\\*b"), S("axb")));
    ok(glob_matches(GLOB_STAR_ESCAPED, S("\\\\*"), S("\\x")));
}

TEST(glob_many_stars_cost_their_product_only)
{
    Buf pattern = {.a = test_arena()}, text = {.a = test_arena()};
    for (int i = 0; i < 200; i++) buf_put(&pattern, S("a*"));
    buf_put(&pattern, S("b"));
    for (int i = 0; i < 5000; i++) buf_putc(&text, 'a');
    ok(!glob_matches(GLOB_STAR, buf_str(&pattern), buf_str(&text)));
}
