/* object_address_fuzz.c - addresses of templates: an accepted one names a bucket and a key, both of what was given. */
#include "core/stack/object_address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Error err = {0};
    ObjectAddress at = {0};
    Str url = {(const char *)data, (int64_t)n};
    if (object_address_parse(url, &a, &at, &err)) {
        check(at.bucket.n > 0 && at.key.n > 0 && at.key.n <= url.n);
        check(str_find_char(at.bucket, '/') < 0 && str_find(url, at.bucket) >= 0);
        check(str_absent(at.version) || str_find(url, at.version) >= 0);
    } else {
        check(err.code == ERR_VALIDATION);
    }
    arena_free(&a);
    return 0;
}
