/* file.h - files below a folder that no path can leave; every durability step is a call of its own. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* Thread-safe: pool jobs use these. Paths are relative to a Folder, '/'-separated, without "." and
 * ".." components and never through a symbolic link out of it (openat2 RESOLVE_BENEATH); violations
 * are ERR_ACCESS_DENIED. Errors are mapped: ERR_NOT_FOUND, ERR_EXISTS, ERR_IS_FOLDER,
 * ERR_NOT_FOLDER, ERR_NAME_TOO_LONG, ERR_DISK_FULL, ERR_ACCESS_DENIED, ERR_IO; the text names path
 * and action. */
typedef struct Folder Folder;

must_use bool folder_open(Str path, bool create, Folder **out,
                          Error *err); /* path from outside: absolute or to the cwd */
void folder_close(Folder *f);
Str folder_path(const Folder *f); /* absolute */
/* One process at a time: an advisory lock on the folder, held until the process ends. ERR_EXISTS:
 * taken (text names the pid). */
must_use bool folder_lock(Folder *f, Error *err);

typedef enum FileMode {
    FILE_READ,
    FILE_CREATE,  /* must not exist; mode 0600 */
    FILE_REPLACE, /* created or truncated; mode 0600 */
    FILE_APPEND,  /* created if absent */
} FileMode;
must_use bool file_open(Folder *f, Str path, FileMode mode, int *fd_out, Error *err);
void file_close(int fd);
must_use bool file_write(int fd, Str bytes, Error *err); /* all, at the current end */
must_use bool file_read(int fd, int64_t offset, char *to, int64_t n, int64_t *got,
                        Error *err); /* got < n only at the end */
must_use bool file_size(int fd, int64_t *out, Error *err);
must_use bool file_sync(int fd, Error *err); /* fdatasync */
must_use bool file_copy_range(int from, int64_t offset, int64_t n, int to,
                              Error *err); /* appends; reflink where possible */
must_use bool file_slurp(Folder *f, Str path, int64_t bytes_max, Arena *a, Str *out, Error *err);
/* New content under `path` durably and at once: temporary file, fsync, rename, fsync of the folder.
 */
must_use bool file_replace_durably(Folder *f, Str path, Str bytes, Error *err);

typedef struct FileInfo {
    bool is_folder;
    int64_t size;
    Millis modified_at;
} FileInfo;
must_use bool file_info(Folder *f, Str path, FileInfo *out, Error *err);
must_use bool file_rename(Folder *f, Str from, Str to,
                          Error *err); /* replaces a file; makes missing parents of `to` */
must_use bool file_remove(Folder *f, Str path, Error *err); /* absent is success */
/* For nobody but its owner: 0600. Absent is success. */
must_use bool file_make_private(Folder *f, Str path, Error *err);
must_use bool file_make_executable(Folder *f, Str path, Error *err);
must_use bool folder_make(Folder *f, Str path, Error *err); /* with parents; existing is success */
must_use bool folder_remove_if_empty(Folder *f, Str path, bool *removed, Error *err);
must_use bool folder_remove_tree(Folder *f, Str path,
                                 Error *err); /* absent is success; links are not followed */
must_use bool folder_sync(Folder *f, Str path,
                          Error *err); /* fsync of the folder itself; "" is the root */
must_use bool folder_list(Folder *f, Str path, Arena *a, StrVec *names,
                          Error *err); /* sorted; without . and .. */
