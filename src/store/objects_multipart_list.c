/* objects_multipart_list.c - listings of uploads that are under way, and the parts that objects were made of. */
#include "store/objects_inside.h"
#include "store/objects_list.h"
#include "store/objects_multipart.h"

/* ---- uploads ---- */

static Rows open_uploads(Objects *o, const ListQuery *q, Str from, Str to)
{
    int64_t after = q->after_seq && str_eq(from, q->after) ? q->after_seq : 0;
    return db_rows(o->db,
                   SQL("SELECT key, id, name, initiated, class, checksum, full_object FROM upload"
                       " WHERE bucket_id = ?1 AND key >= ?2 AND key < ?3 AND (key > ?2 OR id > ?4)"
                       " AND completed IS NULL ORDER BY key, id"),
                   DB_INT(q->bucket_id), DB_BLOB(from), DB_BLOB(to), DB_INT(after));
}

static Object listed_upload(const Rows *r, Str key, Arena *a)
{
    Str algorithm = rows_null(r, 5) ? (Str){0} : digest_name((DigestAlgorithm)rows_int(r, 5));
    return (Object){.key = key,
                    .seq = rows_int(r, 1),
                    .version = rows_text(r, 2, a),
                    .modified = rows_int(r, 3),
                    .storage_class = rows_text(r, 4, a),
                    .checksum = rows_int(r, 5) == DIGEST_NONE
                                    ? (Str){0}
                                    : str_printf(a, "%.*s %s", STR(algorithm),
                                                 rows_int(r, 6) ? "FULL_OBJECT" : "COMPOSITE")};
}

Listing multi_list(Objects *o, const ListQuery *q, Arena *a)
{
    Listing list = {0};
    Str key;
    bool is_prefix;
    if (q->max <= 0) return list;
    ListWalk w = {.rows_from = open_uploads, .o = o, .q = q, .a = a};
    for (list_begin(&w); list_next(&w, &key, &is_prefix);) {
        if (list.n == q->max) {
            list.truncated = true;
            break;
        }
        ListEntry *e = vec_push(a, &list);
        *e = (ListEntry){.is_prefix = is_prefix, .object = {.key = key}};
        if (!is_prefix) e->object = listed_upload(&w.rows, key, a);
    }
    list_end(&w);
    return list;
}

/* ---- parts of objects ---- */

bool object_part(Objects *o, int64_t object_id, int64_t number, int64_t *offset, int64_t *size,
                 int64_t *parts)
{
    cleanup(rows_end) Rows r = db_rows(o->db,
                                       SQL("SELECT start, size, (SELECT max(number) FROM "
                                           "object_part WHERE object_id = ?1) FROM object_part"
                                           " WHERE object_id = ?1 AND number = ?2"),
                                       DB_INT(object_id), DB_INT(number));
    if (!rows_next(&r)) return false;
    *offset = rows_int(&r, 0);
    *size = rows_int(&r, 1);
    *parts = rows_int(&r, 2);
    return true;
}

Parts object_parts(Objects *o, int64_t object_id, int64_t after, int64_t max, Arena *a)
{
    Parts parts = {0};
    cleanup(rows_end) Rows r = db_rows(o->db,
                                       SQL("SELECT number, size, checksum FROM object_part WHERE "
                                           "object_id = ?1 AND number > ?2 ORDER BY number"),
                                       DB_INT(object_id), DB_INT(after));
    while (rows_next(&r)) {
        if (parts.n == max) {
            parts.truncated = true;
            break;
        }
        *vec_push(a, &parts) = (Part){
            .number = rows_int(&r, 0), .size = rows_int(&r, 1), .checksum = rows_text(&r, 2, a)};
    }
    return parts;
}
