/* cbor_fuzz.c - what the CBOR reader accepts is a JSON value that can be written and read again; what it refuses has a place. */
#include "base/encode.h"
#include "wire/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    Json v, again;
    Error err = {0};
    arena_reset(&a);
    if (!cbor_parse((Str){(const char *)data, (int64_t)n}, &a, &v, &err)) {
        check(err.code == ERR_SERIALIZATION && error_text(&err).n > 0);
        return 0;
    }
    Str text = json_to_str(&a, &v);
    check(utf8_valid(text) && json_parse(text, &a, &again, &err));
    check(str_eq(json_to_str(&a, &again), text));
    return 0;
}
