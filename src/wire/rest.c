/* rest.c - what restXml and restJson share: members in headers, query, path, status, payload. */
#include "base/encode.h"
#include "wire/protocol.h"
#include "wire/scalar.h"
#include "wire/shape.h"

static bool is_s3(const Service *s)
{
    return s->protocol == PROTOCOL_REST_XML;
}

static const char *place_of(const Member *m)
{
    return m->location == IN_URI     ? "path label"
           : m->location == IN_QUERY ? "query parameter"
                                     : "header";
}

/* S3 answers with the argument's name and value (its API reference, "List of error codes",
 * InvalidArgument). */
static bool bad_argument(const Service *s, const Member *m, Str value, const char *rule, Arena *a,
                         Fault *fault)
{
    Str wire = model_text(s, m->wire);
    if (!is_s3(s))
        return fault_set(fault, s, ERR_SERIALIZATION, a, "The %s %.*s is not %s.", place_of(m),
                         STR(wire), rule);
    bool integer = str_eq(str_from(rule), S("an integer"));
    Str text =
        integer ? str_printf(a, "Provided %.*s not an integer or within integer range", STR(wire))
                : str_printf(a, "Provided %.*s is not %s", STR(wire), rule);
    fault_named(fault, S("InvalidArgument"), 400, text);
    fault_add(fault, a, S("ArgumentName"), wire);
    fault_add(fault, a, S("ArgumentValue"), str_slice(value, 0, 256));
    return false;
}

/* RFC 9110, 13.1.3: a recipient ignores a date that is not one. S3 does so with If-Modified-Since
 * and its kin. */
static bool is_ignorable(const Service *s, const Member *m)
{
    return is_s3(s) && m->location == IN_HEADER && model_shape(s, m)->type == SHAPE_TIMESTAMP;
}

static bool put_scalar(const Service *s, const Member *m, Str text, Arena *a, JsonObject *in,
                       Fault *fault)
{
    const char *rule;
    Json v;
    if (!scalar_parse(s, m, text, a, &v, &rule))
        return is_ignorable(s, m) || bad_argument(s, m, text, rule, a, fault);
    json_put(in, model_text(s, m->name), v);
    return true;
}

static bool add_parts(const Service *s, const Member *m, Str text, Arena *a, JsonArray *items,
                      Fault *fault)
{
    const char *rule;
    Str part;
    while (str_cut(&text, ',', &part)) {
        Json v;
        if (!str_trim(part).n) continue;
        if (!scalar_parse(s, model_item(s, model_shape(s, m)), str_trim(part), a, &v, &rule))
            return bad_argument(s, m, part, rule, a, fault);
        json_add(items, v);
    }
    return true;
}

/* x-amz-object-attributes: "a, b" in one header or in several. */
static bool put_header_list(const Service *s, const Member *m, const HttpRequest *r, Str text,
                            Arena *a, JsonObject *in, Fault *fault)
{
    JsonArray items = {.a = a};
    bool header = false;
    for (int i = 0; i < r->headers_n; i++) {
        if (!str_eq_nocase(r->headers[i].name, model_text(s, m->wire))) continue;
        header = true;
        if (!add_parts(s, m, r->headers[i].value, a, &items, fault)) return false;
    }
    if (!header && !add_parts(s, m, text, a, &items, fault)) return false;
    json_put(in, model_text(s, m->name), json_array(&items));
    return true;
}

static bool put_header(const Route *route, const Member *m, const HttpRequest *r, Arena *a,
                       JsonObject *in, Fault *fault)
{
    const Service *s = route->service;
    Str text = route_header(route, r, model_text(s, m->wire));
    if (str_absent(text)) return true;
    if (model_shape(s, m)->type == SHAPE_LIST) return put_header_list(s, m, r, text, a, in, fault);
    return put_scalar(s, m, text, a, in, fault);
}

