/* connections.h - rows of EventBridge connections: where their secrets are kept, too. */
#pragma once
#include "store/db.h"

/* The parameters hold passwords and keys as they were given: state.db is readable by its owner
 * alone. They are never logged, and told only without their secrets (app/connections.h). */
typedef struct ConnectionRow {
    int64_t n;
    Str account, region, name;
    Str id; /* the UUID at the end of its ARN */
    Str description;
    Str kind;       /* "BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS" */
    Str parameters; /* AuthParameters, a JSON object */
    Str state;      /* "AUTHORIZED", ... */
    Str reason;     /* of the state; absent: none */
    Millis created, modified, authorized;
    int64_t revision; /* counts the changes of kind and parameters: tokens belong to one */
} ConnectionRow;

/* Fills row->n. */
void connection_row_add(Db *db, ConnectionRow *row);
must_use bool connection_row_find(Db *db, Str account, Str region, Str name, Arena *a,
                                  ConnectionRow *out);
must_use bool connection_row_get(Db *db, int64_t n, Arena *a, ConnectionRow *out);
/* Everything but n, account, region, name, id, created. */
void connection_row_set(Db *db, const ConnectionRow *row);
void connection_row_remove(Db *db, int64_t n);
/* By name, after `after` (absent: from the first); prefix and state absent: any. */
int64_t connection_row_list(Db *db, Str account, Str region, Str prefix, Str state, Str after,
                            int64_t max, Arena *a, ConnectionRow **out);
