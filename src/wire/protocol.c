/* protocol.c - chooses the protocol of a service for decoding, encoding and for writing its errors. */
#include "wire/protocol.h"

#include "base/encode.h"
#include "wire/shape.h"

static bool is_header_text(Str text)
{
    for (int64_t i = 0; i < text.n; i++)
        if (((unsigned char)text.p[i] < 0x20 && text.p[i] != '\t') || text.p[i] == 0x7f)
            return false;
    return true;
}

void http_reply_add(HttpReply *reply, Arena *a, Str name, Str value)
{
    if (is_header_text(name) && is_header_text(value))
        *vec_push(a, &reply->headers) = (HttpHeader){name, value};
}

bool protocol_decode(const Route *route, const HttpRequest *r, Str body, Arena *a, Json *in,
                     Fault *fault)
{
    check(route->operation);
    switch (route->protocol) {
    case PROTOCOL_AWS_JSON_1_0:
    case PROTOCOL_AWS_JSON_1_1: return awsjson_decode(route->operation, body, a, in, fault);
    case PROTOCOL_RPC_CBOR: return rpccbor_decode(route->operation, body, a, in, fault);
    case PROTOCOL_AWS_QUERY: return query_decode(route->operation, &route->form, a, in, fault);
    case PROTOCOL_REST_XML:
    case PROTOCOL_REST_JSON: return rest_decode(route, r, body, a, in, fault);
    default: unreachable();
    }
}

void protocol_encode(Protocol protocol, const Operation *op, const Json *out, Str payload,
                     Str request_id, Arena *a, HttpReply *reply)
{
    *reply = (HttpReply){.status = op->status, .body = S("")};
    switch (protocol) {
    case PROTOCOL_AWS_JSON_1_0:
    case PROTOCOL_AWS_JSON_1_1: awsjson_encode(op, out, request_id, a, reply); break;
    case PROTOCOL_RPC_CBOR: rpccbor_encode(op, out, request_id, a, reply); break;
    case PROTOCOL_AWS_QUERY: query_encode(op, out, request_id, a, reply); break;
    case PROTOCOL_REST_XML:
    case PROTOCOL_REST_JSON: rest_encode(op, out, payload, request_id, a, reply); break;
    default: unreachable();
    }
    if (str_absent(reply->body)) reply->body = S("");
}

/* The member that holds the text is "Message" with some services and errors, "message" with most.
 */
static Str message_key(const Service *s, Str code)
{
    const ModelError *known = model_error(s, code);
    return known ? model_text(s, known->message) : S("message");
}

/* Messages repeat what the client sent, maybe cut; a body must be UTF-8 all the same. */
static Str well_formed(Str text, Arena *a)
{
    Buf b = {.a = a};
    if (utf8_valid(text)) return text;
    for (int64_t i = 0; i < text.n;) {
        int n = utf8_length(str_slice(text, i, text.n));
        buf_put(&b, n ? str_slice(text, i, i + n) : S("\xef\xbf\xbd"));
        i += n ? n : 1;
    }
    return buf_str(&b);
}

static void json_fault(const Service *s, const Fault *f, Str request_id, Arena *a, HttpReply *reply)
{
    bool rest = s->protocol == PROTOCOL_REST_JSON;
    Str old_code = fault_query_code(s, f->code);
    JsonObject o = {.a = a};
    if (!rest) json_put(&o, S("__type"), json_string(fault_type(s, f->code, a)));
    for (int32_t i = 0; i < json_count(&f->members); i++)
        json_put(&o, f->members.members[i].key, f->members.members[i].value);
    json_put(&o, message_key(s, f->code), json_string(well_formed(f->message, a)));
    Json body = json_object(&o);
    reply->body = json_to_str(a, &body);
    http_reply_add(reply, a, S("x-amzn-RequestId"), request_id);
    http_reply_add(reply, a, S("x-amzn-ErrorType"), f->code);
    if (old_code.n)
        http_reply_add(
            reply, a, S("x-amzn-query-error"),
            str_printf(a, "%.*s;%s", STR(old_code), f->status < 500 ? "Sender" : "Receiver"));
    http_reply_add(reply, a, S("Content-Type"),
                   rest                                   ? S("application/json")
                   : s->protocol == PROTOCOL_AWS_JSON_1_1 ? S("application/x-amz-json-1.1")
                                                          : S("application/x-amz-json-1.0"));
}

