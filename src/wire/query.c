/* query.c - awsQuery: forms in, XML with a result element and the request's id out. */
#include "wire/protocol.h"
#include "wire/shape.h"

bool query_decode(const Operation *op, const Form *form, Arena *a, Json *in, Fault *fault)
{
    JsonObject o = {.a = a};
    check(form->sorted);
    if (op->input != MODEL_NONE &&
        !shape_members_from_form(op->service, model_input(op), form, S(""), NULL, a, &o, fault))
        return false;
    *in = json_object(&o);
    return true;
}

static void put_metadata(Buf *b, Str request_id)
{
    xml_open(b, S("ResponseMetadata"));
    xml_element(b, S("RequestId"), request_id);
    xml_close(b, S("ResponseMetadata"));
}

void query_encode(const Operation *op, const Json *out, Str request_id, Arena *a, HttpReply *reply)
{
    const Service *s = op->service;
    Str root = str_printf(a, "%.*sResponse", STR(model_operation_name(op))),
        result = model_text(s, op->output_root);
    Buf b = {.a = a};
    xml_open_in(&b, root, model_text(s, s->xmlns));
    if (result.n) {
        xml_open(&b, result);
        shape_members_to_xml(&b, s, model_output(op), out);
        xml_close(&b, result);
    }
    put_metadata(&b, request_id);
    xml_close(&b, root);
    http_reply_add(reply, a, S("x-amzn-RequestId"), request_id);
    http_reply_add(reply, a, S("Content-Type"), S("text/xml"));
    reply->body = buf_str(&b);
}
