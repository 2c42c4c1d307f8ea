/* dispatch.h - what one request is: its service and operation, who sent it, what its body may be, and who answers. */
#pragma once
#include "app/call.h"
#include "wire/body.h"
#include "wire/protocol.h"

/* How the body is to be received. */
typedef struct BodyPlan {
    BodySpec spec;
    bool stream; /* to the object store by the pool, when it is not small */
} BodyPlan;

/* The head is there: routes, identifies (and verifies, with --auth enforce) and limits. call->http, arena, now, server are
 * set; the rest of *call is filled. false: *err is the answer, and the body must not be read. */
must_use bool dispatch_head(Call *call, BodyPlan *plan, Error *err);

/* The body is there, in call->body or call->upload: decodes, validates, runs the handler. To be called within an event. */
CallResult dispatch_body(Call *call, Error *err);

/* The answer on the wire; err NULL: success with call->out. A call that found no operation answers as its service would. */
void dispatch_encode(Call *call, const Error *err, HttpReply *out);
