/* process.c - facts about processes from /proc, proof against the reuse of pids. */
#include "sys/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One line of the process table. */
typedef struct Entry {
    pid_t pid, parent;
    char state;
    int64_t start_ticks, resident_pages;
    bool ours;
} Entry;

typedef struct Table {
    Entry *p;
    int64_t n, cap;
} Table;

static int64_t read_text(const char *path, char *to, int64_t n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t got = read(fd, to, (size_t)n - 1);
    close(fd);
    if (got >= 0) to[got] = 0;
    return got;
}

/* proc_pid_stat(5): the name may hold blanks and parentheses; what follows the last ')' is fixed.
 */
static bool read_entry(pid_t pid, Entry *out)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (read_text(path, text, sizeof text) <= 0) return false;
    const char *rest = strrchr(text, ')');
    Entry e = {.pid = pid};
    int n =
        !rest ? 0
              : sscanf(rest + 1,
                       " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                       " %" SCNd64 " %*s %" SCNd64,
                       &e.state, &e.parent, &e.start_ticks, &e.resident_pages);
    if (n == 4) *out = e;
    return n == 4;
}

static void read_boot(char to[PROCESS_BOOT_ID_BYTES])
{
    memset(to, 0, PROCESS_BOOT_ID_BYTES);
    int64_t n = read_text("/proc/sys/kernel/random/boot_id", to, PROCESS_BOOT_ID_BYTES);
    if (n < 0) to[0] = 0;
}

static bool identify(pid_t pid, ProcessId *out, char *state)
{
    Entry e;
    if (!read_entry(pid, &e)) return false;
    *out = (ProcessId){.pid = pid, .start_ticks = e.start_ticks};
    *state = e.state;
    read_boot(out->boot);
    return true;
}

bool process_identify(pid_t pid, ProcessId *out)
{
    char state;
    return identify(pid, out, &state);
}

bool process_same(const ProcessId *x, const ProcessId *y)
{
    return x->pid == y->pid && x->start_ticks == y->start_ticks && !strcmp(x->boot, y->boot);
}

int process_open_child(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0); /* is close-on-exec by itself */
}

/* First the descriptor, then the look: what it refers to cannot change any more. */
int process_open(const ProcessId *id)
{
    int fd = id->pid > 0 ? process_open_child((pid_t)id->pid) : -1;
    ProcessId now;
    char state;
    if (fd < 0) return -1;
    if (identify((pid_t)id->pid, &now, &state) && process_same(id, &now) && state != 'Z' &&
        state != 'X')
        return fd;
    close(fd);
    return -1;
}

void process_signal(int fd, int number)
{
    syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
}

Json process_to_json(Arena *a, const ProcessId *id, Millis at)
{
    JsonObject o = {.a = a};
    json_put(&o, S("pid"), json_int(a, id->pid));
    json_put(&o, S("start_ticks"), json_int(a, id->start_ticks));
    json_put(&o, S("boot"), json_string(str_copy(a, str_from(id->boot))));
    json_put(&o, S("at"), json_int(a, at));
    return json_object(&o);
}

bool process_from_json(const Json *v, ProcessId *out, Millis *at)
{
    Str boot = json_text(json_get(v, S("boot")));
    if (str_absent(boot) || boot.n >= PROCESS_BOOT_ID_BYTES) return false;
    *out = (ProcessId){.pid = json_int_or(json_get(v, S("pid")), 0),
                       .start_ticks = json_int_or(json_get(v, S("start_ticks")), -1)};
    memcpy(out->boot, boot.p, (size_t)boot.n);
    *at = json_int_or(json_get(v, S("at")), 0);
    return true;
}

static void add(Table *t, const Entry *e)
{
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 256;
        t->p = realloc(t->p, (size_t)t->cap * sizeof *t->p);
        check(t->p);
    }
    t->p[t->n++] = *e;
}

static int by_pid(const void *x, const void *y)
{
    return ((const Entry *)x)->pid - ((const Entry *)y)->pid;
}

static Table read_table(void)
{
    Table t = {0};
    DIR *dir = opendir("/proc");
    for (struct dirent *d; dir && (d = readdir(dir));) {
        Entry e;
        pid_t pid = (pid_t)strtol(d->d_name, NULL, 10); /* 0: not a process */
        if (pid > 0 && read_entry(pid, &e)) add(&t, &e);
    }
    if (dir) closedir(dir);
    if (t.n) qsort(t.p, (size_t)t.n, sizeof *t.p, by_pid);
    return t;
}

static bool is_ours(const Table *t, pid_t pid, pid_t root)
{
    if (pid == root) return true;
    const Entry *e = bsearch(&(Entry){.pid = pid}, t->p, (size_t)t->n, sizeof *t->p, by_pid);
    return e && e->ours;
}

/* Marks the descendants of this process, generation by generation. */
static Table read_descendants(void)
{
    Table t = read_table();
    pid_t root = getpid();
    for (bool more = true; more;) {
        more = false;
        for (int64_t i = 0; i < t.n; i++) {
            Entry *e = &t.p[i];
            if (e->ours || !is_ours(&t, e->parent, root)) continue;
            e->ours = more = true;
        }
    }
    return t;
}

int process_kill_descendants(void)
{
    Table t = read_descendants();
    int n = 0;
    for (int64_t i = 0; i < t.n; i++) {
        if (!t.p[i].ours || t.p[i].state == 'Z' || t.p[i].state == 'X') continue;
        n += !kill(t.p[i].pid, SIGKILL);
    }
    free(t.p);
    return n;
}

static int64_t proportional_bytes(pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    if (read_text(path, text, sizeof text) <= 0) return 0;
    const char *line = strstr(text, "\nPss:");
    return line ? strtoll(line + 5, NULL, 10) * 1024 : 0;
}

int64_t process_memory_of_descendants(int64_t suspicious)
{
    Table t = read_descendants();
    int64_t page = sysconf(_SC_PAGESIZE), resident = 0, proportional = 0;
    for (int64_t i = 0; i < t.n; i++)
        if (t.p[i].ours) resident += t.p[i].resident_pages * page;
    for (int64_t i = 0; resident > suspicious && i < t.n; i++)
        if (t.p[i].ours) proportional += proportional_bytes(t.p[i].pid);
    free(t.p);
    return resident > suspicious ? proportional : resident;
}

static bool has_variable(pid_t pid, Str variable)
{
    char path[64];
    static _Thread_local char text[256 * 1024];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    int64_t n = 0;
    for (ssize_t got;
         n < (int64_t)sizeof text && (got = read(fd, text + n, sizeof text - (size_t)n)) > 0;)
        n += got;
    close(fd);
    Str rest = {text, n}, one;
    while (str_cut(&rest, 0, &one))
        if (str_eq(one, variable)) return true;
    return false;
}

int process_kill_marked(Str variable)
{
    int n = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *d; dir && (d = readdir(dir));) {
        pid_t pid = (pid_t)strtol(d->d_name, NULL, 10); /* 0: not a process */
        ProcessId id;
        if (pid <= 0 || pid == getpid() || !process_identify(pid, &id) ||
            !has_variable(pid, variable))
            continue;
        int fd = process_open(&id);
        if (fd < 0) continue;
        process_signal(fd, SIGKILL);
        close(fd);
        n++;
    }
    if (dir) closedir(dir);
    return n;
}
