/* vfs.c - SQLite's view of the simulated disk. */
#include <sqlite3.h>

#include "disk.h"
#include "mutants.h"
#include "sys_inside.h"

typedef struct File {
    sqlite3_file base;
    Node *node, *folder;
    bool sync_folder; /* with its first bytes its name must become safe, as in SQLite's own unix VFS
                       */
} File;

static int f_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}

static int f_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    const Bytes *b = &((File *)f)->node->now;
    if (world.alive && !world.calm && chance_in(world.weather.read_fails_in))
        return SQLITE_IOERR_READ;
    int64_t have = at < b->n ? b->n - at : 0;
    if (have > n) have = n;
    if (have) memcpy(out, b->p + at, (size_t)have);
    if (have == n) return SQLITE_OK;
    memset((char *)out + have, 0, (size_t)(n - have));
    return SQLITE_IOERR_SHORT_READ;
}

static int f_write(sqlite3_file *f, const void *in, int n, sqlite3_int64 at)
{
    bool full = false;
    if (disk_write_fails(&full)) return full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    disk_write(((File *)f)->node, at, (Str){in, n});
    return SQLITE_OK;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    bool full = false;
    if (disk_write_fails(&full)) return full ? SQLITE_FULL : SQLITE_IOERR_TRUNCATE;
    disk_truncate(((File *)f)->node, n);
    return SQLITE_OK;
}

static int f_sync(sqlite3_file *file, int flags)
{
    File *f = (File *)file;
    (void)flags;
    if (disk_sync_fails()) return SQLITE_IOERR_FSYNC;
    if (mutant(MUTANT_DB_SYNC)) return SQLITE_OK;
    disk_sync_file(f->node);
    if (f->sync_folder) disk_sync_folder(f->folder);
    f->sync_folder = false;
    return SQLITE_OK;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *n)
{
    *n = ((File *)f)->node->now.n;
    return SQLITE_OK;
}

static int f_lock(sqlite3_file *f, int level)
{
    (void)f, (void)level;
    return SQLITE_OK;
}

static int f_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    (void)f, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int f_sector(sqlite3_file *f)
{
    (void)f;
    return DISK_SECTOR_BYTES;
}

static int f_caps(sqlite3_file *f)
{
    (void)f;
    return 0;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
                                           .xClose = f_close,
                                           .xRead = f_read,
                                           .xWrite = f_write,
                                           .xTruncate = f_truncate,
                                           .xSync = f_sync,
                                           .xFileSize = f_size,
                                           .xLock = f_lock,
                                           .xUnlock = f_lock,
                                           .xCheckReservedLock = f_reserved,
                                           .xFileControl = f_control,
                                           .xSectorSize = f_sector,
                                           .xDeviceCharacteristics = f_caps};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)v;
    Str leaf;
    check(name); /* temporary files are in memory: see db.c */
    Node *folder = disk_parent(str_from(name), &leaf),
         *node = folder ? disk_entry(folder, leaf) : NULL;
    bool made = !node;
    file->pMethods = NULL;
    if (!folder || (made && !(flags & SQLITE_OPEN_CREATE))) return SQLITE_CANTOPEN;
    bool full = false;
    if (made && disk_write_fails(&full)) return full ? SQLITE_FULL : SQLITE_IOERR;
    if (made) node = disk_make(folder, leaf, false);
    *(File *)file =
        (File){{&methods}, node, folder, flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)};
    if (out) *out = flags;
    return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
    (void)v;
    Str leaf;
    bool full = false;
    Node *folder = disk_parent(str_from(name), &leaf);
    if (!folder || !disk_entry(folder, leaf)) return SQLITE_IOERR_DELETE_NOENT;
    if (disk_write_fails(&full)) return SQLITE_IOERR_DELETE;
    disk_remove(folder, leaf);
    if (sync_folder) disk_sync_folder(folder);
    return SQLITE_OK;
}

static int v_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)v;
    Node *n = disk_find(str_from(name));
    *out = n && (flags != SQLITE_ACCESS_EXISTS || n->now.n > 0);
    return SQLITE_OK;
}

static int v_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
    (void)v;
    snprintf(out, (size_t)n, "%s", name);
    return SQLITE_OK;
}

static int v_random(sqlite3_vfs *v, int n, char *out)
{
    (void)v;
    for (int i = 0; i < n; i++) out[i] = (char)chance_bits();
    return n;
}

static int v_sleep(sqlite3_vfs *v, int us)
{
    (void)v;
    return us;
}

static int v_time64(sqlite3_vfs *v, sqlite3_int64 *t)
{
    (void)v;
    *t = 210866760000000 + world.now;
    return SQLITE_OK;
}

static int v_time(sqlite3_vfs *v, double *t)
{
    sqlite3_int64 x;
    v_time64(v, &x);
    *t = (double)x / 86400000.0;
    return SQLITE_OK;
}

static int v_error(sqlite3_vfs *v, int n, char *out)
{
    (void)v, (void)n, (void)out;
    return 0;
}

static sqlite3_vfs vfs = {.iVersion = 2,
                          .szOsFile = sizeof(File),
                          .mxPathname = 256,
                          .zName = "sim",
                          .xOpen = v_open,
                          .xDelete = v_delete,
                          .xAccess = v_access,
                          .xFullPathname = v_path,
                          .xRandomness = v_random,
                          .xSleep = v_sleep,
                          .xCurrentTime = v_time,
                          .xGetLastError = v_error,
                          .xCurrentTimeInt64 = v_time64};

/* ---- reads that fail though SQLite has the page in its memory, as they would had it less ---- */

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __real_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db);
static bool step_failed;

int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
    enum { STEPS_A_READ = 6 };
    step_failed = world.alive && !world.calm && sqlite3_stmt_readonly(stmt) &&
                  chance_in(STEPS_A_READ * world.weather.read_fails_in);
    return step_failed ? SQLITE_IOERR : __real_sqlite3_step(stmt);
}

int __wrap_sqlite3_errcode(sqlite3 *db)
{
    return step_failed ? SQLITE_IOERR : __real_sqlite3_errcode(db);
}

void vfs_register(void)
{
    check(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}
