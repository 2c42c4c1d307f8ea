/* dispatch.h - what one request is: its service and operation, who sent it, what its body may be, and who answers. */
#pragma once
#include "app/call.h"
#include "wire/body.h"
#include "wire/protocol.h"

/* How the body is to be received. */
typedef struct BodyPlan {
    BodySpec spec;
    bool form;   /* streamed: a browser's POST of a file */
    bool stream; /* to the object store by the pool, when it is not small */
} BodyPlan;

/* Binds the tables of api/ to the operations of the models; checks that each names one. */
struct Dispatch *dispatch_open(const CallTable *const *tables);
void dispatch_close(struct Dispatch *d);

/* The head is there: routes, identifies (and verifies, with --auth enforce) and limits. call->http,
 * arena, now, server are set; the rest of *call is filled. false: *fault is the answer, and the
 * body must not be read. */
must_use bool dispatch_head(Call *call, BodyPlan *plan, Fault *fault);

/* The body is there, in call->body or call->upload: decodes, validates, runs the handler. To be
 * called within an event. */
CallResult dispatch_body(Call *call, Fault *fault);

/* A call from inside, of a named service and operation, with its decoded input in call->in;
 * call->server, arena, now, who and an empty call->http are set. Validated and handled as one from
 * outside, within the caller's event. Operations that would answer later are refused, unless
 * call->answered is set: then CALL_LATER may come of it, and the Call lives until it is told. */
CallResult dispatch_inside(Call *call, Str service, Str operation, Fault *fault);

/* An error of a handler, of a body, of the disk, in the words of the call's service, with
 * call->error_members. */
Fault dispatch_fault(const Call *call, const Error *err);

/* The answer on the wire; fault NULL: success with call->out. */
void dispatch_encode(Call *call, const Fault *fault, HttpReply *out);
