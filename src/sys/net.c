/* net.c - listens, accepts, and does the chores of all connections before each wait. */
#include "sys/net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/net_inner.h"

enum { NET_BACKLOG = 4096, NET_ACCEPTS_PER_TURN_MAX = 256 };

static void watch_chores(Loop *loop);

static void accept_pause(Loop *loop)
{
    loop->net->accepting = false;
    uv_poll_stop(&loop->net->listener);
    watch_chores(loop);
}

/* false: nobody waits, or there is no descriptor left. */
static bool accept_one(Loop *loop)
{
    int fd = accept4(loop->net->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            accept_pause(loop);
        return errno == ECONNABORTED || errno == EINTR;
    }
    conn_new(loop, fd, loop->net->tls ? tls_accept(loop->net->tls, fd) : NULL);
    return true;
}

static void on_listener(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    Loop *loop = poll->data;
    for (int i = 0; i < NET_ACCEPTS_PER_TURN_MAX; i++) {
        if (loop->net->conns_n >= NET_CONNS_MAX) {
            accept_pause(loop);
            return;
        }
        if (!accept_one(loop)) return;
    }
}

static void accept_resume(Loop *loop)
{
    Net *net = loop->net;
    if (net->listen_fd < 0 || net->accepting || net->conns_n >= NET_CONNS_MAX) return;
    net->accepting = true;
    uv_poll_start(&net->listener, UV_READABLE, on_listener);
}

/* Rare and cheap: deadlines, and another try to accept when there were too many connections. */
static void on_chores(uv_timer_t *timer)
{
    Loop *loop = timer->data;
    Millis now = clock_now();
    accept_resume(loop);
    for (Conn *c = loop->net->conns, *next; c; c = next) {
        next = c->next;
        if (c->deadline) conn_expire(c, now);
    }
    if (!loop->net->deadlines_n && (loop->net->accepting || loop->net->listen_fd < 0))
        uv_timer_stop(timer);
}

static void watch_chores(Loop *loop)
{
    if (!uv_is_active((uv_handle_t *)&loop->net->chores))
        uv_timer_start(&loop->net->chores, on_chores, NET_CHORE_MS, NET_CHORE_MS);
}

void net_set_deadline(Conn *c, int64_t after_ms)
{
    Net *net = c->loop->net;
    net->deadlines_n += (after_ms != 0) - (c->deadline != 0);
    c->deadline = after_ms ? clock_now() + after_ms : 0;
    if (after_ms) watch_chores(c->loop);
}

void net_open(Loop *loop)
{
    loop->net = calloc(1, sizeof *loop->net);
    check(loop->net);
    loop->net->listen_fd = -1;
    uv_timer_init(&loop->uv, &loop->net->chores);
    loop->net->chores.data = loop;
}

void net_before_wait(Loop *loop)
{
    Net *net = loop->net;
    for (Conn *c; (c = net->dirty);) {
        net->dirty = c->next_dirty;
        c->dirty = false;
        conn_settle(c);
    }
    for (Conn **at = &net->dead; *at;) {
        Conn *c = *at;
        if (!c->poll_closed) {
            at = &c->next_dead;
            continue;
        }
        *at = c->next_dead;
        conn_free(c);
    }
}

void net_event_taken(Loop *loop, const SysEvent *event)
{
    Conn *c = event->conn;
    if (event->kind == SYS_CONN_INPUT) c->input_pushed = false;
    if (event->kind != SYS_CONN_CLOSED) return;
    c->taken = true;
    c->next_dead = loop->net->dead;
    loop->net->dead = c;
}

static int open_socket(const struct addrinfo *address)
{
    int one = 1, fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* accepted sockets inherit it */
    if (!bind(fd, address->ai_addr, address->ai_addrlen) && !listen(fd, NET_BACKLOG)) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static bool listen_at(const char *host, int port, int *fd_out, Error *err)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found;
    int r = getaddrinfo(host, service, &hints, &found);
    if (r) return error_set(err, ERR_USAGE, "cannot listen on %s: %s", host, gai_strerror(r));
    int fd = open_socket(found);
    freeaddrinfo(found);
    if (fd < 0 && errno == EADDRINUSE)
        return error_set(err, ERR_USAGE, "cannot listen on %s: port %d is in use", host, port);
    if (fd < 0)
        return error_set(err, ERR_USAGE, "cannot listen on %s port %d: %s", host, port,
                         strerror(errno));
    *fd_out = fd;
    return true;
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {0}};
    socklen_t length = sizeof address;
    check(!getsockname(fd, &address.any, &length));
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

bool net_listen(Loop *loop, const NetConfig *config, int *port_out, Error *err)
{
    Net *net = loop->net;
    check(!net->listened);
    net->listened = true;
    if (config->port < 0 || config->port > 65535)
        return error_set(err, ERR_USAGE, "cannot listen on port %d: a port is 0 to 65535",
                         config->port);
    SSL_CTX *tls = NULL;
    if (!str_absent(config->certificate_path) && !tls_open(config, &tls, err)) return false;
    Arena a = {0};
    bool good = listen_at(str_z(&a, config->host), config->port, &net->listen_fd, err);
    arena_free(&a);
    if (!good) {
        SSL_CTX_free(tls);
        return false;
    }
    net->tls = tls;
    *port_out = port_of(net->listen_fd);
    check(!uv_poll_init_socket(&loop->uv, &net->listener, net->listen_fd));
    net->listener.data = loop;
    accept_resume(loop);
    return true;
}

void net_stop_listening(Loop *loop)
{
    Net *net = loop->net;
    if (net->listen_fd < 0) return;
    uv_close((uv_handle_t *)&net->listener, NULL);
    close(net->listen_fd);
    net->listen_fd = -1;
    net->accepting = false;
}

/* ---- doors ---- */

static void on_door(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    Door *door = poll->data;
    if (door->loop->net->conns_n >= NET_CONNS_MAX) return;
    int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    conn_new(door->loop, fd, NULL)->door = door->port;
}

bool net_open_door(Loop *loop, Door **out, int *port, Error *err)
{
    int fd;
    if (!listen_at("127.0.0.1", 0, &fd, err)) return false;
    Door *door = calloc(1, sizeof *door);
    check(door);
    *door = (Door){.loop = loop, .next = loop->net->doors, .fd = fd, .port = port_of(fd)};
    loop->net->doors = door;
    check(!uv_poll_init_socket(&loop->uv, &door->poll, fd));
    door->poll.data = door;
    check(!uv_poll_start(&door->poll, UV_READABLE, on_door));
    *out = door;
    *port = door->port;
    return true;
}

static void on_door_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void net_close_door(Door *door)
{
    Door **at = &door->loop->net->doors;
    while (*at != door) at = &(*at)->next;
    *at = door->next;
    uv_close((uv_handle_t *)&door->poll, on_door_closed);
    close(door->fd);
}

void net_cut(Loop *loop)
{
    net_stop_listening(loop);
    while (loop->net->doors) net_close_door(loop->net->doors);
    for (Conn *c = loop->net->conns; c; c = c->next) conn_abort(c);
}

void net_free(Loop *loop)
{
    for (Conn *c; (c = loop->net->conns);) conn_free(c);
    SSL_CTX_free(loop->net->tls);
    free(loop->net);
}
