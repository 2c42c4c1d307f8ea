/* net_test.c - connections with real sockets: echo, back-pressure, half-closed and vanished peers. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

static void echo(World *w, const SysEvent *event)
{
    (void)w;
    Conn *c = event->conn;
    if (event->kind != SYS_CONN_INPUT) return;
    conn_send(c, conn_input(c));
    conn_consume(c, conn_input(c).n);
    if (conn_ended(c)) conn_close(c);
}

/* --- echo --- */

enum { CLIENTS = 200, ROUNDS = 20 };

static void *many_clients(void *arg)
{
    World *w = arg;
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) ok((fds[i] = client_connect(w->port)) >= 0);
    for (int round = 0; round < ROUNDS; round++) {
        char sent[64], got[64];
        for (int i = 0; i < CLIENTS; i++) {
            int n = snprintf(sent, sizeof sent, "client %d, round %d\n", i, round);
            ok(client_send(fds[i], sent, n));
        }
        for (int i = 0; i < CLIENTS; i++) {
            int n = snprintf(sent, sizeof sent, "client %d, round %d\n", i, round);
            ok(client_receive(fds[i], got, n) && !memcmp(got, sent, (size_t)n));
        }
    }
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
    return NULL;
}

TEST(net_many_clients_get_their_own_bytes)
{
    World w = {.on_event = echo};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, many_clients);
    eq_int(w.opened, CLIENTS);
    world_close(&w);
}

static void *half_closing_client(void *arg)
{
    World *w = arg;
    enum { BYTES = 3 * 1024 * 1024 };
    char *sent = malloc(BYTES), *got = malloc(BYTES);
    for (int i = 0; i < BYTES; i++) sent[i] = (char)(i * 7 + i / 1000);
    int fd = client_connect(w->port);
    int64_t at = 0, back = 0;
    while (at < BYTES) { /* in lockstep, so that neither buffer can fill for ever */
        int64_t n = BYTES - at < 200000 ? BYTES - at : 200000;
        ok(client_send(fd, sent + at, n));
        at += n;
        if (at > 600000) ok(client_receive(fd, got + back, 200000)), back += 200000;
    }
    shutdown(fd, SHUT_WR);
    ok(client_receive(fd, got + back, BYTES - back) && client_at_end(fd));
    ok(!memcmp(sent, got, BYTES));
    close(fd);
    free(sent);
    free(got);
    return NULL;
}

TEST(net_half_closed_peer_gets_all_it_is_owed)
{
    World w = {.on_event = echo};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, half_closing_client);
    world_close(&w);
}

/* Both happen while the loop does not look: what the client sent is read, its end is not. */
static void *client_that_goes(void *arg)
{
    World *w = arg;
    pthread_barrier_t *meeting = w->state;
    int fd = client_connect(w->port);
    ok(client_send(fd, "x", 1));
    pthread_barrier_wait(meeting);
    pthread_barrier_wait(meeting);
    close(fd);
    return NULL;
}

static void look_after_it(World *w, const SysEvent *event)
{
    Conn *c = event->conn;
    if (event->kind != SYS_CONN_INPUT) return;
    if (conn_ended(c)) {
        ok(conn_hung_up(c));
        conn_close(c);
        return;
    }
    pthread_barrier_wait(w->state);
    ok(!conn_hung_up(c));
    pthread_barrier_wait(w->state);
    for (int i = 0; !conn_hung_up(c) && i < 60 * 1000; i++) poll(NULL, 0, 1);
    ok(conn_hung_up(c) && !conn_ended(c));
    eq_str(conn_input(c), S("x"));
}

TEST(net_tells_that_a_peer_went_before_its_end_is_read)
{
    pthread_barrier_t meeting;
    World w = {.on_event = look_after_it, .state = &meeting};
    check(!pthread_barrier_init(&meeting, NULL, 2));
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, client_that_goes);
    pthread_barrier_destroy(&meeting);
    world_close(&w);
}

/* --- limits --- */

static void hoard(World *w, const SysEvent *event)
{
    if (event->kind != SYS_CONN_INPUT) return;
    int64_t *most = w->state;
    if (conn_input(event->conn).n > *most) *most = conn_input(event->conn).n;
    ok(conn_input(event->conn).n <= NET_INPUT_BYTES_MAX);
    if (conn_input(event->conn).n < NET_INPUT_BYTES_MAX) return;
    conn_consume(event->conn, 10);
    ok(conn_input(event->conn).p[0] == 'k'); /* the alphabet, 10 later */
    conn_abort(event->conn);
    eq_int(conn_input(event->conn).n, 0);
}

TEST(net_input_is_bounded)
{
    int64_t most = 0;
    World w = {.on_event = hoard, .state = &most};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, flooding_client);
    eq_int(most, NET_INPUT_BYTES_MAX);
    world_close(&w);
}

