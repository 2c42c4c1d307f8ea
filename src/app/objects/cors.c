/* cors.c - a bucket's CORS rules asked for each request that comes from a page. */
#include "app/objects/cors.h"

#include "base/encode.h"
#include "core/bucket/cors.h"
#include "store/buckets.h"

bool cors_is_preflight(const HttpRequest *r)
{
    return str_eq(r->method, S("OPTIONS"));
}

/* Virtual-host style, else the path's first segment. */
static Str bucket_name(const Call *call)
{
    const HttpRequest *r = call->http;
    Str name = route_bucket_of_host(r->host, S("localhost"));
    if (!str_absent(name)) return name;
    Str rest = str_slice(r->path, 1, r->path.n);
    int64_t slash = str_find_char(rest, '/');
    name = str_slice(rest, 0, slash < 0 ? rest.n : slash);
    return percent_decode(call->arena, name, false, &name) ? name : S("");
}

static bool find_rules(const Call *call, Json *out)
{
    Bucket b;
    Error none;
    Objects *o = call->server->objects;
    return bucket_find(o, bucket_name(call), call->arena, &b, &none) &&
           bucket_config(o, b.id, S("cors"), S(""), call->arena, out);
}

static Str joined(Arena *a, const Json *words)
{
    Buf b = {.a = a};
    for (int32_t i = 0; i < json_count(words); i++) {
        if (i) buf_put(&b, S(", "));
        buf_put(&b, json_text(json_at(words, i)));
    }
    return buf_str(&b);
}

static void add_headers(Call *call, const Json *rule, const CorsQuestion *q, bool any_origin,
                        HttpReply *reply)
{
    Arena *a = call->arena;
    const Json *exposed = json_get(rule, S("ExposeHeaders")),
               *seconds = json_get(rule, S("MaxAgeSeconds"));
    http_reply_add(reply, a, S("Access-Control-Allow-Origin"), any_origin ? S("*") : q->origin);
    http_reply_add(reply, a, S("Access-Control-Allow-Methods"),
                   joined(a, json_get(rule, S("AllowedMethods"))));
    if (q->headers.n)
        http_reply_add(reply, a, S("Access-Control-Allow-Headers"), str_lower(a, q->headers));
    if (json_count(exposed))
        http_reply_add(reply, a, S("Access-Control-Expose-Headers"), joined(a, exposed));
    if (seconds) http_reply_add(reply, a, S("Access-Control-Max-Age"), json_text(seconds));
    if (!any_origin) http_reply_add(reply, a, S("Access-Control-Allow-Credentials"), S("true"));
    http_reply_add(reply, a, S("Vary"),
                   S("Origin, Access-Control-Request-Headers, Access-Control-Request-Method"));
}

static bool forbidden(Call *call, Str method, const char *why, Error *err)
{
    json_put(&call->error_members, S("Method"), json_string(method));
    json_put(&call->error_members, S("ResourceType"), json_string(S("BUCKET")));
    return error_set(err, ERR_S3_ACCESS_FORBIDDEN, "CORSResponse: %s", why);
}

static bool question(Call *call, CorsQuestion *q, Error *err)
{
    *q = (CorsQuestion){
        .origin = http1_header(call->http, S("Origin")),
        .method = http1_header(call->http, S("Access-Control-Request-Method")),
        .headers = http1_header(call->http, S("Access-Control-Request-Headers")),
    };
    if (str_absent(q->origin))
        return error_set(err, ERR_S3_BAD_REQUEST,
                         "Insufficient information. Origin request header needed.");
    return !str_absent(q->method) ||
           error_set(err, ERR_S3_BAD_REQUEST, "Invalid Access-Control-Request-Method: null");
}

bool cors_preflight(Call *call, Error *err)
{
    CorsQuestion q;
    Json rules;
    bool any_origin;
    if (!question(call, &q, err)) return false;
    if (!find_rules(call, &rules))
        return forbidden(call, q.method, "CORS is not enabled for this bucket.", err);
    const Json *rule = cors_rule(&rules, &q, &any_origin);
    if (!rule)
        return forbidden(call, q.method,
                         "This CORS request is not allowed. This is usually because the evalution "
                         "of Origin, request method / Access-Control-Request-Method or "
                         "Access-Control-Request-Headers are not whitelisted by the resource's "
                         "CORS spec.",
                         err);
    call->admin_reply = (HttpReply){.status = 200, .body = S("")};
    http_reply_add(&call->admin_reply, call->arena, S("x-amz-request-id"), call->request_id);
    add_headers(call, rule, &q, any_origin, &call->admin_reply);
    return true;
}

void cors_add(Call *call, HttpReply *reply)
{
    CorsQuestion q = {.origin = http1_header(call->http, S("Origin")),
                      .method = call->http->method};
    Json rules;
    bool any_origin;
    if (str_absent(q.origin) || !find_rules(call, &rules)) return;
    const Json *rule = cors_rule(&rules, &q, &any_origin);
    if (rule) add_headers(call, rule, &q, any_origin, reply);
}
