/* sys_file.c - sys/file.h on the simulated disk, with its errors and the moments to die in. */
#include "sys/file.h"

#include <sys/stat.h>

#include "acts.h"
#include "disk.h"
#include "memory.h"
#include "mutants.h"
#include "sys_inside.h"

enum { FDS_MAX = 4096, FD_FIRST = 1000 };

struct Folder {
    Arena a;
    Str path;
};

typedef struct OpenFile {
    Node *node;
    bool append;
} OpenFile;
static OpenFile fds[FDS_MAX];
static bool locked;

/* ---- errors ---- */

static bool fail(Error *err, ErrorCode code, const char *action, Str path, const char *why)
{
    return error_set(err, code, "cannot %s \"%.*s\": %s", action, STR(path), why);
}

static bool not_found(Error *err, const char *action, Str path)
{
    return fail(err, ERR_NOT_FOUND, action, path, "No such file or directory");
}

/* The ways a change of the disk can end, before it is made. */
static bool may_change(const char *action, Str path, Error *err)
{
    world_disk_changes();
    if (world.calm || !world.alive) return true;
    if (world.full && chance_in(2))
        return fail(err, ERR_DISK_FULL, action, path, "No space left on device");
    if (chance_in(world.weather.write_fails_in))
        return fail(err, ERR_IO, action, path, "Input/output error");
    return true;
}

bool disk_sync_fails(void)
{
    world_disk_changes();
    return world.alive && !world.calm && chance_in(world.weather.sync_fails_in);
}

bool disk_write_fails(bool *full)
{
    Error err = {0};
    bool fails = !may_change("write", S("state.db"), &err);
    *full = err.code == ERR_DISK_FULL;
    return fails;
}

void files_forget(void)
{
    memset(fds, 0, sizeof fds);
    locked = false;
}

static OpenFile *of(int fd)
{
    check(fd >= FD_FIRST && fd < FD_FIRST + FDS_MAX && fds[fd - FD_FIRST].node);
    return &fds[fd - FD_FIRST];
}

/* ---- paths ---- */

static bool check_path(Str path, Error *err)
{
    Str rest = path, part;
    if (!path.n) return true;
    if (memchr(path.p, 0, (size_t)path.n) || path.p[path.n - 1] == '/')
        return fail(err, ERR_ACCESS_DENIED, "use", path, "empty name");
    while (str_cut(&rest, '/', &part)) {
        if (!part.n || str_eq(part, S(".")) || str_eq(part, S("..")))
            return fail(err, ERR_ACCESS_DENIED, "use", path, "not allowed");
        if (part.n > DISK_NAME_MAX)
            return fail(err, ERR_NAME_TOO_LONG, "use", path, "File name too long");
    }
    return true;
}

/* The node, or NULL with *err set. */
static Node *look(const Folder *f, Str path, const char *action, Error *err)
{
    if (!check_path(path, err)) return NULL;
    Node *n = disk_find(f->path);
    Str rest = path, part;
    while (n && path.n && str_cut(&rest, '/', &part)) {
        if (!n->is_folder) return fail(err, ERR_NOT_FOLDER, action, path, "Not a directory"), NULL;
        n = disk_entry(n, part);
    }
    if (!n) not_found(err, action, path);
    return n;
}

static Node *look_parent(const Folder *f, Str path, Str *leaf, const char *action, Error *err)
{
    int64_t slash = str_rfind_char(path, '/');
    if (!check_path(path, err)) return NULL;
    *leaf = str_slice(path, slash + 1, path.n);
    Node *n = look(f, slash < 0 ? S("") : str_slice(path, 0, slash), action, err);
    if (n && !n->is_folder) return fail(err, ERR_NOT_FOLDER, action, path, "Not a directory"), NULL;
    return n;
}

/* ---- folders ---- */

bool folder_open(Str path, bool create, Folder **out, Error *err)
{
    Node *n = disk_find(path);
    if (!n && create) n = disk_folder(path);
    if (!n || !n->is_folder) return not_found(err, "open the folder", path);
    Folder *f = calloc(1, sizeof *f);
    check(f);
    f->path = str_copy(&f->a, path);
    *out = f;
    return true;
}

void folder_close(Folder *f)
{
    arena_free(&f->a);
    free(f);
}

Str folder_path(const Folder *f)
{
    return f->path;
}

bool folder_lock(Folder *f, Error *err)
{
    if (locked) return fail(err, ERR_EXISTS, "lock", f->path, "in use");
    return locked = true;
}

