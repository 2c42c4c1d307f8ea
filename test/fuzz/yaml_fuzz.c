/* yaml_fuzz.c - YAML documents: nothing crashes, and what comes out is JSON that reads back the same. */
#include "wire/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool wrap(Arena *a, Str name, Json value, Json *out, Error *err)
{
    (void)err;
    JsonObject o = {.a = a};
    json_put(&o, name, value);
    *out = json_object(&o);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Error err = {0};
    Json v, again;
    if (yaml_parse((Str){(const char *)data, (int64_t)size}, wrap, &a, &v, &err)) {
        Str text = json_to_str(&a, &v);
        if (json_parse(text, &a, &again, &err)) check(str_eq(json_to_str(&a, &again), text));
    }
    arena_reset(&a);
    return 0;
}
