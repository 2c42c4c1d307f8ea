/* file.c - files: open, read, write, sync, copy, replace durably, rename, remove. */
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/path.h"

enum { FILE_COPY_BYTES = 256 * 1024 };
/* The kernel moves at most this much in one call. */
#define FILE_CALL_BYTES_MAX ((int64_t)1 << 30)

void file_close(int fd)
{
    if (fd >= 0) close(fd);
}

/* Devices, pipes and sockets are not files: they would block, or worse. */
static bool check_is_file(int fd, Str path, Error *err)
{
    struct stat st;
    if (fstat(fd, &st)) return file_error(err, errno, "open", path);
    if (S_ISREG(st.st_mode)) return true;
    if (S_ISDIR(st.st_mode)) return file_error(err, EISDIR, "open", path);
    return error_set(err, ERR_ACCESS_DENIED, "cannot open \"%.*s\": not a regular file", STR(path));
}

bool file_open(Folder *f, Str path, FileMode mode, int *fd_out, Error *err)
{
    static const int flags[] = {
        [FILE_READ] = O_RDONLY | O_NONBLOCK,
        [FILE_CREATE] = O_RDWR | O_CREAT | O_EXCL,
        [FILE_REPLACE] = O_RDWR | O_CREAT | O_NONBLOCK,
        [FILE_APPEND] = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK,
    };
    int fd = path_open(f, path, flags[mode], 0600, err);
    if (fd < 0) return false;
    if (mode != FILE_CREATE && !check_is_file(fd, path, err)) {
        close(fd);
        return false;
    }
    if (mode == FILE_REPLACE && ftruncate(fd, 0)) {
        file_error(err, errno, "empty", path);
        close(fd);
        return false;
    }
    *fd_out = fd;
    return true;
}

bool file_write(int fd, Str bytes, Error *err)
{
    while (bytes.n > 0) {
        ssize_t put = write(
            fd, bytes.p, (size_t)(bytes.n < FILE_CALL_BYTES_MAX ? bytes.n : FILE_CALL_BYTES_MAX));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return file_error(err, errno, "write", S("file"));
        bytes = str_slice(bytes, put, bytes.n);
    }
    return true;
}

bool file_read(int fd, int64_t offset, char *to, int64_t n, int64_t *got, Error *err)
{
    int64_t done = 0;
    while (done < n) {
        ssize_t r = pread(fd, to + done, (size_t)(n - done), offset + done);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return file_error(err, errno, "read", S("file"));
        if (r == 0) break;
        done += r;
    }
    *got = done;
    return true;
}

bool file_size(int fd, int64_t *out, Error *err)
{
    struct stat st;
    if (fstat(fd, &st)) return file_error(err, errno, "look at", S("file"));
    *out = st.st_size;
    return true;
}

bool file_sync(int fd, Error *err)
{
    return !fdatasync(fd) || file_error(err, errno, "sync", S("file"));
}

/* Where the kernel cannot: other file systems, appending descriptors. */
static bool copy_by_hand(int from, int64_t offset, int64_t n, int to, Error *err)
{
    char *buffer = malloc(FILE_COPY_BYTES);
    check(buffer);
    bool good = true;
    while (good && n > 0) {
        int64_t got = 0;
        good =
            file_read(from, offset, buffer, n < FILE_COPY_BYTES ? n : FILE_COPY_BYTES, &got, err);
        if (good && !got)
            good = error_set(err, ERR_IO, "cannot copy: the file ends %" PRId64 " bytes early", n);
        good = good && file_write(to, (Str){buffer, got}, err);
        offset += got;
        n -= got;
    }
    free(buffer);
    return good;
}

bool file_copy_range(int from, int64_t offset, int64_t n, int to, Error *err)
{
    while (n > 0) {
        off_t at = offset;
        ssize_t r = copy_file_range(from, &at, to, NULL,
                                    (size_t)(n < FILE_CALL_BYTES_MAX ? n : FILE_CALL_BYTES_MAX), 0);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0 && (errno == ENOSPC || errno == EIO || errno == EDQUOT))
            return file_error(err, errno, "copy to", S("file"));
        if (r <= 0) return copy_by_hand(from, offset, n, to, err);
        offset += r;
        n -= r;
    }
    return true;
}

