/* transfer_test.c - what goes through the pool: long files, pumped bodies, both also over TLS. */
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

/* --- files --- */

enum { BIG = 50 * 1024 * 1024 };

static uint32_t pattern(int64_t word)
{
    return (uint32_t)word * 2654435761u;
}

static int pattern_file(Folder *f)
{
    Error err = {0};
    int fd = -1;
    enum { WORDS = 64 * 1024 };
    static uint32_t words[WORDS];
    ok(file_open(f, S("big"), FILE_CREATE, &fd, &err));
    for (int64_t at = 0; at < BIG / 4; at += WORDS) {
        for (int64_t i = 0; i < WORDS; i++) words[i] = pattern(at + i);
        ok(file_write(fd, (Str){(char *)words, sizeof words}, &err));
    }
    return fd;
}

/* 'b': big file between two texts; 's': 1000 bytes of it; 't': promises more than there is. */
static void send_files(World *w, const SysEvent *event)
{
    if (event->kind != SYS_CONN_INPUT) return;
    Conn *c = event->conn;
    char what = conn_input(c).n ? conn_input(c).p[0] : 0;
    conn_consume(c, conn_input(c).n);
    int fd = dup(*(int *)w->state);
    conn_send(c, S("head"));
    if (what == 'b')
        conn_send_file(c, fd, 0, BIG);
    else if (what == 's')
        conn_send_file(c, fd, 4000, 1000);
    else if (what == 't')
        conn_send_file(c, fd, BIG - 2000000, 3000000);
    else
        close(fd);
    conn_send(c, S("tail"));
    if (conn_ended(c)) conn_close(c);
}

static void expect_file(int64_t from, int64_t n, bool (*receive)(void *, void *, int64_t),
                        void *arg)
{
    char text[4], *got = malloc((size_t)n);
    ok(receive(arg, text, 4) && !memcmp(text, "head", 4));
    ok(receive(arg, got, n));
    bool same = true;
    for (int64_t i = 0; i < n; i += 4) {
        uint32_t word;
        memcpy(&word, got + i, 4);
        same &= word == pattern((from + i) / 4);
    }
    ok(same);
    ok(receive(arg, text, 4) && !memcmp(text, "tail", 4));
    free(got);
}

static bool receive_plain(void *fd, void *to, int64_t n)
{
    return client_receive(*(int *)fd, to, n);
}

static void *file_reader(void *arg)
{
    World *w = arg;
    int fd = client_connect(w->port);
    ok(client_send(fd, "s", 1));
    expect_file(4000, 1000, receive_plain, &fd);
    ok(client_send(fd, "b", 1));
    expect_file(0, BIG, receive_plain, &fd);
    ok(client_send(fd, "s", 1));
    expect_file(4000, 1000, receive_plain, &fd);
    close(fd);
    return NULL;
}

static void *file_leaver(void *arg)
{
    World *w = arg;
    char some[100000];
    for (int i = 0; i < 10; i++) {
        int fd = client_connect(w->port);
        ok(client_send(fd, "b", 1));
        ok(client_receive(fd, some, sizeof some));
        close(fd);
    }
    return NULL;
}

static void *reader_of_short_file(void *arg)
{
    World *w = arg;
    char *got = malloc(2000004);
    int fd = client_connect(w->port);
    ok(client_send(fd, "t", 1));
    ok(client_receive(fd, got, 2000004));
    ok(client_at_end(fd)); /* and no "tail" */
    close(fd);
    free(got);
    return NULL;
}

static void with_files(void *(*client)(void *))
{
    Folder *f = fresh_folder();
    int fd = pattern_file(f);
    World w = {.on_event = send_files, .state = &fd};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, client);
    world_close(&w);
    close(fd);
    folder_gone(f);
}

TEST(net_files_are_sent_in_order)
{
    with_files(file_reader);
}

TEST(net_peer_that_leaves_during_a_file_is_closed)
{
    with_files(file_leaver);
}

TEST(net_file_shorter_than_promised_breaks_the_connection)
{
    with_files(reader_of_short_file);
}

/* --- pumps --- */

typedef struct Sink {
    int64_t want, got, calls;
    uint64_t sum;
    int fail_at;
} Sink;

static PumpResult swallow(void *state, Str bytes, int64_t *consumed)
{
    Sink *sink = state;
    sink->calls++;
    int64_t n = bytes.n < sink->want - sink->got ? bytes.n : sink->want - sink->got;
    for (int64_t i = 0; i < n; i++) sink->sum = sink->sum * 31 + (unsigned char)bytes.p[i];
    sink->got += n;
    *consumed = n;
    if (sink->fail_at && sink->got >= sink->fail_at) return PUMP_FAILED;
    return sink->got == sink->want ? PUMP_DONE : PUMP_MORE;
}

/* The protocol: 8 bytes length (native), the body, then 4 bytes "next", answered by the sum of the
 * body. */
