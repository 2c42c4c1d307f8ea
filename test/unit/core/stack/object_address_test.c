/* object_address_test.c - every form of address of a template, and those that are none. */
#include "core/stack/object_address.h"

#include "../../../test.h"

static Str read(const char *url)
{
    Error err = {0};
    ObjectAddress at = {0};
    if (!object_address_parse(str_from(url), test_arena(), &at, &err))
        return str_copy(test_arena(), error_text(&err));
    return str_printf(test_arena(), "%.*s|%.*s|%.*s", STR(at.bucket), STR(at.key), STR(at.version));
}

TEST(object_address_in_the_path)
{
    eq_str(read("https://s3.us-east-1.amazonaws.com/b/a/k%20x.json"), S("b|a/k x.json|"));
    eq_str(read("https://s3.amazonaws.com/b/k?versionId=v1"), S("b|k|v1"));
    eq_str(read("https://s3-eu-west-1.amazonaws.com/b/k"), S("b|k|"));
    eq_str(read("http://127.0.0.1:4566/b/k"), S("b|k|"));
    eq_str(read("http://localhost:4566/b/a+b"), S("b|a+b|"));
}

TEST(object_address_in_the_host)
{
    eq_str(read("https://b.s3.us-east-1.amazonaws.com/k"), S("b|k|"));
    eq_str(read("https://my.b.s3.amazonaws.com/a/k"), S("my.b|a/k|"));
    eq_str(read("http://b.localhost:4566/k"), S("b|k|"));
}

TEST(object_address_of_nobody)
{
    Str domain = S("S3 error: Domain name specified in TemplateURL is not a valid S3 domain"),
        object = S("TemplateURL must reference a valid S3 object to which you have access.");
    eq_str(read("https://example.com/b/k"), domain);
    eq_str(read("s3://b/k"), domain);
    eq_str(read("https:///b/k"), domain);
    eq_str(read("https://s3.amazonaws.com/b"), object);
    eq_str(read("https://b.s3.amazonaws.com/"), object);
    eq_str(read("https://s3.amazonaws.com/b/%zz"), object);
}
