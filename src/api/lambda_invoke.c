/* lambda_invoke.c - Invoke: synchronous, asynchronous, and the question whether one may. */
#include "api/lambda.h"

#include "base/encode.h"

static void answer(Call *call, const InvocationEnd *end)
{
    JsonObject out = {.a = call->arena};
    int64_t version = json_int_or(json_get(&call->out, S("version")), 0);
    json_put_text(&out, S("ExecutedVersion"), function_version_text(call->arena, version));
    if (end->failed) json_put(&out, S("FunctionError"), json_string(S("Unhandled")));
    if (!str_absent(end->tail))
        json_put_text(&out, S("LogResult"), base64_encode(call->arena, end->tail));
    call->out = json_object(&out);
    call->out_body = str_copy(call->arena, end->payload);
    call_answer(call, NULL);
}

static void note_version(Call *call, int64_t version)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("version"), json_int(call->arena, version));
    call->out = json_object(&o);
}

static CallResult invoke_now(Call *call, const LambdaTarget *t, Str payload, Error *err)
{
    InvocationAsk ask = {
        .function = t->row.n,
        .version = functions_route(call->server, t),
        .arn = t->arn,
        .request_id = call->request_id,
        .payload = payload,
        .tail = str_eq(lambda_text(call, "LogType"), S("Tail")),
        .call = call,
        .answer = answer,
    };
    Str context = lambda_text(call, "ClientContext");
    if (!str_absent(context) && !base64_decode(call->arena, context, &ask.client_context)) {
        error_set(err, ERR_LAMBDA_CONTENT,
                  "Client context must be a valid Base64-encoded JSON "
                  "object.");
        return CALL_FAILED;
    }
    note_version(call, ask.version);
    return functions_invoke(call->server, &ask, err) ? CALL_LATER : CALL_FAILED;
}

static CallResult invoke_event(Call *call, const LambdaTarget *t, Str payload)
{
    InvocationRow row = {
        .function = t->row.n,
        .version = functions_route(call->server, t),
        .qualifier = t->qualifier,
        .request_id = call->request_id,
        .payload = payload,
        .asked = call->now,
    };
    functions_invoke_later(call->server, &row);
    call->out = (Json){.type = JSON_OBJECT};
    call->status = 202;
    return CALL_DONE;
}

CallResult lambda_invoke(Call *call, Error *err)
{
    LambdaTarget t;
    Str type = lambda_text(call, "InvocationType"), payload = call->body.n ? call->body : S("{}");
    bool event = str_eq(type, S("Event"));
    if (!lambda_target(call, &t, err) || !functions_check_payload(payload, event, call->arena, err))
        return CALL_FAILED;
    if (event) return invoke_event(call, &t, payload);
    if (!str_eq(type, S("DryRun"))) return invoke_now(call, &t, payload, err);
    call->out = (Json){.type = JSON_OBJECT};
    call->status = 204;
    return CALL_DONE;
}

/* The form of 2014: always an Event. */
CallResult lambda_invoke_async(Call *call, Error *err)
{
    LambdaTarget t;
    JsonObject out = {.a = call->arena};
    Str payload = call->body.n ? call->body : S("{}");
    if (!lambda_target(call, &t, err) || !functions_check_payload(payload, true, call->arena, err))
        return CALL_FAILED;
    (void)invoke_event(call, &t, payload);
    json_put(&out, S("Status"), json_int(call->arena, 202));
    call->out = json_object(&out);
    return CALL_DONE;
}
