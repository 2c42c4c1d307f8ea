/* path.h - inside sys/: opens paths below a folder that cannot leave it, and turns errno into Error. */
#pragma once
#include "sys/file.h"

struct Folder {
    int fd, lock_fd; /* -1: not locked */
    Str path;
    Arena a;
};

/* Names path and action. */
bool file_error(Error *err, int why, const char *action, Str path);
/* open(2) below the folder; "" is the folder itself. -1 with *err set. */
must_use int path_open(const Folder *f, Str path, int flags, int mode, Error *err);
/* The folder that holds the last component, which is copied NUL-terminated to `leaf`. */
must_use int path_open_parent(const Folder *f, Str path, char leaf[256], Error *err);
/* For tests: true makes it behave as on a kernel without openat2. */
void path_without_openat2(bool missing);
