/* yaml_test.c - YAML into JSON: kinds of scalars, tags in every position, refusals with their place. */
#include "wire/yaml.h"

#include "../../test.h"

static bool wrap(Arena *a, Str name, Json value, Json *out, Error *err)
{
    if (str_eq(name, S("Bad"))) return error_set(err, ERR_VALIDATION, "!Bad");
    JsonObject o = {.a = a};
    json_put(&o, name, value);
    *out = json_object(&o);
    return true;
}

static Str parsed(const char *text)
{
    Error err = {0};
    Json v;
    if (!yaml_parse(str_from(text), wrap, test_arena(), &v, &err))
        return str_copy(test_arena(), error_text(&err));
    return json_to_str(test_arena(), &v);
}

TEST(yaml_scalars_are_what_json_would_call_them)
{
    eq_str(parsed("[a, 1, -2.5, 1e3, 0, 012, 0x1f, 1_000, 012345678901]"),
           S("[\"a\",1,-2.5,1e3,0,\"012\",\"0x1f\",\"1_000\",\"012345678901\"]"));
    eq_str(parsed("[true, False, null, ~, '', 'true', \"1\", yes, 2012-10-17]"),
           S("[true,false,null,null,\"\",\"true\",\"1\",\"yes\",\"2012-10-17\"]"));
    eq_str(parsed("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), S("{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"));
    eq_str(parsed("1: x\ntrue: y\n"), S("{\"1\":\"x\",\"true\":\"y\"}"));
    eq_str(parsed(""), S("null"));
    eq_str(parsed("{\"a\": [1, {\"b\": null}]}"), S("{\"a\":[1,{\"b\":null}]}"));
}

TEST(yaml_tags_in_every_position)
{
    eq_str(parsed("a: !Ref b"), S("{\"a\":{\"Ref\":\"b\"}}"));
    eq_str(parsed("- !Sub '${a}'\n- !Join ['', [!Ref x, 1]]\n"),
           S("[{\"Sub\":\"${a}\"},{\"Join\":[\"\",[{\"Ref\":\"x\"},1]]}]"));
    eq_str(parsed("a: !If\n  - c\n  - {k: !GetAtt x.y}\n  - 2\n"),
           S("{\"a\":{\"If\":[\"c\",{\"k\":{\"GetAtt\":\"x.y\"}},2]}}"));
    eq_str(parsed("a: !Transform {Name: x}"), S("{\"a\":{\"Transform\":{\"Name\":\"x\"}}}"));
    eq_str(parsed("a: !Ref 1"), S("{\"a\":{\"Ref\":\"1\"}}"));
    eq_str(parsed("a: !!str 1"), S("{\"a\":\"1\"}"));
}

TEST(yaml_refusals_tell_the_place)
{
    eq_str(parsed("a: &x 1\nb: *x\n"), S("aliases are not allowed (line 2, column 4)"));
    eq_str(parsed("a: 1\na: 2\n"), S("a key is given twice (line 2, column 1)"));
    eq_str(parsed("[a]: 1\n"), S("a key is not a scalar (line 1, column 3)"));
    eq_str(parsed("a: !Bad 1\n"), S("!Bad"));
    ok(str_find(parsed("a: [1\n"), S("(line 2, column 1)")) > 0);
    char deep[2 * YAML_DEPTH_MAX];
    memset(deep, '[', sizeof deep);
    deep[sizeof deep - 1] = 0;
    eq_str(parsed(deep), S("nested too deeply (line 1, column 129)"));
}
