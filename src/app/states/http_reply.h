/* http_reply.h - the head of an HTTP/1.1 answer as text. */
#pragma once
#include "wire/protocol.h"

/* Status line, Date, the reply's headers, Content-Length (of `length` bytes; none for 204 and 304)
 * and Connection. */
Str http_reply_head(Arena *a, const HttpReply *reply, Millis now, bool close, int64_t length);
/* A whole answer without a body, for requests whose head cannot be understood; announces the close.
 */
Str http_reply_bare(Arena *a, int status);
