/* protocol_echo.c - writes the replies that outputs become, for a test that lets botocore read them. */
#include "base/encode.h"
#include "wire/protocol.h"
#include "wire/validate.h"

/* Standard input: one JSON object a line, {"service", "operation", "out"} or, for an error,
 * {"service", "operation", "fault":
 * {"code", "status", "message", "members"}}. Standard output: {"status", "headers": [[name,
 * value]], "body": Base64, "wrong"}. */

static Json headers_of(const HttpReply *reply, Arena *a)
{
    JsonArray all = {.a = a};
    for (int64_t i = 0; i < reply->headers.n; i++) {
        JsonArray pair = {.a = a};
        json_add(&pair, json_string(reply->headers.p[i].name));
        json_add(&pair, json_string(reply->headers.p[i].value));
        json_add(&all, json_array(&pair));
    }
    return json_array(&all);
}

static Fault read_fault(const Json *v)
{
    Fault f = {.code = json_text(json_get(v, S("code"))),
               .status = (int)json_int_or(json_get(v, S("status")), 400),
               .message = json_text(json_get(v, S("message")))};
    if (json_get(v, S("members"))) f.members = *json_get(v, S("members"));
    return f;
}

static Json answer(const Json *asked, Arena *a)
{
    const Service *s = model_service(json_text(json_get(asked, S("service"))));
    check(s);
    const Operation *op = model_operation(s, json_text(json_get(asked, S("operation"))));
    const Json *out = json_get(asked, S("out")), *fault = json_get(asked, S("fault"));
    HttpReply reply;
    check(op);
    Fault f = read_fault(fault);
    if (fault)
        protocol_encode_fault(s->protocol, s, op, &f, S("id-1"), a, &reply);
    else
        protocol_encode(op->service->protocol, op, out, (Str){0}, S("id-1"), a, &reply);
    JsonObject o = {.a = a};
    json_put(&o, S("status"), json_int(a, reply.status));
    json_put(&o, S("headers"), headers_of(&reply, a));
    json_put(&o, S("body"), json_string(base64_encode(a, reply.body)));
    if (out) json_put_text(&o, S("wrong"), validate_output(op, out, a));
    return json_object(&o);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        Arena a = {0};
        Json asked;
        Error err = {0};
        check(json_parse((Str){line, n}, &a, &asked, &err));
        Json v = answer(&asked, &a);
        Str text = json_to_str(&a, &v);
        printf("%.*s\n", STR(text));
        fflush(stdout);
        arena_free(&a);
    }
    free(line);
    return 0;
}
