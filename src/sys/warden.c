/* warden.c - the first process of a child's tree: the init of its PID namespace, or a subreaper where there is none. */
#include "sys/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/hide.h"
#include "sys/process.h"

enum {
    WARDEN_MEMORY_MS = 200, /* between two looks at the memory of the tree */
    PROGRAM_DESCRIPTORS_MAX = 65536,
    PROGRAM_OOM_SCORE = 500,      /* the kernel shall rather take it than the server */
    PROGRAM_NOT_EXECUTABLE = 126, /* exit codes as a shell's */
    PROGRAM_NOT_FOUND = 127,
};

/* --- in the program's process, before it is the program --- */

_Noreturn static void refuse(const char *action, Str what, int why)
{
    dprintf(STDERR_FILENO, "mayfly: cannot %s \"%.*s\": %s\n", action, STR(what), strerror(why));
    _exit(why == ENOENT ? PROGRAM_NOT_FOUND : PROGRAM_NOT_EXECUTABLE);
}

static void redirect(Str path, int to, Arena *a)
{
    int fd = open(str_z(a, path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) refuse("open", path, errno);
    dup2(fd, to);
    if (fd != to) close(fd);
}

static void set_limits(void)
{
    struct rlimit none = {0}, files;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files)) return;
    files.rlim_cur =
        files.rlim_max < PROGRAM_DESCRIPTORS_MAX ? files.rlim_max : PROGRAM_DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void prefer_for_oom(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    dprintf(fd, "%d", PROGRAM_OOM_SCORE);
    close(fd);
}

static char **to_vector(Arena *a, const Str *p, int64_t n, Str last)
{
    char **out = new_array(a, char *, n + 2);
    int64_t k = 0;
    for (int64_t i = 0; i < n; i++) out[k++] = (char *)str_z(a, p[i]);
    if (!str_absent(last)) out[k] = (char *)str_z(a, last);
    return out;
}

static Str path_variable(const ChildSpec *spec)
{
    Str path = S("/usr/local/bin:/usr/bin:/bin");
    for (int64_t i = 0; i < spec->env_n; i++)
        if (str_starts(spec->env[i], S("PATH="))) path = str_slice(spec->env[i], 5, spec->env[i].n);
    return path;
}

/* execvp searches the PATH of this process; the program's is another. */
_Noreturn static void execute(const ChildSpec *spec, char **argv, char **env, Arena *a)
{
    Str rest = path_variable(spec), folder;
    int why = ENOENT;
    if (strchr(argv[0], '/')) {
        execve(argv[0], argv, env);
        refuse("run", spec->argv[0], errno);
    }
    while (str_cut(&rest, ':', &folder)) {
        Str path = str_printf(a, "%.*s/%s", STR(folder.n ? folder : S(".")), argv[0]);
        execve(path.p, argv, env);
        if (errno != ENOENT && errno != ENOTDIR) why = errno;
    }
    refuse("run", spec->argv[0], why);
}

/* no_new_privs: what sudo starts could not be ended by us. Root ends everything, and loses nothing
 * it had. */
_Noreturn static void run_program(const Warden *w)
{
    Arena a = {0};
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    sigprocmask(SIG_SETMASK, &none, NULL);
    set_limits();
    prefer_for_oom();
    if (geteuid() != 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    redirect(w->spec->stderr_path, STDERR_FILENO, &a);
    redirect(w->spec->stdout_path, STDOUT_FILENO, &a);
    if (chdir(str_z(&a, w->spec->cwd))) refuse("enter", w->spec->cwd, errno);
    if (w->report->hidden) hide_for_good();
    char **argv = to_vector(&a, w->spec->argv, w->spec->argv_n, (Str){0});
    char **env = to_vector(&a, w->spec->env, w->spec->env_n, w->mark);
    execute(w->spec, argv, env, &a);
}

/* --- the warden --- */

static bool own_mounts(void)
{
    return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* So that ps and the like see the tree, and only it. Not allowed everywhere, and not needed. */
static bool mount_proc(void)
{
    return !mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* While the keeper claims the start: the program does not wait for it. */
static void set_scene(const Warden *w)
{
    const ChildSpec *spec = w->spec;
    bool mounts = w->own_pids && own_mounts();
    /* What /opt shows may lie in what is hidden next. Without it the program runs all the same. */
    if (mounts && spec->opt.n) (void)!show_as_opt(spec->opt, spec->argv, spec->argv_n);
    w->report->blind = w->own_pids && !(mounts && mount_proc());
    w->report->hidden =
        mounts && spec->hidden.n && hide_folder(spec->hidden, spec->kept, spec->kept_n);
    w->report->scene_is_set = true;
}

/* In a namespace the kernel does this, as soon as the warden is gone. */
static void end_tree(const Warden *w)
{
    if (w->own_pids) return;
    while (waitpid(-1, NULL, WNOHANG) >= 0) {
        process_kill_descendants();
        poll(NULL, 0, 1);
    }
}

_Noreturn static void leave(const Warden *w)
{
    end_tree(w);
    _exit(0);
}

/* true: the program itself is among them. */
static bool reap(const Warden *w, pid_t program)
{
    int status;
    bool ended = false;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != program) continue;
        w->report->status = status;
        w->report->program_ended = ended = true;
    }
    return ended;
}

static void obey(const Warden *w, pid_t program)
{
    char order;
    if (read(w->orders, &order, 1) != 1 || order == WARDEN_KILL) leave(w);
    if (order == WARDEN_INTERRUPT && kill(-program, SIGTERM)) kill(program, SIGTERM);
}

static void look_at_memory(const Warden *w)
{
    int64_t bytes = process_memory_of_descendants(w->spec->memory_bytes_max);
    if (bytes > w->report->memory_max_bytes) w->report->memory_max_bytes = bytes;
    if (bytes <= w->spec->memory_bytes_max) return;
    w->report->memory_exceeded = true;
    leave(w);
}

static void watch(const Warden *w, int signals, pid_t program)
{
    bool measures = w->spec->memory_bytes_max > 0 && !w->report->blind;
    for (;;) {
        struct pollfd p[] = {{.fd = signals, .events = POLLIN},
                             {.fd = w->orders, .events = POLLIN}};
        int n = poll(p, 2, measures ? WARDEN_MEMORY_MS : -1);
        struct signalfd_siginfo ignored;
        if (p[0].revents && read(signals, &ignored, sizeof ignored) > 0 && reap(w, program))
            leave(w);
        if (p[1].revents) obey(w, program);
        if (n == 0) look_at_memory(w);
    }
}

void warden_run(const Warden *w)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    prctl(PR_SET_NAME, "mayfly-warden");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    set_scene(w);
    char order;
    if (read(w->orders, &order, 1) != 1 || order != WARDEN_GO) _exit(0);
    w->report->started_at = clock_now();
    pid_t program = fork(); /* tidy: a small process of one thread, not the server */
    if (!program) run_program(w);
    if (program > 0) watch(w, signals, program);
    w->report->status = PROGRAM_NOT_EXECUTABLE << 8;
    w->report->program_ended = true;
    _exit(0);
}
