/* sys.c - what the seam to the kernel can do alone: requests and bytes per second, time to a child's first instruction. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/net.h"

static const char usage[] =
    "usage: bench_sys requests [CONNECTIONS] | accepts | upload | download | child\n";
static const char request[] =
    "GET /bucket/key HTTP/1.1\r\nHost: 127.0.0.1:4566\r\nUser-Agent: bench\r\n\r\n";
static const char answer[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Type: text/plain\r\n\r\nHello world\n";
enum { SECONDS = 2, STREAM_BYTES = 1 << 30 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void pin(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}

static int connect_to(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    check(!connect(fd, (struct sockaddr *)&to, sizeof to));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* --- clients, in a process of their own --- */

static void ask(int port, int connections)
{
    int poller = epoll_create1(0);
    struct epoll_event events[256];
    char buffer[4096];
    for (int i = 0; i < connections; i++) {
        int fd = connect_to(port);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
        check(send(fd, request, sizeof request - 1, 0) > 0);
    }
    for (double until = seconds() + SECONDS; seconds() < until;) {
        int n = epoll_wait(poller, events, 256, 100);
        for (int i = 0; i < n; i++) {
            check(recv(events[i].data.fd, buffer, sizeof buffer, 0) == sizeof answer - 1);
            check(send(events[i].data.fd, request, sizeof request - 1, 0) > 0);
        }
    }
}

static void ask_once_each(int port)
{
    char buffer[4096];
    for (double until = seconds() + SECONDS; seconds() < until;) {
        int fd = connect_to(port);
        check(send(fd, request, sizeof request - 1, 0) > 0 &&
              recv(fd, buffer, sizeof buffer, 0) > 0);
        close(fd);
    }
}

static void upload(int port)
{
    static char zeros[1 << 20];
    int fd = connect_to(port);
    for (int64_t left = STREAM_BYTES; left > 0; left -= (int64_t)sizeof zeros)
        for (int64_t at = 0; at < (int64_t)sizeof zeros;)
            at += send(fd, zeros + at, sizeof zeros - (size_t)at, 0);
    check(recv(fd, zeros, 1, 0) == 1);
}

static void download(int port)
{
    static char got[1 << 20];
    int fd = connect_to(port);
    check(send(fd, "x", 1, 0) == 1);
    for (int64_t left = STREAM_BYTES; left > 0;) {
        ssize_t n = recv(fd, got, sizeof got, 0);
        check(n > 0);
        left -= n;
    }
}

/* --- the server --- */

typedef struct Server {
    Loop *loop;
    const char *mode;
    int64_t answers, opened, closed, pumped;
    int file;
} Server;

static PumpResult swallow(void *state, Str bytes, int64_t *consumed)
{
    Server *s = state;
    *consumed = bytes.n;
    s->pumped += bytes.n;
    return s->pumped == STREAM_BYTES ? PUMP_DONE : PUMP_MORE;
}

static void serve_input(Server *s, Conn *c)
{
    Str in = conn_input(c);
    if (!strcmp(s->mode, "download") && in.n)
        conn_send_file(c, dup(s->file), 0, STREAM_BYTES);
    else if (in.n)
        conn_send(c, (Str){answer, sizeof answer - 1}), s->answers++;
    conn_consume(c, in.n);
    if (conn_ended(c)) conn_close(c);
}

static void serve(Server *s, pid_t client)
{
    SysEvent events[LOOP_EVENTS_MAX];
    int status;
    do {
        int n = loop_wait(s->loop, loop_now(s->loop) + 100, events);
        for (int i = 0; i < n; i++) {
            Conn *c = events[i].conn;
            s->opened += events[i].kind == SYS_CONN_OPENED;
            s->closed += events[i].kind == SYS_CONN_CLOSED;
            if (events[i].kind == SYS_CONN_OPENED && !strcmp(s->mode, "upload"))
                conn_pump(c, swallow, s);
            if (events[i].kind == SYS_CONN_PUMPED) conn_send(c, S("x"));
            if (events[i].kind == SYS_CONN_INPUT) serve_input(s, c);
        }
    } while (waitpid(client, &status, WNOHANG) == 0);
    check(status == 0);
}

