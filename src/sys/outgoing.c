/* outgoing.c - blocking connections to other servers: sockets that do not block, poll, and OpenSSL. */
#include "sys/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"

struct Outgoing {
    int fd;
    SSL_CTX *rules;
    SSL *ssl; /* NULL: plain TCP */
    Millis deadline;
};

static atomic_bool stopping;

void outgoing_set_stopping(bool value)
{
    atomic_store(&stopping, value);
}

static OutgoingFailure wait_for(const Outgoing *o, short what)
{
    for (;;) {
        int64_t left = o->deadline - clock_now();
        struct pollfd p = {.fd = o->fd, .events = what};
        if (atomic_load(&stopping)) return OUTGOING_BROKEN;
        if (left <= 0) return OUTGOING_TOO_LATE;
        int n = poll(&p, 1, (int)(left < OUTGOING_SLICE_MS ? left : OUTGOING_SLICE_MS));
        if (n > 0) return OUTGOING_WORKS;
        if (n < 0 && errno != EINTR) return OUTGOING_BROKEN;
    }
}

/* ---- TCP ---- */

static OutgoingFailure reach(Outgoing *o, const struct addrinfo *i, int *problem)
{
    socklen_t n = sizeof *problem;
    o->fd = socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, i->ai_protocol);
    *problem = 0;
    if (o->fd < 0) return *problem = errno, OUTGOING_NO_SERVER;
    if (connect(o->fd, i->ai_addr, i->ai_addrlen) == 0) return OUTGOING_WORKS;
    *problem = errno;
    if (errno != EINPROGRESS) return OUTGOING_NO_SERVER;
    OutgoingFailure waited = wait_for(o, POLLOUT);
    if (waited) return waited;
    if (getsockopt(o->fd, SOL_SOCKET, SO_ERROR, problem, &n)) *problem = errno;
    return *problem ? OUTGOING_NO_SERVER : OUTGOING_WORKS;
}

static OutgoingFailure reach_any(Outgoing *o, const OutgoingAddress *to, Arena *a, Str *why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    OutgoingFailure last = OUTGOING_NO_SERVER;
    int problem = 0;
    int code = getaddrinfo(str_z(a, to->host), str_printf(a, "%d", to->port).p, &hints, &found);
    if (code) {
        *why = str_printf(a, "cannot find %.*s: %s", STR(to->host), gai_strerror(code));
        return OUTGOING_NO_NAME;
    }
    for (const struct addrinfo *i = found; i; i = i->ai_next) {
        last = reach(o, i, &problem);
        if (!last || last == OUTGOING_TOO_LATE) break;
        if (o->fd >= 0) close(o->fd);
        o->fd = -1;
    }
    freeaddrinfo(found);
    if (last)
        *why = str_printf(a, "no connection to %.*s port %d: %s", STR(to->host), to->port,
                          last == OUTGOING_TOO_LATE ? "timed out" : strerror(problem));
    return last;
}

/* ---- TLS ---- */

/* What OpenSSL waits for; OUTGOING_BROKEN: nothing, it failed. */
static OutgoingFailure ssl_wait(const Outgoing *o, int result)
{
    switch (SSL_get_error(o->ssl, result)) {
    case SSL_ERROR_WANT_READ: return wait_for(o, POLLIN);
    case SSL_ERROR_WANT_WRITE: return wait_for(o, POLLOUT);
    default: return OUTGOING_BROKEN;
    }
}