bool file_slurp(Folder *f, Str path, int64_t bytes_max, Arena *a, Str *out, Error *err)
{
    int fd;
    int64_t size = 0, got = 0;
    if (!file_open(f, path, FILE_READ, &fd, err)) return false;
    bool good = file_size(fd, &size, err);
    if (good && size > bytes_max)
        good = error_set(err, ERR_REQUEST_TOO_LARGE,
                         "cannot read \"%.*s\": %" PRId64 " bytes, at most %" PRId64 " are allowed",
                         STR(path), size, bytes_max);
    char *to = good ? new_array(a, char, size + 1) : NULL;
    good = good && file_read(fd, 0, to, size, &got, err);
    close(fd);
    if (good) *out = (Str){to, got};
    return good;
}

/* A name no other writer uses; what a crash leaves of it is a file that begins with ".new-". */
static void name_temporary(char name[64])
{
    static atomic_int counter;
    snprintf(name, 64, ".new-%d-%d", (int)getpid(), atomic_fetch_add(&counter, 1));
}

static bool write_new(int folder, const char *name, Str bytes, Error *err)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return file_error(err, errno, "create", str_from(name));
    bool good = file_write(fd, bytes, err) &&
                (!fsync(fd) || file_error(err, errno, "sync", str_from(name)));
    close(fd);
    return good;
}

/* The descriptor of a folder opened with O_PATH cannot be synced: it is opened again. */
static bool sync_folder(int folder, Str path, Error *err)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && !fsync(fd);
    if (!good) file_error(err, errno, "sync the folder of", path);
    if (fd >= 0) close(fd);
    return good;
}

bool file_replace_durably(Folder *f, Str path, Str bytes, Error *err)
{
    char leaf[256], temporary[64];
    int folder = path_open_parent(f, path, leaf, err);
    if (folder < 0) return false;
    name_temporary(temporary);
    bool good = write_new(folder, temporary, bytes, err);
    if (good && renameat(folder, temporary, folder, leaf))
        good = file_error(err, errno, "replace", path);
    if (!good) unlinkat(folder, temporary, 0);
    good = good && sync_folder(folder, path, err);
    close(folder);
    return good;
}

bool file_info(Folder *f, Str path, FileInfo *out, Error *err)
{
    int fd = path_open(f, path, O_PATH, 0, err);
    struct stat st;
    if (fd < 0) return false;
    bool good = !fstat(fd, &st) || file_error(err, errno, "look at", path);
    close(fd);
    if (!good) return false;
    *out =
        (FileInfo){.is_folder = S_ISDIR(st.st_mode),
                   .size = st.st_size,
                   .modified_at = (Millis)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000};
    return true;
}

static int open_parent_made(Folder *f, Str path, char leaf[256], Error *err)
{
    int fd = path_open_parent(f, path, leaf, err);
    int64_t slash = str_rfind_char(path, '/');
    if (fd >= 0 || err->code != ERR_NOT_FOUND || slash < 0) return fd;
    return folder_make(f, str_slice(path, 0, slash), err) ? path_open_parent(f, path, leaf, err)
                                                          : -1;
}

bool file_rename(Folder *f, Str from, Str to, Error *err)
{
    char from_leaf[256], to_leaf[256];
    int from_fd = path_open_parent(f, from, from_leaf, err);
    if (from_fd < 0) return false;
    Error inner = {0}; /* a missing parent is no failure: *err stays untouched */
    int to_fd = open_parent_made(f, to, to_leaf, &inner);
    if (to_fd < 0) *err = inner;
    bool good = to_fd >= 0 && (!renameat(from_fd, from_leaf, to_fd, to_leaf) ||
                               file_error(err, errno, "rename", from));
    close(from_fd);
    file_close(to_fd);
    return good;
}

bool file_remove(Folder *f, Str path, Error *err)
{
    char leaf[256];
    Error inner = {0};
    int folder = path_open_parent(f, path, leaf, &inner);
    if (folder < 0) {
        if (inner.code == ERR_NOT_FOUND) return true;
        *err = inner;
        return false;
    }
    bool good =
        !unlinkat(folder, leaf, 0) || errno == ENOENT || file_error(err, errno, "remove", path);
    close(folder);
    return good;
}

bool file_make_private(Folder *f, Str path, Error *err)
{
    int fd = -1;
    Error why = {0};
    if (!file_open(f, path, FILE_READ, &fd, &why))
        return why.code == ERR_NOT_FOUND || (*err = why, false);
    bool good = !fchmod(fd, 0600);
    if (!good) file_error(err, errno, "make private", path);
    close(fd);
    return good;
}

bool file_make_executable(Folder *f, Str path, Error *err)
{
    int fd = -1;
    struct stat st;
    if (!file_open(f, path, FILE_READ, &fd, err)) return false;
    bool good = !fstat(fd, &st) && !fchmod(fd, (st.st_mode & 07777) | 0500);
    if (!good) file_error(err, errno, "make executable", path);
    close(fd);
    return good;
}
