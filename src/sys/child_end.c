/* child_end.c - the end of a process tree that nobody owns any more, from any thread, by what lies in its folder. */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/child_files.h"

enum {
    END_KEEPER_MS = 3000, /* the keeper ends its tree and says so; then it is killed itself */
    END_SWEEPS_MAX = 50,  /* a process killed is gone in a moment, or hangs in the kernel */
    END_SWEEP_MS = 4,
};

static bool ends_within(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, ms) == 1;
}

static void end_keeper(const ProcessId *keeper)
{
    int fd = process_open(keeper);
    if (fd < 0) return;
    process_signal(fd, SIGUSR1);
    if (!ends_within(fd, END_KEEPER_MS)) process_signal(fd, SIGKILL);
    (void)ends_within(fd, END_KEEPER_MS);
    close(fd);
}

bool child_sweep(Folder *folder, Str dir)
{
    Arena a = {0};
    Str mark = child_mark(&a, str_printf(&a, "%.*s/%.*s", STR(folder_path(folder)), STR(dir)));
    bool gone = process_kill_marked(mark) == 0;
    for (int i = 0; i < END_SWEEPS_MAX && !gone; i++) {
        poll(NULL, 0, END_SWEEP_MS);
        gone = process_kill_marked(mark) == 0;
    }
    arena_free(&a);
    return gone;
}

bool child_end(Folder *folder, Str dir)
{
    ProcessId keeper;
    Millis started_at;
    ChildExit exit;
    if (child_read_exit(folder, dir, &exit)) return true;
    if (!child_read_started(folder, dir, &keeper, &started_at)) return true;
    end_keeper(&keeper);
    return child_sweep(folder, dir);
}
