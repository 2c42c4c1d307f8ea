/* awsjson.c - awsJson 1.0 and 1.1: the whole input is the body, the whole output too. */
#include "wire/protocol.h"
#include "wire/shape.h"

/* An empty body is an empty input, as the services take it. */
bool awsjson_decode(const Operation *op, Str body, Arena *a, Json *in, Fault *fault)
{
    const Service *s = op->service;
    JsonObject o = {.a = a};
    Json parsed = {.type = JSON_OBJECT};
    Error err;
    if (str_trim(body).n && !json_parse(body, a, &parsed, &err))
        return fault_set(fault, s, err.code, a, "%s", err.text);
    if (parsed.type != JSON_OBJECT)
        return fault_set(fault, s, ERR_SERIALIZATION, a, "The body must be a JSON object.");
    if (op->input != MODEL_NONE &&
        !shape_members_from_json(s, model_input(op), &parsed, NULL, a, &o, fault))
        return false;
    *in = json_object(&o);
    return true;
}

void awsjson_encode(const Operation *op, const Json *out, Str request_id, Arena *a,
                    HttpReply *reply)
{
    bool old = op->service->protocol != PROTOCOL_AWS_JSON_1_1;
    http_reply_add(reply, a, S("x-amzn-RequestId"), request_id);
    http_reply_add(reply, a, S("Content-Type"),
                   old ? S("application/x-amz-json-1.0") : S("application/x-amz-json-1.1"));
    if (op->output == MODEL_NONE) return; /* such operations answer an empty body */
    Buf b = {.a = a};
    shape_members_to_json(&b, op->service, model_output(op), out);
    reply->body = buf_str(&b);
}
