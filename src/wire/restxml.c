/* restxml.c - the XML bodies of S3's requests and replies. */
#include "wire/protocol.h"
#include "wire/shape.h"

static bool malformed(Fault *fault)
{
    return fault_named(fault, S("MalformedXML"), 400,
                       S("The XML you provided was not well-formed or did not validate against our "
                         "published schema"));
}

/* The root is the payload member, or the input itself with its body members. */
static Str input_root(const Operation *op, const Member *payload)
{
    return model_text(op->service, payload ? payload->wire : op->input_root);
}

static bool decode_root(const Operation *op, const Member *payload, const XmlNode *root, Arena *a,
                        JsonObject *in, Fault *fault)
{
    const Service *s = op->service;
    if (!payload) return shape_members_from_xml(s, model_input(op), root, NULL, a, in, fault);
    ShapePath here = {.name = model_text(s, payload->name), .depth = 1};
    Json v = {0};
    if (!shape_from_xml(s, payload, root, &here, a, &v, fault)) return false;
    json_put(in, here.name, v);
    return true;
}

bool restxml_decode_body(const Operation *op, Str body, Arena *a, JsonObject *in, Fault *fault)
{
    const Member *payload = model_payload(op->service, model_input(op));
    Str name = input_root(op, payload);
    XmlNode *root;
    Error err;
    if (!name.n || !str_trim(body).n) return true;
    if (!xml_parse(body, a, &root, &err)) return malformed(fault);
    if (!str_eq(root->name, name)) return malformed(fault);
    return decode_root(op, payload, root, a, in, fault);
}

static void finish(Buf *b, Arena *a, HttpReply *reply)
{
    http_reply_add(reply, a, S("Content-Type"), S("application/xml"));
    reply->body = buf_str(b);
}

/* GetBucketLocation: <LocationConstraint xmlns="...">eu-west-1</LocationConstraint>, empty for
 * us-east-1. */
static void encode_unwrapped(const Operation *op, const Json *out, Str root, Buf *b)
{
    xml_open_in(b, root, model_text(op->service, op->service->xmlns));
    if (json_count(out)) xml_text(b, json_text(&out->members[0].value));
    xml_close(b, root);
}

static void encode_payload(const Operation *op, const Member *m, const Json *v, Buf *b)
{
    const Service *s = op->service;
    Str root = model_text(s, m->wire);
    xml_open_in(b, root, model_text(s, s->xmlns));
    shape_members_to_xml(b, s, model_shape(s, m), v);
    xml_close(b, root);
}

void restxml_encode_body(const Operation *op, const Json *out, Arena *a, HttpReply *reply)
{
    const Service *s = op->service;
    const Member *payload = model_payload(s, model_output(op));
    const Json *v = payload ? json_get(out, model_text(s, payload->name)) : out;
    Str root = model_text(s, op->output_root);
    Buf b = {.a = a};
    if (!v || (!payload && !root.n)) return;
    xml_declaration(&b);
    if (payload) {
        encode_payload(op, payload, v, &b);
    } else if (op->flags & OPERATION_UNWRAPPED) {
        encode_unwrapped(op, out, root, &b);
    } else {
        xml_open_in(&b, root, model_text(s, s->xmlns));
        shape_members_to_xml(&b, s, model_output(op), out);
        xml_close(&b, root);
    }
    finish(&b, a, reply);
}
