/* child.c - the server's side of process trees: starts keepers, adopts them, hears of their end. */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child_files.h"
#include "sys/clock.h"
#include "sys/loop_inner.h"

enum {
    CHILD_SPAWNS_MAX = 3,
};

/* A keeper that is watched. */
typedef struct Child {
    Loop *loop;
    struct Child *next;
    int64_t id;
    Folder *folder;
    Arena a;
    Str dir;
    pid_t keeper;
    int fd;            /* pidfd of the keeper */
    int spawns, kills; /* so far */
    uv_poll_t poll;
} Child;

struct ChildTable {
    Child *first;
    char keeper[PATH_MAX]; /* the program */
};

/* mayfly-keeper beside this program is the same code in 1 MB without libraries: it starts in half
 * the time. */
static void find_keeper(char to[PATH_MAX])
{
    static const char name[] = "/mayfly-keeper";
    ssize_t n = readlink("/proc/self/exe", to, PATH_MAX - sizeof name);
    char *slash = n > 0 ? memrchr(to, '/', (size_t)n) : NULL;
    if (slash) memcpy(slash, name, sizeof name);
    if (!slash || access(to, X_OK)) snprintf(to, PATH_MAX, "/proc/self/exe");
}

void children_open(Loop *loop)
{
    loop->children = calloc(1, sizeof *loop->children);
    check(loop->children);
    find_keeper(loop->children->keeper);
}

static void on_closed(uv_handle_t *handle)
{
    Child *c = handle->data;
    arena_free(&c->a);
    free(c);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(Child *c, pid_t keeper, int fd)
{
    c->keeper = keeper;
    c->fd = fd;
    check(!uv_poll_init(&c->loop->uv, &c->poll, fd));
    c->poll.data = c;
    check(!uv_poll_start(&c->poll, UV_READABLE, on_poll));
}

static Child *new_child(Loop *loop, int64_t id, Folder *folder, Str dir)
{
    Child *c = calloc(1, sizeof *c);
    check(c);
    *c = (Child){.loop = loop, .next = loop->children->first, .id = id, .folder = folder, .fd = -1};
    c->dir = str_copy(&c->a, dir);
    loop->children->first = c;
    return c;
}

static void unlink_child(Child *c)
{
    Child **at = &c->loop->children->first;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
}

/* One that is not watched. */
static void drop(Child *c)
{
    unlink_child(c);
    arena_free(&c->a);
    free(c);
}

/* Reaps it when it is our own process; an adopted one is another's. */
static void forget_keeper(Child *c)
{
    uv_close((uv_handle_t *)&c->poll, on_closed);
    close(c->fd);
    waitpid(c->keeper, NULL, WNOHANG);
    unlink_child(c);
}

void children_close(Loop *loop)
{
    for (Child *c; (c = loop->children->first);) {
        uv_close((uv_handle_t *)&c->poll, on_closed);
        close(c->fd);
        unlink_child(c);
    }
    free(loop->children);
}

static Child *find_by_dir(Loop *loop, Folder *folder, Str dir)
{
    Child *c = loop->children->first;
    while (c && !(c->folder == folder && str_eq(c->dir, dir))) c = c->next;
    return c;
}

static Str absolute_dir(Arena *a, Folder *folder, Str dir)
{
    return str_printf(a, "%.*s/%.*s", STR(folder_path(folder)), STR(dir));
}

static void push_end(Loop *loop, int64_t id, const ChildExit *exit)
{
    SysEvent *event = loop_push(loop, SYS_CHILD_ENDED);
    event->child_id = id;
    event->exit = *exit;
}

/* --- what is left without a keeper --- */

/* The keeper died without a record: whatever it kept is ended now. */
static ChildExit end_without_keeper(Folder *folder, Str dir, Millis started_at)
{
    ChildExit exit;
    (void)child_sweep(folder, dir);
    if (child_read_exit(folder, dir, &exit)) return exit;
    return (ChildExit){.lost = true, .started_at = started_at, .ended_at = clock_now()};
}

/* All of /proc is looked at for it: not on the loop's thread. */
typedef struct Orphan {
    PoolTask task;
    Arena a;
    int64_t id;
    Folder *folder;
    Str dir;
    Millis started_at;
    bool killed; /* keeper and all, by us */
    ChildExit exit;
} Orphan;

static ChildExit killed_with_keeper(const Orphan *o)
{
    Error ignored;
    ChildExit exit = o->exit;
    exit.lost = false;
    exit.signal = SIGKILL;
    exit.cause = CHILD_BY_KILL;
    if (!child_write_exit(o->folder, o->dir, &exit, &ignored)) exit.lost = true;
    return exit;
}

static void orphan_work(PoolTask *task, char *buffer)
{
    (void)buffer;
    Orphan *o = (Orphan *)task;
    o->exit = end_without_keeper(o->folder, o->dir, o->started_at);
    if (o->exit.lost && o->killed) o->exit = killed_with_keeper(o);
}

static void orphan_done(Loop *loop, PoolTask *task)
{
    Orphan *o = (Orphan *)task;
    push_end(loop, o->id, &o->exit);
    arena_free(&o->a);
    free(o);
}

static void end_orphan(const Child *c, Millis started_at)
{
    Orphan *o = calloc(1, sizeof *o);
    check(o);
    *o = (Orphan){.task = {.work = orphan_work, .done = orphan_done},
                  .id = c->id,
                  .folder = c->folder,
                  .started_at = started_at,
                  .killed = c->kills > 1};
    o->dir = str_copy(&o->a, c->dir);
    pool_submit(&c->loop->pool, &o->task);
}

/* --- start --- */

/* The keeper gets its signals blocked, so that none can hit it before it looks for them; it leaves
 * our terminal. */
static void prepare_spawn(posix_spawnattr_t *attr, posix_spawn_file_actions_t *files)
{
    sigset_t blocked, ignored;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGUSR1);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    check(!posix_spawnattr_init(attr) && !posix_spawn_file_actions_init(files));
    posix_spawnattr_setflags(attr,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    posix_spawnattr_setsigmask(attr, &blocked);
    posix_spawnattr_setsigdefault(attr, &ignored);
    posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDERR_FILENO);
}

