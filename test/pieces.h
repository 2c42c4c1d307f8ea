/* pieces.h - for tests of readers: a text that comes in pieces of at most so many bytes. */
#pragma once
#include "core/reader/reader.h"

typedef struct Pieces {
    Str rest;
    int64_t piece;
} Pieces;

/* A ReaderSource's read, of a Pieces. */
static inline int64_t pieces_read(void *owner, char *to, int64_t n, Error *err)
{
    Pieces *p = owner;
    (void)err;
    if (n > p->piece) n = p->piece;
    if (n > p->rest.n) n = p->rest.n;
    if (n) memcpy(to, p->rest.p, (size_t)n);
    p->rest = str_slice(p->rest, n, p->rest.n);
    return n;
}
