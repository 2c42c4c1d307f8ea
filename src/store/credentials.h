/* credentials.h - whose an access key is: of an IAM user, of a role's session; and how far it reaches. */
#pragma once
#include "store/keys.h"

/* A row beside that of the key (keys.h). A key without one belongs to the account itself: it was
 * made by `mayfly keys create`, and is never refused for want of a policy. */
typedef struct Credential {
    Str id;      /* the access key */
    Str account; /* of the principal */
    enum {
        CREDENTIAL_USER,      /* name: the user */
        CREDENTIAL_ROLE,      /* name: the role; session: RoleSessionName */
        CREDENTIAL_FEDERATED, /* name: the user who asked, or absent; session: the name given */
        CREDENTIAL_SESSION,   /* GetSessionToken: of the user `name`, or of the account itself */
    } kind;
    Str name, session;
    Str entity_id;  /* of the user or role: one made again under the name is somebody else */
    Str policy;     /* JSON array of session policies; absent: none */
    Str tags;       /* JSON: session tags; absent: none */
    Str token;      /* what x-amz-security-token must be; absent: long-lived */
    Millis expires; /* 0: never */
    bool inactive;
    Millis used; /* 0: never */
    Str used_service, used_region;
} Credential;

void credential_put(Db *db, const Credential *c);
must_use bool credential_find(Db *db, Str id, Arena *a, Credential *out);
/* With its key, also one that belongs to the account; false: there was none. */
bool credential_remove(Db *db, Str id);
/* As key_remove_by_note, with the keys. */
void credential_remove_by_note(Db *db, Str note);
/* Long-lived keys of a user, oldest first; `made` gets their times. */
int64_t credential_list(Db *db, Str account, Str user, Arena *a, Credential **out, Millis **made);
void credential_rename(Db *db, Str account, Str user, Str name);
/* Sessions that ended before a time, with their keys; at most max: how many went. */
int64_t credential_expire(Db *db, Millis before, int64_t max);
