/* trail.h - the record of every call: noted when it is answered, written with the next change. */
#pragma once
#include "app/call.h"
#include "wire/fault.h"

/* A call that changes something is recorded in the transaction of its effect. Calls that only read,
 * or were refused, wait in memory for the next one, or until there are TRAIL_WAITING_MAX, or
 * somebody looks: reading costs no write of its own, and a crash forgets at most those.
 *
 * Data events (objects, messages, log events, invocations) are recorded with --auth enforce alone;
 * management events always. Secrets are not: of a request only its plain members are kept, those
 * that the model does not call sensitive. */
enum { TRAIL_WAITING_MAX = 256, TRAIL_VALUE_BYTES_MAX = 256 };
#define TRAIL_KEPT_MS                                                                              \
    ((Millis)90 * 24 * 60 * 60 * 1000) /* as long as CloudTrail's event history                    \
                                        */

void trail_open(Server *s);
void trail_close(Server *s);
/* Once a call is answered; fault NULL: it succeeded. */
void trail_note(const Call *call, const Fault *fault);
/* turn.c: what was noted within an event that is undone goes with it. */
void trail_event_begins(Server *s);
void trail_event_undone(Server *s);
/* The last before the commit of a turn: when it cannot be written, nothing of the turn is kept. */
void trail_turn(Server *s);
/* Within an event: all that waits. */
void trail_write(Server *s);