bool folder_make(Folder *f, Str path, Error *err)
{
    if (!check_path(path, err)) return false;
    Node *n = disk_find(f->path);
    Str rest = path, part;
    while (path.n && str_cut(&rest, '/', &part)) {
        Node *next = disk_entry(n, part);
        if (!next) {
            if (!may_change("make the folder", path, err)) return false;
            next = disk_make(n, part, true);
        }
        if (!next->is_folder)
            return fail(err, ERR_NOT_FOLDER, "make the folder", path, "Not a directory");
        n = next;
    }
    return true;
}

bool folder_remove_if_empty(Folder *f, Str path, bool *removed, Error *err)
{
    Str leaf;
    Node *n = look(f, path, "remove", err);
    if (!n) return false;
    if (!n->is_folder) return fail(err, ERR_NOT_FOLDER, "remove", path, "Not a directory");
    *removed = n->names.n == 0;
    if (!*removed) return true;
    if (!may_change("remove", path, err)) return false;
    disk_remove(look_parent(f, path, &leaf, "remove", err), leaf);
    return true;
}

static bool empty(Node *folder, Str path, Error *err)
{
    while (folder->names.n) {
        Entry *e = &folder->names.p[chance_below(folder->names.n)];
        if (e->node->is_folder && !empty(e->node, path, err)) return false;
        if (!may_change("remove", path, err)) return false;
        disk_remove(folder, str_from(e->name));
    }
    return true;
}

bool folder_remove_tree(Folder *f, Str path, Error *err)
{
    Str leaf;
    Error inner = {0};
    acts_remove(path);
    Node *parent = look_parent(f, path, &leaf, "remove", &inner),
         *n = parent ? disk_entry(parent, leaf) : NULL;
    if (!n) return !parent && inner.code != ERR_NOT_FOUND ? (*err = inner, false) : true;
    if (mutant(MUTANT_FOLDER_LEFT)) return true;
    if (n->is_folder && !empty(n, path, err)) return false;
    if (!may_change("remove", path, err)) return false;
    disk_remove(parent, leaf);
    return true;
}

bool folder_sync(Folder *f, Str path, Error *err)
{
    Node *n = look(f, path, "sync the folder", err);
    if (!n) return false;
    if (disk_sync_fails()) return fail(err, ERR_IO, "sync the folder", path, "Input/output error");
    if (!mutant(MUTANT_FOLDER_SYNC)) disk_sync_folder(n);
    return true;
}

static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

bool folder_list(Folder *f, Str path, Arena *a, StrVec *names, Error *err)
{
    Node *n = look(f, path, "list", err);
    StrVec found = {0};
    if (!n) return false;
    if (!n->is_folder) return fail(err, ERR_NOT_FOLDER, "list", path, "Not a directory");
    for (int64_t i = 0; i < n->names.n; i++)
        *vec_push(a, &found) = str_copy(a, str_from(n->names.p[i].name));
    if (found.n) qsort(found.p, (size_t)found.n, sizeof *found.p, by_bytes);
    *names = found;
    return true;
}

/* ---- files ---- */

static int new_fd(Node *n, bool append)
{
    int i = 0;
    while (i < FDS_MAX && fds[i].node) i++;
    check(i < FDS_MAX);
    fds[i] = (OpenFile){n, append};
    return FD_FIRST + i;
}

bool file_open(Folder *f, Str path, FileMode mode, int *fd_out, Error *err)
{
    Str leaf;
    Node *parent = look_parent(f, path, &leaf, mode == FILE_CREATE ? "create" : "open", err);
    if (!parent) return false;
    Node *n = disk_entry(parent, leaf);
    if (n && mode == FILE_CREATE) return fail(err, ERR_EXISTS, "create", path, "File exists");
    if (n && n->is_folder) return fail(err, ERR_IS_FOLDER, "open", path, "Is a directory");
    if (!n && mode == FILE_READ) return not_found(err, "open", path);
    if (!n || (mode == FILE_REPLACE && n->now.n)) {
        if (!may_change("open", path, err)) return false;
        if (!n)
            n = disk_make(parent, leaf, false);
        else
            disk_truncate(n, 0);
    }
    *fd_out = new_fd(n, mode == FILE_APPEND);
    return true;
}

void file_close(int fd)
{
    if (fd >= 0) *of(fd) = (OpenFile){0};
}

/* A write that fails, or is cut by the end of its process, may have been done in part. */
bool file_write(int fd, Str bytes, Error *err)
{
    Node *n = of(fd)->node;
    if (world.weather.crash_in_disk && bytes.n > 1 && chance_in(4)) {
        int64_t part = chance_below(bytes.n);
        disk_write(n, n->now.n, str_slice(bytes, 0, part));
        bytes = str_slice(bytes, part, bytes.n);
    }
    if (!may_change("write", S("file"), err)) return false;
    disk_write(n, n->now.n, bytes);
    return true;
}