static void put_prefixed(Str prefix, Str name, Str value, Arena *a, JsonObject *map)
{
    if (name.n <= prefix.n || !str_eq_nocase(str_slice(name, 0, prefix.n), prefix)) return;
    json_put(map, str_lower(a, str_slice(name, prefix.n, name.n)), json_string(value));
}

/* All headers with a prefix as a map: x-amz-meta-*. Names compare without case and are kept in
 * lower case. */
static void put_headers(const Route *route, const Member *m, const HttpRequest *r, Arena *a,
                        JsonObject *in)
{
    Str prefix = model_text(route->service, m->wire);
    JsonObject map = {.a = a};
    for (int i = 0; i < r->headers_n; i++)
        put_prefixed(prefix, r->headers[i].name, r->headers[i].value, a, &map);
    for (int64_t i = 0; i < route->query.n; i++)
        put_prefixed(prefix, route->query.pairs[i].name, route->query.pairs[i].value, a, &map);
    if (map.n) json_put(in, model_text(route->service, m->name), json_object(&map));
}

static bool put_query_list(const Service *s, const Member *m, const Form *query, Arena *a,
                           JsonObject *in, Fault *fault)
{
    JsonArray items = {.a = a};
    const Member *item = model_item(s, model_shape(s, m));
    const char *rule;
    for (int64_t i = 0; i < query->n; i++) {
        Json v;
        if (!str_eq(query->pairs[i].name, model_text(s, m->wire))) continue;
        if (!scalar_parse(s, item, query->pairs[i].value, a, &v, &rule))
            return bad_argument(s, m, query->pairs[i].value, rule, a, fault);
        json_add(&items, v);
    }
    if (items.n) json_put(in, model_text(s, m->name), json_array(&items));
    return true;
}

static bool put_query(const Service *s, const Member *m, const Form *query, Arena *a,
                      JsonObject *in, Fault *fault)
{
    const FormPair *pair = form_find(query, model_text(s, m->wire));
    if (model_shape(s, m)->type == SHAPE_LIST) return put_query_list(s, m, query, a, in, fault);
    return !pair || put_scalar(s, m, pair->value, a, in, fault);
}

static bool put_label(const Service *s, const Member *m, const Route *route, Arena *a,
                      JsonObject *in, Fault *fault)
{
    for (int i = 0; i < route->labels_n; i++) {
        Str text = route->labels[i].value;
        if (!str_eq(route->labels[i].name, model_text(s, m->wire))) continue;
        bool readable = percent_decode(a, text, false, &text);
        if (readable && (!is_s3(s) || utf8_valid(text)))
            return put_scalar(s, m, text, a, in, fault);
        if (is_s3(s))
            return fault_named(fault, S("InvalidURI"), 400, S("Couldn't parse the specified URI."));
        return bad_argument(s, m, text, "percent-encoded UTF-8", a, fault);
    }
    return true;
}

/* A payload that is text or bytes is taken as it is; structures are decoded by the body's format.
 */
static bool put_payload(const Service *s, const Member *m, Str body, JsonObject *in)
{
    ShapeType type = (ShapeType)model_shape(s, m)->type;
    if ((type != SHAPE_BLOB && type != SHAPE_STRING) || m->flags & MEMBER_STREAMING) return false;
    if (body.n) json_put(in, model_text(s, m->name), json_string(body));
    return true;
}

static bool put_member(const Route *route, const HttpRequest *r, const Member *m, Arena *a,
                       JsonObject *in, Fault *fault)
{
    const Service *s = route->service;
    switch ((Location)m->location) {
    case IN_HEADER: return put_header(route, m, r, a, in, fault);
    case IN_HEADERS: return put_headers(route, m, r, a, in), true;
    case IN_URI: return put_label(s, m, route, a, in, fault);
    case IN_QUERY: return put_query(s, m, &route->query, a, in, fault);
    case IN_BODY:
    case IN_PAYLOAD:
    case IN_STATUS: return true;
    default: unreachable();
    }
}

