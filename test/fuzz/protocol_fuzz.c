/* protocol_fuzz.c - whole requests of all services, understood; then the input as an output. */
#include "wire/protocol.h"
#include "wire/validate.h"
#include "wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first byte chooses the scope of the signature; further values: none, and one that nobody has.
 */
static Str scope_of(uint8_t choice)
{
    int i = choice % (model_services_n + 2);
    if (i == model_services_n) return (Str){0};
    if (i > model_services_n) return S("dynamodb");
    return model_text(model_services[i], model_services[i]->signing_name);
}

static bool is_plain_text(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\t' && s.p[i] != '\r')
            return false;
    return str_find(s, S("&#x")) < 0 && str_find(s, S("\xef\xbf")) < 0;
}

/* XML cannot say control characters, and names of map entries; all else that we write can be read.
 */
static void check_reply(const HttpReply *reply, Arena *a)
{
    Json v;
    XmlNode *root;
    Error err = {0};
    check(reply->status >= 200 && reply->status < 600);
    for (int64_t i = 0; i < reply->headers.n; i++) {
        check(str_find_char(reply->headers.p[i].name, '\n') < 0 && reply->headers.p[i].name.n);
        if (!str_eq(reply->headers.p[i].name, S("Content-Type"))) continue;
        bool json = str_find(reply->headers.p[i].value, S("json")) >= 0;
        bool xml = str_ends(reply->headers.p[i].value, S("xml"));
        if (json && reply->body.n && reply->body.p[0] == '{')
            check(json_parse(reply->body, a, &v, &err));
        if (xml && str_starts(reply->body, S("<")) && is_plain_text(reply->body))
            check(xml_parse(reply->body, a, &root, &err));
    }
}

static void check_fault(const Route *route, const Fault *fault, Arena *a)
{
    HttpReply reply;
    check(route->service && fault->code.n && fault->status >= 400 && fault->status < 600);
    protocol_encode_fault(route->protocol, route->service, route->operation, fault, S("id"), a,
                          &reply);
    check_reply(&reply, a);
}

static bool understand(Str scope, const HttpRequest *r, Str body, Arena *a, Route *route, Json *in,
                       Fault *fault)
{
    if (!route_head(r, scope, S("localhost"), a, route, fault)) return false;
    if (!route_body(r, body, a, route, fault)) return false;
    check(route->operation && route->operation->service == route->service);
    if (!protocol_decode(route, r, body, a, in, fault)) return false;
    const Shape *shape = model_input(route->operation);
    if (shape) check(str_absent(validate_types(route->service, shape, in, a)));
    return validate_input(route->operation, in, a, fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    static HttpRequest r;
    Str text = {(const char *)data + 1, (int64_t)n - 1};
    Route route;
    Fault fault = {0};
    Json in = {0};
    HttpReply reply;
    arena_reset(&a);
    int64_t head = n ? http1_parse(text, &r) : 0;
    if (head <= 0) return 0;
    if (!understand(scope_of(data[0]), &r, str_slice(text, head, text.n), &a, &route, &in,
                    &fault)) {
        check_fault(&route, &fault, &a);
        if (in.type != JSON_OBJECT) return 0;
    }
    protocol_encode(route.protocol, route.operation, &in, (Str){0}, S("id"), &a, &reply);
    check_reply(&reply, &a);
    return 0;
}