static bool spawn_keeper(const char *program, Folder *folder, Str dir, pid_t *out, Error *err)
{
    Arena a = {0};
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    char plain[] = "MAYFLY_KEEPER_PLAIN=1", parent[64];
    char *argv[] = {"mayfly", "keep", (char *)absolute_dir(&a, folder, dir).p, NULL};
    char *env[] = {parent, getenv("MAYFLY_KEEPER_PLAIN") ? plain : NULL, NULL};
    snprintf(parent, sizeof parent, "MAYFLY_KEEPER_PARENT=%d", (int)getpid());
    prepare_spawn(&attr, &files);
    int why = posix_spawn(out, program, &files, &attr, argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    arena_free(&a);
    return !why || error_set(err, ERR_INTERNAL, "cannot start a process: %s", strerror(why));
}

static bool own(Folder *folder, Str dir, Error *err)
{
    ProcessId self;
    check(process_identify(getpid(), &self));
    return child_write_owner(folder, dir, &self, err);
}

/* A keeper that ends at once is still there to be opened: nobody else reaps it. */
static bool spawn_and_watch(Child *c, Error *err)
{
    pid_t keeper;
    if (!spawn_keeper(c->loop->children->keeper, c->folder, c->dir, &keeper, err)) return false;
    int fd = process_open_child(keeper);
    if (fd < 0) {
        kill(keeper, SIGKILL);
        waitpid(keeper, NULL, 0);
        return error_set(err, ERR_INTERNAL, "cannot watch a process: %s", strerror(errno));
    }
    c->spawns++;
    watch(c, keeper, fd);
    return true;
}

static bool start_new(Loop *loop, const ChildSpec *spec, Error *err)
{
    ProcessId self;
    check(process_identify(getpid(), &self));
    if (!folder_make(spec->folder, spec->dir, err) || !child_write_spec(spec, &self, err))
        return false;
    Child *c = new_child(loop, spec->id, spec->folder, spec->dir);
    if (spawn_and_watch(c, err)) return true;
    drop(c);
    return false;
}

bool child_start(Loop *loop, const ChildSpec *spec, Error *err)
{
    ChildExit exit;
    check(spec->argv_n > 0 && spec->dir.n > 0);
    switch (child_find(loop, spec->folder, spec->dir, spec->id, &exit)) {
    case CHILD_NEVER_STARTED: return start_new(loop, spec, err);
    case CHILD_RUNNING: return true;
    case CHILD_ENDED: push_end(loop, spec->id, &exit); return true;
    }
    unreachable();
}

/* --- end --- */

/* The keeper of another server was faster, and is alive. */
static bool watch_other(Loop *loop, int64_t id, Folder *folder, Str dir, const ProcessId *keeper)
{
    int fd = process_open(keeper);
    if (fd < 0) return false;
    watch(new_child(loop, id, folder, dir), (pid_t)keeper->pid, fd);
    return true;
}

/* It ended before it claimed the start: nothing has run. Another try, unless nobody wants it any
 * more. */
static ChildExit start_again(Loop *loop, const Child *old, bool *started)
{
    Error err = {0};
    if (old->kills)
        return (ChildExit){.signal = SIGKILL, .cause = CHILD_BY_KILL, .ended_at = clock_now()};
    if (old->spawns < CHILD_SPAWNS_MAX && own(old->folder, old->dir, &err)) {
        Child *c = new_child(loop, old->id, old->folder, old->dir);
        c->spawns = old->spawns;
        *started = spawn_and_watch(c, &err);
        if (!*started) drop(c);
    }
    return (ChildExit){.lost = true, .ended_at = clock_now()};
}

static void keeper_ended(Child *c)
{
    Loop *loop = c->loop;
    ProcessId keeper;
    Millis started_at;
    ChildExit exit;
    bool again = false;
    if (child_read_exit(c->folder, c->dir, &exit)) {
        push_end(loop, c->id, &exit);
    } else if (!child_read_started(c->folder, c->dir, &keeper, &started_at)) {
        exit = start_again(loop, c, &again);
        if (!again) push_end(loop, c->id, &exit);
    } else if (!watch_other(loop, c->id, c->folder, c->dir, &keeper)) {
        end_orphan(c, started_at);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    Child *c = poll->data;
    forget_keeper(c);
    keeper_ended(c); /* the memory lives until libuv has closed the handle */
}

ChildFind child_find(Loop *loop, Folder *folder, Str dir, int64_t id, ChildExit *exit)
{
    ProcessId keeper;
    Millis started_at;
    Error ignored;
    Child *known = find_by_dir(loop, folder, dir);
    if (known) {
        known->id = id;
        return CHILD_RUNNING;
    }
    if (child_read_exit(folder, dir, exit)) return CHILD_ENDED;
    /* In this order: see parent_lives in keeper.c. */
    (void)!own(folder, dir, &ignored); /* failing (full disk): the keeper will take itself for
                                          orphaned, which is safe */
    if (!child_read_started(folder, dir, &keeper, &started_at)) return CHILD_NEVER_STARTED;
    if (watch_other(loop, id, folder, dir, &keeper)) return CHILD_RUNNING;
    *exit = end_without_keeper(folder, dir, started_at);
    return CHILD_ENDED;
}

void child_signal(Loop *loop, int64_t id, ChildSignal signal)
{
    Child *c = loop->children->first;
    while (c && c->id != id) c = c->next;
    if (!c) return;
    if (signal == CHILD_INTERRUPT)
        process_signal(c->fd, SIGTERM);
    else
        process_signal(c->fd, c->kills++ ? SIGKILL : SIGUSR1);
}
