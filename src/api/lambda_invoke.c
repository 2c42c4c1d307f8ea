/* lambda_invoke.c - Invoke: synchronous, asynchronous, and the question whether one may. */
#include "api/lambda.h"

#include "base/encode.h"

static bool check_payload(Call *call, Str payload, bool event, Error *err)
{
    Json v;
    Error why = {0};
    int64_t max = event ? FUNCTIONS_EVENT_BYTES_MAX : FUNCTIONS_PAYLOAD_BYTES_MAX;
    if (payload.n > max)
        return error_set(err, ERR_LAMBDA_TOO_LARGE,
                         "%" PRId64 " byte payload is too large for the %s invocation type (limit "
                         "%" PRId64 " bytes)",
                         payload.n, event ? "Event" : "RequestResponse", max);
    if (json_parse(payload, call->arena, &v, &why)) return true;
    return error_set(err, ERR_LAMBDA_CONTENT, "Could not parse request body into json: %s",
                     why.text);
}

/* An alias may send a share of its invocations to another version. */
static int64_t routed(Call *call, const LambdaTarget *t)
{
    uint64_t chance;
    if (!t->aliased || str_absent(t->alias.weights)) return t->version;
    Json weights = lambda_parse(call->arena, t->alias.weights);
    loop_random(call->server->loop, &chance, sizeof chance);
    return function_route(t->version, &weights, chance);
}

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
        .version = routed(call, t),
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
        .version = routed(call, t),
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
    if (!lambda_target(call, &t, err) || !check_payload(call, payload, event, err))
        return CALL_FAILED;
    if (event) return invoke_event(call, &t, payload);
    if (!str_eq(type, S("DryRun"))) return invoke_now(call, &t, payload, err);
    call->out = (Json){.type = JSON_OBJECT};
    call->status = 204;
    return CALL_DONE;
}
