/* path.c - paths that cannot leave their folder: checked as text, then resolved by the kernel beneath it. */
#include "sys/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool openat2_missing;

void path_without_openat2(bool missing)
{
    openat2_missing = missing;
}

static ErrorCode code_of(int why)
{
    static const struct {
        int why;
        ErrorCode code;
    } table[] = {
        {ENOENT, ERR_NOT_FOUND},     {EEXIST, ERR_EXISTS},       {ENOTEMPTY, ERR_EXISTS},
        {EISDIR, ERR_IS_FOLDER},     {ENOTDIR, ERR_NOT_FOLDER},  {ENAMETOOLONG, ERR_NAME_TOO_LONG},
        {ENOSPC, ERR_DISK_FULL},     {EDQUOT, ERR_DISK_FULL},    {EFBIG, ERR_DISK_FULL},
        {EACCES, ERR_ACCESS_DENIED}, {EPERM, ERR_ACCESS_DENIED}, {EROFS, ERR_ACCESS_DENIED},
        {EXDEV, ERR_ACCESS_DENIED},  {ELOOP, ERR_ACCESS_DENIED},
    };
    for (int i = 0; i < countof(table); i++)
        if (table[i].why == why) return table[i].code;
    return ERR_IO;
}

bool file_error(Error *err, int why, const char *action, Str path)
{
    const char *reason =
        why == EXDEV || why == ELOOP ? "it leads through a link out of the folder" : strerror(why);
    return error_set(err, code_of(why), "cannot %s \"%.*s\": %s", action, STR(path), reason);
}

static bool check_text(Str path, Error *err)
{
    if (path.n >= PATH_MAX) return file_error(err, ENAMETOOLONG, "use", str_slice(path, 0, 100));
    if (!path.n) return true;
    if (memchr(path.p, 0, (size_t)path.n) || path.p[path.n - 1] == '/')
        return error_set(err, ERR_ACCESS_DENIED,
                         "the path \"%.*s\" is not allowed: it has an empty name or a NUL byte",
                         STR(path));
    Str rest = path, part;
    while (str_cut(&rest, '/', &part)) {
        if (!part.n || str_eq(part, S(".")) || str_eq(part, S("..")))
            return error_set(
                err, ERR_ACCESS_DENIED,
                "the path \"%.*s\" is not allowed: it has an empty, \".\" or \"..\" component",
                STR(path));
    }
    return true;
}

/* For kernels before 5.6: stricter, as it follows no link at all. */
static int open_stepwise(int root, char *path, int flags, int mode)
{
    int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
    char *slash;
    while (at >= 0 && (slash = strchr(path, '/'))) {
        *slash = 0;
        int next = openat(at, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int why = errno;
        close(at);
        errno = why;
        at = next;
        path = slash + 1;
    }
    if (at < 0) return -1;
    int fd = openat(at, path, flags | O_NOFOLLOW, mode);
    int why = errno;
    close(at);
    errno = why;
    return fd;
}

static int open_beneath(int root, char *path, int flags, int mode)
{
    struct open_how how = {.flags = (uint64_t)flags,
                           .mode = flags & O_CREAT ? (uint64_t)mode : 0,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    if (!openat2_missing) {
        long fd;
        do fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        while (fd < 0 && (errno == EAGAIN || errno == EINTR));
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return (int)fd;
        openat2_missing = errno == ENOSYS;
    }
    return open_stepwise(root, path, flags, mode);
}

static const char *action_of(int flags)
{
    return flags & O_EXCL ? "create" : "open";
}

int path_open(const Folder *f, Str path, int flags, int mode, Error *err)
{
    if (!check_text(path, err)) return -1;
    char text[PATH_MAX] = ".";
    if (path.n) memcpy(text, path.p, (size_t)path.n);
    int fd = open_beneath(f->fd, text, flags | O_CLOEXEC, mode);
    if (fd < 0) file_error(err, errno, action_of(flags), path);
    return fd;
}

int path_open_parent(const Folder *f, Str path, char leaf[256], Error *err)
{
    int64_t slash = str_rfind_char(path, '/');
    Str name = str_slice(path, slash + 1, path.n);
    if (!check_text(path, err)) return -1;
    if (!name.n) {
        error_set(err, ERR_ACCESS_DENIED, "the folder \"%.*s\" itself cannot be changed",
                  STR(f->path));
        return -1;
    }
    if (name.n > NAME_MAX) {
        file_error(err, ENAMETOOLONG, "use", path);
        return -1;
    }
    memcpy(leaf, name.p, (size_t)name.n);
    leaf[name.n] = 0;
    return path_open(f, slash < 0 ? S("") : str_slice(path, 0, slash), O_PATH | O_DIRECTORY, 0,
                     err);
}