static void prepare_tls(Outgoing *o, const char *host)
{
    o->rules = SSL_CTX_new(TLS_client_method());
    check(o->rules);
    SSL_CTX_set_min_proto_version(o->rules, TLS1_2_VERSION);
    SSL_CTX_set_options(o->rules, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_default_verify_paths(o->rules);
    SSL_CTX_set_verify(o->rules, SSL_VERIFY_PEER, NULL);
    o->ssl = SSL_new(o->rules);
    check(o->ssl && SSL_set_fd(o->ssl, o->fd) == 1);
    SSL_set_mode(o->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    X509_VERIFY_PARAM *names = SSL_get0_param(o->ssl);
    if (!X509_VERIFY_PARAM_set1_ip_asc(names, host)) {
        check(SSL_set1_host(o->ssl, host) == 1);
        SSL_set_tlsext_host_name(o->ssl, host);
    }
}

static OutgoingFailure shake_hands(Outgoing *o, const OutgoingAddress *to, Arena *a, Str *why)
{
    prepare_tls(o, str_z(a, to->host));
    for (int r; (r = SSL_connect(o->ssl)) != 1;) {
        OutgoingFailure waited = ssl_wait(o, r);
        if (!waited) continue;
        long verdict = SSL_get_verify_result(o->ssl);
        *why = str_printf(a, "TLS with %.*s failed: %s", STR(to->host),
                          waited == OUTGOING_TOO_LATE ? "timed out"
                          : verdict != X509_V_OK      ? X509_verify_cert_error_string(verdict)
                                                      : "the other side does not speak it");
        return waited == OUTGOING_TOO_LATE ? waited : OUTGOING_NO_TRUST;
    }
    return OUTGOING_WORKS;
}

/* ---- one transport ---- */

OutgoingFailure outgoing_open(const OutgoingAddress *to, Millis deadline, Arena *a, Outgoing **out,
                              Str *why)
{
    Outgoing *o = calloc(1, sizeof *o);
    check(o);
    *o = (Outgoing){.fd = -1, .deadline = deadline};
    OutgoingFailure failed = reach_any(o, to, a, why);
    if (!failed && to->tls) failed = shake_hands(o, to, a, why);
    if (failed)
        outgoing_close(o);
    else
        *out = o;
    return failed;
}

OutgoingFailure outgoing_write(Outgoing *o, Str bytes)
{
    enum { PIECE = 64 * 1024 };
    while (bytes.n) {
        OutgoingFailure waited = OUTGOING_WORKS;
        int piece = (int)(bytes.n < PIECE ? bytes.n : PIECE);
        int64_t n = o->ssl ? SSL_write(o->ssl, bytes.p, piece)
                           : send(o->fd, bytes.p, (size_t)piece, MSG_NOSIGNAL);
        if (n > 0)
            bytes = str_slice(bytes, n, bytes.n);
        else if (o->ssl)
            waited = ssl_wait(o, (int)n);
        else
            waited = errno == EAGAIN || errno == EINTR ? wait_for(o, POLLOUT) : OUTGOING_BROKEN;
        if (waited) return waited;
    }
    return OUTGOING_WORKS;
}

OutgoingFailure outgoing_read(Outgoing *o, char *to, int64_t max, int64_t *got)
{
    enum { PIECE = 64 * 1024 };
    for (;;) {
        OutgoingFailure waited;
        int piece = (int)(max < PIECE ? max : PIECE);
        int64_t n = o->ssl ? SSL_read(o->ssl, to, piece) : recv(o->fd, to, (size_t)piece, 0);
        *got = n > 0 ? n : 0;
        if (n > 0 || (!o->ssl && n == 0)) return OUTGOING_WORKS;
        if (o->ssl && SSL_get_error(o->ssl, (int)n) == SSL_ERROR_ZERO_RETURN) return OUTGOING_WORKS;
        if (o->ssl)
            waited = ssl_wait(o, (int)n);
        else
            waited = errno == EAGAIN || errno == EINTR ? wait_for(o, POLLIN) : OUTGOING_BROKEN;
        if (waited) return waited;
    }
}

void outgoing_close(Outgoing *o)
{
    if (o->ssl) {
        SSL_shutdown(o->ssl); /* says goodbye; nobody waits for the answer */
        SSL_free(o->ssl);
    }
    SSL_CTX_free(o->rules);
    if (o->fd >= 0) close(o->fd);
    free(o);
}
