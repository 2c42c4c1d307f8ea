/* logs.h - what processes write becomes visible in the bucket of the log URI while they write it. */
#pragma once
#include "app/emr/clusters.h"

/* The files of one step, bootstrap action or node are a group. While it is open, what is new in
 * them is compressed and put into the bucket every LOGS_EVERY_MS; when it is closed, once more. The
 * files themselves stay in logs/ below the data folder, also without a log URI, until the sweeper
 * takes them. Compressed text is appended to <file>.gz as a further gzip member, so that a growing
 * log is never compressed twice; memory is bounded by LOGS_CHUNK_BYTES.
 *
 * A bucket that is not there is said in the server's log and in the cluster's ErrorDetails; nothing
 * else is disturbed. */
enum {
    LOGS_EVERY_MS = 2000,
    LOGS_FIRST_MS = 500,
    LOGS_RETRY_MS = 10 * 1000, /* after a failure; doubled with each further one */
    LOGS_RETRY_MAX_MS = 5 * 60 * 1000,
    LOGS_CHUNK_BYTES = 64 * 1024,
    LOGS_FILES_MAX = 8
};

/* Groups are named by cluster and key: a step's number, or -N for bootstrap action N, or LOGS_NODE.
 */
enum { LOGS_NODE = -1000 };

void logs_open(Server *s);
void logs_close(Server *s);

/* Files below logs/<cluster>/, as they will be named below the log URI (with .gz). Opening twice is
 * opening once. */
void logs_begin(Server *s, const ClusterRow *row, int64_t key, const Str *paths, int n);
/* The last upload, then `then` as part of the event that recorded it. The group is gone afterwards.
 */
void logs_end(Server *s, const ClusterRow *row, int64_t key, const Str *paths, int n,
              void (*then)(Server *s, int64_t cluster, int64_t arg), int64_t arg);
/* Called every turn: starts uploads that are due. */
void logs_housekeeping(Server *s);