/* Each byte asks for a mebibyte; the client asks for 64 and reads none at first. */
static void answer_much(World *w, const SysEvent *event)
{
    static char much[1024 * 1024];
    int64_t *most = w->state;
    Conn *c = event->conn;
    if (event->kind == SYS_CONN_INPUT && conn_ended(c) && !conn_input(c).n) conn_close(c);
    if (event->kind != SYS_CONN_INPUT && event->kind != SYS_CONN_DRAINED) return;
    while (conn_input(c).n && conn_unsent(c) <= NET_OUTPUT_BYTES_MAX) {
        conn_consume(c, 1);
        conn_send(c, (Str){much, sizeof much});
    }
    if (conn_unsent(c) > *most) *most = conn_unsent(c);
    if (conn_ended(c) && !conn_input(c).n) conn_close(c);
}

static void *late_reader(void *arg)
{
    World *w = arg;
    enum { MEBIBYTES = 64 };
    char asked[MEBIBYTES] = {0}, *got = malloc(1024 * 1024);
    int fd = client_connect(w->port);
    ok(client_send(fd, asked, sizeof asked));
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < MEBIBYTES; i++) ok(client_receive(fd, got, 1024 * 1024));
    ok(client_at_end(fd));
    close(fd);
    free(got);
    return NULL;
}

TEST(net_output_to_a_slow_reader_is_bounded_by_its_owner)
{
    int64_t most = 0;
    World w = {.on_event = answer_much, .state = &most};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, late_reader);
    ok(most > NET_OUTPUT_BYTES_MAX && most <= NET_OUTPUT_BYTES_MAX + 1024 * 1024);
    ok(w.drained > 0);
    world_close(&w);
}

/* --- closing --- */

static void refuse(World *w, const SysEvent *event)
{
    (void)w;
    if (event->kind != SYS_CONN_INPUT) return;
    conn_send(event->conn, S("too large"));
    conn_close(event->conn); /* with much unread */
    conn_close(event->conn);
    conn_send(event->conn, S("never seen"));
}

static void *sender_of_too_much(void *arg)
{
    World *w = arg;
    static char much[512 * 1024];
    char got[9];
    int fd = client_connect(w->port);
    client_send(fd, much, sizeof much);
    ok(client_receive(fd, got, 9) && !memcmp(got, "too large", 9));
    ok(client_at_end(fd));
    close(fd);
    return NULL;
}

TEST(net_last_words_reach_a_peer_that_still_sends)
{
    World w = {.on_event = refuse};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, sender_of_too_much);
    world_close(&w);
}

static void *resetting_client(void *arg)
{
    World *w = arg;
    struct linger hard = {.l_onoff = 1};
    for (int i = 0; i < 50; i++) {
        int fd = client_connect(w->port);
        ok(client_send(fd, "hello", 5));
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
    }
    return NULL;
}

TEST(net_reset_connections_are_closed)
{
    World w = {.on_event = echo};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, resetting_client);
    eq_int(w.closed, w.opened);
    world_close(&w);
}

TEST(net_port_in_use_is_told)
{
    World w = {0};
    Error err = {0};
    Loop *other;
    int port;
    world_open(&w, (Str){0}, (Str){0});
    ok(loop_open(&other, &err));
    NetConfig config = {.host = S("127.0.0.1"), .port = w.port};
    ok(!net_listen(other, &config, &port, &err));
    eq_int(err.code, ERR_USAGE);
    ok(str_find(error_text(&err), S("is in use")) > 0);
    loop_close(other);
    world_close(&w);
}

TEST(net_bad_address_and_certificate_are_told)
{
    NetConfig bad[] = {{.host = S("no such host.")},
                       {.host = S("127.0.0.1"), .port = 70000},
                       {.host = S("127.0.0.1"),
                        .certificate_path = S("/nowhere/cert.pem"),
                        .key_path = S("/nowhere/key")},
                       {.host = S("127.0.0.1"), .certificate_path = S("/nowhere/cert.pem")}};
    for (int i = 0; i < countof(bad); i++) {
        Loop *loop;
        Error err = {0};
        int port;
        ok(loop_open(&loop, &err));
        ok(!net_listen(loop, &bad[i], &port, &err));
        eq_int(err.code, ERR_USAGE);
        loop_close(loop);
    }
}

/* --- closing the loop under way --- */

static bool has_pump(const World *w)
{
    return w->opened == 3;
}

TEST(net_loop_closes_with_transfers_under_way)
{
    World w = {.on_event = echo};
    world_open(&w, (Str){0}, (Str){0});
    int fds[3];
    for (int i = 0; i < 3; i++) ok(client_send(fds[i] = client_connect(w.port), "x", 1));
    world_run(&w, has_pump);
    world_close(&w);
    for (int i = 0; i < 3; i++) close(fds[i]);
}
