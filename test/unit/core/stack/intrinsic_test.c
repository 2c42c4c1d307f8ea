/* intrinsic_test.c - intrinsic functions: their values, their words of refusal, what they refer to. */
#include "core/stack/intrinsic.h"

#include "../../../test.h"

static const char mappings[] =
    "\"Mappings\":{\"M\":{\"eu\":{\"size\":\"small\",\"list\":[\"a\",\"b\"]}}},"
    "\"Conditions\":{\"Yes\":{\"Fn::Equals\":[{\"Ref\":\"P\"},\"p\"]},\"No\":{\"Fn::Not\":[{"
    "\"Condition\":"
    "\"Yes\"}]},\"Both\":{\"Fn::And\":[{\"Condition\":\"Yes\"},{\"Condition\":\"No\"}]},"
    "\"Any\":{\"Fn::Or\":[{\"Condition\":\"No\"},{\"Condition\":\"Yes\"}]}},"
    "\"Parameters\":{\"P\":{\"Type\":\"String\"},\"L\":{\"Type\":\"CommaDelimitedList\"}},"
    "\"Resources\":{\"R\":{\"Type\":\"AWS::S3::Bucket\"},\"Q\":{\"Type\":\"AWS::SQS::Queue\"}}";

static Json json_of(Str text)
{
    Error err = {0};
    Json v = {0};
    ok(json_parse(text, test_arena(), &v, &err));
    return v;
}

static bool ref(void *state, Str resource, Json *out, Error *err)
{
    (void)state;
    (void)err;
    *out = str_eq(resource, S("Q")) ? stack_unknown() : json_string(S("stack-r-1"));
    return true;
}

static bool attribute(void *state, Str resource, Str name, Json *out, Error *err)
{
    (void)state;
    (void)resource;
    if (str_eq(name, S("Nope"))) return error_set(err, ERR_VALIDATION, "no such attribute");
    *out = json_string(str_printf(test_arena(), "<%.*s>", STR(name)));
    return true;
}

static Str in_scope(const char *text)
{
    Error err = {0};
    Template t;
    Json root = json_of(str_printf(test_arena(), "{%s}", mappings)), conditions, out;
    Json parameters = json_of(S("{\"P\":\"p\",\"L\":[\"x\",\"y\",\"z\"]}"));
    Json pseudo = json_of(S("{\"AWS::Region\":\"eu-west-1\"}")), value = json_of(str_from(text));
    StackScope s = {.a = test_arena(),
                    .t = &t,
                    .parameters = &parameters,
                    .pseudo = &pseudo,
                    .ref = ref,
                    .attribute = attribute,
                    .bytes_left = 4096};
    if (template_check(&root, test_arena(), &t, &err) &&
        conditions_resolve(&s, &conditions, &err)) {
        s.conditions = &conditions;
        if (intrinsic_resolve(&s, &value, &out, &err))
            return stack_is_unknown(&out) ? S("unknown") : json_to_str(test_arena(), &out);
    }
    return str_copy(test_arena(), error_text(&err));
}

