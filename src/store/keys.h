/* keys.h - access keys: made by `mayfly keys create` or for a cluster's own processes; checked when --auth enforce. */
#pragma once
#include "store/db.h"

typedef struct AccessKey {
    Str id, secret, account; /* the secret is never logged nor listed */
    Str note;                /* who it is for: "mayfly keys create", a cluster id */
    Millis created_at;
} AccessKey;

/* The account's own: no policy refuses it. Any other without a credential is nobody's. */
#define KEY_OF_ACCOUNT S("mayfly keys create")

void key_add(Db *db, const AccessKey *key);
bool key_find(Db *db, Str id, Arena *a, AccessKey *out);
bool key_find_by_note(Db *db, Str note, Arena *a, AccessKey *out); /* any one of them */
void key_set_note(Db *db, Str id, Str note);
bool key_remove(Db *db, Str id); /* false: there was none */
/* And those whose note begins with this one and a blank. */
void key_remove_by_note(Db *db, Str note);
int64_t key_list(Db *db, Arena *a, AccessKey **out); /* without secrets, oldest first */