static void pump_bodies(World *w, const SysEvent *event)
{
    (void)w;
    Conn *c = event->conn;
    Sink *sink = event->kind == SYS_CONN_OPENED ? NULL : conn_owner(c);
    if (event->kind == SYS_CONN_INPUT && !sink && conn_input(c).n >= 8) {
        conn_set_owner(c, sink = calloc(1, sizeof *sink));
        memcpy(&sink->want, conn_input(c).p, 8);
        sink->fail_at = sink->want == 12345678 ? 1000000 : 0;
        conn_consume(c, 8);
        conn_send(c, S("go"));
        conn_pump(c, swallow, sink);
    } else if (event->kind == SYS_CONN_PUMPED) {
        conn_send(c, event->ok ? (Str){(char *)&sink->sum, 8} : S("failed"));
        ok(!event->ok || sink->got == sink->want);
        if (!event->ok) conn_close(c);
    }
    if (event->kind == SYS_CONN_CLOSED) free(sink);
    bool more = event->kind == SYS_CONN_INPUT || event->kind == SYS_CONN_PUMPED;
    if (more && sink && sink->got == sink->want && conn_input(c).n >= 4) {
        ok(str_eq(conn_input(c), S("next")));
        conn_consume(c, 4);
        conn_send(c, S("next"));
    }
    if (event->kind == SYS_CONN_INPUT && conn_ended(c)) conn_close(c);
}

static void upload(int port, int64_t n, int64_t piece)
{
    char *body = malloc((size_t)n + 12), answer[8];
    uint64_t sum = 0, got;
    memcpy(body, &n, 8);
    for (int64_t i = 0; i < n; i++)
        body[8 + i] = (char)(i ^ (i >> 8)), sum = sum * 31 + (unsigned char)body[8 + i];
    memcpy(body + 8 + n, "next", 4);
    int fd = client_connect(port);
    for (int64_t at = 0; at < n + 12; at += piece)
        ok(client_send(fd, body + at, n + 12 - at < piece ? n + 12 - at : piece));
    ok(client_receive(fd, answer, 2) && !memcmp(answer, "go", 2));
    ok(client_receive(fd, &got, 8) && got == sum);
    ok(client_receive(fd, answer, 4) && !memcmp(answer, "next", 4));
    close(fd);
    free(body);
}

static void *uploader(void *arg)
{
    World *w = arg;
    upload(w->port, 10, 1000);
    upload(w->port, 100 * 1024 * 1024, 1 << 20);
    upload(w->port, 1000, 1); /* byte by byte: each its own packet */
    return NULL;
}

TEST(net_pump_takes_a_body_and_leaves_what_follows)
{
    World w = {.on_event = pump_bodies};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, uploader);
    eq_int(w.pumped_good, 3);
    eq_int(w.pumped_bad, 0);
    world_close(&w);
}

static int64_t start_upload(int port, int64_t n, int *fd)
{
    static char zeros[100000];
    char go[2];
    *fd = client_connect(port);
    ok(client_send(*fd, &n, 8) && client_receive(*fd, go, 2));
    ok(client_send(*fd, zeros, n < 100000 ? n : 100000));
    return n;
}

/* More stalled uploads than pool threads; a whole one must get through all the same. Then some are
 * cut, some reset. */
static void *staller(void *arg)
{
    World *w = arg;
    int fds[20];
    struct linger hard = {.l_onoff = 1};
    for (int i = 0; i < countof(fds); i++) start_upload(w->port, 1000000, &fds[i]);
    upload(w->port, 5 * 1024 * 1024, 100000);
    for (int i = 0; i < countof(fds); i++) {
        char failed[6];
        if (i % 2)
            setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        else
            shutdown(fds[i], SHUT_WR),
                ok(client_receive(fds[i], failed, 6) && !memcmp(failed, "failed", 6));
        close(fds[i]);
    }
    return NULL;
}

TEST(net_stalled_uploads_hold_no_thread)
{
    World w = {.on_event = pump_bodies};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, staller);
    eq_int(w.pumped_good, 1);
    eq_int(w.pumped_bad, 20);
    world_close(&w);
}

static void *sender_of_bad_body(void *arg)
{
    World *w = arg;
    static char much[4 * 1024 * 1024];
    char answer[6];
    int64_t n = 12345678;
    int fd = client_connect(w->port);
    ok(client_send(fd, &n, 8));
    client_send(fd, much, sizeof much);
    ok(client_receive(fd, answer, 2) && client_receive(fd, answer, 6) &&
       !memcmp(answer, "failed", 6));
    ok(client_at_end(fd));
    close(fd);
    return NULL;
}

TEST(net_failed_pump_can_still_answer)
{
    World w = {.on_event = pump_bodies};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, sender_of_bad_body);
    eq_int(w.pumped_bad, 1);
    world_close(&w);
}

