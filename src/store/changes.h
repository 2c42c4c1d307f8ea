/* changes.h - the stream of `changed` records: every change of state of a resource, written with the change itself. */
#pragma once
#include "store/db.h"

/* Whoever wants to know what happens (sensors, rules, the console, the log) reads this stream in
 * order and remembers how far; nobody polls the resources. Records older than CHANGES_KEEP_MS are
 * dropped by the retention of clusters. */
#define CHANGES_KEEP_MS ((Millis)30 * 24 * 3600 * 1000)

typedef struct Change {
    int64_t n;      /* position in the stream */
    Str service;    /* "emr-cluster", "emr-step" */
    Str id, parent; /* the resource; the cluster of a step, else absent */
    Str from, to;   /* states; from absent: it is new */
    Str message;    /* why, or absent */
    Millis at;
} Change;

void change_add(Db *db, const Change *change);
/* After position `after`, oldest first. */
int64_t change_list(Db *db, int64_t after, int64_t max, Arena *a, Change **out);
int64_t change_last(Db *db); /* the newest position; 0: there is none */
/* At most `max` of the oldest; never the newest, from which positions go on. Returns how many. */
int64_t change_drop_before(Db *db, Millis at, int64_t max);
