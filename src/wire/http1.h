/* http1.h - an HTTP/1.1 request head: bytes in, slices and one framing decision out; strict (RFC 9112). */
#pragma once
#include "base/error.h"
#include "base/str.h"

enum {
    HTTP_HEADERS_MAX = 96,
    HTTP_HEAD_BYTES_MAX = 64 * 1024,  /* request line and headers together; S3 user metadata alone may be 2 KB */
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
    Str target;       /* as sent */
    Str path, query;  /* target cut at '?', still percent-encoded; absolute-form is reduced to its path */
    Str host;         /* of the Host header or of the absolute-form */
    int minor;        /* HTTP/1.minor */
    bool keep_alive, expect_continue;
    HttpBody body;
    int64_t length;   /* HTTP_BODY_LENGTH only */
    int headers_n;
    HttpHeader headers[HTTP_HEADERS_MAX];
} HttpRequest;

/* > 0: bytes of the head, *out filled; 0: more bytes are needed; < 0: minus the HTTP status to answer with
 * before closing (400, 414, 431, 501, 505). Never reads beyond the head. */
int64_t http1_parse(Str in, HttpRequest *out);

/* {NULL, 0}: absent. Names compare without case. With several of one name: the first. */
Str http1_header(const HttpRequest *r, Str name);
