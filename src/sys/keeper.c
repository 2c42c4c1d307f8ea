/* keeper.c - `mayfly keep DIR`: starts one tree at most once, watches its owner and limits, records its end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/child_files.h"
#include "sys/clock.h"
#include "sys/path.h"
#include "sys/warden.h"

enum {
    KEEPER_OWNER_MS = 50, /* between two looks for a new owner */
    KEEPER_MEMORY_MS = 500,
    KEEPER_PATIENCE_MS = 5000,      /* with a warden that was told to end all */
    KEEPER_RECORD_TRIES_MAX = 3600, /* one a second, while the disk is full */
};

typedef struct Keeper {
    Arena a;
    Folder *folder;
    ChildSpec spec;
    ProcessId self, owner;
    Warden warden;
    pid_t warden_pid;
    int signals, orders, owner_fd; /* owner_fd -1: the owner is gone, since orphan_since */
    int64_t deadline, orphan_since, kill_since; /* monotonic; 0: none */
    ChildCause cause;
} Keeper;

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Kept in DIR, and only when there is something to say. */
static void complain(Keeper *k, const Error *err)
{
    Error ignored;
    int fd;
    if (!file_open(k->folder, S("keeper.log"), FILE_APPEND, &fd, &ignored)) return;
    dprintf(fd, "%" PRId64 " %s\n", clock_now(), err->text);
    file_close(fd);
}

/* --- start --- */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) close(fd);
    return good;
}

/* The next process this one forks will be the init of a PID namespace. Without root that takes a
 * user namespace, in which we keep our own ids. */
static bool enter_namespace(void)
{
    char uid[64], gid[64];
    snprintf(uid, sizeof uid, "%u %u 1\n", geteuid(), geteuid());
    snprintf(gid, sizeof gid, "%u %u 1\n", getegid(), getegid());
    if (!unshare(CLONE_NEWPID)) return true;
    if (geteuid() == 0 || unshare(CLONE_NEWUSER | CLONE_NEWPID)) return false;
    return write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", uid) &&
           write_file("/proc/self/gid_map", gid);
}

static bool start_warden(Keeper *k, Error *err)
{
    int orders[2];
    void *page =
        mmap(NULL, sizeof(WardenReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, orders))
        return error_set(err, ERR_INTERNAL, "cannot make room for the warden: %s", strerror(errno));
    k->warden =
        (Warden){.spec = &k->spec, .mark = k->warden.mark, .orders = orders[0], .report = page};
    k->orders = orders[1];
    k->warden.own_pids = !getenv("MAYFLY_KEEPER_PLAIN") && enter_namespace();
    k->warden_pid = fork(); /* tidy: a small process of one thread, not the server */
    if (k->warden_pid < 0)
        return error_set(err, ERR_INTERNAL, "cannot start the warden: %s", strerror(errno));
    if (k->warden_pid == 0) {
        close(k->orders);
        warden_run(&k->warden);
    }
    close(orders[0]);
    return true;
}

static void order(Keeper *k, char what)
{
    if (send(k->orders, &what, 1, MSG_NOSIGNAL) < 0)
        return; /* it has ended: its end will be seen */
}

/* When the server that asked for us has died, its successor may have been told already that nothing
 * was started. So this is looked at after the claim: the successor writes `owner` first and looks
 * for the claim then; one of the two sees the other. */
static bool parent_lives(Error *err)
{
    const char *parent = getenv("MAYFLY_KEEPER_PARENT");
    if (parent && strtol(parent, NULL, 10) == getppid()) return true;
    return error_set(err, ERR_EXISTS, "not started: the process that asked for it has ended");
}