static void run_client(const char *mode, int port, int connections)
{
    pin(1);
    if (!strcmp(mode, "requests"))
        ask(port, connections);
    else if (!strcmp(mode, "accepts"))
        ask_once_each(port);
    else if (!strcmp(mode, "upload"))
        upload(port);
    else
        download(port);
    _exit(0);
}

static void measure_net(const char *mode, int connections)
{
    static char some[1 << 20];
    Server s = {.mode = mode, .file = open("/tmp", O_TMPFILE | O_RDWR, 0600)};
    Error err;
    int port;
    check(s.file >= 0 && !posix_fallocate(s.file, 0, STREAM_BYTES));
    while (read(s.file, some, sizeof some) > 0) continue; /* into the page cache */
    check(loop_open(&s.loop, &err));
    NetConfig config = {.host = S("127.0.0.1")};
    check(net_listen(s.loop, &config, &port, &err));
    pid_t client = fork();
    if (!client) run_client(mode, port, connections);
    pin(0);
    double start = seconds(), cpu = cpu_seconds();
    serve(&s, client);
    double took = seconds() - start, used = cpu_seconds() - cpu;
    printf(
        "%-9s %4d connections  %9.0f answers/s (%.0f per CPU second)  %8.0f accepted/s  %6.0f MiB/s"
        "  server CPU %3.0f %%\n",
        mode, connections, (double)s.answers / took, (double)s.answers / used,
        (double)s.opened / took, s.answers ? 0.0 : STREAM_BYTES / took / (1 << 20),
        100 * used / took);
    loop_close(s.loop);
}

/* --- children: date tells when it ran --- */

static double wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_size(const void *x, const void *y)
{
    double d = *(const double *)x - *(const double *)y;
    return (d > 0) - (d < 0);
}

static double start_child(Loop *loop, Folder *f, int number)
{
    Error err = {0};
    Arena a = {0};
    Str out = str_printf(&a, "%.*s/out%d", STR(folder_path(f)), number), said;
    Str argv[] = {S("/bin/date"), S("+%s.%N")};
    ChildSpec spec = {.id = number,
                      .folder = f,
                      .dir = str_printf(&a, "child%d", number),
                      .argv = argv,
                      .argv_n = 2,
                      .cwd = S("/"),
                      .stdout_path = out,
                      .stderr_path = out,
                      .orphan_grace_ms = 1000};
    SysEvent events[LOOP_EVENTS_MAX];
    double start = wall_clock();
    check(child_start(loop, &spec, &err));
    while (!loop_wait(loop, INT64_MAX, events)) continue;
    check(events[0].exit.code == 0 &&
          file_slurp(f, str_printf(&a, "out%d", number), 100, &a, &said, &err));
    double took = strtod(said.p, NULL) - start;
    arena_free(&a);
    return took * 1e3;
}

static void measure_child(void)
{
    enum { CHILDREN = 200 };
    char path[] = "/tmp/bench-sys-XXXXXX";
    double ms[CHILDREN];
    Loop *loop;
    Folder *f, *tmp;
    Error err;
    check(mkdtemp(path));
    check(loop_open(&loop, &err) && folder_open(str_from(path), false, &f, &err));
    for (int i = 0; i < CHILDREN; i++) ms[i] = start_child(loop, f, i);
    qsort(ms, CHILDREN, sizeof *ms, by_size);
    printf("child_start to the time date(1) tells: median %.2f ms, 95 %% %.2f ms, worst %.2f ms\n",
           ms[CHILDREN / 2], ms[CHILDREN * 95 / 100], ms[CHILDREN - 1]);
    loop_close(loop);
    folder_close(f);
    check(folder_open(S("/tmp"), false, &tmp, &err) &&
          folder_remove_tree(tmp, str_slice(str_from(path), 5, 100), &err));
    folder_close(tmp);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (!strcmp(mode, "keep") && argc == 3) return child_keeper_main(argv[2]);
    if (!strcmp(mode, "child"))
        measure_child();
    else if (!strcmp(mode, "requests"))
        measure_net(mode, argc > 2 ? atoi(argv[2]) : 64);
    else if (!strcmp(mode, "accepts") || !strcmp(mode, "upload") || !strcmp(mode, "download"))
        measure_net(mode, 1);
    else
        return fputs(usage, stderr), 2;
    return 0;
}
