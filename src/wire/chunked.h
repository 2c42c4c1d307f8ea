/* chunked.h - the chunked transfer coding taken apart piece by piece, without copying (RFC 9112 7.1). */
#pragma once
#include "wire/http1.h"

/*     Chunked c;
 *     chunked_open(&c);
 *     for (Str data; (got = chunked_next(&c, &in, &data)) > CHUNKED_MORE;)
 *         if (got == CHUNKED_DATA) write(data); else if (got == CHUNKED_DONE) break;
 *
 * chunked_next takes bytes off the front of `in` and says what they were. After CHUNKED_DONE `in`
 * begins with what follows the body. The same grammar carries aws-chunked, whose signatures are
 * chunk extensions. */
enum {
    CHUNKED_LINE_BYTES_MAX = 512,     /* "size;extensions" */
    CHUNKED_TRAILER_BYTES_MAX = 2048, /* all trailer lines together */
    CHUNKED_TRAILERS_MAX = 16,
};

typedef enum ChunkedGot {
    CHUNKED_BAD = -1, /* never to be called again; chunked_why says why */
    CHUNKED_MORE = 0, /* all of `in` was taken */
    CHUNKED_SIZE,     /* a chunk begins: chunk_bytes and extension are valid until the next call */
    CHUNKED_DATA,     /* *data is a slice of `in` */
    CHUNKED_DONE,     /* the last chunk and the trailers were read */
} ChunkedGot;

typedef enum ChunkedState {
    CHUNKED_AT_SIZE,
    CHUNKED_AT_DATA,
    CHUNKED_AT_DATA_END, /* the CRLF after a chunk's data */
    CHUNKED_AT_TRAILER,
    CHUNKED_AT_END,
} ChunkedState;

typedef struct Chunked {
    ChunkedState state;
    int64_t chunk_bytes, left;
    Str extension; /* without the first ';' */
    const char *why;
    int line_n; /* bytes of the unfinished line in `text` */
    int text_n; /* bytes of `text` that finished trailers occupy */
    int trailers_n;
    HttpHeader
        trailers[CHUNKED_TRAILERS_MAX]; /* slices of `text`: a Chunked is not copied once in use */
    char text[CHUNKED_TRAILER_BYTES_MAX];
} Chunked;

void chunked_open(Chunked *c);
must_use ChunkedGot chunked_next(Chunked *c, Str *in, Str *data);
Str chunked_trailer(const Chunked *c, Str name); /* {NULL, 0}: absent */