static void sync_parent(Keeper *k)
{
    int fd = openat(k->folder->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

/* The warden makes its namespace meanwhile. */
static bool claim(Keeper *k, Error *err)
{
    sync_parent(k);
    if (!child_claim_start(k->folder, &k->self, clock_now(), err)) return false;
    if (parent_lives(err)) return true;
    unlinkat(k->folder->fd, "started", 0);
    return false;
}

static void take_signals(Keeper *k)
{
    sigset_t mine;
    sigemptyset(&mine);
    sigaddset(&mine, SIGTERM);
    sigaddset(&mine, SIGUSR1);
    sigaddset(&mine, SIGCHLD);
    sigprocmask(SIG_SETMASK, &mine, NULL);
    k->signals = signalfd(-1, &mine, SFD_CLOEXEC | SFD_NONBLOCK);
    check(k->signals >= 0);
}

static bool start(Keeper *k, const char *dir, Error *err)
{
    k->warden.mark = child_mark(&k->a, str_from(dir));
    if (!process_identify(getpid(), &k->self) || !parent_lives(err)) return false;
    if (!child_read_spec(k->folder, S(""), &k->a, &k->spec, &k->owner, err)) return false;
    if (!start_warden(k, err) || !claim(k, err)) return false;
    (void)!child_read_owner(k->folder, S(""), &k->owner); /* a newer one than that of spec.json */
    k->owner_fd = process_open(&k->owner);
    int64_t now = monotonic_ms();
    if (k->spec.duration_ms_max > 0) k->deadline = now + k->spec.duration_ms_max;
    if (k->owner_fd < 0) k->orphan_since = now;
    order(k, WARDEN_GO);
    return true;
}

/* --- watch --- */

static void end_all(Keeper *k, ChildCause cause)
{
    if (k->kill_since) return;
    k->kill_since = monotonic_ms();
    k->cause = cause;
    if (k->warden.own_pids)
        kill(k->warden_pid, SIGKILL);
    else
        order(k, WARDEN_KILL);
}

static void handle_signals(Keeper *k)
{
    struct signalfd_siginfo s;
    while (read(k->signals, &s, sizeof s) == sizeof s) {
        if (s.ssi_signo == SIGTERM) order(k, WARDEN_INTERRUPT);
        if (s.ssi_signo == SIGUSR1) end_all(k, CHILD_BY_KILL);
    }
}

static void look_for_owner(Keeper *k, int64_t now)
{
    if (child_read_owner(k->folder, S(""), &k->owner)) k->owner_fd = process_open(&k->owner);
    if (k->owner_fd >= 0)
        k->orphan_since = 0;
    else if (now - k->orphan_since >= k->spec.orphan_grace_ms)
        end_all(k, CHILD_BY_ORPHANING);
}

static void watch_owner(Keeper *k, bool ended, int64_t now)
{
    if (ended && k->owner_fd >= 0) {
        close(k->owner_fd);
        k->owner_fd = -1;
        k->orphan_since = now;
    }
    if (k->owner_fd < 0) look_for_owner(k, now);
}

/* Where the warden sees no processes (no /proc of its own). */
static void watch_memory(Keeper *k)
{
    if (!k->spec.memory_bytes_max || !k->warden.report->blind) return;
    int64_t bytes = process_memory_of_descendants(k->spec.memory_bytes_max);
    if (bytes > k->warden.report->memory_max_bytes) k->warden.report->memory_max_bytes = bytes;
    if (bytes > k->spec.memory_bytes_max) end_all(k, CHILD_BY_MEMORY);
}

static int sooner(int x, int64_t y)
{
    if (y < 0) y = 0;
    return x < 0 || y < x ? (int)(y < INT32_MAX ? y : INT32_MAX) : x;
}

static int next_look_ms(const Keeper *k, int64_t now)
{
    int wait = -1;
    if (k->kill_since) return sooner(wait, k->kill_since + KEEPER_PATIENCE_MS - now);
    if (k->deadline) wait = sooner(wait, k->deadline - now);
    if (k->owner_fd < 0) wait = sooner(wait, KEEPER_OWNER_MS);
    const WardenReport *report = k->warden.report;
    if (k->spec.memory_bytes_max && (report->blind || !report->scene_is_set))
        wait = sooner(wait, KEEPER_MEMORY_MS);
    return wait;
}

/* As a subreaper it may be given others' children too. */
static bool warden_has_ended(Keeper *k)
{
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
        if (pid == k->warden_pid) return true;
    return false;
}

static void watch(Keeper *k)
{
    while (!warden_has_ended(k)) {
        struct pollfd p[] = {{.fd = k->signals, .events = POLLIN},
                             {.fd = k->owner_fd, .events = POLLIN}};
        poll(p, 2, next_look_ms(k, monotonic_ms()));
        int64_t now = monotonic_ms();
        handle_signals(k);
        watch_owner(k, p[1].revents != 0, now);
        watch_memory(k);
        if (k->deadline && now >= k->deadline) end_all(k, CHILD_BY_DEADLINE);
        if (k->kill_since && now - k->kill_since >= KEEPER_PATIENCE_MS)
            kill(k->warden_pid, SIGKILL);
    }
}

/* --- end --- */

/* With a namespace there is nothing left; without, and a warden that died of violence, its orphans
 * are ours now. */
static void end_orphans(void)
{
    while (waitpid(-1, NULL, WNOHANG) >= 0) {
        process_kill_descendants();
        poll(NULL, 0, 1);
    }
}

static int64_t to_ms(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

static ChildExit result_of(const Keeper *k)
{
    const WardenReport *report = k->warden.report;
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    int status = report->status;
    ChildExit exit = {.signal = SIGKILL,
                      .cause = report->memory_exceeded ? CHILD_BY_MEMORY : k->cause,
                      .started_at = report->started_at,
                      .ended_at = clock_now(),
                      .cpu_ms = to_ms(used.ru_utime) + to_ms(used.ru_stime),
                      .memory_max_bytes = report->memory_max_bytes};
    int64_t largest = (int64_t)used.ru_maxrss * 1024;
    if (largest > exit.memory_max_bytes) exit.memory_max_bytes = largest;
    if (!report->program_ended) return exit;
    exit.cause = CHILD_BY_ITSELF;
    exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    exit.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return exit;
}

static void record(Keeper *k)
{
    ChildExit exit = result_of(k);
    Error err = {0};
    for (int i = 0; i < KEEPER_RECORD_TRIES_MAX; i++) {
        if (child_write_exit(k->folder, S(""), &exit, &err) || err.code == ERR_NOT_FOUND) return;
        if (!i) complain(k, &err);
        poll(NULL, 0, 1000);
    }
}

/* Without namespaces that is how it is, and known. */
static void tell_of_exposure(Keeper *k)
{
    Error err = {0};
    if (!k->warden.own_pids || !k->spec.hidden.n || k->warden.report->hidden) return;
    (void)!error_set(&err, ERR_INTERNAL, "could not hide %.*s from the program",
                     STR(k->spec.hidden));
    complain(k, &err);
}

static int keep(const char *dir)
{
    Keeper k = {.owner_fd = -1};
    Error err = {0};
    syscall(SYS_close_range, 3, ~0U, 0);
    prctl(PR_SET_NAME, "mayfly-keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    take_signals(&k);
    if (!folder_open(str_from(dir), false, &k.folder, &err)) return 1;
    if (!start(&k, dir, &err)) {
        complain(&k, &err);
        return 1; /* a warden that was forked sees its orders end, and leaves */
    }
    watch(&k);
    end_orphans();
    tell_of_exposure(&k);
    record(&k);
    return 0;
}

/* Ends without the handlers of the program it is a part of: in a process whose namespace has ended
 * they may hang. */
int child_keeper_main(const char *dir)
{
    _exit(keep(dir));
}
