/* data_set_fuzz.c - ItemReader fields of any shape, and manifests of any bytes: understood, or refused with a reason. */
#include "core/reader/data_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first line is the ItemReader, the rest a manifest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    Json reader;
    DataSet set;
    DataObjects objects = {0};
    Error err = {0};
    Str line, rest = {(const char *)data, (int64_t)n};
    arena_reset(&a);
    if (!str_cut(&rest, '\n', &line) || !json_parse(line, &a, &reader, &err)) return 0;
    if (!data_set_parse(&reader, &a, &set, &err)) {
        check(err.code == ERR_VALIDATION && error_text(&err).n > 0);
        return 0;
    }
    check(set.items_max > 0 && set.items_max <= DATA_SET_ITEMS_MAX && set.bucket.n > 0);
    if (set.kind != DATA_INVENTORY && set.kind != DATA_ATHENA) return 0;
    if (!data_set_manifest(&set, rest, &a, &objects, &err)) {
        check(error_text(&err).n > 0);
        return 0;
    }
    for (int64_t i = 0; i < objects.n; i++) check(objects.p[i].bucket.n >= 0);
    return 0;
}
