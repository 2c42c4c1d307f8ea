/* objects_tally.c - sums over rows of objects and versions. */
#include "store/objects_tally.h"

#include "store/objects_inside.h"

bool tally_next_bucket(Objects *o, int64_t after, int64_t *id)
{
    cleanup(rows_end) Rows r = db_rows(
        o->db, SQL("SELECT id FROM bucket WHERE id > ?1 ORDER BY id LIMIT 1"), DB_INT(after));
    if (!rows_next(&r)) return false;
    *id = rows_int(&r, 0);
    return true;
}

static void add(Arena *a, Tallies *sums, Str storage_class, int64_t objects, int64_t bytes)
{
    Str name = str_absent(storage_class) ? S("STANDARD") : storage_class;
    int64_t i = 0;
    while (i < sums->n && !str_eq(sums->p[i].storage_class, name)) i++;
    if (i == sums->n) *vec_push(a, sums) = (Tally){.storage_class = str_copy(a, name)};
    sums->p[i].objects += objects;
    sums->p[i].bytes += bytes;
}

bool tally_objects(Objects *o, int64_t bucket, Str *after, Arena *a, Tallies *sums)
{
    int64_t n = 0;
    Str last = {0};
    cleanup(rows_end) Rows r =
        db_rows(o->db,
                SQL("SELECT key, class, size FROM object WHERE bucket_id = ?1"
                    " AND (?2 IS NULL OR key > ?2) ORDER BY key LIMIT ?3"),
                DB_INT(bucket), DB_BLOB(*after), DB_INT(TALLY_OBJECTS_MAX));
    while (rows_next(&r)) {
        add(a, sums, rows_peek(&r, 1), 1, rows_int(&r, 2));
        if (++n == TALLY_OBJECTS_MAX) last = rows_text(&r, 0, a);
    }
    *after = last;
    return n == TALLY_OBJECTS_MAX;
}

void tally_versions(Objects *o, int64_t bucket, Arena *a, Tallies *sums)
{
    cleanup(rows_end) Rows r = db_rows(o->db,
                                       SQL("SELECT class, count(*), sum(size) FROM version"
                                           " WHERE bucket_id = ?1 GROUP BY class"),
                                       DB_INT(bucket));
    while (rows_next(&r)) add(a, sums, rows_peek(&r, 0), rows_int(&r, 1), rows_int(&r, 2));
}
