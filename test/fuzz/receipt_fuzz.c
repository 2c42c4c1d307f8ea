/* receipt_fuzz.c - receipt handles: what is taken for one is written again letter for letter. */
#include "core/message/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Receipt r;
    Str handle = {(const char *)data, (int64_t)size};
    if (receipt_read(&a, handle, &r)) {
        check(r.queue > 0 && r.n > 0 && r.receives > 0 && r.id.n > 0);
        check(str_eq(receipt_write(&a, &r), handle));
    }
    arena_reset(&a);
    return 0;
}
