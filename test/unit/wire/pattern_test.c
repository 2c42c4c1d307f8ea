/* pattern_test.c - clients' regular expressions: whole texts, what is none, and what would cost too much. */
#include "wire/pattern.h"

#include "test.h"

TEST(a_pattern_is_for_the_whole_text)
{
    ok(pattern_match(S("\\d+"), S("123")) == PATTERN_MATCHES);
    ok(pattern_match(S("^\\d+$"), S("123")) == PATTERN_MATCHES);
    ok(pattern_match(S("\\d+"), S("123a")) == PATTERN_DIFFERS);
    ok(pattern_match(S(""), S("")) == PATTERN_MATCHES);
    ok(pattern_match(S("(\\d"), S("1")) == PATTERN_INVALID);
    ok(pattern_match(S("(a+)+b"), S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac")) ==
       PATTERN_DIFFERS);
}
