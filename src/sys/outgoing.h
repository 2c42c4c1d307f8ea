/* outgoing.h - a connection to somebody else's server, blocking, under one deadline: for threads other than the loop's. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* Everything waits until `deadline` (wall clock) at most, but for the look-up of a name, which has
 * the resolver's own limits. Calls made while the program stops fail within OUTGOING_SLICE_MS. */
enum { OUTGOING_SLICE_MS = 200 };

typedef enum OutgoingFailure {
    OUTGOING_WORKS,
    OUTGOING_NO_NAME,   /* the host's name is not known */
    OUTGOING_NO_SERVER, /* nobody answers there */
    OUTGOING_NO_TRUST,  /* TLS was refused, or the certificate is not trusted */
    OUTGOING_TOO_LATE,  /* the deadline came */
    OUTGOING_BROKEN,    /* the connection broke, or the program stops */
} OutgoingFailure;

typedef struct OutgoingAddress {
    Str host; /* without the brackets of an IPv6 address */
    int port;
    bool tls; /* the system's certificates, or those of SSL_CERT_FILE, are trusted */
} OutgoingAddress;

typedef struct Outgoing Outgoing;

/* `why` says what happened, in the arena. */
OutgoingFailure outgoing_open(const OutgoingAddress *to, Millis deadline, Arena *a, Outgoing **out,
                              Str *why);
OutgoingFailure outgoing_write(Outgoing *o, Str bytes);
/* *n = 0: the other side has ended the stream. */
OutgoingFailure outgoing_read(Outgoing *o, char *to, int64_t max, int64_t *n);
void outgoing_close(Outgoing *o);

/* By the loop: when it ends, and when it begins. */
void outgoing_set_stopping(bool stopping);
