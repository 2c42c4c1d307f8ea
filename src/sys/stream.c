/* stream.c - one non-blocking step of reading, writing or sending a file, over plain TCP or TLS alike. */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/net_inner.h"

static Io from_errno(void)
{
    return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_BROKEN;
}

/* After a failed SSL call. A peer that vanishes without close_notify is at its end: what it sent
 * was framed by HTTP. */
static Io from_ssl(Conn *c, int r, bool reading)
{
    int reason = SSL_get_error(c->ssl, r);
    if (reason == SSL_ERROR_WANT_READ) return IO_AGAIN;
    if (reason == SSL_ERROR_WANT_WRITE) {
        c->read_wants_write = reading;
        return IO_AGAIN;
    }
    if (reason == SSL_ERROR_ZERO_RETURN) return reading ? IO_END : IO_BROKEN;
    return IO_BROKEN;
}

static int at_most_int(int64_t n)
{
    return n > INT_MAX ? INT_MAX : (int)n;
}

static bool same_address(const struct sockaddr_storage *x, const struct sockaddr_storage *y)
{
    const struct sockaddr_in *x4 = (const void *)x, *y4 = (const void *)y;
    const struct sockaddr_in6 *x6 = (const void *)x, *y6 = (const void *)y;
    if (x->ss_family != y->ss_family) return false;
    return x->ss_family == AF_INET ? x4->sin_addr.s_addr == y4->sin_addr.s_addr
                                   : !memcmp(&x6->sin6_addr, &y6->sin6_addr, sizeof x6->sin6_addr);
}

/* What it sends to this address never leaves this machine. */
static bool is_of_this_machine(int fd)
{
    struct sockaddr_storage mine = {0}, theirs = {0};
    socklen_t mine_n = sizeof mine, theirs_n = sizeof theirs;
    return !getsockname(fd, (struct sockaddr *)&mine, &mine_n) &&
           !getpeername(fd, (struct sockaddr *)&theirs, &theirs_n) && same_address(&mine, &theirs);
}

/* The steps of the server's own clusters speak plain HTTP to it: no engine has to be taught to
 * trust the certificate. */
static Io drop_tls_if_plain(Conn *c)
{
    enum { TLS_HANDSHAKE_RECORD = 22 };
    unsigned char first;
    ssize_t n = recv(c->fd, &first, 1, MSG_PEEK);
    if (n < 0) return from_errno();
    if (n == 1 && first != TLS_HANDSHAKE_RECORD && is_of_this_machine(c->fd)) {
        SSL_free(c->ssl);
        c->ssl = NULL;
    }
    return IO_OK;
}

Io stream_handshake(Conn *c)
{
    Io peeked = SSL_in_before(c->ssl) ? drop_tls_if_plain(c) : IO_OK;
    if (peeked != IO_OK || !c->ssl) return peeked;
    ERR_clear_error();
    c->read_wants_write = false;
    int r = SSL_accept(c->ssl);
    return r == 1 ? IO_OK : from_ssl(c, r, true);
}

static Io read_tls(Conn *c, char *to, int64_t n, int64_t *got)
{
    ERR_clear_error();
    c->read_wants_write = false;
    int r = SSL_read(c->ssl, to, at_most_int(n));
    if (r <= 0) return from_ssl(c, r, true);
    *got = r;
    return IO_OK;
}

Io stream_read(Conn *c, char *to, int64_t n, int64_t *got)
{
    if (c->ssl) return read_tls(c, to, n, got);
    ssize_t r = recv(c->fd, to, (size_t)n, 0);
    if (r < 0) return from_errno();
    *got = r;
    return r ? IO_OK : IO_END;
}

static Io write_tls(Conn *c, const char *bytes, int64_t n, int64_t *put)
{
    ERR_clear_error();
    int r = SSL_write(c->ssl, bytes, at_most_int(n));
    if (r <= 0) return from_ssl(c, r, false);
    *put = r;
    return IO_OK;
}

Io stream_write(Conn *c, const struct iovec *parts, int parts_n, bool more_follows, int64_t *put)
{
    if (c->ssl) return write_tls(c, parts[0].iov_base, (int64_t)parts[0].iov_len, put);
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)parts_n};
    ssize_t r = sendmsg(c->fd, &message, MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0));
    if (r < 0) return from_errno();
    *put = r;
    return IO_OK;
}

static Io send_file_tls(Conn *c, int fd, int64_t offset, int64_t n, char *buffer, int64_t *put)
{
    ssize_t r = pread(fd, buffer, (size_t)n, offset);
    return r > 0 ? write_tls(c, buffer, r, put) : IO_BROKEN;
}

/* A file that is shorter than promised breaks the connection: the peer must not take the rest for
 * complete. */
Io stream_send_file(Conn *c, int fd, int64_t offset, int64_t n, char *buffer, int64_t buffer_n,
                    int64_t *put)
{
    if (c->ssl) return send_file_tls(c, fd, offset, n < buffer_n ? n : buffer_n, buffer, put);
    off_t from = offset;
    ssize_t r = sendfile(c->fd, fd, &from, (size_t)n);
    if (r < 0) return from_errno();
    *put = r;
    return r ? IO_OK : IO_BROKEN;
}

bool stream_has_input(const Conn *c)
{
    return c->ssl && SSL_has_pending(c->ssl);
}

void stream_end(Conn *c)
{
    if (c->ssl) {
        ERR_clear_error();
        SSL_shutdown(c->ssl);
    }
    shutdown(c->fd, SHUT_WR);
}
