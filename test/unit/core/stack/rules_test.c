/* rules_test.c - rules: when they apply, what their functions say, how they refuse. */
#include "core/stack/rules.h"

#include "../../../test.h"

static bool all(void *state, Str type, StrVec *out, Error *err)
{
    (void)state;
    if (!str_eq(type, S("AWS::EC2::VPC::Id")))
        return error_set(err, ERR_VALIDATION, "no such type");
    *vec_push(test_arena(), out) = S("vpc-1");
    *vec_push(test_arena(), out) = S("vpc-2");
    return true;
}

static bool attribute(void *state, Str type, Str value, Str name, Str *out, Error *err)
{
    (void)state;
    (void)type;
    (void)err;
    *out = str_eq(name, S("Tags.Team")) ? S("data") : value;
    return true;
}

static Str judged(const char *rules, bool facts_known)
{
    Error err = {0};
    Template t;
    Json root, parameters;
    Str text = str_printf(test_arena(),
                          "{\"Parameters\":{\"Env\":{\"Type\":\"String\"},\"Vpcs\":{\"Type\":"
                          "\"List<AWS::EC2::VPC::Id>\"},\"Vpc\":{\"Type\":\"AWS::EC2::VPC::Id\"}},"
                          "\"Rules\":%s,\"Resources\":{\"R\":{\"Type\":\"T\"}}}",
                          rules);
    ok(json_parse(text, test_arena(), &root, &err));
    ok(json_parse(S("{\"Env\":\"prod\",\"Vpcs\":[\"vpc-1\",\"vpc-2\"],\"Vpc\":\"vpc-2\"}"),
                  test_arena(), &parameters, &err));
    ok(template_check(&root, test_arena(), &t, &err));
    StackScope s = {.a = test_arena(), .t = &t, .parameters = &parameters, .bytes_left = 4096};
    StackFacts facts = {.all = all, .attribute = attribute};
    return rules_hold(&s, facts_known ? &facts : NULL, &err)
               ? S("holds")
               : str_copy(test_arena(), error_text(&err));
}

static Str asserted(const char *assertion)
{
    return judged(str_z(test_arena(), str_printf(test_arena(),
                                                 "{\"One\":{\"Assertions\":[{\"Assert\":%s,"
                                                 "\"AssertDescription\":\"failed\"}]}}",
                                                 assertion)),
                  true);
}

TEST(rules_judge_their_assertions)
{
    static const struct {
        const char *assertion, *want;
    } cases[] = {
        {"{\"Fn::Equals\":[{\"Ref\":\"Env\"},\"prod\"]}", "holds"},
        {"{\"Fn::Equals\":[{\"Ref\":\"Env\"},\"dev\"]}", "failed"},
        {"{\"Fn::Contains\":[[\"dev\",\"prod\"],{\"Ref\":\"Env\"}]}", "holds"},
        {"{\"Fn::Not\":[{\"Fn::Contains\":[[\"dev\",\"prod\"],{\"Ref\":\"Env\"}]}]}", "failed"},
        {"{\"Fn::EachMemberEquals\":[{\"Ref\":\"Vpcs\"},\"vpc-1\"]}", "failed"},
        {"{\"Fn::EachMemberEquals\":[{\"Fn::ValueOf\":[\"Vpcs\",\"Tags.Team\"]},\"data\"]}",
         "holds"},
        {"{\"Fn::EachMemberIn\":[{\"Ref\":\"Vpcs\"},[\"vpc-2\",\"vpc-1\",\"x\"]]}", "holds"},
        {"{\"Fn::EachMemberIn\":[{\"Ref\":\"Vpcs\"},[\"vpc-2\"]]}", "failed"},
        {"{\"Fn::EachMemberIn\":[{\"Ref\":\"Vpcs\"},{\"Fn::RefAll\":\"AWS::EC2::VPC::Id\"}]}",
         "holds"},
        {"{\"Fn::Contains\":[{\"Fn::ValueOfAll\":[\"AWS::EC2::VPC::Id\",\"Tags.Team\"]},\"ops\"]}",
         "failed"},
        {"{\"Fn::Equals\":[{\"Fn::ValueOf\":[\"Vpc\",\"Tags.Team\"]},\"data\"]}", "holds"},
        {"{\"Fn::RefAll\":\"AWS::EC2::Nothing\"}", "no such type"},
        {"{\"Fn::Contains\":[\"x\"]}",
         "Template error: every Fn::Contains object requires two parameters"},
        {"\"perhaps\"", "Template format error: [/Rules/One] a rule is neither true nor false."},
        {"{\"Fn::Equals\":[{\"Ref\":\"R\"},\"x\"]}",
         "Template format error: Unresolved dependencies [R]. Cannot reference resources in the "
         "Rules block of the template"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(asserted(cases[i].assertion), str_from(cases[i].want));
}

TEST(rules_apply_where_their_condition_says_so)
{
    static const struct {
        const char *rules, *want;
    } cases[] = {
        {"{}", "holds"},
        {"{\"A\":{\"RuleCondition\":{\"Fn::Equals\":[{\"Ref\":\"Env\"},\"dev\"]},\"Assertions\":[{"
         "\"Assert\":false}]}}",
         "holds"},
        {"{\"A\":{\"RuleCondition\":{\"Fn::Equals\":[{\"Ref\":\"Env\"},\"prod\"]},\"Assertions\":[{"
         "\"Assert\":true},{\"Assert\":false}]}}",
         "An assertion of rule A does not hold"},
        {"{\"A\":{}}",
         "Template format error: [/Rules/A] Every rule must contain a list of Assertions."},
        {"{\"A\":{\"Assertions\":[{}]}}",
         "Template format error: [/Rules/A] Every assertion must contain an Assert member."},
        {"{\"A\":{\"Assertions\":[{\"Assert\":true}],\"X\":1}}",
         "Template format error: [/Rules/A] A rule has only the members RuleCondition and "
         "Assertions."},
        {"{\"A\":{\"Assertions\":[{\"Assert\":{\"Fn::RefAll\":\"AWS::EC2::VPC::Id\"}}]}}",
         "Template error: Fn::RefAll cannot tell what there is of AWS::EC2::VPC::Id"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(judged(cases[i].rules, false), str_from(cases[i].want));
}

TEST(rules_have_functions_of_their_own)
{
    Error err = {0};
    Template t = {0};
    Json value, out;
    StackScope s = {.a = test_arena(), .t = &t, .bytes_left = 4096};
    ok(json_parse(S("{\"Fn::Contains\":[[],\"x\"]}"), test_arena(), &value, &err));
    ok(!intrinsic_resolve(&s, &value, &out, &err));
    eq_str(error_text(&err), S("Template error: Unrecognized intrinsic function Fn::Contains"));
}
