/* clusters.h - rows of clusters: what the core decided last, what was asked for, and what a description is made of. */
#pragma once
#include "core/cluster/cluster.h"
#include "store/db.h"

/* What is queried is a column; what was given is a JSON text. A description takes one row: `about`
 * is the part of the API's Cluster that never changes, written once when the cluster is made. */
typedef struct ClusterRow {
    int64_t n; /* order of creation: key of all other tables, and of markers */
    Str account, region, name;
    ClusterSpec spec;    /* spec.id is the cluster's id */
    ClusterState state;  /* without steps: step_row_load adds them */
    Str about;           /* JSON object: the unchanging members of Cluster */
    Str tags;            /* JSON array of {Key, Value} */
    Str error;           /* JSON array: Status.ErrorDetails, or absent */
    Millis billed_until; /* the ledger is written up to here */
} ClusterRow;

/* The larger documents, read only by who needs them. X(doc, column) */
#define CLUSTER_DOC_TABLE(X)                                                                       \
    X(CLUSTER_DOC_REQUEST, "request")     /* input of RunJobFlow */                                \
    X(CLUSTER_DOC_INSTANCES, "instances") /* groups or fleets, with their ids */                   \
    X(CLUSTER_DOC_POLICIES,                                                                        \
      "policies") /* {"AutoTermination":.., "ManagedScaling":..} as the user gave them */
#define X(code, column) code,
typedef enum ClusterDoc { CLUSTER_DOC_TABLE(X) CLUSTER_DOC_COUNT } ClusterDoc;
#undef X

/* Fills row->n. */
void cluster_row_add(Db *db, ClusterRow *row, Str request, Str instances);
/* By id or by n; region absent: any. false: there is none. */
must_use bool cluster_row_find(Db *db, Str id, Str region, Arena *a, ClusterRow *out);
must_use bool cluster_row_get(Db *db, int64_t n, Arena *a, ClusterRow *out);
Str cluster_row_doc(Db *db, int64_t n, ClusterDoc doc, Arena *a);
void cluster_row_set_doc(Db *db, int64_t n, ClusterDoc doc, Str json);

void cluster_row_set_state(Db *db, int64_t n, const ClusterState *state);
void cluster_row_set_spec(Db *db, int64_t n, const ClusterSpec *spec);
void cluster_row_set_error(Db *db, int64_t n, Str json);
void cluster_row_set_tags(Db *db, int64_t n, Str json);
void cluster_row_set_about(Db *db, int64_t n, Str json);
void cluster_row_set_billed(Db *db, int64_t n, Millis until);

typedef struct ClusterFilter {
    Str region;
    unsigned lives;                       /* bit per ClusterLife; 0: all */
    Millis created_after, created_before; /* exclusive; 0: open */
    int64_t before_n;                     /* marker: only older ones; 0: from the newest */
    int64_t max;
} ClusterFilter;
/* Newest first. Asking for states without dates costs what it returns, however many others there
 * are. */
int64_t cluster_row_list(Db *db, const ClusterFilter *filter, Arena *a, ClusterRow **out);
/* Ids of all clusters that have not ended, oldest first. */
int64_t cluster_row_living(Db *db, Arena *a, Str **ids);
typedef struct ClusterExpired {
    int64_t n;
    Str id;
} ClusterExpired;
/* That ended before `before`, the longest ended first; at most `max`. */
int64_t cluster_row_expired(Db *db, Millis before, int64_t max, Arena *a, ClusterExpired **out);
void cluster_row_remove(Db *db, int64_t n); /* its steps are gone already */
