/* receipt.c - receipt handles: Base64 of numbers between colons, read as strictly as they are written. */
#include "core/message/receipt.h"

#include "base/encode.h"

Str receipt_write(Arena *a, const Receipt *r)
{
    return base64_encode(a, str_printf(a, "mayfly:%" PRId64 ":%" PRId64 ":%" PRId64 ":%.*s",
                                       r->queue, r->n, r->receives, STR(r->id)));
}

static bool number(Str *rest, int64_t *out)
{
    Str part;
    return str_cut(rest, ':', &part) && str_to_int(part, out) && *out > 0;
}

bool receipt_read(Arena *a, Str handle, Receipt *out)
{
    Str text, mark;
    Receipt r;
    if (handle.n > RECEIPT_BYTES_MAX || !base64_decode(a, handle, &text)) return false;
    if (!str_cut(&text, ':', &mark) || !str_eq(mark, S("mayfly")) || !number(&text, &r.queue) ||
        !number(&text, &r.n) || !number(&text, &r.receives) || !text.n)
        return false;
    r.id = text;
    if (!str_eq(receipt_write(a, &r), handle)) return false;
    *out = r;
    return true;
}
