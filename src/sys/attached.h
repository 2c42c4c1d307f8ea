/* attached.h - a program of the command line's own: started, its first line read, told to stop; and the end of its starter. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* The command line is no server: it has no loop, waits for one thing at a time, and its one child
 * is this same program, which keeps no secrets from it. Trees that must end as one are child.h's.
 */
enum { ATTACHED_LINE_BYTES_MAX = 4096, ATTACHED_STOP_MS_MAX = 30 * 1000 };

typedef struct Attached {
    int64_t pid;
} Attached;

/* Starts `mayfly ARGUMENTS...` (this program) with this environment, no input, our standard error,
 * and a process group of its own: Ctrl-C is ours alone. Waits for its first line of output.
 * ERR_UNAVAILABLE: it ended without one. */
must_use bool attached_start(const Str *arguments, int64_t n, Attached *out, Str *line, Arena *a,
                             Error *err);
/* SIGTERM, and SIGKILL after ATTACHED_STOP_MS_MAX. Returns its exit code; 128 and more: a signal.
 */
int attached_stop(const Attached *child);

/* In the child: SIGTERM comes when the process that started this one ends, however it ends. */
void attached_follow_starter(void);

/* From now on SIGINT, SIGTERM and SIGHUP only make this true. */
void interrupts_catch(void);
int interrupts_seen(void); /* how many came */
