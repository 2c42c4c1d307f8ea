/* aliases.h - rows of state machine aliases, and which executions were started by one. */
#pragma once
#include "store/db.h"

enum { MACHINE_ALIASES_MAX = 100, ALIAS_ROUTES_MAX = 2 }; /* AWS's quotas */

typedef struct MachineAlias {
    int64_t machine; /* MachineRow.n */
    Str name, description;
    Millis created, updated;
    int32_t routes; /* 1 or 2: */
    int64_t version[ALIAS_ROUTES_MAX];
    int32_t weight[ALIAS_ROUTES_MAX]; /* 100 together */
} MachineAlias;

void machine_alias_add(Db *db, const MachineAlias *alias);
must_use bool machine_alias_get(Db *db, int64_t machine, Str name, Arena *a, MachineAlias *out);
/* All but its machine, name and time of creation. */
void machine_alias_set(Db *db, const MachineAlias *alias);
void machine_alias_remove(Db *db, int64_t machine, Str name);
/* By name, after `after_name` (absent: from the first); those that lead to `version` (0: any). */
int64_t machine_alias_list(Db *db, int64_t machine, int64_t version, Str after_name, int64_t max,
                           Arena *a, MachineAlias **out);

void execution_alias_add(Db *db, int64_t execution, Str alias_arn);
/* Absent: it was not started by an alias. */
Str execution_alias_get(Db *db, int64_t execution, Arena *a);
void execution_alias_forget(Db *db, int64_t execution);