static bool decode_body(const Operation *op, Str body, Arena *a, JsonObject *in, Fault *fault)
{
    const Member *payload = model_payload(op->service, model_input(op));
    if (op->flags & (OPERATION_INPUT_STREAMS | OPERATION_INPUT_EVENTS)) return true;
    if (payload && put_payload(op->service, payload, body, in)) return true;
    if (is_s3(op->service)) return restxml_decode_body(op, body, a, in, fault);
    return restjson_decode_body(op, body, a, in, fault);
}

bool rest_decode(const Route *route, const HttpRequest *r, Str body, Arena *a, Json *in,
                 Fault *fault)
{
    const Operation *op = route->operation;
    const Shape *shape = model_input(op);
    JsonObject o = {.a = a};
    for (int i = 0; shape && i < shape->members_n; i++)
        if (!put_member(route, r, &op->service->members[shape->members + i], a, &o, fault))
            return false;
    if (shape && !decode_body(op, body, a, &o, fault)) return false;
    *in = json_object(&o);
    return true;
}

static Str header_list_text(const Service *s, const Member *m, const Json *v, Arena *a)
{
    Buf b = {.a = a};
    for (int32_t i = 0; i < v->n; i++) {
        if (i) buf_put(&b, S(","));
        buf_put(&b, scalar_text(model_item(s, model_shape(s, m)), &v->items[i], a));
    }
    return buf_str(&b);
}

static void reply_member(const Service *s, const Member *m, const Json *v, Arena *a,
                         HttpReply *reply)
{
    Str wire = model_text(s, m->wire);
    if (m->location == IN_HEADER && v->type == JSON_ARRAY)
        http_reply_add(reply, a, wire, header_list_text(s, m, v, a));
    else if (m->location == IN_HEADER)
        http_reply_add(reply, a, wire, scalar_text(m, v, a));
    else if (m->location == IN_STATUS)
        reply->status = (int)json_int_or(v, reply->status);
    else if (m->location == IN_HEADERS && v->type == JSON_OBJECT)
        for (int32_t i = 0; i < v->n; i++)
            http_reply_add(reply, a, str_printf(a, "%.*s%.*s", STR(wire), STR(v->members[i].key)),
                           json_text(&v->members[i].value));
}

/* true: the body is the payload's text or bytes. */
static bool reply_payload(const Operation *op, const Json *out, Str payload, HttpReply *reply)
{
    const Service *s = op->service;
    const Member *m = model_payload(s, model_output(op));
    if (!m) return false;
    ShapeType type = (ShapeType)model_shape(s, m)->type;
    if (type != SHAPE_BLOB && type != SHAPE_STRING) {
        if (op->flags & OPERATION_OUTPUT_EVENTS) reply->body = payload;
        return op->flags & OPERATION_OUTPUT_EVENTS;
    }
    reply->body = str_absent(payload) ? json_text(json_get(out, model_text(s, m->name))) : payload;
    return true;
}

void rest_encode(const Operation *op, const Json *out, Str payload, Str request_id, Arena *a,
                 HttpReply *reply)
{
    const Service *s = op->service;
    int cursor = 0;
    http_reply_add(reply, a, is_s3(s) ? S("x-amz-request-id") : S("x-amzn-RequestId"), request_id);
    if (is_s3(s)) http_reply_add(reply, a, S("x-amz-id-2"), base64_encode(a, request_id));
    if (op->output == MODEL_NONE) return;
    for (int32_t i = 0; i < (json_is(out, JSON_OBJECT) ? out->n : 0); i++) {
        const Member *m = model_next_member(s, model_output(op), out->members[i].key, &cursor);
        if (m && out->members[i].value.type != JSON_NULL)
            reply_member(s, m, &out->members[i].value, a, reply);
    }
    if (is_s3(s) && json_get(out, S("ContentRange"))) reply->status = 206;
    if (op->method == METHOD_HEAD || reply_payload(op, out, payload, reply)) return;
    if (is_s3(s))
        restxml_encode_body(op, out, a, reply);
    else
        restjson_encode_body(op, out, a, reply);
}
