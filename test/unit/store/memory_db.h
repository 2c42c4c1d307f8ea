/* memory_db.h - for tests of rows: a database in memory, within an event. */
#pragma once
#include "store/db.h"

Db *memory_db_open(void);
void memory_db_close(Db *db); /* what was done must be sound */
