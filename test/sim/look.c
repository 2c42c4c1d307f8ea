/* look.c - a second connection to the simulated disk's database, which leaves no trace. */
#include "look.h"

#include <sqlite3.h>

static sqlite3 *db;

bool look_open(void)
{
    check(!world.alive && !db);
    if (sqlite3_open_v2("/sim/data/state.db", &db, SQLITE_OPEN_READWRITE, "sim") != SQLITE_OK) {
        look_close();
        return false;
    }
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    check(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    bool there = look_number("SELECT count(*) FROM sqlite_schema WHERE name = 'trail'") > 0;
    if (!there) look_close();
    return there;
}

void look_close(void)
{
    check(sqlite3_close(db) == SQLITE_OK);
    db = NULL;
}

Look look(const char *sql)
{
    Look l = {0};
    int code = sqlite3_prepare_v2(db, sql, -1, &l.stmt, NULL);
    if (code != SQLITE_OK) world_note("%s: %s", sql, sqlite3_errmsg(db));
    check(code == SQLITE_OK);
    return l;
}

bool look_next(Look *l)
{
    if (sqlite3_step(l->stmt) == SQLITE_ROW) return true;
    check(sqlite3_finalize(l->stmt) == SQLITE_OK);
    l->stmt = NULL;
    return false;
}

const char *look_text(const Look *l, int column)
{
    const char *text = (const char *)sqlite3_column_text(l->stmt, column);
    return text ? text : "";
}

int64_t look_int(const Look *l, int column)
{
    return sqlite3_column_int64(l->stmt, column);
}

int64_t look_number(const char *sql)
{
    int64_t n = 0;
    Look l = look(sql);
    for (bool first = true; look_next(&l); first = false)
        if (first) n = look_int(&l, 0);
    return n;
}

void look_none(const char *sql, const char *what)
{
    Look l = look(sql);
    while (look_next(&l)) promise(false, "%s: %s", what, look_text(&l, 0));
}
