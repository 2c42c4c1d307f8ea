/* shop.h - an object store on a real disk for one test, with turns, settling step by step, and crashes. */
#pragma once
#include "../sys/world.h"
#include "store/buckets.h"
#include "store/objects_multipart.h"
#include "store/objects_settle.h"
#include "test.h"

typedef struct Shop {
    Folder *folder;
    Db *db;
    Objects *o;
    Millis now; /* goes up with every put */
} Shop;

Shop shop_open(void);     /* with the buckets "one" and "two" */
void shop_close(Shop *s); /* and removes the folder */
/* What was not committed is lost, the process's memory too; then start-up as the server does it. */
void shop_crash(Shop *s);
void shop_begin(Shop *s); /* an event */
bool shop_end(Shop *s);   /* keeps it and commits; false: the database failed */

bool shop_put(Shop *s, const char *bucket, Str key,
              Str body); /* its own turn; large ones through a staging file */
bool shop_delete(Shop *s, const char *bucket, Str key);
/* The body, or the name of the error. */
Str shop_get(Shop *s, const char *bucket, Str key, Str version);
Object shop_find(Shop *s, const char *bucket, Str key);

void shop_settle(Shop *s); /* until nothing is left to do */
bool shop_mark(Shop *s, SettleBatch *b);
bool shop_has_file(Shop *s, const char *path);
int64_t shop_files_below(Shop *s, Str path);
int64_t shop_names_in(Shop *s, const char *path); /* entries of a folder; -1: there is none */

/* Rows that only exist while something is under way: inline bodies, garbage, parts of objects. */
int64_t shop_loose_rows(Shop *s);

Str shop_bytes(int64_t n, int seed); /* n bytes that look random, in the test's arena */
