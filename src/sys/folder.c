/* folder.c - folders: open, lock, make, list, sync, remove with all that is in them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/path.h"

enum {
    FOLDER_DEPTH_MAX = 32, /* of folders open at once while a tree is removed */
    FOLDER_ROUNDS_MAX = 10 * 1000,
    LOCK_TRIES = 300,
    LOCK_PAUSE_NS = 10 * 1000 * 1000,
};

bool folder_open(Str path, bool create, Folder **out, Error *err)
{
    Arena a = {0};
    const char *z = str_z(&a, path);
    char absolute[PATH_MAX];
    bool good = !create || !mkdir(z, 0700) || errno == EEXIST;
    int fd = good ? open(z, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    good = fd >= 0 && realpath(z, absolute);
    if (!good) file_error(err, errno, create ? "make the folder" : "open the folder", path);
    arena_free(&a);
    if (!good) {
        file_close(fd);
        return false;
    }
    Folder *f = calloc(1, sizeof *f);
    check(f);
    *f = (Folder){.fd = fd, .lock_fd = -1};
    f->path = str_copy(&f->a, str_from(absolute));
    *out = f;
    return true;
}

/* The lock stays: it belongs to the process, not to this value. */
void folder_close(Folder *f)
{
    close(f->fd);
    arena_free(&f->a);
    free(f);
}

Str folder_path(const Folder *f)
{
    return f->path;
}

/* The process that wrote itself into the lock file; 0: unknown. */
static int64_t lock_holder(int fd)
{
    char text[32];
    int64_t pid, n = pread(fd, text, sizeof text, 0);
    return n > 0 && str_to_int(str_trim((Str){text, n}), &pid) ? pid : 0;
}

/* A child that a killed process was just starting holds its files until the exec: the lock of a
 * holder that is gone is waited for. */
static bool take_lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (!fcntl(fd, F_OFD_SETLK, &whole)) return true;
        int64_t holder = lock_holder(fd);
        if ((errno != EAGAIN && errno != EACCES) || !holder || !kill((pid_t)holder, 0))
            return false;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
        errno = EAGAIN;
    }
    return false;
}

static bool write_pid(int fd, Error *err)
{
    char pid[32];
    int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n)
        return file_error(err, errno, "write", S(".lock"));
    return true;
}

bool folder_lock(Folder *f, Error *err)
{
    int fd = path_open(f, S(".lock"), O_RDWR | O_CREAT, 0600, err);
    if (fd < 0) return false;
    bool good = take_lock(fd);
    if (!good && (errno == EAGAIN || errno == EACCES))
        error_set(err, ERR_EXISTS, "the folder \"%.*s\" is in use by process %" PRId64,
                  STR(f->path), lock_holder(fd));
    else if (!good)
        file_error(err, errno, "lock", f->path);
    good = good && write_pid(fd, err);
    if (good)
        f->lock_fd = fd;
    else
        close(fd);
    return good;
}

static bool make_one(Folder *f, Str path, Error *err)
{
    char leaf[256];
    int parent = path_open_parent(f, path, leaf, err);
    if (parent < 0) return false;
    bool good = !mkdirat(parent, leaf, 0700) || errno == EEXIST ||
                file_error(err, errno, "make the folder", path);
    close(parent);
    return good;
}

static bool is_folder(Folder *f, Str path)
{
    FileInfo info;
    Error ignored;
    return file_info(f, path, &info, &ignored) && info.is_folder;
}

bool folder_make(Folder *f, Str path, Error *err)
{
    if (is_folder(f, path)) return true;
    for (int64_t i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') continue;
        if (!make_one(f, str_slice(path, 0, i), err)) return false;
    }
    return is_folder(f, path) || file_error(err, ENOTDIR, "make the folder", path);
}

