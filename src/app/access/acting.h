/* acting.h - under whose name work goes on after the request that asked for it: an identity as text, and back. */
#pragma once
#include "app/call.h"

/* A stack's operation is decided under the name of who asked for it, minutes later and after a
 * restart, too. Kept are the principal and what narrows it (session policies, session tags), never
 * a secret or a token; what the policies say is read when it is asked for, so that one detached
 * meanwhile has no effect any more. Temporary credentials that end do not end the operation: as in
 * AWS, CloudFormation acts by a session of its own. */
Str acting_write(const Identity *who, Arena *a);
/* Absent or unreadable: the account itself, without --auth enforce everybody. `via` is not kept. */
Identity acting_read(Str text, Str account, Str region, Arena *a);
