/* log_filters.c - rows of filters of log groups. */
#include "store/log_filters.h"

const char log_filters_schema[] =
    "CREATE TABLE IF NOT EXISTS log_filter("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " name TEXT NOT NULL, pattern TEXT NOT NULL, config TEXT NOT NULL, created INTEGER NOT NULL,"
    " UNIQUE(log_group, kind, name)) STRICT";

#define COLUMNS "n, log_group, kind, name, pattern, config, created"

typedef struct Found {
    LogFilterRow *p;
    int64_t n, cap;
} Found;

static int64_t read_all(Rows r, Arena *a, LogFilterRow **out)
{
    Found v = {0};
    while (rows_next(&r))
        *vec_push(a, &v) = (LogFilterRow){.n = rows_int(&r, 0),
                                          .group = rows_int(&r, 1),
                                          .kind = (LogFilterKind)rows_int(&r, 2),
                                          .name = rows_text(&r, 3, a),
                                          .pattern = rows_text(&r, 4, a),
                                          .config = rows_text(&r, 5, a),
                                          .created = rows_int(&r, 6)};
    rows_end(&r);
    *out = v.p;
    return v.n;
}

void log_filter_put(Db *db, const LogFilterRow *row)
{
    db_run(db,
           SQL("INSERT INTO log_filter(log_group, kind, name, pattern, config, created)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(log_group, kind, name)"
               " DO UPDATE SET pattern = ?4, config = ?5"),
           DB_INT(row->group), DB_INT(row->kind), DB_TEXT(row->name), DB_TEXT(row->pattern),
           DB_TEXT(row->config), DB_INT(row->created));
}

bool log_filter_remove(Db *db, int64_t group, LogFilterKind kind, Str name)
{
    return db_run(db,
                  SQL("DELETE FROM log_filter WHERE log_group = ?1 AND kind = ?2 AND name = ?3"),
                  DB_INT(group), DB_INT(kind), DB_TEXT(name)) > 0;
}

int64_t log_filter_list(Db *db, int64_t group, LogFilterKind kind, Arena *a, LogFilterRow **out)
{
    return read_all(db_rows(db,
                            SQL("SELECT " COLUMNS " FROM log_filter WHERE log_group = ?1"
                                " AND kind = ?2 ORDER BY name"),
                            DB_INT(group), DB_INT(kind)),
                    a, out);
}

int64_t log_filter_all(Db *db, int64_t group, Arena *a, LogFilterRow **out)
{
    return read_all(db_rows(db,
                            SQL("SELECT " COLUMNS " FROM log_filter WHERE log_group = ?1"
                                " ORDER BY kind, name"),
                            DB_INT(group)),
                    a, out);
}

void log_filter_remove_group(Db *db, int64_t group)
{
    db_run(db, SQL("DELETE FROM log_filter WHERE log_group = ?1"), DB_INT(group));
}
