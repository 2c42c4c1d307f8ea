/* http1.h - an HTTP/1.1 request head: bytes in, slices and one framing decision out; strict (RFC 9112). */
#pragma once
#include "base/error.h"
#include "base/str.h"

enum {
    HTTP_HEADERS_MAX = 96,
    HTTP_HEAD_BYTES_MAX =
        64 * 1024, /* request line and headers together; S3 user metadata alone may be 2 KB */
    HTTP_TARGET_BYTES_MAX = 16 * 1024,
    HTTP_METHOD_BYTES_MAX = 32,
};

typedef struct HttpHeader {
    Str name, value; /* value: blanks at both ends removed */
} HttpHeader;

typedef enum HttpBody {
    HTTP_BODY_NONE,
    HTTP_BODY_LENGTH,  /* exactly `length` bytes follow */
    HTTP_BODY_CHUNKED, /* Transfer-Encoding: chunked */
} HttpBody;

/* Every Str is a slice of the input. */
typedef struct HttpRequest {
    Str method;
    Str target; /* as sent */
    Str path,
        query; /* target cut at '?', still percent-encoded; absolute-form is reduced to its path.
                  "*" only for OPTIONS; else path starts with '/'. No '?': query is {NULL, 0} */
    Str host;  /* of the absolute-form, else of the Host header; {NULL, 0}: HTTP/1.0 without one */
    int minor; /* HTTP/1.minor */
    bool keep_alive, expect_continue;
    HttpBody body;
    int64_t length; /* HTTP_BODY_LENGTH only */
    int headers_n;
    HttpHeader headers[HTTP_HEADERS_MAX];
} HttpRequest;

/* > 0: bytes of the head, *out filled; 0: more bytes are needed; < 0: minus the HTTP status to
 * answer with before closing (400, 414, 417, 431, 501, 505). Never reads beyond the head, and says
 * the same however the head was cut on its way here. One empty line before the request line is
 * skipped (RFC 9112 2.2). Incomplete heads are parsed again from their start: call again only when
 * the new bytes contain a '\n' or the buffer has reached HTTP_HEAD_BYTES_MAX, and a client that
 * sends single bytes costs nothing. */
int64_t http1_parse(Str in, HttpRequest *out);

/* {NULL, 0}: absent. Names compare without case. With several of one name: the first. */
Str http1_header(const HttpRequest *r, Str name);
/* The value of the first query parameter of this name, still percent-encoded; {NULL, 0}: absent. */
Str http1_query(const HttpRequest *r, Str name);
