/* attached.c - a program of the command line's own, and signals that ask the command line to stop. */
#include "sys/attached.h"

#include "sys/clock.h"
#include "sys/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ATTACHED_LOOK_MS = 10 };

static int spawn(char *const *argv, int output, pid_t *pid)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    check(!posix_spawnattr_init(&attr) && !posix_spawn_file_actions_init(&files));
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    int why = posix_spawn(pid, "/proc/self/exe", &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return why;
}

static bool read_line(int fd, Arena *a, Str *line)
{
    char *text = new_array(a, char, ATTACHED_LINE_BYTES_MAX);
    int64_t n = 0;
    while (n < ATTACHED_LINE_BYTES_MAX) {
        ssize_t got = read(fd, text + n, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        if (text[n] == '\n') break;
        n++;
    }
    *line = (Str){text, n};
    return true;
}

bool attached_start(const Str *arguments, int64_t n, Attached *out, Str *line, Arena *a, Error *err)
{
    int ends[2];
    pid_t pid = 0;
    const char **argv = new_array(a, const char *, n + 2);
    argv[0] = "mayfly";
    for (int64_t i = 0; i < n; i++) argv[i + 1] = str_z(a, arguments[i]);
    if (pipe2(ends, O_CLOEXEC))
        return error_set(err, ERR_UNAVAILABLE, "no pipe: %s", strerror(errno));
    int why = spawn((char *const *)argv, ends[1], &pid);
    close(ends[1]);
    bool spoke = !why && read_line(ends[0], a, line);
    close(ends[0]);
    if (why) return error_set(err, ERR_UNAVAILABLE, "cannot start: %s", strerror(why));
    *out = (Attached){pid};
    if (spoke) return true;
    int code = attached_stop(out);
    return error_set(err, ERR_UNAVAILABLE, "it ended at once, with code %d", code);
}

int attached_stop(const Attached *child)
{
    int status = 0;
    pid_t done = 0;
    Millis until = clock_now() + ATTACHED_STOP_MS_MAX;
    kill((pid_t)child->pid, SIGTERM);
    while (!(done = waitpid((pid_t)child->pid, &status, WNOHANG)) && clock_now() < until)
        wall_sleep(ATTACHED_LOOK_MS);
    if (!done) {
        kill((pid_t)child->pid, SIGKILL);
        waitpid((pid_t)child->pid, &status, 0);
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void attached_follow_starter(void)
{
    pid_t starter = getppid();
    check(!prctl(PR_SET_PDEATHSIG, SIGTERM));
    if (getppid() != starter) raise(SIGTERM);
}

static volatile sig_atomic_t interrupts;

static void on_interrupt(int number)
{
    (void)number;
    interrupts++;
}

void interrupts_catch(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    for (int i = 0; i < countof(signals); i++) sigaction(signals[i], &action, NULL);
}

int interrupts_seen(void)
{
    return interrupts;
}
