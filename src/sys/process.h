/* process.h - inside sys/: which process is which, what it uses, and how to end all of a tree; facts from /proc. */
#pragma once
#include <sys/types.h>

#include "base/json.h"
#include "sys/file.h"

enum { PROCESS_BOOT_ID_BYTES = 37 };

/* A pid alone may be another's tomorrow; with its start time and the boot it is one process for
 * ever. */
typedef struct ProcessId {
    int64_t pid, start_ticks;
    char boot[PROCESS_BOOT_ID_BYTES];
} ProcessId;

/* false: no such process. */
must_use bool process_identify(pid_t pid, ProcessId *out);
bool process_same(const ProcessId *x, const ProcessId *y);
/* A pidfd of exactly this process; -1: it has ended. */
must_use int process_open(const ProcessId *id);
/* A pidfd of a process that only this one can reap. */
must_use int process_open_child(pid_t pid);
/* `fd` is a pidfd. */
void process_signal(int fd, int number);

/* For files that hold a ProcessId and a time. */
Json process_to_json(Arena *a, const ProcessId *id, Millis at);
must_use bool process_from_json(const Json *v, ProcessId *out, Millis *at);

/* Sends SIGKILL to every descendant of this process; how many there were (zombies do not count). */
int process_kill_descendants(void);
/* Bytes the descendants of this process hold; where that seems more than `suspicious`, pages they
 * share count once. */
int64_t process_memory_of_descendants(int64_t suspicious);
/* Sends SIGKILL to every process with this NAME=value in its environment; how many there were. */
int process_kill_marked(Str variable);
