/* runtime.c - the Lambda Runtime API (version 2018-06-01), served to each instance by a door of its own. */
#include "app/functions/inner.h"

#include "base/encode.h"

#define PREFIX S("/2018-06-01/runtime/")

static CallResult reply(Call *call, int status, const char *body)
{
    call->admin_reply = (HttpReply){.status = status, .body = str_from(body)};
    http_reply_add(&call->admin_reply, call->arena, S("Content-Type"), S("application/json"));
    return CALL_DONE;
}

static CallResult refuse(Call *call, int status, const char *type, const char *text)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("errorMessage"), str_from(text));
    json_put_text(&o, S("errorType"), str_from(type));
    Json document = json_object(&o);
    return reply(call, status, str_z(call->arena, json_to_str(call->arena, &document)));
}

static Instance *find(const Call *call)
{
    Instance *in = call->server->functions->instances;
    while (in && in->port != call->door) in = in->others;
    return in;
}

static void learn_memory(const Call *call, Instance *in)
{
    int64_t bytes;
    if (str_to_int(http1_header(call->http, S("Mayfly-Memory-Max-Bytes")), &bytes) &&
        bytes > in->memory_max_bytes)
        in->memory_max_bytes = bytes;
}

/* ---- next ---- */

static CallResult next(Call *call, Instance *in)
{
    Server *s = call->server;
    if (in->life != INSTANCE_INIT && in->life != INSTANCE_AT_WORK)
        return refuse(call, 403, "InvalidStateTransition", "This instance is ending.");
    if (in->next || (in->invocation && in->invocation->delivered))
        return refuse(call, 403, "InvalidStateTransition",
                      "The invocation before has not been answered.");
    if (in->life == INSTANCE_INIT) {
        in->init_ms = s->now - in->started;
        instance_log_init(s, in);
    }
    in->life = INSTANCE_AT_WORK;
    in->next = call;
    return CALL_LATER;
}

/* ---- ends of invocations ---- */

static bool is_json(Call *call)
{
    Json v;
    Error err = {0};
    return json_parse(call->body, call->arena, &v, &err);
}

static CallResult response(Call *call, Instance *in)
{
    Server *s = call->server;
    Invocation *i = in->invocation;
    if (call->body.n > FUNCTIONS_ANSWER_BYTES_MAX) {
        JsonObject o = {.a = call->arena};
        json_put_text(&o, S("errorType"), S("Function.ResponseSizeTooLarge"));
        json_put_text(&o, S("errorMessage"),
                      str_printf(call->arena,
                                 "Response payload size exceeded maximum allowed payload size "
                                 "(%d bytes).",
                                 FUNCTIONS_ANSWER_BYTES_MAX));
        Json document = json_object(&o);
        invocation_end(s, i, true, json_to_str(call->arena, &document));
        return refuse(call, 413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size");
    }
    invocation_end(s, i, false, call->body);
    return reply(call, 202, "{\"status\":\"OK\"}\n");
}

static CallResult failure(Call *call, Instance *in)
{
    Str type = http1_header(call->http, S("Lambda-Runtime-Function-Error-Type"));
    if (is_json(call))
        invocation_end(call->server, in->invocation, true, call->body);
    else
        invocation_fail(call->server, in->invocation,
                        type.n ? str_z(call->arena, type) : "Runtime.UnknownReason",
                        S("The runtime's error document is not JSON"));
    return reply(call, 202, "{\"status\":\"OK\"}\n");
}

/* It ends next; its invocation is answered with this then, after its last words are in the log. */
static CallResult init_failure(Call *call, Instance *in)
{
    if (in->life != INSTANCE_INIT)
        return refuse(call, 403, "InvalidStateTransition", "The runtime was initialised before.");
    if (is_json(call)) in->init_error = str_copy(&in->a, call->body);
    return reply(call, 202, "{\"status\":\"OK\"}\n");
}

static CallResult about_invocation(Call *call, Instance *in, Str rest)
{
    Str id = {0};
    if (!str_cut(&rest, '/', &id)) id = S("");
    if (!in->invocation || !in->invocation->delivered ||
        !str_eq(id, in->invocation->ask.request_id))
        return refuse(call, 400, "InvalidRequestID", "Invalid request ID");
    learn_memory(call, in);
    if (str_eq(rest, S("response"))) return response(call, in);
    if (str_eq(rest, S("error"))) return failure(call, in);
    return refuse(call, 404, "NotFound", "There is no such address in the Runtime API.");
}

CallResult functions_door(Call *call)
{
    Instance *in = find(call);
    Str path = call->http->path;
    bool post = str_eq(call->http->method, S("POST"));
    if (!in) return refuse(call, 410, "Gone", "The instance of this address has ended.");
    Str rest = str_starts(path, PREFIX) ? str_slice(path, PREFIX.n, path.n) : S("");
    if (!post && str_eq(rest, S("invocation/next"))) return next(call, in);
    if (post && str_eq(rest, S("init/error"))) return init_failure(call, in);
    if (post && str_starts(rest, S("invocation/")))
        return about_invocation(call, in, str_slice(rest, S("invocation/").n, rest.n));
    return refuse(call, 404, "NotFound", "There is no such address in the Runtime API.");
}
