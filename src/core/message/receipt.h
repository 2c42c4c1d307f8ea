/* receipt.h - receipt handles of messages: which message of which queue, and which of its receptions. */
#pragma once
#include "base/str.h"

/* What a client gives back to delete a message it has received. A handle is text that means
 * something to this server alone; anybody can write one, so it only names: whether the message is
 * there, in flight, and received as often is looked up. One that was not written by receipt_write
 * letter for letter is none. */
enum { RECEIPT_BYTES_MAX = 1024 };

typedef struct Receipt {
    int64_t queue, n, receives; /* all above 0 */
    Str id;                     /* the message's; no colon in it */
} Receipt;

Str receipt_write(Arena *a, const Receipt *r);
must_use bool receipt_read(Arena *a, Str handle, Receipt *out);
