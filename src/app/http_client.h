/* http_client.h - a request to somebody else's server and its answer: blocking, bounded in time and size, off the loop's thread. */
#pragma once
#include "app/server.h"

/* One connection, one request, no redirects followed. The whole of it lives in one arena.
 *
 *     HttpExchange x = {.arena = a, .method = S("POST"), .url = S("https://host/path?q=1"),
 *                       .deadline = s->now + 5000, .body_bytes_max = 1 << 20};
 *     http_client_header(&x, S("Content-Type"), S("application/json"));
 *     http_client_run(&x);               on a thread of server_start_slow_job
 *     if (x.failure) ... x.why ...       else x.status, x.headers, x.answer
 *
 * Host, Content-Length and Connection are added. The answer's body is given as it came: with
 * "Accept-Encoding: identity", which is added, too. */
enum {
    HTTP_CLIENT_HEADERS_MAX = 96,
    HTTP_CLIENT_URL_BYTES_MAX = 16 * 1024,
};

typedef enum HttpFailure {
    HTTP_CLIENT_ANSWERED,  /* whatever its status */
    HTTP_CLIENT_BAD_URL,   /* or a header that cannot be sent; nothing was */
    HTTP_CLIENT_NO_SERVER, /* no name, no connection, no trust */
    HTTP_CLIENT_TOO_LATE,
    HTTP_CLIENT_BROKEN,    /* while it was sent or answered: the request may have had its effect */
    HTTP_CLIENT_TOO_LARGE, /* the answer's body exceeds body_bytes_max */
    HTTP_CLIENT_BAD_ANSWER,
} HttpFailure;

typedef struct HttpField {
    Str name, value;
} HttpField;
typedef struct HttpFields {
    HttpField *p;
    int64_t n, cap;
} HttpFields;

typedef struct HttpExchange {
    Arena *arena;
    /* asked */
    Str method, url, body;
    HttpFields fields;
    Millis deadline; /* wall clock */
    int64_t body_bytes_max;
    /* answered */
    HttpFailure failure;
    Str why; /* of a failure: never holds a header or the body */
    int status;
    Str reason, answer;
    HttpFields headers; /* as they came */
} HttpExchange;

void http_client_header(HttpExchange *x, Str name, Str value);
/* The value of the first such header of the answer; {NULL, 0}: absent. */
Str http_client_answer_header(const HttpExchange *x, Str name);
void http_client_run(HttpExchange *x);
/* "https://host:8443/a?b" in its parts; `target` begins with "/". false: it is no such address. */
typedef struct HttpUrl {
    bool tls;
    Str host, authority, target; /* host without brackets; authority: as in the URL */
    int port;
} HttpUrl;
must_use bool http_client_url(Arena *a, Str url, HttpUrl *out);
