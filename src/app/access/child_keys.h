/* child_keys.h - the credentials of processes that the server starts: keys of their own, or an address that renews them. */
#pragma once
#include "app/access/identities.h"
#include "store/keys.h"

/* A cluster, a function and a step with a role of its own each have a key; its note says whose it
 * is ("j-..", "j-.. step s-..", "lambda 7"). It ends with them.
 *
 * With --auth enforce processes of clusters are not given that key but an address and a token, as
 * containers of AWS are (AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN):
 * GET /_mayfly/credentials answers with a session of the role that ends, and clients ask again
 * before it does. The token is made of the key, so that it outlives a restart of the server as the
 * process does. Functions have a session by AWS_ACCESS_KEY_ID and its two sisters, as in Lambda. */
enum { CHILD_SESSIONS_SWEPT_MAX = 8 };
#define CHILD_SESSION_KEPT_MS ((Millis)24 * 3600 * 1000) /* after its end: it is called expired */

/* Makes the key of a new child. Within an event. */
void child_key_add(Server *s, Arena *a, Str account, Str note);
/* ... that of a session of a role: what calls made with it may do is what the role may. */
void child_key_give(Server *s, Arena *a, Str note, const IamEntity *role, Str session);
/* With the sessions made of it, and the keys whose notes begin with this one and a blank. */
void child_key_remove(Db *db, Str note);

Str child_step_note(Arena *a, Str cluster, Str step);

/* What goes into the environment: either uri and authorization, or the key; absent: not that. */
typedef struct ChildKeys {
    Str id, secret, token;
    Str uri, authorization;
} ChildKeys;
/* false: there is no such child. renews: by the address, where one can be had. */
must_use bool child_keys(Server *s, Arena *a, Str note, bool renews, ChildKeys *out);

/* Whoever has the token; within an event. false: it is nobody's. */
must_use bool child_keys_session(Server *s, Arena *a, Str authorization, Json *out);
