/* objects_settle.c - one batch of settling: garbage out, bodies to their paths, folders synced, rows marked. */
#include "store/objects_settle.h"

#include "store/objects_inside.h"
#include "store/objects_path.h"

typedef enum ItemKind { ITEM_GARBAGE, ITEM_BODY } ItemKind;

typedef struct Item {
    ItemKind kind;
    int64_t n; /* ITEM_GARBAGE: row of garbage; 0: doomed, without a row */
    int64_t id, bucket_id, size;
    Str bucket, key;
    Str staging, path; /* path absent: only the staging file */
    bool inline_body;
    Str body;
    bool moved, done; /* done: may be marked */
    bool blocked;     /* something else lies at the path: it has to be escaped */
} Item;

struct SettleBatch {
    Arena arena;
    Folder *folder;
    int64_t doomed_n; /* how many of objects->doomed are in it */
    struct {
        Item *p;
        int64_t n, cap;
    } items;
};

int64_t settle_changes(const Objects *o)
{
    return o->changes;
}

bool settle_wanted(const Objects *o)
{
    return o->unsettled;
}

/* ---- 1. pick: in an event, reads only ---- */

static bool lives_there(Objects *o, Str bucket, Str key, int64_t path)
{
    cleanup(rows_end) Rows r = db_rows(o->db,
                                       SQL("SELECT 1 FROM bucket b JOIN object o ON o.bucket_id = "
                                           "b.id AND o.key = ?2 AND o.path = ?3"
                                           " WHERE b.name = ?1 UNION ALL SELECT 1 FROM bucket b"
                                           " JOIN version v ON v.bucket_id = b.id AND v.key = ?2 "
                                           "AND v.path = ?3 AND NOT v.marker WHERE b.name = ?1"),
                                       DB_TEXT(bucket), DB_BLOB(key), DB_INT(path));
    return rows_next(&r);
}

static bool bucket_lives(Objects *o, Str bucket)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db, SQL("SELECT 1 FROM bucket WHERE name = ?1"), DB_TEXT(bucket));
    return rows_next(&r);
}

/* What to remove of the filesystem for one row: the staging file, and unless somebody lives there
 * the path. */
static void find_what_to_remove(Objects *o, Item *i, bool has_path, ObjectPath path, Arena *a)
{
    if (i->id) i->staging = staging_path(a, i->id);
    if (str_absent(i->bucket)) return;
    if (!has_path && bucket_lives(o, i->bucket)) return;
    if (!has_path)
        i->path =
            str_printf(a, "objects/%.*s/.mayfly/x", STR(i->bucket)); /* its parents, that is */
    else if (path == PATH_BY_ID || !lives_there(o, i->bucket, i->key, path))
        i->path = object_path(a, i->bucket, path, i->key, i->id);
}

static void pick_garbage(Objects *o, SettleBatch *b)
{
    typedef struct Found {
        Item item;
        int64_t path;
        bool has_path;
    } Found;
    Arena *a = &b->arena;
    Found *found = new_array(a, Found, SETTLE_ITEMS_MAX);
    int64_t n = 0;
    Rows r = db_rows(o->db, SQL("SELECT n, id, bucket, key, path FROM garbage ORDER BY n LIMIT ?1"),
                     DB_INT(SETTLE_ITEMS_MAX));
    for (; n < SETTLE_ITEMS_MAX && rows_next(&r); n++) {
        found[n].item = (Item){.kind = ITEM_GARBAGE,
                               .n = rows_int(&r, 0),
                               .id = rows_int(&r, 1),
                               .bucket = rows_text(&r, 2, a),
                               .key = rows_text(&r, 3, a)};
        found[n].has_path = !rows_null(&r, 4);
        found[n].path = rows_int(&r, 4);
    }
    rows_end(&r);
    for (int64_t i = 0; i < n; i++) {
        find_what_to_remove(o, &found[i].item, found[i].has_path, (ObjectPath)found[i].path, a);
        *vec_push(a, &b->items) = found[i].item;
    }
}

static void pick_doomed(Objects *o, SettleBatch *b)
{
    b->doomed_n = o->doomed_n < SETTLE_ITEMS_MAX ? o->doomed_n : SETTLE_ITEMS_MAX;
    for (int64_t i = 0; i < b->doomed_n; i++)
        *vec_push(&b->arena, &b->items) = (Item){.kind = ITEM_GARBAGE,
                                                 .id = o->doomed[i],
                                                 .staging = staging_path(&b->arena, o->doomed[i])};
}