TEST(stack_functions_give_values)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"{\"Ref\":\"P\"}", "\"p\""},
        {"{\"Ref\":\"L\"}", "[\"x\",\"y\",\"z\"]"},
        {"{\"Ref\":\"AWS::Region\"}", "\"eu-west-1\""},
        {"{\"a\":{\"Ref\":\"AWS::NoValue\"},\"b\":[1,{\"Ref\":\"AWS::NoValue\"}]}", "{\"b\":[1]}"},
        {"{\"Ref\":\"R\"}", "\"stack-r-1\""},
        {"{\"Fn::GetAtt\":[\"R\",\"Arn\"]}", "\"<Arn>\""},
        {"{\"Fn::GetAtt\":\"R.Outputs.X\"}", "\"<Outputs.X>\""},
        {"{\"Fn::Sub\":\"${P}-${R}-${R.Arn}-${!Lit}-${AWS::Region}\"}",
         "\"p-stack-r-1-<Arn>-${Lit}-eu-west-1\""},
        {"{\"Fn::Sub\":[\"${v}/${P}\",{\"v\":{\"Fn::Join\":[\"-\",{\"Ref\":\"L\"}]}}]}",
         "\"x-y-z/p\""},
        {"{\"Fn::Sub\":\"$x ${\"}", "\"$x ${\""},
        {"{\"Fn::Join\":[\"\",[1,true,\"a\"]]}", "\"1truea\""},
        {"{\"Fn::Split\":[\",\",\"a,,b\"]}", "[\"a\",\"\",\"b\"]"},
        {"{\"Fn::Select\":[\"1\",{\"Ref\":\"L\"}]}", "\"y\""},
        {"{\"Fn::Select\":[0,{\"Fn::Split\":[\"|\",\"a|b\"]}]}", "\"a\""},
        {"{\"Fn::FindInMap\":[\"M\",\"eu\",\"size\"]}", "\"small\""},
        {"{\"Fn::FindInMap\":[\"M\",\"us\",\"size\",{\"DefaultValue\":7}]}", "7"},
        {"{\"Fn::If\":[\"Yes\",1,2]}", "1"},
        {"{\"Fn::If\":[\"Both\",1,{\"Fn::If\":[\"Any\",3,4]}]}", "3"},
        {"{\"x\":{\"Fn::If\":[\"No\",1,{\"Ref\":\"AWS::NoValue\"}]}}", "{}"},
        {"{\"Fn::Base64\":\"hi\"}", "\"aGk=\""},
        {"{\"Fn::Length\":{\"Ref\":\"L\"}}", "3"},
        {"{\"Fn::ToJsonString\":{\"a\":{\"Ref\":\"P\"}}}", "\"{\\\"a\\\":\\\"p\\\"}\""},
        {"{\"Fn::Cidr\":[\"10.0.0.0/16\",3,8]}",
         "[\"10.0.0.0/24\",\"10.0.1.0/24\",\"10.0.2.0/24\"]"},
        {"{\"Condition\":{\"StringEquals\":{\"a\":\"b\"}}}",
         "{\"Condition\":{\"StringEquals\":{\"a\":\"b\"}}}"},
        {"{\"Fn::Join\":[\"-\",[\"a\",{\"Ref\":\"Q\"}]]}", "unknown"},
        {"[{\"Fn::Sub\":\"${Q}\"}]", "unknown"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(in_scope(cases[i].value), str_from(cases[i].want));
}

TEST(stack_functions_refuse_in_their_own_words)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"{\"Fn::Select\":[3,{\"Ref\":\"L\"}]}",
         "Template error: Fn::Select cannot select nonexistent value at index 3"},
        {"{\"Fn::FindInMap\":[\"X\",\"a\",\"b\"]}",
         "Template error: Mapping named 'X' is not present in the 'Mappings' section of template."},
        {"{\"Fn::FindInMap\":[\"M\",\"us\",\"size\"]}",
         "Template error: Unable to get mapping for M::us::size"},
        {"{\"Fn::Sub\":\"${a b}\"}", "Template error: variable names in Fn::Sub syntax must "
                                     "contain only alphanumeric characters, "
                                     "underscores, periods, and colons (${a b})"},
        {"{\"Ref\":\"Gone\"}",
         "Template format error: Unresolved resource dependencies [Gone] in the "
         "Resources block of the template"},
        {"{\"Fn::GetAtt\":[\"Gone\",\"Arn\"]}",
         "Template error: instance of Fn::GetAtt references undefined resource Gone"},
        {"{\"Fn::If\":[\"Gone\",1,2]}",
         "Template format error: Unresolved condition dependency Gone in "
         "the Conditions block of the template"},
        {"{\"Fn::Equals\":[1]}",
         "Template error: every Fn::Equals object requires a list of 2 string parameters"},
        {"{\"Fn::Nothing\":1}", "Template error: Unrecognized intrinsic function Fn::Nothing"},
        {"{\"Fn::Cidr\":[\"10.0.0.0/24\",256,8]}",
         "Template error: Fn::Cidr: 10.0.0.0/24 cannot be split into 256 blocks of 8 bits"},
        {"{\"Fn::GetAtt\":[\"R\",\"Nope\"]}", "no such attribute"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(in_scope(cases[i].value), str_from(cases[i].want));
}

TEST(stack_functions_have_a_budget)
{
    Buf big = {.a = test_arena()};
    buf_put(&big, S("{\"Fn::Join\":[\"\",["));
    for (int i = 0; i < 600; i++) buf_printf(&big, "%s\"12345678\"", i ? "," : "");
    buf_put(&big, S("]]}"));
    ok(str_starts(in_scope(str_z(test_arena(), buf_str(&big))),
                  S("Template error: functions make more than")));
}

static Str checked(const char *text)
{
    Error err = {0};
    Template t;
    Json root = json_of(str_from(text));
    if (template_check(&root, test_arena(), &t, &err) && intrinsic_check(&t, test_arena(), &err))
        return S("good");
    return str_copy(test_arena(), error_text(&err));
}

