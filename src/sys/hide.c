/* hide.c - mounts an empty folder over one that holds secrets, the few that are needed back into it, and layers as /opt. */
#include "sys/hide.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HIDE_KEPT_MAX = 8 };

static Str below(Arena *a, Str folder, Str path)
{
    return str_printf(a, "%.*s/%.*s", STR(folder), STR(path));
}

/* Those that are there already are not made; what cannot be made will not be found by mount. */
static void make_folders(Arena *a, Str folder, Str path)
{
    for (int64_t i = 1; i <= path.n; i++)
        if (i == path.n || path.p[i] == '/') mkdir(below(a, folder, str_slice(path, 0, i)).p, 0755);
}

static bool show(Arena *a, int fd, Str folder, Str path)
{
    Str from = str_printf(a, "/proc/self/fd/%d", fd);
    make_folders(a, folder, path);
    return !mount(from.p, below(a, folder, path).p, NULL, MS_BIND | MS_REC, NULL);
}

static bool cover(const char *folder)
{
    return !mount("mayfly", folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=0755");
}

static bool seal(const char *folder)
{
    return !mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
                  NULL);
}

/* What is kept is opened first: afterwards its path leads elsewhere. */
static bool replace(Arena *a, Str folder, const Str *kept, const int *fds, int64_t n)
{
    const char *path = str_z(a, folder);
    for (int64_t i = 0; i < n; i++)
        if (fds[i] < 0) return false;
    if (!cover(path)) return false;
    bool good = true;
    for (int64_t i = 0; i < n && good; i++) good = show(a, fds[i], folder, kept[i]);
    if (good && seal(path)) return true;
    umount2(path, MNT_DETACH);
    return false;
}

bool hide_folder(Str folder, const Str *kept, int64_t n)
{
    Arena a = {0};
    int fds[HIDE_KEPT_MAX];
    check(n <= HIDE_KEPT_MAX);
    for (int64_t i = 0; i < n; i++)
        fds[i] = open(below(&a, folder, kept[i]).p, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good = replace(&a, folder, kept, fds, n);
    for (int64_t i = 0; i < n; i++)
        if (fds[i] >= 0) close(fds[i]);
    arena_free(&a);
    return good;
}

static bool lies_in_opt(const char *path)
{
    char real[PATH_MAX];
    return !strncmp(path, "/opt/", 5) || (realpath(path, real) && !strncmp(real, "/opt/", 5));
}

bool show_as_opt(Str folder, const Str *programs, int64_t n)
{
    Arena a = {0};
    bool good = true;
    for (int64_t i = 0; i < n; i++) good &= !lies_in_opt(str_z(&a, programs[i]));
    good =
        good && !mount(str_z(&a, folder), "/opt", NULL, MS_BIND | MS_REC, NULL) &&
        !mount(NULL, "/opt", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
    arena_free(&a);
    return good;
}

/* Numbers a kernel does not know are refused by it, which is as good. */
void hide_for_good(void)
{
    static const int lost[] = {
        CAP_SYS_ADMIN,       CAP_SYS_PTRACE, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT,
        CAP_DAC_READ_SEARCH, CAP_MKNOD,      CAP_PERFMON,    CAP_BPF,       CAP_CHECKPOINT_RESTORE,
    };
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    syscall(SYS_capget, &header, data);
    for (int i = 0; i < countof(lost); i++) {
        uint32_t keep = ~CAP_TO_MASK(lost[i]);
        struct __user_cap_data_struct *word = &data[CAP_TO_INDEX(lost[i])];
        prctl(PR_CAPBSET_DROP, lost[i], 0, 0, 0);
        word->effective &= keep;
        word->permitted &= keep;
        word->inheritable &= keep;
    }
    syscall(SYS_capset, &header, data);
}
