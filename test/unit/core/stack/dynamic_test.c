/* dynamic_test.c - dynamic references: their parts, where they stand, how they are refused. */
#include "core/stack/dynamic.h"

#include "../../../test.h"

static bool resolve(void *state, const DynamicReference *r, Str *out, Error *err)
{
    static const char *const services[] = {"ssm", "secure", "secret"};
    (void)state;
    if (str_eq(r->name, S("gone"))) return error_set(err, ERR_VALIDATION, "no such parameter");
    *out = str_printf(test_arena(), "<%s|%.*s|%.*s|%.*s|%.*s>", services[r->service], STR(r->name),
                      STR(r->json_key), STR(r->stage), STR(r->version));
    return true;
}

static Str resolved(const char *text)
{
    Error err = {0};
    Json v, out;
    int left = 3;
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    if (!dynamic_resolve(&v, resolve, NULL, &left, test_arena(), &out, &err))
        return str_copy(test_arena(), error_text(&err));
    return json_to_str(test_arena(), &out);
}

TEST(dynamic_references_are_replaced)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"\"{{resolve:ssm:/a/b}}\"", "\"<ssm|/a/b|||>\""},
        {"[\"x-{{resolve:ssm:a:3}}-{{resolve:ssm-secure:b}}\"]",
         "[\"x-<ssm|a|||3>-<secure|b|||>\"]"},
        {"{\"p\":{\"q\":\"{{resolve:secretsmanager:db}}\"}}", "{\"p\":{\"q\":\"<secret|db|||>\"}}"},
        {"\"{{resolve:secretsmanager:db:SecretString:password}}\"", "\"<secret|db|password||>\""},
        {"\"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:db-x:SecretString:"
         "user:AWSPREVIOUS}}\"",
         "\"<secret|arn:aws:secretsmanager:eu-west-1:1:secret:db-x|user|AWSPREVIOUS|>\""},
        {"\"{{resolve:secretsmanager:db:SecretString:::v-1}}\"", "\"<secret|db|||v-1>\""},
        {"\"{{resolve:ssm:a\"", "\"{{resolve:ssm:a\""},
        {"\"{{other}}\"", "\"{{other}}\""},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(resolved(cases[i].value), str_from(cases[i].want));
}

TEST(dynamic_references_are_refused)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"\"{{resolve:ssm:}}\"",
         "Incorrect format is used in the following SSM reference: [{{resolve:ssm:}}]"},
        {"\"{{resolve:ssm:a:b}}\"",
         "Incorrect format is used in the following SSM reference: [{{resolve:ssm:a:b}}]"},
        {"\"{{resolve:secretsmanager:a:SecretBinary}}\"",
         "Incorrect format is used in the following Secrets Manager reference: "
         "[{{resolve:secretsmanager:a:SecretBinary}}]"},
        {"\"{{resolve:vault:a}}\"",
         "Unknown service in the dynamic reference: [{{resolve:vault:a}}]"},
        {"\"{{resolve:ssm:gone}}\"", "no such parameter"},
        {"\"{{resolve:ssm:a}}{{resolve:ssm:a}}{{resolve:ssm:a}}{{resolve:ssm:a}}\"",
         "A template may have at most 60 dynamic references"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(resolved(cases[i].value), str_from(cases[i].want));
}
