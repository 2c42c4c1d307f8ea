/* sigv4_canonical.h - a request in the one form that both sides of a Version 4 signature hash. */
#pragma once
#include "wire/sigv4.h"

/* Method, path, query, the headers of `signed_headers` in that order, that list, and the payload's
 * hash, each on its line(s). X-Amz-Signature in the query is left out. */
Str sigv4_canonical_request(const HttpRequest *r, SigDialect dialect, Str signed_headers,
                            Str payload_hash, Arena *a);
Str sigv4_string_to_sign(Str time, Str scope, Str canonical_request, Arena *a);

/* "host;x-amz-date": the names of all headers a client signs, in lower case, sorted, each once. */
Str sigv4_signed_headers(const HttpRequest *r, Arena *a);

/* A Date header as clients sign it: RFC 1123 with GMT or +0000, or 20130524T000000Z. */
must_use bool sigv4_parse_date(Str text, Millis *out);
