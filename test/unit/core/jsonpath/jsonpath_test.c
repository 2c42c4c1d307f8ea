/* jsonpath_test.c - paths against a small document: what each finds, what is refused, what is written. */
#include "core/jsonpath/jsonpath.h"
#include "test.h"

static const char *const document =
    "{\"a\":{\"b\":[{\"x\":1,\"y\":\"p\"},{\"x\":2,\"y\":\"q\"},{\"x\":10}],\"c "
    "d\":true,\"it's\":0,\"q\\\"\":5},\"n\":[0,1,2,3,4]}";

static Json doc(void)
{
    Json v;
    Error err;
    ok(json_parse(str_from(document), test_arena(), &v, &err));
    return v;
}

static Str found(const char *text)
{
    Arena *a = test_arena();
    const JsonPath *path;
    Str why;
    Json root = doc(), out;
    if (!jsonpath_parse(str_from(text), a, &path, &why))
        return str_printf(a, "refused: %.*s", STR(why));
    return jsonpath_get(path, &root, a, &out) == JSONPATH_FOUND ? json_to_str(a, &out)
                                                                : S("nothing");
}

static const struct {
    const char *path, *finds;
} rows[] = {
    {"$.n", "[0,1,2,3,4]"},
    {"$.a.b[0].x", "1"},
    {"$['a']['c d']", "true"},
    {"$.a.c d", "true"},
    {"$['a']['it\\'s']", "0"},
    {"$['a']['q\"']", "5"},
    {"$.a.b[-1].x", "10"},
    {"$.a.b[3]", "nothing"},
    {"$.z", "nothing"},
    {"$.z[*]", "nothing"},
    {"$.a.b[*].y", "[\"p\",\"q\"]"},
    {"$.a.b.*.x", "[1,2,10]"},
    {"$..x", "[1,2,10]"},
    {"$..nope", "[]"},
    {"$.n[1:3]", "[1,2]"},
    {"$.n[-2:]", "[3,4]"},
    {"$.n[:2]", "[0,1]"},
    {"$.n[0,2]", "[0,2]"},
    {"$.a.b[0]['x','y']", "[{\"x\":1,\"y\":\"p\"}]"},
    {"$.a.b[?(@.x > 1)].x", "[2,10]"},
    {"$.a.b[?(@.x > 1 && @.y)].x", "[2]"},
    {"$.a.b[?(@.x == 1 || @.x == 10)].x", "[1,10]"},
    {"$.a.b[?(!@.y)].x", "[10]"},
    {"$.a.b[?(@.y in ['q','r'])].x", "[2]"},
    {"$.a.b[?(@.y == $.a.b[0].y)].x", "[1]"},
    {"$.n[?(@ >= 3)]", "[3,4]"},
    {"$.a[", "refused: a bracket is not closed"},
    {"$.a[0", "refused: ']' was expected"},
    {"$.", "refused: a name was expected"},
    {"$a", "refused: '.' or '[' was expected"},
    {"a", "refused: a path begins with '$'"},
    {"$.a[?(@.x]", "refused: ')' was expected"},
    {"$['a", "refused: a quote is not closed"},
};

TEST(jsonpath_rows)
{
    for (int i = 0; i < countof(rows); i++) eq_str(found(rows[i].path), str_from(rows[i].finds));
}

static Str put(const char *text, const char *value)
{
    Arena *a = test_arena();
    const JsonPath *path;
    Str why;
    Error err;
    Json root, v, out;
    ok(json_parse(S("{\"k\":1,\"l\":[1,2],\"o\":{\"p\":1}}"), a, &root, &err) &&
       json_parse(str_from(value), a, &v, &err));
    ok(jsonpath_parse(str_from(text), a, &path, &why) && path->reference);
    return jsonpath_put(path, &root, &v, a, &out) ? json_to_str(a, &out) : S("no place");
}

TEST(jsonpath_puts)
{
    eq_str(put("$.new", "7"), S("{\"k\":1,\"l\":[1,2],\"o\":{\"p\":1},\"new\":7}"));
    eq_str(put("$.o.p", "7"), S("{\"k\":1,\"l\":[1,2],\"o\":{\"p\":7}}"));
    eq_str(put("$.o.q.r", "7"), S("{\"k\":1,\"l\":[1,2],\"o\":{\"p\":1,\"q\":{\"r\":7}}}"));
    eq_str(put("$.l[1]", "7"), S("{\"k\":1,\"l\":[1,7],\"o\":{\"p\":1}}"));
    eq_str(put("$", "7"), S("7"));
    eq_str(put("$.l[2]", "7"), S("no place"));
    eq_str(put("$.k.x", "7"), S("no place"));
}

TEST(jsonpath_is_canonical)
{
    const JsonPath *path;
    Str why;
    ok(jsonpath_parse(S("$.a['b c'][0]"), test_arena(), &path, &why));
    eq_str(jsonpath_canonical(test_arena(), path, path->n), S("$['a']['b c'][0]"));
    eq_str(jsonpath_canonical(test_arena(), path, 1), S("$['a']"));
}
