/* objects_list.c - walking keys in order, seeking past every common prefix once it has been reported. */
#include "store/objects_list.h"

#include "store/objects_inside.h"
#include "store/objects_path.h"

/* ---- the walk ---- */

/* The part of `key` up to and with the delimiter after the prefix; absent: it is not rolled up. */
static Str common_prefix(const ListQuery *q, Str key)
{
    if (!q->delimiter.n || !str_starts(key, q->prefix)) return (Str){0};
    int64_t at = str_find(str_slice(key, q->prefix.n, key.n), q->delimiter);
    return at < 0 ? (Str){0} : str_slice(key, 0, q->prefix.n + at + q->delimiter.n);
}

/* Of all keys that begin with the prefix; no key is above 0xff times its longest length. */
static Str end_of(Arena *a, Str prefix)
{
    Str end = key_after_prefix(a, prefix);
    if (!str_absent(end)) return end;
    char *p = new_array(a, char, OBJECT_KEY_BYTES_MAX + 1);
    return (Str){memset(p, 0xff, OBJECT_KEY_BYTES_MAX + 1), OBJECT_KEY_BYTES_MAX + 1};
}

static Str just_after(Arena *a, Str key)
{
    char *p = new_array(a, char, key.n + 1); /* zeroed; keys may hold NULs themselves */
    memcpy(p, key.p, (size_t)key.n);
    return (Str){p, key.n + 1};
}

static Str first_key(ListWalk *w)
{
    const ListQuery *q = w->q;
    Str rolled = common_prefix(q, q->after);
    Str from = rolled.n       ? end_of(w->a, rolled)
               : q->after_seq ? q->after
               : q->after.n   ? just_after(w->a, q->after)
                              : S("");
    return str_cmp(from, q->prefix) < 0 ? q->prefix : from;
}

void list_begin(ListWalk *w)
{
    w->to = end_of(w->a, w->q->prefix);
    Str from = first_key(w);
    w->rows = w->rows_from(w->o, w->q, str_absent(from) ? S("") : from, w->to);
}

bool list_next(ListWalk *w, Str *key, bool *is_prefix)
{
    if (w->prefix.n) {
        Str from = end_of(w->a, w->prefix);
        rows_end(&w->rows);
        w->rows = w->rows_from(w->o, w->q, from, w->to);
        w->prefix = (Str){0};
    }
    if (!rows_next(&w->rows)) return false;
    *key = rows_text(&w->rows, 0, w->a);
    w->prefix = common_prefix(w->q, *key);
    *is_prefix = w->prefix.n > 0;
    if (*is_prefix) *key = w->prefix;
    return true;
}

void list_end(ListWalk *w)
{
    rows_end(&w->rows);
}

/* ---- objects ---- */

static Rows open_objects(Objects *o, const ListQuery *q, Str from, Str to)
{
    return db_rows(o->db,
                   SQL("SELECT key, size, modified, etag, checksum, class FROM object"
                       " WHERE bucket_id = ?1 AND key >= ?2 AND key < ?3 ORDER BY key"),
                   DB_INT(q->bucket_id), DB_BLOB(from), DB_BLOB(to));
}

static Object listed_object(const Rows *r, Str key, Arena *a)
{
    return (Object){.key = key,
                    .size = rows_int(r, 1),
                    .modified = rows_int(r, 2),
                    .etag = rows_text(r, 3, a),
                    .checksum = rows_text(r, 4, a),
                    .storage_class = rows_text(r, 5, a)};
}

Listing object_list(Objects *o, const ListQuery *q, Arena *a)
{
    Listing list = {0};
    Str key;
    bool is_prefix;
    if (q->max <= 0) return list;
    ListWalk w = {.rows_from = open_objects, .o = o, .q = q, .a = a};
    for (list_begin(&w); list_next(&w, &key, &is_prefix);) {
        if (list.n == q->max) {
            list.truncated = true;
            break;
        }
        ListEntry *e = vec_push(a, &list);
        *e = (ListEntry){.is_prefix = is_prefix, .object = {.key = key}};
        if (!is_prefix) e->object = listed_object(&w.rows, key, a);
    }
    list_end(&w);
    return list;
}

/* ---- versions ---- */

/* Of the key the listing begins at only what is older than after_seq; `current` 1: is in table
 * object. */
static Rows open_versions(Objects *o, const ListQuery *q, Str from, Str to)
{
    int64_t before = q->after_seq && str_eq(from, q->after) ? q->after_seq : INT64_MAX;
    return db_rows(
        o->db,
        SQL("SELECT key, size, modified, etag, checksum, class, seq, version, 0, 1 FROM object"
            " WHERE bucket_id = ?1 AND key >= ?2 AND key < ?3 AND (key > ?2 OR seq < ?4)"
            " UNION ALL SELECT key, size, modified, etag, checksum, class, seq, version, marker, 0 "
            "FROM version"
            " WHERE bucket_id = ?1 AND key >= ?2 AND key < ?3 AND (key > ?2 OR seq < ?4)"
            " ORDER BY 1, 7 DESC"),
        DB_INT(q->bucket_id), DB_BLOB(from), DB_BLOB(to), DB_INT(before));
}

static void fill_version(ListEntry *e, const Rows *r, Str key, bool first_of_key, Arena *a)
{
    e->object = listed_object(r, key, a);
    e->object.seq = rows_int(r, 6);
    e->object.version = rows_text(r, 7, a);
    e->object.delete_marker = rows_int(r, 8) != 0;
    e->is_latest = rows_int(r, 9) != 0 || (e->object.delete_marker && first_of_key);
}

Listing version_list(Objects *o, const ListQuery *q, Arena *a)
{
    Listing list = {0};
    Str key, last = q->after_seq ? q->after : (Str){0};
    bool is_prefix;
    if (q->max <= 0) return list;
    ListWalk w = {.rows_from = open_versions, .o = o, .q = q, .a = a};
    for (list_begin(&w); list_next(&w, &key, &is_prefix);) {
        if (list.n == q->max) {
            list.truncated = true;
            break;
        }
        ListEntry *e = vec_push(a, &list);
        *e = (ListEntry){.is_prefix = is_prefix, .object = {.key = key}};
        if (!is_prefix) fill_version(e, &w.rows, key, str_absent(last) || !str_eq(last, key), a);
        last = key;
    }
    list_end(&w);
    return list;
}

int64_t version_seq(Objects *o, int64_t bucket_id, Str key, Str version)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db,
                SQL("SELECT seq FROM object WHERE bucket_id = ?1 AND key = ?2 AND version = ?3"
                    " UNION ALL SELECT seq FROM version WHERE bucket_id = ?1 AND key = ?2 AND "
                    "version = ?3"),
                DB_INT(bucket_id), DB_BLOB(key), DB_TEXT(version));
    if (rows_next(&r)) return rows_int(&r, 0);
    Arena a = {0};
    int64_t seq = version_name_seq(&a, version, key);
    arena_free(&a);
    return seq;
}
