/* parameters_test.c - values of parameters: where they come from, their types, the words of refusal. */
#include "core/stack/parameters.h"

#include "../../../test.h"

static Json json_of(const char *text)
{
    Error err = {0};
    Json v = {0};
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    return v;
}

static bool lookup(void *state, Str name, bool *found, Str *value, Str *type, Error *err)
{
    (void)state;
    if (str_eq(name, S("/broken"))) return error_set(err, ERR_INTERNAL, "the store is away");
    *found = !str_starts(name, S("/none"));
    *value = str_eq(name, S("/list")) ? S("a, b") : S("ami-1");
    *type = str_eq(name, S("/secret")) ? S("SecureString") : S("String");
    return true;
}

/* `given`: "Name=value Name=" with a blank between; "Name<" is UsePreviousValue. */
static void read_given(const char *text, ParameterInputs *in)
{
    GivenParameter *all = new_array(test_arena(), GivenParameter, 16);
    Str rest = str_from(text), one;
    in->given = all;
    while (rest.n && str_cut(&rest, ' ', &one)) {
        int64_t at = str_find_char(one, '=');
        GivenParameter *g = &all[in->n++];
        g->use_previous = str_ends(one, S("<"));
        g->name = str_slice(one, 0, at < 0 ? one.n - 1 : at);
        if (at >= 0) g->value = str_slice(one, at + 1, one.n);
    }
}

static bool resolve(const char *parameters, const char *given, ParameterValues *out, Error *err)
{
    Template t;
    Json root = json_of((char *)str_printf(test_arena(),
                                           "{\"Parameters\":%s,\"Resources\":{\"B\":{\"Type\":"
                                           "\"AWS::S3::Bucket\"}}}%c",
                                           parameters, 0)
                            .p);
    Json previous = json_of("{\"A\":\"kept\"}");
    ParameterInputs in = {.previous = &previous, .lookup = lookup};
    read_given(given, &in);
    return template_check(&root, test_arena(), &t, err) &&
           parameters_resolve(&t, &in, test_arena(), out, err);
}

static Str values_of(const char *parameters, const char *given)
{
    Error err = {0};
    ParameterValues values;
    if (!resolve(parameters, given, &values, &err)) return str_copy(test_arena(), error_text(&err));
    Json all = parameters_values(&values, test_arena());
    return json_to_str(test_arena(), &all);
}

