/* machines.h - rows of state machines: what each is called, and its revisions, of which executions keep theirs. */
#pragma once
#include "store/db.h"

/* A revision is everything an execution runs by; it never changes. An update adds one, and
 * executions that run go on with the one they began with, also after the machine has been deleted.
 */
typedef struct MachineRevision {
    int64_t n; /* 0: not stored yet */
    int64_t machine;
    Str id;         /* what the API calls revisionId; absent: the first one */
    Str definition; /* as given */
    Str role_arn;
    Str logging, tracing, encryption; /* JSON objects; encryption may be absent */
    Millis created;
} MachineRevision;

typedef struct MachineRow {
    int64_t n;
    Str arn, account, region, name;
    bool express;
    Millis created;
    bool deleting;            /* is gone when the last of its executions has ended */
    Str tags;                 /* JSON array of {key, value} */
    MachineRevision revision; /* the current one */
} MachineRow;

/* Fills row->n and row->revision.n. */
void machine_row_add(Db *db, MachineRow *row);
/* false: there is none; *out is untouched then. */
must_use bool machine_row_find(Db *db, Str arn, Arena *a, MachineRow *out);
/* It is to go: row->deleting from now on. */
void machine_row_mark_deleting(Db *db, int64_t n);
bool machine_row_is_deleting(Db *db, int64_t n); /* 0: any is */
/* Its revisions stay: executions need them. */
void machine_row_remove(Db *db, int64_t n);
void machine_row_set_tags(Db *db, int64_t n, Str json);
/* Becomes the current one of revision->machine; fills revision->n. */
void machine_row_revise(Db *db, MachineRevision *revision);
/* By name, after `after_name` (absent: from the first). */
int64_t machine_row_list(Db *db, Str account, Str region, Str after_name, int64_t max, Arena *a,
                         MachineRow **out);

must_use bool machine_revision_get(Db *db, int64_t n, Arena *a, MachineRevision *out);

/* Published versions: a number for a revision. Numbers are never used again, also not after a
 * deletion. */
typedef struct MachineVersion {
    int64_t machine, number, revision;
    Str description;
    Millis created;
} MachineVersion;
enum { MACHINE_VERSIONS_MAX = 1000 }; /* the service's quota */
int64_t machine_version_count(Db *db, int64_t machine);
/* Fills version->number. */
void machine_version_add(Db *db, MachineVersion *version);
must_use bool machine_version_get(Db *db, int64_t machine, int64_t number, Arena *a,
                                  MachineVersion *out);
must_use bool machine_version_of_revision(Db *db, int64_t machine, int64_t revision, Arena *a,
                                          MachineVersion *out);
void machine_version_remove(Db *db, int64_t machine, int64_t number);
/* Newest first, below `before` (0: from the newest). */
int64_t machine_version_list(Db *db, int64_t machine, int64_t before, int64_t max, Arena *a,
                             MachineVersion **out);