static void add_body(SettleBatch *b, const Rows *r)
{
    Arena *a = &b->arena;
    Item i = {.kind = ITEM_BODY,
              .id = rows_int(r, 0),
              .bucket_id = rows_int(r, 1),
              .bucket = rows_text(r, 2, a),
              .key = rows_text(r, 3, a),
              .size = rows_int(r, 4),
              .inline_body = rows_int(r, 5) == PLACE_INLINE,
              .body = rows_text(r, 7, a)};
    i.staging = staging_path(a, i.id);
    i.path = object_path(a, i.bucket, (ObjectPath)rows_int(r, 6), i.key, i.id);
    *vec_push(a, &b->items) = i;
}

#define UNSETTLED(table)                                                                           \
    "SELECT o.id, o.bucket_id, b.name, o.key, o.size, o.place, o.path, i.body FROM " table         \
    " o INDEXED BY " table "_unsettled"                                                            \
    " CROSS JOIN bucket b ON b.id = o.bucket_id LEFT JOIN inline_body i ON i.id = o.id AND "       \
    "o.place = 0 WHERE o.place < 2"                                                                \
    " ORDER BY o.id LIMIT ?1"

static void pick_bodies(Objects *o, SettleBatch *b)
{
    Rows r = db_rows(o->db, SQL(UNSETTLED("object")), DB_INT(SETTLE_ITEMS_MAX));
    while (rows_next(&r)) add_body(b, &r);
    r = db_rows(o->db, SQL(UNSETTLED("version")), DB_INT(SETTLE_ITEMS_MAX));
    while (rows_next(&r)) add_body(b, &r);
}

SettleBatch *settle_pick(Objects *o)
{
    SettleBatch *b = calloc(1, sizeof *b);
    check(b);
    b->folder = o->folder;
    pick_garbage(o, b);
    pick_doomed(o, b);
    pick_bodies(o, b);
    o->unsettled = b->items.n > 0;
    if (b->items.n) return b;
    arena_free(&b->arena);
    free(b);
    return NULL;
}

/* ---- 2. work: on the pool, files only ---- */

static Str parent_of(Str path)
{
    return str_slice(path, 0, str_rfind_char(path, '/'));
}

/* Upwards, to the first that is not empty. */
static bool remove_empty_parents(SettleBatch *b, Str path, Error *err)
{
    bool removed = true;
    for (Str p = parent_of(path); removed && !str_eq(p, S("objects")); p = parent_of(p)) {
        Error why = {0};
        if (folder_remove_if_empty(b->folder, p, &removed, &why) || why.code == ERR_NOT_FOUND)
            continue;
        if (why.code == ERR_NOT_FOLDER) return true;
        *err = why;
        return false;
    }
    return true;
}

/* A path that has become a folder since, or lies below what has become a file, is nobody's file. */
static bool remove_at(SettleBatch *b, Str path, Error *err)
{
    Error why = {0};
    if (!file_remove(b->folder, path, &why) && why.code != ERR_IS_FOLDER &&
        why.code != ERR_NOT_FOLDER)
        return *err = why, false;
    return remove_empty_parents(b, path, err);
}

static void remove_garbage(SettleBatch *b)
{
    for (int64_t n = 0; n < b->items.n; n++) {
        Item *i = &b->items.p[n];
        Error err;
        if (i->kind != ITEM_GARBAGE) continue;
        i->done = (str_absent(i->staging) || file_remove(b->folder, i->staging, &err)) &&
                  (str_absent(i->path) || remove_at(b, i->path, &err));
    }
}

static bool write_staging(SettleBatch *b, const Item *i, int *fd)
{
    Error err;
    check(!str_absent(i->body) && i->body.n == i->size);
    if (!file_open(b->folder, i->staging, FILE_REPLACE, fd, &err)) return false;
    if (file_write(*fd, i->body, &err)) return true;
    file_close(*fd);
    *fd = -1;
    return false;
}

/* All are written before the first is synced: the file system then needs few journal commits for
 * all of them. */
static void write_inline_bodies(SettleBatch *b)
{
    int *fds = new_array(&b->arena, int, b->items.n);
    for (int64_t n = 0; n < b->items.n; n++) {
        Item *i = &b->items.p[n];
        fds[n] = -1;
        i->done =
            i->done || (i->kind == ITEM_BODY && (!i->inline_body || write_staging(b, i, &fds[n])));
    }
    for (int64_t n = 0; n < b->items.n; n++) {
        Error err;
        if (fds[n] < 0) continue;
        if (!file_sync(fds[n], &err)) b->items.p[n].done = false;
        file_close(fds[n]);
    }
}

