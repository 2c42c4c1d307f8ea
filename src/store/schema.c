/* schema.c - the list of all tables of state.db, one string per file of store/ that owns them. */
#include "store/db.h"

/* Each is a series of CREATE TABLE/INDEX IF NOT EXISTS statements. */
const char *const db_schemas[] = {
    NULL,
};
