/* world.c - a small server and its clients for the tests of sys/. */
#include "world.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/child.h"

enum { WORLD_PATIENCE_MS = 60 * 1000 };

/* This program is its own keeper: `unit keep DIR`. */
__attribute__((constructor)) static void keep(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "keep")) exit(child_keeper_main(argv[2]));
}

Folder *fresh_folder(void)
{
    char path[] = "/tmp/mayfly-test-XXXXXX";
    Error err;
    Folder *f = NULL;
    check(mkdtemp(path) && folder_open(str_from(path), false, &f, &err));
    return f;
}

void folder_gone(Folder *f)
{
    Error err = {0};
    Str path = str_copy(test_arena(), folder_path(f));
    int64_t slash = str_rfind_char(path, '/');
    folder_close(f);
    ok(folder_open(str_slice(path, 0, slash), false, &f, &err));
    ok(folder_remove_tree(f, str_slice(path, slash + 1, path.n), &err));
    folder_close(f);
}

int client_connect(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!connect(fd, (struct sockaddr *)&to, sizeof to)) return fd;
    close(fd);
    return -1;
}

bool client_send(int fd, const void *bytes, int64_t n)
{
    for (const char *p = bytes; n > 0;) {
        ssize_t put = send(fd, p, (size_t)n, MSG_NOSIGNAL);
        if (put <= 0) return false;
        p += put;
        n -= put;
    }
    return true;
}

bool client_receive(int fd, void *to, int64_t n)
{
    for (char *p = to; n > 0;) {
        ssize_t got = recv(fd, p, (size_t)n, 0);
        if (got <= 0) return false;
        p += got;
        n -= got;
    }
    return true;
}

bool client_at_end(int fd)
{
    char c;
    return recv(fd, &c, 1, 0) <= 0;
}

void world_open(World *w, Str certificate, Str key)
{
    Error err = {0};
    check(loop_open(&w->loop, &err));
    NetConfig config = {.host = S("127.0.0.1"), .certificate_path = certificate, .key_path = key};
    if (!net_listen(w->loop, &config, &w->port, &err))
        test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void count(World *w, const SysEvent *event)
{
    w->opened += event->kind == SYS_CONN_OPENED;
    w->closed += event->kind == SYS_CONN_CLOSED;
    w->stopped += event->kind == SYS_STOP;
    w->drained += event->kind == SYS_CONN_DRAINED;
    w->pumped_good += event->kind == SYS_CONN_PUMPED && event->ok;
    w->pumped_bad += event->kind == SYS_CONN_PUMPED && !event->ok;
}

void world_run(World *w, bool (*done)(const World *w))
{
    SysEvent events[LOOP_EVENTS_MAX];
    Millis until = loop_now(w->loop) + WORLD_PATIENCE_MS;
    while (!done(w)) {
        int n = loop_wait(w->loop, until, events);
        for (int i = 0; i < n; i++) {
            count(w, &events[i]);
            if (w->on_event && events[i].conn) w->on_event(w, &events[i]);
        }
        if (loop_now(w->loop) < until) continue;
        test_fail(__FILE__, __LINE__, "nothing more happened");
        return;
    }
}

void world_close(World *w)
{
    loop_close(w->loop);
}

typedef struct Client {
    void *(*fn)(void *);
    World *w;
} Client;

static void *run_client(void *arg)
{
    Client *client = arg;
    client->fn(client->w);
    kill(getpid(), SIGTERM); /* wakes the loop */
    return NULL;
}

static bool client_is_done(const World *w)
{
    return w->stopped && w->opened == w->closed;
}

void world_run_client(World *w, void *(*fn)(void *w))
{
    pthread_t thread;
    Client client = {fn, w};
    check(!pthread_create(&thread, NULL, run_client, &client));
    world_run(w, client_is_done);
    pthread_join(thread, NULL);
}

void *flooding_client(void *arg)
{
    World *w = arg;
    char alphabet[26 * 100];
    for (int i = 0; i < (int)sizeof alphabet; i++) alphabet[i] = (char)('a' + i % 26);
    int fd = client_connect(w->port);
    while (client_send(fd, alphabet, sizeof alphabet)) continue;
    close(fd);
    return NULL;
}
