/* rpccbor.c - Smithy RPC v2 CBOR: the whole input is the body, the whole output too, in CBOR. */
#include "base/encode.h"
#include "wire/cbor.h"
#include "wire/protocol.h"
#include "wire/scalar.h"
#include "wire/shape.h"

enum { TAG_EPOCH = 1 };

/* The values are those of a JSON body; so are the rules of their types. */
bool rpccbor_decode(const Operation *op, Str body, Arena *a, Json *in, Fault *fault)
{
    const Service *s = op->service;
    JsonObject o = {.a = a};
    Json parsed = {.type = JSON_OBJECT};
    Error err = {0};
    if (body.n && !cbor_parse(body, a, &parsed, &err))
        return fault_set(fault, s, err.code, a, "%s", err.text);
    if (parsed.type != JSON_OBJECT)
        return fault_set(fault, s, ERR_SERIALIZATION, a, "The body must be a map.");
    if (op->input != MODEL_NONE &&
        !shape_members_from_json(s, model_input(op), &parsed, NULL, a, &o, fault))
        return false;
    *in = json_object(&o);
    return true;
}

static void put_value(Buf *b, const Service *s, const Member *m, const Json *v);

static const Member *written(const Service *s, const Shape *shape, const JsonMember *given,
                             int *cursor)
{
    const Member *m = model_next_member(s, shape, given->key, cursor);
    return m && given->value.type != JSON_NULL ? m : NULL;
}

static void put_structure(Buf *b, const Service *s, const Shape *shape, const Json *v)
{
    uint64_t n = 0;
    int32_t given = json_is(v, JSON_OBJECT) ? v->n : 0;
    int cursor = 0;
    for (int32_t i = 0; i < given; i++) n += written(s, shape, &v->members[i], &cursor) != NULL;
    cbor_head(b, CBOR_MAP, n);
    cursor = 0;
    for (int32_t i = 0; i < given; i++) {
        const Member *m = written(s, shape, &v->members[i], &cursor);
        if (!m) continue;
        cbor_text(b, model_text(s, m->name));
        put_value(b, s, m, &v->members[i].value);
    }
}

static void put_list(Buf *b, const Service *s, const Member *item, const Json *v)
{
    cbor_head(b, CBOR_ARRAY, (uint64_t)v->n);
    for (int32_t i = 0; i < v->n; i++) put_value(b, s, item, &v->items[i]);
}

static void put_map(Buf *b, const Service *s, const Member *value, const Json *v)
{
    cbor_head(b, CBOR_MAP, (uint64_t)v->n);
    for (int32_t i = 0; i < v->n; i++) {
        cbor_text(b, v->members[i].key);
        put_value(b, s, value, &v->members[i].value);
    }
}

/* "NaN" and "Infinity" are numbers to strtod, too. */
static double double_of(Arena *a, const Json *v)
{
    return strtod(str_z(a, json_text(v)), NULL);
}

static void put_time(Buf *b, const Json *v)
{
    int64_t seconds;
    cbor_head(b, CBOR_TAG, TAG_EPOCH);
    if (json_to_int(v, &seconds))
        cbor_int(b, seconds);
    else
        cbor_double(b, double_of(b->a, v));
}

static void put_scalar(Buf *b, const Shape *shape, const Json *v)
{
    Str bytes;
    int64_t n;
    ShapeType type = (ShapeType)shape->type;
    bool number = type == SHAPE_DOUBLE || type == SHAPE_FLOAT;
    if (v->type == JSON_TRUE || v->type == JSON_FALSE)
        cbor_bool(b, v->type == JSON_TRUE);
    else if (type == SHAPE_TIMESTAMP)
        put_time(b, v);
    else if (number)
        cbor_double(b, double_of(b->a, v));
    else if (type == SHAPE_BLOB && base64_decode(b->a, json_text(v), &bytes))
        cbor_bytes(b, bytes);
    else if (v->type == JSON_NUMBER && json_to_int(v, &n))
        cbor_int(b, n);
    else if (v->type == JSON_STRING)
        cbor_text(b, json_text(v));
    else
        cbor_null(b);
}

static void put_value(Buf *b, const Service *s, const Member *m, const Json *v)
{
    const Shape *shape = model_shape(s, m);
    if (shape->type == SHAPE_STRUCTURE)
        put_structure(b, s, shape, v);
    else if (shape->type == SHAPE_LIST && v->type == JSON_ARRAY)
        put_list(b, s, model_item(s, shape), v);
    else if (shape->type == SHAPE_MAP && v->type == JSON_OBJECT)
        put_map(b, s, model_item(s, shape), v);
    else
        put_scalar(b, shape, v);
}

static void put_headers(HttpReply *reply, Arena *a, Str request_id)
{
    http_reply_add(reply, a, S("x-amzn-RequestId"), request_id);
    http_reply_add(reply, a, S("smithy-protocol"), S("rpc-v2-cbor"));
}

/* An operation without an output answers an empty map, as the protocol wants it. */
void rpccbor_encode(const Operation *op, const Json *out, Str request_id, Arena *a,
                    HttpReply *reply)
{
    Buf b = {.a = a};
    put_headers(reply, a, request_id);
    http_reply_add(reply, a, S("Content-Type"), S("application/cbor"));
    if (op->output == MODEL_NONE)
        cbor_head(&b, CBOR_MAP, 0);
    else
        put_structure(&b, op->service, model_output(op), out);
    reply->body = buf_str(&b);
}

/* The shape's name in the body; in a header the code of the service's older protocol, which SDKs
 * show their users. */
void rpccbor_encode_fault(const Service *s, const Fault *f, Str message_key, Str message,
                          Str request_id, Arena *a, HttpReply *reply)
{
    Buf b = {.a = a};
    put_headers(reply, a, request_id);
    http_reply_add(reply, a, S("Content-Type"), S("application/cbor"));
    http_reply_add(reply, a, S("x-amzn-query-error"),
                   str_printf(a, "%.*s;%s", STR(f->code), f->status < 500 ? "Sender" : "Receiver"));
    cbor_head(&b, CBOR_MAP, 2);
    cbor_text(&b, S("__type"));
    cbor_text(&b, fault_type(s, f->code, a));
    cbor_text(&b, message_key);
    cbor_text(&b, message);
    reply->body = buf_str(&b);
}