/* RFC 9110, 15.4.5: what a 304 repeats of the headers that the 200 would have had; 15.5.6: what a
 * 405 allows. */
static bool is_s3_header(Str key)
{
    static const char *const told[] = {"ETag", "Last-Modified", "Cache-Control", "Expires",
                                       "Allow"};
    for (int i = 0; i < countof(told); i++)
        if (str_eq(key, str_from(told[i]))) return true;
    return str_starts(key, S("x-amz-"));
}

static void put_members(Buf *b, const Service *s, const Fault *f)
{
    for (int32_t i = 0; i < json_count(&f->members); i++) {
        const JsonMember *m = &f->members.members[i];
        if (s->protocol == PROTOCOL_REST_XML && is_s3_header(m->key)) continue;
        xml_element(b, m->key, json_text(&m->value));
    }
}

static void query_fault(const Service *s, const Fault *f, Str request_id, Arena *a,
                        HttpReply *reply)
{
    Buf b = {.a = a};
    xml_open_in(&b, S("ErrorResponse"), model_text(s, s->xmlns));
    xml_open(&b, S("Error"));
    xml_element(&b, S("Type"), f->status < 500 ? S("Sender") : S("Receiver"));
    xml_element(&b, S("Code"), f->code);
    xml_element(&b, S("Message"), f->message);
    put_members(&b, s, f);
    xml_close(&b, S("Error"));
    xml_element(&b, S("RequestId"), request_id);
    xml_close(&b, S("ErrorResponse"));
    reply->body = buf_str(&b);
    http_reply_add(reply, a, S("x-amzn-RequestId"), request_id);
    http_reply_add(reply, a, S("Content-Type"), S("text/xml"));
}

static Str s3_error_document(const Service *s, const Fault *f, Str request_id, Str host_id,
                             Arena *a)
{
    Buf b = {.a = a};
    xml_declaration(&b);
    xml_open(&b, S("Error"));
    xml_element(&b, S("Code"), f->code);
    xml_element(&b, S("Message"), f->message);
    put_members(&b, s, f);
    xml_element(&b, S("RequestId"), request_id);
    xml_element(&b, S("HostId"), host_id);
    xml_close(&b, S("Error"));
    return buf_str(&b);
}

/* 304 has no body either: it is how GET with If-None-Match says "not modified". */
static void s3_fault(const Service *s, const Operation *op, const Fault *f, Str request_id,
                     Arena *a, HttpReply *reply)
{
    Str host_id = base64_encode(a, request_id);
    http_reply_add(reply, a, S("x-amz-request-id"), request_id);
    http_reply_add(reply, a, S("x-amz-id-2"), host_id);
    for (int32_t i = 0; i < json_count(&f->members); i++) {
        const JsonMember *m = &f->members.members[i];
        if (is_s3_header(m->key)) http_reply_add(reply, a, m->key, json_text(&m->value));
    }
    if ((op && op->method == METHOD_HEAD) || f->status == 304) return;
    reply->body = s3_error_document(s, f, request_id, host_id, a);
    http_reply_add(reply, a, S("Content-Type"), S("application/xml"));
}

void protocol_encode_fault(Protocol protocol, const Service *s, const Operation *op, const Fault *f,
                           Str request_id, Arena *a, HttpReply *reply)
{
    *reply = (HttpReply){.status = f->status, .body = S("")};
    switch (protocol) {
    case PROTOCOL_AWS_JSON_1_0:
    case PROTOCOL_AWS_JSON_1_1:
    case PROTOCOL_REST_JSON: json_fault(s, f, request_id, a, reply); break;
    case PROTOCOL_RPC_CBOR:
        rpccbor_encode_fault(s, f, message_key(s, f->code), well_formed(f->message, a), request_id,
                             a, reply);
        break;
    case PROTOCOL_AWS_QUERY: query_fault(s, f, request_id, a, reply); break;
    case PROTOCOL_REST_XML: s3_fault(s, op, f, request_id, a, reply); break;
    default: unreachable();
    }
}
