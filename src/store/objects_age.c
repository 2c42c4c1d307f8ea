/* objects_age.c - walks objects and versions together and asks for each about its neighbours. */
#include "store/objects_age.h"

#include "store/objects_inside.h"

static int64_t ask(Rows r, int64_t otherwise)
{
    int64_t found = rows_next(&r) ? rows_int(&r, 0) : otherwise;
    rows_end(&r);
    return found;
}

/* The next newer version of the key; 0: there is none. */
static int64_t newer_modified(Objects *o, const Object *v)
{
    return ask(db_rows(o->db,
                       SQL("SELECT modified FROM (SELECT seq, modified FROM object WHERE bucket_id "
                           "= ?1 AND key = ?2 AND seq > ?3"
                           " UNION ALL SELECT seq, modified FROM version WHERE bucket_id = ?1 AND "
                           "key = ?2 AND seq > ?3) ORDER BY seq LIMIT 1"),
                       DB_INT(v->bucket_id), DB_BLOB(v->key), DB_INT(v->seq)),
               0);
}

/* Rows of `version` that are newer; counted no further than anybody asks. */
static int64_t newer_count(Objects *o, const Object *v)
{
    return ask(db_rows(o->db,
                       SQL("SELECT count(*) FROM (SELECT 1 FROM version WHERE bucket_id = ?1 AND "
                           "key = ?2 AND seq > ?3 LIMIT 200)"),
                       DB_INT(v->bucket_id), DB_BLOB(v->key), DB_INT(v->seq)),
               0);
}

static bool has_others(Objects *o, const Object *v)
{
    return ask(db_rows(o->db,
                       SQL("SELECT 1 FROM version WHERE bucket_id = ?1 AND key = ?2 AND seq <> ?3 "
                           "LIMIT 1"),
                       DB_INT(v->bucket_id), DB_BLOB(v->key), DB_INT(v->seq)),
               0) != 0;
}

static bool key_has_object(Objects *o, const Object *v)
{
    return ask(db_rows(o->db, SQL("SELECT 1 FROM object WHERE bucket_id = ?1 AND key = ?2"),
                       DB_INT(v->bucket_id), DB_BLOB(v->key)),
               0) != 0;
}

static void find_neighbours(Objects *o, Aged *v, bool is_object)
{
    Millis newer = is_object ? 0 : newer_modified(o, &v->object);
    v->current = newer == 0;
    v->since = v->current ? v->object.modified : newer;
    v->alone = v->current && !has_others(o, &v->object);
    if (v->current) return;
    /* Where a delete marker is the newest, it is a row among the others, but not noncurrent. */
    v->newer = newer_count(o, &v->object) - (key_has_object(o, &v->object) ? 0 : 1);
}

Ages object_ages(Objects *o, int64_t bucket_id, Str bucket, Str key, int64_t seq, Arena *a)
{
    Ages ages = {0};
    bool is_object[AGES_MAX];
    Rows r = db_rows(o->db,
                     SQL("SELECT key, 0, 1, " OBJECT_COLUMNS(
                         "object") " FROM object WHERE bucket_id = ?1 AND "
                                   "key >= ?2 AND (key > ?2 OR seq < ?3)"
                                   " UNION ALL SELECT key, marker, 0, " OBJECT_COLUMNS(
                                       "version") " FROM version WHERE "
                                                  "bucket_id = ?1 AND key >= ?2 AND (key > ?2 OR "
                                                  "seq < ?3) ORDER BY 1, 13 DESC LIMIT ?4"),
                     DB_INT(bucket_id), DB_BLOB(str_absent(key) ? S("") : key),
                     DB_INT(seq ? seq : INT64_MAX), DB_INT(AGES_MAX));
    while (rows_next(&r)) {
        Aged *v = vec_push(a, &ages);
        *v = (Aged){.object = {.bucket_id = bucket_id, .bucket = bucket}};
        v->object.key = rows_text(&r, 0, a);
        v->object.delete_marker = rows_int(&r, 1) != 0;
        is_object[ages.n - 1] = rows_int(&r, 2) != 0;
        object_load(&r, 3, a, &v->object);
    }
    rows_end(&r);
    for (int64_t i = 0; i < ages.n; i++) find_neighbours(o, &ages.p[i], is_object[i]);
    return ages;
}
