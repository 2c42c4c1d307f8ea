/* jsonpath_fuzz.c - a line with a path, then a document: whatever is found lies in the document, and what is put is found again. */
#include "core/jsonpath/jsonpath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put_and_get(const JsonPath *path, const Json *doc, Arena *a)
{
    Json value = json_string(S("put")), changed, found;
    if (!jsonpath_put(path, doc, &value, a, &changed)) return;
    check(jsonpath_get(path, &changed, a, &found) == JSONPATH_FOUND);
    check(json_eq(&found, &value));
}

static void read_it(const JsonPath *path, const Json *doc, Arena *a)
{
    Json found;
    JsonPathFound how = jsonpath_get(path, doc, a, &found);
    if (path->definite) check((how == JSONPATH_FOUND) == (jsonpath_reach(path, doc) == path->n));
    if (how == JSONPATH_FOUND && !path->definite) check(found.type == JSON_ARRAY);
    if (how == JSONPATH_FOUND) check(json_to_str(a, &found).n > 0);
    check(jsonpath_canonical(a, path, path->n).n > 0);
    if (path->reference) put_and_get(path, doc, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Str rest = {(const char *)data, (int64_t)n}, line = {0}, why = {0};
    const JsonPath *path;
    Json doc;
    Error err;
    if (n && str_cut(&rest, '\n', &line)) {
        if (!jsonpath_parse(line, &a, &path, &why))
            check(why.n > 0);
        else if (rest.n && json_parse(rest, &a, &doc, &err))
            read_it(path, &doc, &a);
    }
    arena_free(&a);
    return 0;
}
