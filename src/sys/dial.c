/* dial.c - a blocking connection to a server, for the command line. */
#include "sys/dial.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

bool dial_parse(Str url, DialAddress *out, Error *err)
{
    bool tls = str_starts(url, S("https://"));
    if (!tls && !str_starts(url, S("http://")))
        return error_set(err, ERR_USAGE, "'%.*s' is not an http:// or https:// address", STR(url));
    Str rest = str_slice(url, tls ? 8 : 7, url.n), authority;
    if (!str_cut(&rest, '/', &authority)) authority = rest;
    int64_t bracket = str_rfind_char(authority, ']'), colon = str_rfind_char(authority, ':'),
            port = tls ? 443 : 80;
    if (colon < bracket) colon = -1; /* of an IPv6 address, not before a port */
    if (colon >= 0 && !str_to_int(str_slice(authority, colon + 1, authority.n), &port))
        return error_set(err, ERR_USAGE, "'%.*s' has no port number after ':'", STR(url));
    *out = (DialAddress){.host = colon < 0 ? authority : str_slice(authority, 0, colon),
                         .port = (int)port,
                         .tls = tls};
    return true;
}

/* Without the brackets that an IPv6 address has in a URL. */
static const char *bare_host(const DialAddress *to, Arena *a)
{
    bool bracketed = str_starts(to->host, S("["));
    return str_z(a, bracketed ? str_slice(to->host, 1, to->host.n - 1) : to->host);
}

static void set_patience(int fd)
{
    struct timeval limit = {.tv_sec = DIAL_SECONDS_MAX};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static bool reach(const DialAddress *to, Arena *a, int *out, Error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    const char *host = bare_host(to, a), *port = str_printf(a, "%d", to->port).p;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code)
        return error_set(err, ERR_UNAVAILABLE, "cannot find %s: %s", host, gai_strerror(code));
    int fd = -1, problem = 0;
    for (struct addrinfo *i = found; i && fd < 0; i = i->ai_next) {
        fd = socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, i->ai_protocol);
        if (fd >= 0 && connect(fd, i->ai_addr, i->ai_addrlen) == 0) break;
        problem = errno;
        if (fd >= 0) close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    if (fd < 0)
        return error_set(err, ERR_UNAVAILABLE, "no server at %s port %s: %s", host, port,
                         strerror(problem));
    set_patience(fd);
    *out = fd;
    return true;
}

/* One transport under two names; `ssl` NULL is plain TCP. */
typedef struct Wire {
    int fd;
    SSL *ssl;
} Wire;

static int64_t wire_write(Wire *w, const char *p, int64_t n)
{
    int slice = (int)(n > 1 << 20 ? 1 << 20 : n);
    return w->ssl ? SSL_write(w->ssl, p, slice) : send(w->fd, p, (size_t)n, MSG_NOSIGNAL);
}

static int64_t wire_read(Wire *w, char *p, int n)
{
    return w->ssl ? SSL_read(w->ssl, p, n) : recv(w->fd, p, (size_t)n, 0);
}

static bool exchange(Wire *w, Str request, Arena *a, Str *answer, Error *err)
{
    Buf got = {.a = a};
    for (int64_t sent = 0; sent < request.n;) {
        int64_t n = wire_write(w, request.p + sent, request.n - sent);
        if (n <= 0)
            return error_set(err, ERR_UNAVAILABLE,
                             "the connection broke while the request was sent");
        sent += n;
    }
    for (;;) {
        enum { PIECE = 65536 };
        int64_t n = wire_read(w, buf_room(&got, PIECE), PIECE);
        if (n < 0 && !w->ssl)
            return error_set(err, ERR_UNAVAILABLE, "no answer: %s", strerror(errno));
        if (n <= 0) break;
        got.n += n;
        if (got.n > DIAL_ANSWER_BYTES_MAX)
            return error_set(err, ERR_UNAVAILABLE, "the answer is too long");
    }
    *answer = buf_str(&got);
    return true;
}

/* What every AWS client trusts, too; a file that cannot be read trusts nobody more. */
static void trust_bundle(SSL_CTX *ctx)
{
    const char *bundle = getenv("AWS_CA_BUNDLE");
    if (bundle && *bundle) (void)SSL_CTX_load_verify_locations(ctx, bundle, NULL);
}

static bool exchange_tls(Wire *w, const DialAddress *to, Str request, Arena *a, Str *answer,
                         Error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    check(ctx);
    SSL_CTX_set_default_verify_paths(ctx);
    trust_bundle(ctx);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    w->ssl = SSL_new(ctx);
    check(w->ssl);
    SSL_set_fd(w->ssl, w->fd);
    const char *host = bare_host(to, a);
    SSL_set1_host(w->ssl, host);
    SSL_set_tlsext_host_name(w->ssl, host);
    bool good =
        SSL_connect(w->ssl) == 1
            ? exchange(w, request, a, answer, err)
            : error_set(err, ERR_UNAVAILABLE,
                        "TLS with %s failed: %s (AWS_CA_BUNDLE or SSL_CERT_FILE may name the "
                        "certificate to trust; on the server's machine --port needs none)",
                        host, X509_verify_cert_error_string(SSL_get_verify_result(w->ssl)));
    SSL_free(w->ssl);
    SSL_CTX_free(ctx);
    return good;
}

bool dial_exchange(const DialAddress *to, Str request, Arena *a, Str *answer, Error *err)
{
    Wire w = {0};
    if (!reach(to, a, &w.fd, err)) return false;
    bool good = to->tls ? exchange_tls(&w, to, request, a, answer, err)
                        : exchange(&w, request, a, answer, err);
    close(w.fd);
    return good;
}
