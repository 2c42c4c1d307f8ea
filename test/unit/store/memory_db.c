/* memory_db.c - a database in memory, its event begun; ended and committed when it closes. */
#include "memory_db.h"

#include "test.h"

Db *memory_db_open(void)
{
    Db *db;
    Error err = {0};
    check(db_open(&db, ":memory:", NULL, &err));
    db_event_begin(db);
    return db;
}

void memory_db_close(Db *db)
{
    Error err = {0};
    ok(db_event_end(db, true, &err));
    ok(db_commit(db, &err));
    db_close(db);
}