/* Moved in an earlier life, and not marked. */
static bool is_there_already(SettleBatch *b, const Item *i)
{
    FileInfo info;
    Error err;
    return !i->inline_body && file_info(b->folder, i->path, &info, &err) && !info.is_folder &&
           info.size == i->size;
}

static void move_one(SettleBatch *b, Item *i)
{
    Error err = {0};
    i->moved = file_rename(b->folder, i->staging, i->path, &err);
    if (i->moved) return;
    if (err.code == ERR_NOT_FOUND && is_there_already(b, i)) {
        i->moved = true;
        return;
    }
    i->done = false;
    i->blocked = err.code == ERR_IS_FOLDER || err.code == ERR_NOT_FOLDER ||
                 err.code == ERR_EXISTS || err.code == ERR_NAME_TOO_LONG ||
                 err.code == ERR_ACCESS_DENIED;
    if (i->inline_body && !file_remove(b->folder, i->staging, &err))
        i->blocked = false; /* the disk is ill: later */
}

static int by_text(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

/* The folders of a path from its own up to objects/, each once in `all`. */
static void sync_folders(SettleBatch *b)
{
    StrVec all = {0};
    bool good = true;
    Str last = {0};
    for (int64_t n = 0; n < b->items.n; n++)
        if (b->items.p[n].moved)
            for (Str p = parent_of(b->items.p[n].path);; p = parent_of(p)) {
                *vec_push(&b->arena, &all) = p;
                if (str_find_char(p, '/') < 0) break;
            }
    if (all.n) qsort(all.p, (size_t)all.n, sizeof *all.p, by_text);
    for (int64_t n = all.n - 1; n >= 0 && good; n--) {
        Error err;
        if (!str_eq(all.p[n], last)) good = folder_sync(b->folder, last = all.p[n], &err);
    }
    for (int64_t n = 0; n < b->items.n && !good; n++)
        if (b->items.p[n].moved) b->items.p[n].done = false;
}

void settle_work(SettleBatch *b)
{
    remove_garbage(b);
    write_inline_bodies(b);
    for (int64_t n = 0; n < b->items.n; n++)
        if (b->items.p[n].kind == ITEM_BODY && b->items.p[n].done) move_one(b, &b->items.p[n]);
    sync_folders(b);
}

/* ---- 3. mark: in an event ---- */

/* In whichever table it is by now. Not marked: it has been replaced or deleted, and its inline body
 * went with it. */
static void mark_body(Objects *o, const Item *i)
{
    int64_t marked =
        db_run(o->db,
               SQL("UPDATE object SET place = 2 WHERE bucket_id = ?1 AND key = ?2 AND id = ?3"),
               DB_INT(i->bucket_id), DB_BLOB(i->key), DB_INT(i->id)) +
        db_run(o->db,
               SQL("UPDATE version SET place = 2 WHERE bucket_id = ?1 AND key = ?2 AND id = ?3"),
               DB_INT(i->bucket_id), DB_BLOB(i->key), DB_INT(i->id));
    if (marked && i->inline_body)
        db_run(o->db, SQL("DELETE FROM inline_body WHERE id = ?1"), DB_INT(i->id));
}

static bool escape(Objects *o, const Item *i)
{
    return db_run(o->db,
                  SQL("UPDATE object SET path = 1 WHERE bucket_id = ?1 AND key = ?2 AND id = ?3 "
                      "AND path = 0"),
                  DB_INT(i->bucket_id), DB_BLOB(i->key), DB_INT(i->id)) +
               db_run(o->db,
                      SQL("UPDATE version SET path = 1 WHERE bucket_id = ?1 AND key = ?2 AND id = "
                          "?3 AND path = 0"),
                      DB_INT(i->bucket_id), DB_BLOB(i->key), DB_INT(i->id)) >
           0;
}

bool settle_mark(Objects *o, const SettleBatch *b)
{
    bool all = true;
    for (int64_t n = 0; n < b->items.n; n++) {
        const Item *i = &b->items.p[n];
        if (i->done && i->kind == ITEM_GARBAGE && i->n)
            db_run(o->db, SQL("DELETE FROM garbage WHERE n = ?1"), DB_INT(i->n));
        else if (i->done && i->kind == ITEM_BODY)
            mark_body(o, i);
        all = all && (i->done || (i->blocked && escape(o, i)));
    }
    return all;
}

void settle_free(Objects *o, SettleBatch *b, bool marked)
{
    if (marked && b->doomed_n) {
        memmove(o->doomed, o->doomed + b->doomed_n,
                (size_t)(o->doomed_n - b->doomed_n) * sizeof *o->doomed);
        o->doomed_n -= b->doomed_n;
    }
    o->unsettled = true;
    arena_free(&b->arena);
    free(b);
}
