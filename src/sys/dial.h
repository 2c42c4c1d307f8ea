/* dial.h - a blocking connection to a server, for the command line: one request, one answer. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* Own code rather than libcurl: that would bring thirty shared libraries into every start of the
 * program, keepers included. */
enum { DIAL_SECONDS_MAX = 120 };
#define DIAL_ANSWER_BYTES_MAX ((int64_t)64 << 20)

typedef struct DialAddress {
    Str host; /* as in the URL: an IPv6 address has its brackets */
    int port;
    bool tls; /* trusted: the system's certificates, SSL_CERT_FILE's, AWS_CA_BUNDLE's */
} DialAddress;

/* "http://127.0.0.1:4566" or https. ERR_USAGE: not such a URL. */
must_use bool dial_parse(Str url, DialAddress *out, Error *err);

/* Sends `request` (all of it, with "Connection: close") and reads the answer up to the end of the
 * stream. ERR_UNAVAILABLE: nobody listens there, or the connection broke. */
must_use bool dial_exchange(const DialAddress *to, Str request, Arena *a, Str *answer, Error *err);
