/* memory.h - which memory is the server's: a crash throws it away, a clean stop counts it. */
#pragma once
#include "base/base.h"

/* malloc and its like are replaced at link time (--wrap). While memory_of_server(true) holds, what
 * is allocated belongs to the running server. SQLite takes its memory through the same functions.
 */
bool memory_of_server(bool is); /* what it was before */
void memory_forget(void);       /* frees all that is the server's */
int64_t memory_left(void);      /* blocks of the server's */
void memory_give_sqlite(void);  /* once, before SQLite is used */
