/* look.h - what is committed, read from the disk by a connection of the checker's own, while no server runs. */
#pragma once
#include "world.h"

/* What the last life left is what the next one finds: nothing is written, but for an empty log of
 * SQLite's where there was none.
 *
 *     if (look_open()) {
 *         Look l = look("SELECT name FROM queue");
 *         while (look_next(&l)) ... look_text(&l, 0) ...
 *         look_close();
 *     } */
typedef struct Look {
    struct sqlite3_stmt *stmt; /* ends with its last row */
} Look;

bool look_open(void); /* false: there is no database with tables yet */
void look_close(void);
Look look(const char *sql);
bool look_next(Look *l);
const char *look_text(const Look *l, int column); /* NULL: "" */
int64_t look_int(const Look *l, int column);
int64_t look_number(const char *sql); /* the first of the first row */
/* A question to which every row (its first column) is an answer that breaks a promise. */
void look_none(const char *sql, const char *what);
