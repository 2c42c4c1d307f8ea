/* secrets.h - rows of Secrets Manager: secrets, their versions (sealed), and the stages that name versions. */
#pragma once
#include "store/db.h"

typedef struct SecretRow {
    int64_t n;
    Str account, region, name;
    Str suffix; /* the six letters at the end of its ARN */
    Str description, key_id;
    Str tags;   /* a JSON object */
    Str policy; /* absent: none */
    Millis created, changed, accessed;
    Millis deletion; /* when it goes; 0: it is not to be deleted */
} SecretRow;

typedef struct SecretVersionRow {
    int64_t secret;
    Str id;
    Str value; /* sealed (app/vault.h); absent in listings */
    bool binary;
    Millis created;
} SecretVersionRow;

typedef struct SecretStageRow {
    Str stage, version;
} SecretStageRow;

void secret_row_add(Db *db, SecretRow *row); /* fills n */
must_use bool secret_row_find(Db *db, Str account, Str region, Str name, Arena *a, SecretRow *out);
must_use bool secret_row_get(Db *db, int64_t n, Arena *a, SecretRow *out);
/* Everything but n, account, region, name, suffix, created. */
void secret_row_set(Db *db, const SecretRow *row);
void secret_row_remove(Db *db, int64_t n); /* with versions and stages */
/* In the order in which they were made, after `after`. */
int64_t secret_row_list(Db *db, Str account, Str region, int64_t after, int64_t max, Arena *a,
                        SecretRow **out);

void secret_version_add(Db *db, const SecretVersionRow *row);
must_use bool secret_version_find(Db *db, int64_t secret, Str id, Arena *a, SecretVersionRow *out);
/* Oldest first, without values. */
int64_t secret_version_list(Db *db, int64_t secret, Arena *a, SecretVersionRow **out);
/* Of the versions that no stage names, all but the newest `keep`. */
void secret_version_drop_old(Db *db, int64_t secret, int64_t keep);

/* A stage is at one version at a time: it moves. */
void secret_stage_set(Db *db, int64_t secret, Str stage, Str version);
void secret_stage_remove(Db *db, int64_t secret, Str stage);
Str secret_stage_version(Db *db, int64_t secret, Str stage, Arena *a); /* absent: at none */
int64_t secret_stage_list(Db *db, int64_t secret, Arena *a, SecretStageRow **out);
