/* restjson.c - the JSON bodies of the restJson services. */
#include "wire/protocol.h"
#include "wire/shape.h"

static bool has_body_members(const Service *s, const Shape *shape)
{
    for (int i = 0; i < shape->members_n; i++)
        if (s->members[shape->members + i].location == IN_BODY) return true;
    return false;
}

static bool decode_payload(const Service *s, const Member *payload, const Json *body, Arena *a,
                           JsonObject *in, Fault *fault)
{
    ShapePath here = {.name = model_text(s, payload->name), .depth = 1};
    Json v;
    if (!shape_from_json(s, payload, body, &here, a, &v, fault)) return false;
    json_put(in, here.name, v);
    return true;
}

bool restjson_decode_body(const Operation *op, Str body, Arena *a, JsonObject *in, Fault *fault)
{
    const Service *s = op->service;
    const Member *payload = model_payload(s, model_input(op));
    Json parsed;
    Error err;
    if (!str_trim(body).n || (!payload && !has_body_members(s, model_input(op)))) return true;
    if (!json_parse(body, a, &parsed, &err))
        return fault_set(fault, s, err.code, a, "%s", err.text);
    if (payload) return decode_payload(s, payload, &parsed, a, in, fault);
    if (parsed.type != JSON_OBJECT)
        return fault_set(fault, s, ERR_SERIALIZATION, a, "The body must be a JSON object.");
    return shape_members_from_json(s, model_input(op), &parsed, NULL, a, in, fault);
}

void restjson_encode_body(const Operation *op, const Json *out, Arena *a, HttpReply *reply)
{
    const Service *s = op->service;
    const Member *payload = model_payload(s, model_output(op));
    const Json *v = payload ? json_get(out, model_text(s, payload->name)) : out;
    Buf b = {.a = a};
    if (reply->status == 204) return;
    if (payload && v)
        shape_to_json(&b, s, payload, v);
    else
        shape_members_to_json(&b, s, model_output(op), payload ? NULL : out);
    http_reply_add(reply, a, S("Content-Type"), S("application/json"));
    reply->body = buf_str(&b);
}
