/* json_fuzz.c - what the JSON reader accepts is written, read again, and must be the same text; pointers find places in it. */
#include "base/encode.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_again(Arena *a, Str text, Str want)
{
    Json v;
    Error err = {0};
    check(json_parse(text, a, &v, &err));
    check(str_eq(json_to_str(a, &v), want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    Json v;
    Error err = {0};
    arena_reset(&a);
    Str in = {(const char *)data, (int64_t)n};
    if (!json_parse(in, &a, &v, &err)) {
        check(err.code == ERR_SERIALIZATION && error_text(&err).n > 0);
        return 0;
    }
    Buf pretty = {.a = &a};
    Str compact = json_to_str(&a, &v);
    check(utf8_valid(compact));
    json_write_pretty(&pretty, &v);
    check_again(&a, compact, compact);
    check_again(&a, buf_str(&pretty), compact);
    static const char *const pointers[] = {"", "/a/0/b", "/0/1", "/1/a~1b"};
    for (int i = 0; i < countof(pointers); i++)
        check(json_place(in, str_from(pointers[i])).column > 0);
    Json copy = json_copy(&a, &v);
    check(str_eq(json_to_str(&a, &copy), compact));
    return 0;
}
