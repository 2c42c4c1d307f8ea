/* child_files.h - inside sys/: the files by which a keeper and the server know of each other (child.h names them). */
#pragma once
#include "sys/child.h"
#include "sys/process.h"

/* `dir` is below the folder; "" is the folder itself (the keeper has opened its DIR). Absent or
 * unreadable files are false. */
must_use bool child_write_spec(const ChildSpec *spec, const ProcessId *owner, Error *err);
must_use bool child_read_spec(Folder *f, Str dir, Arena *a, ChildSpec *out, ProcessId *owner,
                              Error *err);
must_use bool child_write_owner(Folder *f, Str dir, const ProcessId *owner, Error *err);
must_use bool child_read_owner(Folder *f, Str dir, ProcessId *out);
/* Durable, and only if nobody was first: ERR_EXISTS. */
must_use bool child_claim_start(Folder *f, const ProcessId *keeper, Millis now, Error *err);
must_use bool child_read_started(Folder *f, Str dir, ProcessId *keeper, Millis *at);
must_use bool child_write_exit(Folder *f, Str dir, const ChildExit *exit, Error *err);
must_use bool child_read_exit(Folder *f, Str dir, ChildExit *out);
/* Sends SIGKILL to all that a dead keeper left, until nothing of it is seen: looks at all of /proc,
 * for a moment. false: something hangs in the kernel and will go later. */
bool child_sweep(Folder *f, Str dir);
/* NAME=value that every process of the tree has in its environment. */
Str child_mark(Arena *a, Str absolute_dir);
