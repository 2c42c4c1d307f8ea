/* outbox.h - commands that were ordered for a cluster and are not answered yet; sent again at start-up. */
#pragma once
#include "core/cluster/cluster.h"
#include "store/db.h"

/* Written in the transaction that decided the command, done after its commit, deleted in the event
 * that brings the answer. So each command is done at least once, and each answer counts exactly
 * once. */
void outbox_add(Db *db, int64_t cluster, const ClusterCommand *command);
must_use bool outbox_find(Db *db, int64_t cluster, int64_t attempt, ClusterCommand *out);
void outbox_remove(Db *db, int64_t cluster, int64_t attempt);
/* The signals meant for the process of START_STEP `target`: it has ended. */
void outbox_remove_signals(Db *db, int64_t cluster, int64_t target);
/* Some signal was ordered for the process of START_STEP `target`. */
bool outbox_signalled(Db *db, int64_t cluster, int64_t target);
void outbox_clear(Db *db, int64_t cluster);
/* In the order of their tokens. */
int64_t outbox_list(Db *db, int64_t cluster, Arena *a, ClusterCommand **out);
