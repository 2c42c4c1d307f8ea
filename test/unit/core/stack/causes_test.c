/* causes_test.c - what a value is made of is found in every function, once, and variables of a Sub are not it. */
#include "core/stack/causes.h"

#include "../../../test.h"

static Str told(const char *value)
{
    static const char *const kinds[] = {"parameter", "resource", "attribute"};
    Template t;
    Json root, v;
    Error err = {0};
    StrVec words = {0};
    Causes causes = {0};
    ok(json_parse(S("{\"Parameters\":{\"P\":{\"Type\":\"String\"}},\"Resources\":{\"R\":{\"Type\":"
                    "\"AWS::S3::Bucket\"}}}"),
                  test_arena(), &root, &err));
    ok(template_check(&root, test_arena(), &t, &err));
    ok(json_parse(str_from(value), test_arena(), &v, &err));
    causes_of(&t, &v, test_arena(), &causes);
    for (int64_t i = 0; i < causes.n; i++)
        *vec_push(test_arena(), &words) =
            str_printf(test_arena(), "%s:%.*s", kinds[causes.p[i].kind], STR(causes.p[i].entity));
    return str_join(test_arena(), words.p, words.n, S(" "));
}

TEST(causes_are_found_wherever_they_are)
{
    eq_str(told("{\"Ref\":\"P\"}"), S("parameter:P"));
    eq_str(told("[{\"Ref\":\"R\"},{\"a\":{\"Fn::GetAtt\":[\"R\",\"Arn\"]}},{\"Ref\":\"R\"}]"),
           S("resource:R attribute:R.Arn"));
    eq_str(told("{\"Fn::GetAtt\":\"R.Outputs.X\"}"), S("attribute:R.Outputs.X"));
    eq_str(told("{\"Fn::Sub\":\"${P} ${R.Arn} ${!R} ${AWS::Region}\"}"),
           S("parameter:P attribute:R.Arn"));
    eq_str(told("{\"Fn::Sub\":[\"${P} ${R}\",{\"P\":{\"Ref\":\"R\"}}]}"), S("resource:R"));
    eq_str(told("{\"Fn::If\":[\"C\",{\"Ref\":\"P\"},{\"Ref\":\"R\"}]}"),
           S("parameter:P resource:R"));
    eq_str(told("{\"Ref\":\"Nothing\",\"x\":1}"), S(""));
    eq_str(told("\"P\""), S(""));
}