TEST(stack_templates_are_checked_whole)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"[]", "Template format error: unsupported structure."},
        {"{}", "Template format error: At least one Resources member must be defined."},
        {"{\"Resource\":{}}", "Invalid template property or properties [Resource]"},
        {"{\"Resources\":{\"A\":{}}}", "Template format error: [/Resources/A] Every Resources "
                                       "object must contain a Type member."},
        {"{\"Resources\":{\"A-b\":{\"Type\":\"x\"}}}",
         "Template format error: Resource name 'A-b' is non alphanumeric."},
        {"{\"Resources\":{\"A\":{\"Type\":\"x\",\"DependsOn\":\"B\"}}}",
         "Template format error: Unresolved resource dependencies [B] in the Resources block of "
         "the template"},
        {"{\"Resources\":{\"A\":{\"Type\":\"x\",\"Properties\":{\"a\":[{\"Fn::Sub\":\"${B.Arn}\"}]}"
         "}}}",
         "Template error: instance of Fn::GetAtt references undefined resource B"},
        {"{\"Resources\":{\"A\":{\"Type\":\"x\"}},\"Outputs\":{\"O\":{\"Value\":{\"Ref\":\"B\"}}}}",
         "Template format error: Unresolved resource dependencies [B] in the Outputs block of the "
         "template"},
        {"{\"Resources\":{\"A\":{\"Type\":\"x\"}},\"Conditions\":{\"C\":{\"Fn::Equals\":[{\"Ref\":"
         "\"A\"},1]}}}",
         "Template format error: Unresolved dependencies [A]. Cannot reference resources in the "
         "Conditions "
         "block of the template"},
        {"{\"Resources\":{\"A\":{\"Type\":\"x\"}},\"Conditions\":{\"C\":{\"Fn::Not\":[{"
         "\"Condition\":\"D\"}]},"
         "\"D\":{\"Fn::Not\":[{\"Condition\":\"C\"}]}}}",
         "Template format error: Found circular condition dependency with C"},
        {"{\"Resources\":{\"A\":{\"Type\":\"x\",\"DeletionPolicy\":\"Keep\"}}}",
         "Template format error: Unrecognized DeletionPolicy Keep for resource A"},
        {"{\"AWSTemplateFormatVersion\":\"2010-09-09\",\"Resources\":{\"A\":{\"Type\":\"x\","
         "\"Properties\":"
         "{\"v\":{\"Fn::Sub\":[\"${o}${A}\",{\"o\":1}]}}}}}",
         "good"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(checked(cases[i].text), str_from(cases[i].want));
}

/* Each names the one before twice: 2^60 paths, 60 conditions. */
TEST(stack_conditions_are_found_once_each)
{
    Buf text = {.a = test_arena()};
    buf_put(
        &text,
        S("{\"Resources\":{\"A\":{\"Type\":\"x\"}},\"Conditions\":{\"C0\":{\"Fn::Equals\":[1,1]}"));
    for (int i = 1; i <= 60; i++)
        buf_printf(&text,
                   ",\"C%d\":{\"Fn::And\":[{\"Condition\":\"C%d\"},{\"Condition\":\"C%d\"}]}", i,
                   i - 1, i - 1);
    buf_put(&text, S("}}"));
    eq_str(checked(str_z(test_arena(), buf_str(&text))), S("good"));
    Error err = {0};
    Template t;
    Json root = json_of(buf_str(&text)), conditions;
    ok(template_check(&root, test_arena(), &t, &err));
    StackScope s = {.a = test_arena(), .t = &t, .bytes_left = 4096};
    ok(conditions_resolve(&s, &conditions, &err));
    ok(json_true(json_get(&conditions, S("C60"))));
}

TEST(stack_references_are_told_once_each)
{
    Error err = {0};
    Template t;
    StrVec names = {0};
    Json root = json_of(str_printf(test_arena(), "{%s}", mappings));
    Json value = json_of(S("[{\"Ref\":\"R\"},{\"Fn::Sub\":\"${R.Arn}${Q}${P}\"},{\"Fn::If\":["
                           "\"Yes\",{\"Fn::GetAtt\":\"R.X\"},1]}]"));
    ok(template_check(&root, test_arena(), &t, &err));
    intrinsic_references(&t, &value, test_arena(), &names);
    eq_str(str_join(test_arena(), names.p, names.n, S(" ")), S("R Q"));
}
