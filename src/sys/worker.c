/* worker.c - starts a worker of this program, waits for it, and is its beginning: limits first, then the work. */
#include "sys/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/duckdb.h"

enum { WORKER_ARGUMENTS_MAX = 8 };

/* ---- the one who starts it ---- */

static bool spawn(const char *const *arguments, int in, int out, int said, pid_t *pid, Error *err)
{
    char *argv[WORKER_ARGUMENTS_MAX + 3] = {"mayfly", "worker"}, *env[] = {NULL};
    posix_spawn_file_actions_t files;
    int n = 2;
    for (; *arguments; arguments++) {
        check(n < WORKER_ARGUMENTS_MAX + 2);
        argv[n++] = (char *)*arguments;
    }
    check(!posix_spawn_file_actions_init(&files));
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
    int why = posix_spawn(pid, "/proc/self/exe", &files, NULL, argv, env);
    posix_spawn_file_actions_destroy(&files);
    return !why || error_set(err, ERR_INTERNAL, "cannot start a process: %s", strerror(why));
}

/* The last of what it said; more than that is read and forgotten. */
static int64_t listen_to(int fd, char said[WORKER_SAID_BYTES_MAX])
{
    int64_t n = 0;
    char more[WORKER_SAID_BYTES_MAX];
    for (ssize_t got; (got = read(fd, more, sizeof more)) != 0;) {
        if (got < 0 && errno != EINTR) break;
        for (ssize_t i = 0; i < got; i++)
            if (n < WORKER_SAID_BYTES_MAX) said[n++] = more[i];
    }
    while (n && said[n - 1] == '\n') n--;
    return n;
}

static bool await(pid_t pid, int *status)
{
    pid_t got;
    do got = waitpid(pid, status, 0);
    while (got < 0 && errno == EINTR);
    return got == pid;
}

bool worker_run(const char *const *arguments, int in, int out, Error *err)
{
    int pipes[2], status = 0;
    pid_t pid;
    char said[WORKER_SAID_BYTES_MAX];
    if (pipe2(pipes, O_CLOEXEC))
        return error_set(err, ERR_INTERNAL, "cannot make a pipe: %s", strerror(errno));
    bool started = spawn(arguments, in, out, pipes[1], &pid, err);
    close(pipes[1]);
    int64_t n = started ? listen_to(pipes[0], said) : 0;
    close(pipes[0]);
    if (!started) return false;
    if (!await(pid, &status)) return error_set(err, ERR_INTERNAL, "a worker was lost");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (n) return error_set(err, ERR_VALIDATION, "%.*s", (int)n, said);
    return error_set(err, ERR_VALIDATION, "the worker that read it ended with %s %d",
                     WIFSIGNALED(status) ? "signal" : "code",
                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* ---- the worker ---- */

static bool limit(int what, int64_t most)
{
    struct rlimit l = {(rlim_t)most, (rlim_t)most};
    return !setrlimit(what, &l);
}

static bool confine(void)
{
    return !prctl(PR_SET_PDEATHSIG, SIGKILL) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           limit(RLIMIT_AS, (int64_t)WORKER_MEMORY_BYTES_MAX_MB << 20) &&
           limit(RLIMIT_CPU, WORKER_CPU_SECONDS_MAX) &&
           limit(RLIMIT_FSIZE, WORKER_FILE_BYTES_MAX) && limit(RLIMIT_CORE, 0) && !chdir("/");
}

int worker_main(int argc, char **argv)
{
    Error err = {0};
    if (argc != 5 || strcmp(argv[2], "parquet") != 0) return 2;
    if (!confine()) {
        fprintf(stderr, "cannot limit a worker: %s\n", strerror(errno));
        return 1;
    }
    if (duckdb_parquet_to_lines(argv[3], argv[4], STDIN_FILENO, STDOUT_FILENO, &err)) return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}
