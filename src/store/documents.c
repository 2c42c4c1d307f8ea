/* documents.c - small named texts as rows of one table. */
#include "store/documents.h"

const char documents_schema[] = "CREATE TABLE IF NOT EXISTS document("
                                " kind TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, "
                                "content TEXT NOT NULL, created INTEGER NOT NULL,"
                                " PRIMARY KEY(kind, region, name)) STRICT, WITHOUT ROWID";

void document_put(Db *db, const Document *d)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO document(kind, region, name, content, created) VALUES(?1, "
               "?2, ?3, ?4, ?5)"),
           DB_TEXT(d->kind), DB_TEXT(d->region), DB_TEXT(d->name), DB_TEXT(d->content),
           DB_INT(d->created));
}

static Document read_row(const Rows *r, Arena *a)
{
    return (Document){rows_text(r, 0, a), rows_text(r, 1, a), rows_text(r, 2, a),
                      rows_text(r, 3, a), rows_int(r, 4)};
}

bool document_find(Db *db, Str kind, Str region, Str name, Arena *a, Document *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT kind, region, name, content, created FROM document WHERE kind = ?1 AND "
                    "region = ?2 AND name = ?3"),
                DB_TEXT(kind), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void document_remove(Db *db, Str kind, Str region, Str name)
{
    db_run(db, SQL("DELETE FROM document WHERE kind = ?1 AND region = ?2 AND name = ?3"),
           DB_TEXT(kind), DB_TEXT(region), DB_TEXT(name));
}

int64_t document_list(Db *db, Str kind, Str region, Arena *a, Document **out)
{
    struct {
        Document *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT kind, region, name, content, created FROM document WHERE kind = ?1 AND "
                    "region = ?2 ORDER BY name"),
                DB_TEXT(kind), DB_TEXT(region));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}
