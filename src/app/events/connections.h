/* connections.h - EventBridge connections at work: what of their secrets is told, and how they authorise a request. */
#pragma once
#include "app/http_client.h"
#include "store/connections.h"

/* BASIC and API_KEY connections are authorised when they are made. One with OAuth client
 * credentials is when its authorization endpoint has given a token: until then it is AUTHORIZING,
 * and DEAUTHORIZED with the reason when the endpoint refuses. The token is asked for after the
 * commit that made or changed the connection, again at each start of the server if it was not
 * answered, and by a task whose token has expired or was refused (401, 407). Tokens are kept in
 * memory only.
 *
 * The endpoint gets the client's id and secret as HTTP Basic authorization (RFC 6749 2.3.1), the
 * OAuthHttpParameters, and grant_type=client_credentials where they do not name a grant_type. */
enum {
    CONNECTION_TOKEN_MS_MAX = 30 * 1000, /* for the endpoint to answer */
    CONNECTION_TOKEN_BYTES_MAX = 64 * 1024,
    CONNECTION_TOKEN_MARGIN_MS = 30 * 1000, /* a token this near its end is not used */
    CONNECTION_TOKENS_KEPT = 256,
};

Str connection_arn(Arena *a, const ConnectionRow *row);
Str connection_secret_arn(Arena *a, const ConnectionRow *row); /* where AWS would keep it */
/* By arn:aws:events:REGION:ACCOUNT:connection/NAME/UUID; false: there is none. */
must_use bool connection_of_arn(Server *s, Str account, Str region, Str arn, Arena *a,
                                ConnectionRow *out);
/* The parameters as they may be told: without passwords, secrets, keys, and secret values. */
Json connection_told(Arena *a, const ConnectionRow *row);
/* The old parameters with what of them the new ones name replaced. */
Json connection_merged(Arena *a, const Json *old, const Json *changes);

/* What a connection adds to a request: owned by an arena, to be used on any thread. */
typedef struct ConnectionUse {
    int64_t connection, revision;
    Str kind;
    Json parameters;
    Str token; /* of OAuth; absent: is to be asked for */
    Millis token_until;
    bool token_is_new; /* to be kept by connections_keep_token */
} ConnectionUse;
ConnectionUse connection_use(Server *s, Arena *a, const ConnectionRow *row);

/* Headers, query and body (when it is an object, or null) get what the connection's invocation
 * parameters say; what the connection gives replaces what is there. */
void connection_add(Arena *a, const ConnectionUse *use, HttpFields *headers, HttpFields *query,
                    Json *body);
/* On a slow thread: asks for a token when one is needed and there is none. false: *failed is what
 * came of the asking. */
must_use bool connection_get_token(Arena *a, ConnectionUse *use, Millis now, HttpExchange *failed);
/* Adds the header by which the request is authorised. */
void connection_authorise(const ConnectionUse *use, HttpExchange *x);
/* Back on the loop's thread, within an event. */
void connections_keep_token(Server *s, const ConnectionUse *use);
void connections_forget_token(Server *s, int64_t connection);

/* Sets the state of a connection that was just made or changed, and what follows from it. */
void connections_begin(Server *s, ConnectionRow *row);
void connections_due(Server *s, Str subject); /* timer kind "connection" */
/* What was under way when the server ended is due now. */
void connections_recover(Server *s);
void connections_close(Server *s);

/* Sets a field, instead of one of this name that is there; `exact`: names differ by case. */
void http_fields_set(Arena *a, HttpFields *fields, Str name, Str value, bool exact);
/* name=value&..., percent-encoded but for the bytes of `keep`. */
Str http_fields_form(Arena *a, const HttpFields *fields, Str keep);
