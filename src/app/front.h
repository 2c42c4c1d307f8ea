/* front.h - connections in, calls out: HTTP framing, signatures, routing, limits and time-outs; answers back in order. */
#pragma once
#include "app/call.h"

/* One request at a time per connection; pipelined ones wait their turn. A call's answer is queued
 * with front_flush, after the commit that made it true. */
must_use bool front_open(Server *s, Error *err); /* listens; sets server->port */
void front_close(Server *s);
void front_event(Server *s, const SysEvent *e);
/* Sends the answers of this turn; not committed: each becomes the service's "try again" error. */
void front_flush(Server *s, bool committed);
/* Goes on with pipelined requests that had to wait for this turn; front_wants_turn: there are such.
 */
void front_resume(Server *s);
bool front_wants_turn(const Server *s);
/* Of a client's call: whether who asked is still there, at this moment. One that has closed its
 * side of the connection is taken for gone. */
bool front_has_client(const Call *call);
/* Ends connections that are idle or too slow. Called every turn; looks only once a second. */
void front_housekeeping(Server *s);
