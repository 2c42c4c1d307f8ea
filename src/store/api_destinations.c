/* api_destinations.c - rows of EventBridge API destinations. */
#include "store/api_destinations.h"

const char api_destinations_schema[] =
    "CREATE TABLE IF NOT EXISTS api_destination("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, id TEXT NOT NULL, description TEXT, connection TEXT NOT NULL,"
    " endpoint TEXT NOT NULL, method TEXT NOT NULL, rate INTEGER NOT NULL,"
    " created INTEGER NOT NULL, modified INTEGER NOT NULL,"
    " UNIQUE(account, region, name)) STRICT";

#define COLUMNS                                                                                    \
    "n, account, region, name, id, description, connection, endpoint, method, rate, created, "     \
    "modified"

static ApiDestinationRow read_row(const Rows *r, Arena *a)
{
    return (ApiDestinationRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .id = rows_text(r, 4, a),
        .description = rows_text(r, 5, a),
        .connection = rows_text(r, 6, a),
        .endpoint = rows_text(r, 7, a),
        .method = rows_text(r, 8, a),
        .rate = rows_int(r, 9),
        .created = rows_int(r, 10),
        .modified = rows_int(r, 11),
    };
}

void api_destination_add(Db *db, ApiDestinationRow *row)
{
    db_run(db,
           SQL("INSERT INTO api_destination(account, region, name, id, description, connection,"
               " endpoint, method, rate, created, modified)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_TEXT(row->id),
           DB_TEXT(row->description), DB_TEXT(row->connection), DB_TEXT(row->endpoint),
           DB_TEXT(row->method), DB_INT(row->rate), DB_INT(row->created), DB_INT(row->modified));
    row->n = db_last_id(db);
}

bool api_destination_find(Db *db, Str account, Str region, Str name, Arena *a,
                          ApiDestinationRow *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " COLUMNS " FROM api_destination"
                                           " WHERE account = ?1 AND region = ?2 AND name = ?3"),
                                       DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void api_destination_set(Db *db, const ApiDestinationRow *row)
{
    db_run(db,
           SQL("UPDATE api_destination SET description = ?2, connection = ?3, endpoint = ?4,"
               " method = ?5, rate = ?6, modified = ?7 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->description), DB_TEXT(row->connection),
           DB_TEXT(row->endpoint), DB_TEXT(row->method), DB_INT(row->rate), DB_INT(row->modified));
}

void api_destination_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM api_destination WHERE n = ?1"), DB_INT(n));
}

int64_t api_destination_list(Db *db, Str account, Str region, Str prefix, Str connection, Str after,
                             int64_t max, Arena *a, ApiDestinationRow **out)
{
    struct {
        ApiDestinationRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM api_destination WHERE account = ?1 AND region = ?2"
                    " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3)"
                    " AND (?4 IS NULL OR connection = ?4) AND (?5 IS NULL OR name > ?5)"
                    " ORDER BY name LIMIT ?6"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(connection),
                DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}