bool folder_remove_if_empty(Folder *f, Str path, bool *removed, Error *err)
{
    char leaf[256];
    int parent = path_open_parent(f, path, leaf, err);
    if (parent < 0) return false;
    bool gone = !unlinkat(parent, leaf, AT_REMOVEDIR);
    int why = errno;
    close(parent);
    if (!gone && why != ENOTEMPTY && why != EEXIST) return file_error(err, why, "remove", path);
    *removed = gone;
    return true;
}

/* A program may have taken our own permission away; it is our file all the same. */
static int open_to_empty(int parent, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd = openat(parent, name, flags);
    if (fd >= 0 || errno != EACCES || fchmodat(parent, name, 0700, 0)) return fd;
    return openat(parent, name, flags);
}

static int empty_folder(int top, int fd, int depth);

/* So that a chain of any length needs few descriptors: what is too deep is moved to the top and
 * removed from there. */
static int move_up(int top, int parent, const char *name)
{
    static _Thread_local unsigned moved;
    char up[64];
    int r;
    do {
        snprintf(up, sizeof up, ".deep-%d-%u", (int)gettid(), moved++);
        r = renameat(parent, name, top, up);
    } while (r && (errno == EEXIST || errno == ENOTEMPTY));
    return r ? errno : 0;
}

/* 0, or errno. Emptied again when something came meanwhile: moved up by ourselves, or a program
 * still writes. */
static int remove_folder(int top, int parent, const char *name, int depth)
{
    if (depth >= FOLDER_DEPTH_MAX) return move_up(top, parent, name);
    int fd = open_to_empty(parent, name);
    if (fd < 0) return errno == ENOENT ? 0 : errno;
    int why = ENOTEMPTY;
    for (int round = 0;
         round < (top < 0 ? FOLDER_ROUNDS_MAX : 1) && (why == ENOTEMPTY || why == EEXIST);
         round++) {
        why = empty_folder(top < 0 ? fd : top, fd, depth + 1);
        if (!why && unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT) why = errno;
    }
    close(fd);
    return why;
}

static int remove_entry(int top, int parent, const struct dirent *entry, int depth)
{
    if (entry->d_type == DT_DIR) return remove_folder(top, parent, entry->d_name, depth);
    if (!unlinkat(parent, entry->d_name, 0) || errno == ENOENT) return 0;
    if (errno == EISDIR) return remove_folder(top, parent, entry->d_name, depth);
    if (errno == EACCES && !fchmod(parent, 0700) && !unlinkat(parent, entry->d_name, 0)) return 0;
    return errno;
}

static int empty_folder(int top, int fd, int depth)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), why = 0;
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir) return errno;
    for (struct dirent *entry; !why && (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            why = remove_entry(top, fd, entry, depth);
    closedir(dir);
    return why;
}

bool folder_remove_tree(Folder *f, Str path, Error *err)
{
    char leaf[256];
    Error inner = {0};
    int parent = path_open_parent(f, path, leaf, &inner);
    if (parent < 0 && inner.code == ERR_NOT_FOUND) return true;
    if (parent < 0) {
        *err = inner;
        return false;
    }
    int why =
        !unlinkat(parent, leaf, 0) || errno == ENOENT ? 0 : remove_folder(-1, parent, leaf, 0);
    close(parent);
    return !why || file_error(err, why, "remove the folder", path);
}

bool folder_sync(Folder *f, Str path, Error *err)
{
    int fd = path_open(f, path, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0) return false;
    bool good = !fsync(fd) || file_error(err, errno, "sync the folder", path);
    close(fd);
    return good;
}

static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

bool folder_list(Folder *f, Str path, Arena *a, StrVec *names, Error *err)
{
    int fd = path_open(f, path, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0) return false;
    DIR *dir = fdopendir(fd);
    check(dir);
    StrVec found = {0};
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        *vec_push(a, &found) = str_copy(a, str_from(entry->d_name));
    }
    closedir(dir);
    if (found.n) qsort(found.p, (size_t)found.n, sizeof *found.p, by_bytes);
    *names = found;
    return true;
}
