/* http1_answer.h - the head of an HTTP/1.1 answer: status, headers, and how its body ends (RFC 9112). */
#pragma once
#include "wire/http1.h"

enum { HTTP_ANSWER_HEAD_BYTES_MAX = 64 * 1024 };

typedef enum HttpAnswerBody {
    HTTP_ANSWER_NONE,
    HTTP_ANSWER_LENGTH,  /* exactly `length` bytes follow */
    HTTP_ANSWER_CHUNKED, /* chunked.h */
    HTTP_ANSWER_TO_END,  /* of the connection */
} HttpAnswerBody;

/* Every Str is a slice of the input. */
typedef struct HttpAnswer {
    int status;
    Str reason; /* may be empty */
    HttpAnswerBody body;
    int64_t length;
    int headers_n;
    HttpHeader headers[HTTP_HEADERS_MAX];
} HttpAnswer;

/* > 0: bytes of the head, *out filled; 0: more bytes are needed; < 0: it is no such head. `head`:
 * the request was a HEAD, whose answer has no body. Informational answers (1xx) have none either;
 * the real one follows. */
int64_t http1_answer_parse(Str in, bool head, HttpAnswer *out);
/* {NULL, 0}: absent. With several of one name: the first. */
Str http1_answer_header(const HttpAnswer *r, Str name);