bool file_read(int fd, int64_t offset, char *to, int64_t n, int64_t *got, Error *err)
{
    (void)err;
    const Bytes *b = &of(fd)->node->now;
    int64_t have = offset < b->n ? b->n - offset : 0;
    *got = have < n ? have : n;
    if (*got) memcpy(to, b->p + offset, (size_t)*got);
    return true;
}

bool file_size(int fd, int64_t *out, Error *err)
{
    (void)err;
    *out = of(fd)->node->now.n;
    return true;
}

bool file_sync(int fd, Error *err)
{
    if (disk_sync_fails()) return fail(err, ERR_IO, "sync", S("file"), "Input/output error");
    if (!mutant(MUTANT_FILE_SYNC)) disk_sync_file(of(fd)->node);
    return true;
}

bool file_copy_range(int from, int64_t offset, int64_t n, int to, Error *err)
{
    const Bytes *b = &of(from)->node->now;
    if (offset + n > b->n) return error_set(err, ERR_IO, "cannot copy: the file ends early");
    char *copy = world_alloc((size_t)n);
    memcpy(copy, b->p + offset, (size_t)n);
    bool good = may_change("copy to", S("file"), err);
    if (good) disk_write(of(to)->node, of(to)->node->now.n, (Str){copy, n});
    world_free(copy);
    return good;
}

bool file_slurp(Folder *f, Str path, int64_t bytes_max, Arena *a, Str *out, Error *err)
{
    Node *n = look(f, path, "open", err);
    if (!n) return false;
    if (n->is_folder) return fail(err, ERR_IS_FOLDER, "open", path, "Is a directory");
    if (n->now.n > bytes_max) return fail(err, ERR_REQUEST_TOO_LARGE, "read", path, "too large");
    *out = str_copy(a, (Str){n->now.p ? n->now.p : "", n->now.n});
    return true;
}

bool file_replace_durably(Folder *f, Str path, Str bytes, Error *err)
{
    Str leaf;
    Node *parent = look_parent(f, path, &leaf, "replace", err);
    if (!parent || !may_change("replace", path, err)) return false;
    Node *n = disk_make(parent, S(".new-1"), false);
    disk_write(n, 0, bytes);
    if (disk_sync_fails()) return fail(err, ERR_IO, "sync", path, "Input/output error");
    disk_sync_file(n);
    disk_rename(parent, S(".new-1"), parent, leaf);
    if (disk_sync_fails()) return fail(err, ERR_IO, "sync", path, "Input/output error");
    disk_sync_folder(parent);
    return true;
}

bool file_info(Folder *f, Str path, FileInfo *out, Error *err)
{
    Node *n = look(f, path, "look at", err);
    if (!n) return false;
    *out = (FileInfo){.is_folder = n->is_folder, .size = n->now.n, .modified_at = n->modified};
    return true;
}

bool file_rename(Folder *f, Str from, Str to, Error *err)
{
    Str leaf, new_leaf;
    Node *parent = look_parent(f, from, &leaf, "rename", err);
    if (!parent) return false;
    int64_t slash = str_rfind_char(to, '/');
    if (slash > 0 && !folder_make(f, str_slice(to, 0, slash), err)) return false;
    Node *into = look_parent(f, to, &new_leaf, "rename", err), *n = disk_entry(parent, leaf);
    if (!into) return false;
    if (!n) return not_found(err, "rename", from);
    Node *old = disk_entry(into, new_leaf);
    if (old && old->is_folder && !n->is_folder)
        return fail(err, ERR_IS_FOLDER, "rename", from, "Is a directory");
    if (old && old->is_folder && old->names.n)
        return fail(err, ERR_EXISTS, "rename", from, "Directory not empty");
    if (!may_change("rename", from, err)) return false;
    if (!mutant(MUTANT_RENAME_LOST) || chance_in(2)) disk_rename(parent, leaf, into, new_leaf);
    return true;
}

bool file_remove(Folder *f, Str path, Error *err)
{
    Str leaf;
    Error inner = {0};
    Node *parent = look_parent(f, path, &leaf, "remove", &inner),
         *n = parent ? disk_entry(parent, leaf) : NULL;
    if (!n) return !parent && inner.code != ERR_NOT_FOUND ? (*err = inner, false) : true;
    if (n->is_folder) return fail(err, ERR_IS_FOLDER, "remove", path, "Is a directory");
    if (!may_change("remove", path, err)) return false;
    disk_remove(parent, leaf);
    return true;
}

bool file_make_private(Folder *f, Str path, Error *err)
{
    (void)f, (void)path, (void)err;
    return true;
}

bool file_make_executable(Folder *f, Str path, Error *err)
{
    Node *n = look(f, path, "make executable", err);
    if (n) n->executable = true;
    return n;
}
