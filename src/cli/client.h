/* client.h - the command line as a client of the running server: signed awsJson calls and the admin pages. */
#pragma once
#include "base/json.h"

/* Where the server is: --port, else AWS_ENDPOINT_URL, else 127.0.0.1:4566; who asks:
 * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else any key. `data` is where the admin token lies.
 */
typedef struct Client {
    Str endpoint, access_key, secret, region, data;
} Client;

/* port absent: as described above. */
Client client_of_environment(Str port, Str data);

typedef enum ClientService { CLIENT_EMR, CLIENT_STATES } ClientService;

/* One operation: CLIENT_EMR, "ListClusters". A refusal becomes *err with the service's own words.
 */
must_use bool client_call(const Client *c, ClientService service, Str operation, const Json *in,
                          Arena *a, Json *out, Error *err);

/* What a listing asks: an operation that answers in pages, and the member with the items. */
typedef struct ClientList {
    ClientService service;
    Str operation, member;
} ClientList;
/* All pages, as one array. */
must_use bool client_list(const Client *c, const ClientList *list, const JsonObject *request,
                          Arena *a, Json *out, Error *err);

typedef struct ClientPage {
    int status;
    Str body, next; /* next: of x-mayfly-next */
} ClientPage;
/* An admin page: "log?cluster=..". A refusal becomes *err. */
must_use bool client_admin(const Client *c, Str method, Str page, Arena *a, ClientPage *out,
                           Error *err);
