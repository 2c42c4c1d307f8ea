/* execution_arns.h - which execution an ARN names: an index of hashes that is written in order, though names are random. */
#pragma once
#include "store/db.h"

/* An index over names that clients make up is written at a random page for each start: at some
 * 100,000 executions that is most of what a start writes. So an ARN goes into one of two tables:
 *
 * - execution_arn_recent, in memory (a temporary table, so it is undone with its event), rebuilt
 *   at the opening from the executions after a mark;
 *
 * - execution_arn, on the disk. Whenever EXECUTION_ARN_STEP executions were added, and more than
 *   EXECUTION_ARNS_RECENT of them are after the mark, the next recent ones in the order of their
 *   hashes are moved there: neighbours share a page. When all hashes have been passed, the mark
 *   moves to what was the newest execution when that began.
 *
 * Both hold 48 bits of a hash of the ARN: what is found is compared by whoever reads the row. */
enum {
    EXECUTION_ARNS_RECENT = 32768,
    EXECUTION_ARN_STEP = 256,
};

/* Of the newest execution, within the event that adds it. */
void execution_arn_add(Db *db, Str arn, int64_t execution);
/* While the row of the execution is still there. */
void execution_arn_remove(Db *db, int64_t execution);

/* A term for WHERE of a SELECT from execution: those which may have ?1 as their ARN, and do. */
#define EXECUTION_HAS_ARN                                                                          \
    "n IN (SELECT execution FROM execution_arn_recent WHERE hash = text_hash(?1)"                  \
    " UNION SELECT execution FROM execution_arn WHERE hash = text_hash(?1)) AND arn = ?1"