TEST(parameters_come_from_the_request_the_last_operation_or_the_default)
{
    static const struct {
        const char *parameters, *given, *want;
    } cases[] = {
        {"{\"A\":{\"Type\":\"String\"}}", "A=x", "{\"A\":\"x\"}"},
        {"{\"A\":{\"Type\":\"String\"}}", "A=", "{\"A\":\"\"}"},
        {"{\"A\":{\"Type\":\"String\",\"Default\":\"d\"}}", "", "{\"A\":\"d\"}"},
        {"{\"A\":{\"Type\":\"String\",\"Default\":\"d\"}}", "A<", "{\"A\":\"kept\"}"},
        {"{\"A\":{\"Type\":\"String\",\"Default\":true}}", "", "{\"A\":\"true\"}"},
        {"{\"A\":{\"Type\":\"Number\",\"Default\":1.50}}", "", "{\"A\":\"1.50\"}"},
        {"{\"A\":{\"Type\":\"CommaDelimitedList\"}}", "A=x,y,", "{\"A\":[\"x\",\"y\",\"\"]}"},
        {"{\"A\":{\"Type\":\"CommaDelimitedList\",\"Default\":\"\"}}", "", "{\"A\":[\"\"]}"},
        {"{\"A\":{\"Type\":\"List<Number>\",\"Default\":\"1, 2\"}}", "", "{\"A\":[\"1\",\"2\"]}"},
        {"{\"A\":{\"Type\":\"AWS::EC2::VPC::Id\"}}", "A=vpc-1", "{\"A\":\"vpc-1\"}"},
        {"{\"A\":{\"Type\":\"List<AWS::EC2::Subnet::Id>\"}}", "A=s-1,s-2",
         "{\"A\":[\"s-1\",\"s-2\"]}"},
        {"{\"A\":{\"Type\":\"AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>\"}}", "A=/ami",
         "{\"A\":\"ami-1\"}"},
        {"{\"A\":{\"Type\":\"AWS::SSM::Parameter::Value<List<String>>\"}}", "A=/list",
         "{\"A\":[\"a\",\"b\"]}"},
        {"{\"A\":{\"Type\":\"AWS::SSM::Parameter::Name\"}}", "A=/list", "{\"A\":\"/list\"}"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(values_of(cases[i].parameters, cases[i].given), str_from(cases[i].want));
}

TEST(parameters_are_refused_in_cloudformations_words)
{
    static const struct {
        const char *parameters, *given, *want;
    } cases[] = {
        {"{\"A\":{\"Type\":\"String\"},\"B\":{\"Type\":\"Number\"}}", "",
         "Parameters: [A, B] must have values"},
        {"{}", "X=1 Y=2", "Parameters: [X, Y] do not exist in the template"},
        {"{\"B\":{\"Type\":\"String\"}}", "B<",
         "Invalid input for parameter key B. Cannot specify usePreviousValue as true for a "
         "parameter key not in the previous template"},
        {"{\"A\":{\"Type\":\"Strnig\"}}", "A=x",
         "Template format error: Unrecognized parameter type: Strnig"},
        {"{\"A\":{\"Type\":\"List<String>\"}}", "A=x",
         "Template format error: Unrecognized parameter type: List<String>"},
        {"{\"A\":{\"Type\":\"Number\"}}", "A=3x", "Parameter 'A' must be a number."},
        {"{\"A\":{\"Type\":\"List<Number>\"}}", "A=3,x", "Parameter 'A' must be a number."},
        {"{\"A\":{\"Type\":\"Number\",\"MinValue\":2}}", "A=1.9999999999999999999",
         "Parameter 'A' must be a number not less than 2"},
        {"{\"A\":{\"Type\":\"Number\",\"MaxValue\":\"2\"}}", "A=2.1",
         "Parameter 'A' must be a number not greater than 2"},
        {"{\"A\":{\"Type\":\"String\",\"AllowedValues\":[\"x\",1,true]}}", "A=y",
         "Parameter 'A' must be one of AllowedValues"},
        {"{\"A\":{\"Type\":\"String\",\"AllowedPattern\":\"[a-z]+\"}}", "A=a1",
         "Parameter 'A' must match pattern [a-z]+"},
        {"{\"A\":{\"Type\":\"CommaDelimitedList\",\"AllowedPattern\":\"[a-z]+\"}}", "A=a,1",
         "Parameter 'A' must match pattern [a-z]+"},
        {"{\"A\":{\"Type\":\"String\",\"AllowedPattern\":\"[a-\"}}", "A=a1",
         "Template format error: AllowedPattern of parameter A is no regular expression: [a-"},
        {"{\"A\":{\"Type\":\"String\",\"AllowedPattern\":\"(a+)+b\"}}",
         "A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!",
         "Parameter 'A': its AllowedPattern cannot be decided for the value within 1000000 steps"},
        {"{\"A\":{\"Type\":\"String\",\"MinLength\":3}}", "A=\xc3\xa4\xc3\xb6",
         "Parameter 'A' must contain at least 3 characters"},
        {"{\"A\":{\"Type\":\"String\",\"MaxLength\":\"3\"}}", "A=abcd",
         "Parameter 'A' must contain at most 3 characters"},
        {"{\"A\":{\"Type\":\"String\",\"MaxLength\":3,\"ConstraintDescription\":\"be short\"}}",
         "A=abcd", "Parameter A failed to satisfy constraint: be short"},
        {"{\"A\":{\"Type\":\"AWS::SSM::Parameter::Value<String>\"},\"B\":{\"Type\":"
         "\"AWS::SSM::Parameter::Value<String>\"}}",
         "A=/none B=/none2",
         "Unable to fetch parameters [/none,/none2] from parameter store for this account."},
        {"{\"A\":{\"Type\":\"AWS::SSM::Parameter::Value<String>\"}}", "A=/secret",
         "Parameters [/secret] referenced by template have types not supported by "
         "CloudFormation."},
        {"{\"A\":{\"Type\":\"AWS::SSM::Parameter::Value<String>\"}}", "A=/broken",
         "the store is away"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(values_of(cases[i].parameters, cases[i].given), str_from(cases[i].want));
}

TEST(parameters_that_are_secret_are_kept_and_not_shown)
{
    Error err = {0};
    ParameterValues values = {0};
    ok(resolve("{\"A\":{\"Type\":\"String\",\"NoEcho\":\"true\"},\"B\":{\"Type\":\"String\"}}",
               "A=secret B=plain", &values, &err));
    Json kept = parameters_kept(&values, test_arena());
    eq_str(parameter_shown(&values.p[0]), S("****"));
    eq_str(parameter_shown(&values.p[1]), S("plain"));
    eq_str(json_to_str(test_arena(), &kept), S("{\"A\":\"secret\",\"B\":\"plain\"}"));
}

TEST(parameters_have_good_defaults_before_anything_is_given)
{
    static const struct {
        const char *parameters, *want;
    } cases[] = {
        {"{\"A\":{\"Type\":\"String\"}}", ""},
        {"{\"A\":{\"Type\":\"String\",\"Default\":{\"Ref\":\"B\"}}}",
         "Template format error: Every Default member must be a string."},
        {"{\"A\":{\"Type\":\"String\",\"Default\":\"x\",\"AllowedValues\":[\"y\"]}}",
         "Parameter 'A' must be one of AllowedValues"},
        {"{\"A\":{\"Type\":\"Bool\"}}", "Template format error: Unrecognized parameter type: Bool"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Error err = {0};
        Template t;
        Json root = json_of((char *)str_printf(test_arena(),
                                               "{\"Parameters\":%s,\"Resources\":{\"B\":{\"Type\":"
                                               "\"T\"}}}%c",
                                               cases[i].parameters, 0)
                                .p);
        ok(template_check(&root, test_arena(), &t, &err));
        ok(parameters_check(&t, test_arena(), &err) == (cases[i].want[0] == 0));
        eq_str(error_text(&err), str_from(cases[i].want));
    }
}
