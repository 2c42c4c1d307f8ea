/* lambda_invoke.c - Invoke: synchronous, asynchronous, and the question whether one may. */
#include "api/lambda.h"

#include "base/encode.h"
#include "wire/eventstream.h"

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

typedef void Answer(Call *call, const InvocationEnd *end);

static CallResult invoke_now(Call *call, const LambdaTarget *t, Str payload, Answer *told,
                             Error *err)
{
    InvocationAsk ask = {
        .function = t->row.n,
        .version = functions_route(call->server, t),
        .arn = t->arn,
        .request_id = call->request_id,
        .payload = payload,
        .tail = str_eq(lambda_text(call, "LogType"), S("Tail")),
        .call = call,
        .answer = told,
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
    if (!str_eq(type, S("DryRun"))) return invoke_now(call, &t, payload, answer, err);
    call->out = (Json){.type = JSON_OBJECT};
    call->status = 204;
    return CALL_DONE;
}

/* ---- as a stream: the whole answer is there at once, and comes in pieces ---- */

static Str completion(Call *call, const InvocationEnd *end)
{
    JsonObject o = {.a = call->arena};
    if (end->failed) json_put_text(&o, S("ErrorCode"), S("Unhandled"));
    if (end->failed) json_put_text(&o, S("ErrorDetails"), end->payload);
    if (!str_absent(end->tail))
        json_put_text(&o, S("LogResult"), base64_encode(call->arena, end->tail));
    Json all = json_object(&o);
    all.type = JSON_OBJECT;
    return json_to_str(call->arena, &all);
}

static void answer_streamed(Call *call, const InvocationEnd *end)
{
    Buf b = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    int64_t version = json_int_or(json_get(&call->out, S("version")), 0);
    for (Str rest = end->failed ? S("") : end->payload; rest.n;) {
        eventstream_put(&b, S("PayloadChunk"), S("application/octet-stream"),
                        str_slice(rest, 0, LAMBDA_CHUNK_BYTES));
        rest = str_slice(rest, LAMBDA_CHUNK_BYTES, rest.n);
    }
    eventstream_put(&b, S("InvokeComplete"), S("application/json"), completion(call, end));
    json_put_text(&out, S("ExecutedVersion"), function_version_text(call->arena, version));
    json_put_text(&out, S("ResponseStreamContentType"), S("application/vnd.amazon.eventstream"));
    call->out = json_object(&out);
    call->out_body = buf_str(&b);
    call_answer(call, NULL);
}

CallResult lambda_invoke_streamed(Call *call, Error *err)
{
    LambdaTarget t;
    Str payload = call->body.n ? call->body : S("{}");
    if (!lambda_target(call, &t, err) || !functions_check_payload(payload, false, call->arena, err))
        return CALL_FAILED;
    if (!str_eq(lambda_text(call, "InvocationType"), S("DryRun")))
        return invoke_now(call, &t, payload, answer_streamed, err);
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
