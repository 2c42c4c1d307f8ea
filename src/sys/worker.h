/* worker.h - work that may crash or eat memory, in a process of this same program: bytes in by descriptor, bytes out. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* `mayfly worker KIND ARGUMENT...` with `in` as standard input and `out` as standard output; no
 * environment, nothing else of ours open. It cannot outlive this process, gain privileges, or pass
 * its limits. For a pool thread: waits for its end. false: *err has the last line it said. */
enum {
    WORKER_MEMORY_BYTES_MAX_MB = 4096, /* of address space: libraries count */
    WORKER_CPU_SECONDS_MAX = 600,
    WORKER_SAID_BYTES_MAX = 512,
};
#define WORKER_FILE_BYTES_MAX ((int64_t)100 << 30) /* what it writes */

must_use bool worker_run(const char *const *arguments, int in, int out, Error *err);

/* In the worker: `mayfly worker ...` ends up here; its exit code. */
int worker_main(int argc, char **argv);
