/* cbor.h - CBOR (RFC 8949) as values: one item read into a Json, and the pieces items are written of. */
#pragma once
#include "base/json.h"

/* What comes in becomes what a JSON body would have been: integers and floats are numbers (the
 * float's shortest text that means the same), byte strings are Base64, tag 1 (seconds since 1970)
 * is its number; NaN and the infinities are texts. Lengths may be indefinite. Refused: other tags,
 * keys that are no text, text that is not UTF-8, what follows the item, nesting beyond
 * CBOR_DEPTH_MAX. */
enum { CBOR_DEPTH_MAX = 64 };

/* ERR_SERIALIZATION names the byte. */
must_use bool cbor_parse(Str in, Arena *a, Json *out, Error *err);

typedef enum CborType {
    CBOR_UINT,
    CBOR_NEGATIVE,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_TAG,
    CBOR_SIMPLE,
} CborType;

/* The head of an item in its shortest form: an array's or map's is followed by so many items or
 * pairs, a tag's by the item it tags. */
void cbor_head(Buf *b, CborType type, uint64_t n);
void cbor_int(Buf *b, int64_t value);
void cbor_text(Buf *b, Str text);
void cbor_bytes(Buf *b, Str bytes);
void cbor_double(Buf *b, double value);
void cbor_bool(Buf *b, bool value);
void cbor_null(Buf *b);
