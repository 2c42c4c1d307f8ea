/* mask_test.c - secrets are covered wherever they are, and nothing else is. */
#include "core/stack/mask.h"

#include "../../../test.h"

static Str masked(const char *text)
{
    Json v;
    Error err = {0};
    StrVec secrets = {0};
    *vec_push(test_arena(), &secrets) = S("hunter22");
    *vec_push(test_arena(), &secrets) = S("7");
    *vec_push(test_arena(), &secrets) = S("");
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    Json out = stack_mask(&v, &secrets, test_arena());
    return json_to_str(test_arena(), &out);
}

TEST(mask_covers_secrets_wherever_they_are)
{
    eq_str(masked("\"hunter22\""), S("\"****\""));
    eq_str(masked("{\"a\":[\"x=hunter22;hunter22\",1,true,null]}"),
           S("{\"a\":[\"x=****;****\",1,true,null]}"));
    eq_str(masked("[7,\"7\",\"17\",77,\"\",\"hunter2\"]"),
           S("[\"****\",\"****\",\"17\",77,\"\",\"hunter2\"]"));
    eq_str(masked("{}"), S("{}"));
}
