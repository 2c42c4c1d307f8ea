/* admin.h - what no AWS service offers: health, live logs, ledgers, access keys; under /_mayfly/, for the command line. */
#pragma once
#include "app/call.h"

/* - GET /_mayfly/health: {"status": "ready", "version": ..}
 * - GET /_mayfly/log?cluster=j-..&step=s-..&stream=stderr&from=0: bytes from that offset; header
 *   x-mayfly-next
 * - GET /_mayfly/ledger?clusters=j-..,j-..: what each would have cost, and where its time went
 * - GET /_mayfly/code?zip=<sha256>: a function's code, for whoever knows its digest
 * - /_mayfly/url/ID/..: a function's URL (urls.h)
 * - GET, POST /_mayfly/keys, DELETE /_mayfly/keys?id=AKIA..
 *
 * - GET /_mayfly/credentials: a session of the role of whose token the header Authorization holds
 *   (access/child_keys.h)
 *
 * - PUT /_mayfly/stack-response?token=..: a custom resource's answer, a wait condition's signal
 *
 * A bucket cannot have that name. Keys always, and with --auth enforce all but health and code,
 * need the header x-mayfly-token: the content of DATA/admin-token, which only the user who runs the
 * server can read. */
#define ADMIN_PREFIX S("/_mayfly/")
enum { ADMIN_LOG_BYTES_MAX = 256 * 1024, ADMIN_BODY_BYTES_MAX = 64 * 1024, ADMIN_LEDGERS_MAX = 50 };

/* Makes the token file when there is none; reads it. */
must_use bool admin_open(Server *s, Error *err);
bool admin_is(const HttpRequest *r);
/* false: the query cannot be read. */
must_use bool admin_head(Call *call);
/* Within an event. Fills call->admin_reply also when it refuses. */
void admin_handle(Call *call);