static void abort_pump(World *w, const SysEvent *event)
{
    Sink *sink = w->state;
    if (event->kind == SYS_CONN_INPUT && !sink->want) {
        sink->want = 1 << 30;
        conn_pump(event->conn, swallow, sink);
        conn_abort(event->conn);
    }
    if (event->kind == SYS_CONN_CLOSED && sink->want)
        eq_int(w->pumped_bad, 1); /* before, and once */
    if (event->kind == SYS_CONN_INPUT && conn_ended(event->conn)) conn_close(event->conn);
}

TEST(net_aborted_pump_is_told_once_before_the_close)
{
    Sink sink = {0};
    World w = {.on_event = abort_pump, .state = &sink};
    world_open(&w, (Str){0}, (Str){0});
    world_run_client(&w, flooding_client);
    eq_int(w.pumped_bad, 1);
    world_close(&w);
}

/* --- TLS --- */

static void write_pem(Folder *f, EVP_PKEY *key, X509 *certificate)
{
    FILE *out = fopen(
        str_z(test_arena(), str_printf(test_arena(), "%.*s/key.pem", STR(folder_path(f)))), "w");
    ok(out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL));
    fclose(out);
    out = fopen(str_z(test_arena(), str_printf(test_arena(), "%.*s/cert.pem", STR(folder_path(f)))),
                "w");
    ok(out && PEM_write_X509(out, certificate));
    fclose(out);
}

static void make_certificate(Folder *f)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(x, name);
    ok(X509_sign(x, key, EVP_sha256()) > 0);
    write_pem(f, key, x);
    X509_free(x);
    EVP_PKEY_free(key);
}

static SSL *tls_connect(SSL_CTX *tls, int port)
{
    SSL *ssl = SSL_new(tls);
    SSL_set_fd(ssl, client_connect(port));
    ok(SSL_connect(ssl) == 1);
    return ssl;
}

static void tls_close(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

static bool receive_tls(void *ssl, void *to, int64_t n)
{
    for (char *p = to; n > 0;) {
        int got = SSL_read(ssl, p, n > 1 << 20 ? 1 << 20 : (int)n);
        if (got <= 0) return false;
        p += got;
        n -= got;
    }
    return true;
}

static void *tls_client(void *arg)
{
    World *w = arg;
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    close(client_connect(w->port)); /* gone before the handshake: the owner never hears of it */
    SSL *ssl = tls_connect(tls, w->port);
    ok(SSL_write(ssl, "s", 1) == 1);
    expect_file(4000, 1000, receive_tls, ssl);
    ok(SSL_write(ssl, "b", 1) == 1);
    expect_file(0, BIG, receive_tls, ssl);
    tls_close(ssl);
    tls_close(tls_connect(tls, w->port));
    SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
    SSL_CTX_set_security_level(tls, 0);
    SSL *old = SSL_new(tls);
    SSL_set_fd(old, client_connect(w->port));
    ok(SSL_connect(old) != 1);
    close(SSL_get_fd(old));
    SSL_free(old);
    SSL_CTX_free(tls);
    return NULL;
}

static void *tls_uploader(void *arg)
{
    World *w = arg;
    enum { N = 20 * 1024 * 1024 };
    char *body = malloc(N + 12), answer[8];
    int64_t n = N, at = 0;
    uint64_t sum = 0, got;
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    SSL *ssl = tls_connect(tls, w->port);
    memcpy(body, &n, 8);
    for (int64_t i = 0; i < n; i++)
        body[8 + i] = (char)(i % 251), sum = sum * 31 + (unsigned char)body[8 + i];
    memcpy(body + 8 + n, "next", 4);
    for (int put; at < n + 12; at += put)
        if ((put = SSL_write(ssl, body + at, n + 12 - at > 100000 ? 100000 : (int)(n + 12 - at))) <=
            0)
            break;
    eq_int(at, n + 12);
    ok(receive_tls(ssl, answer, 2) && !memcmp(answer, "go", 2));
    ok(receive_tls(ssl, &got, 8) && got == sum);
    ok(receive_tls(ssl, answer, 4) && !memcmp(answer, "next", 4));
    tls_close(ssl);
    SSL_CTX_free(tls);
    free(body);
    return NULL;
}

static void with_tls(void (*on_event)(World *, const SysEvent *), void *(*client)(void *),
                     int conns)
{
    Folder *f = fresh_folder();
    make_certificate(f);
    int fd = pattern_file(f);
    World w = {.on_event = on_event, .state = &fd};
    Arena *a = test_arena();
    world_open(&w, str_printf(a, "%.*s/cert.pem", STR(folder_path(f))),
               str_printf(a, "%.*s/key.pem", STR(folder_path(f))));
    world_run_client(&w, client);
    eq_int(w.opened, conns);
    world_close(&w);
    close(fd);
    folder_gone(f);
}

TEST(net_tls_sends_files_and_refuses_old_versions)
{
    with_tls(send_files, tls_client, 2);
}

TEST(net_tls_pumps_a_body)
{
    with_tls(pump_bodies, tls_uploader, 1);
}
