/* http_task_request.c - the parameters of an HTTP task become a request. */
#include "app/states/http_task.h"

#include "app/events/connections.h"

static bool refuse(HttpTaskRefusal *why, Str cause)
{
    *why = (HttpTaskRefusal){S("States.Runtime"), cause};
    return false;
}

static Str scalar(Arena *a, const Json *v)
{
    return v->type == JSON_STRING ? json_text(v) : json_to_str(a, v);
}

/* ---- headers ---- */

/* The page "Call HTTPS APIs" lists what cannot be set. */
static bool is_reserved(Str name)
{
    static const char *const names[] = {"a-im",
                                        "accept-charset",
                                        "accept-datetime",
                                        "accept-encoding",
                                        "authorization",
                                        "cache-control",
                                        "connection",
                                        "content-encoding",
                                        "content-length",
                                        "content-md5",
                                        "date",
                                        "expect",
                                        "forwarded",
                                        "from",
                                        "host",
                                        "http2-settings",
                                        "if-match",
                                        "if-modified-since",
                                        "if-none-match",
                                        "if-range",
                                        "if-unmodified-since",
                                        "max-forwards",
                                        "origin",
                                        "pragma",
                                        "proxy-authorization",
                                        "referer",
                                        "server",
                                        "te",
                                        "trailer",
                                        "transfer-encoding",
                                        "upgrade",
                                        "via",
                                        "warning"};
    static const char *const prefixes[] = {"x-forwarded", "x-amz", "x-amzn"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq_nocase(name, str_from(names[i]))) return true;
    for (int i = 0; i < countof(prefixes); i++) {
        Str p = str_from(prefixes[i]);
        if (str_eq_nocase(str_slice(name, 0, p.n), p)) return true;
    }
    return false;
}

static Str joined(Arena *a, const Json *v)
{
    StrVec parts = {0};
    if (v->type != JSON_ARRAY) return scalar(a, v);
    for (int32_t i = 0; i < v->n; i++) *vec_push(a, &parts) = scalar(a, &v->items[i]);
    return str_join(a, parts.p, parts.n, S(","));
}

static bool put_headers(Arena *a, const Json *given, Str region, HttpFields *out,
                        HttpTaskRefusal *why)
{
    http_fields_set(a, out, S("User-Agent"),
                    str_printf(a, "Amazon|StepFunctions|HttpInvoke|%.*s", STR(region)), false);
    http_fields_set(a, out, S("Range"), S("bytes=0-262144"), false);
    if (given && given->type != JSON_OBJECT) return refuse(why, S("Headers must be an object."));
    for (int32_t i = 0; i < json_count(given); i++) {
        const JsonMember *m = &given->members[i];
        if (is_reserved(m->key))
            return refuse(why, str_printf(a, "The header '%.*s' cannot be set.", STR(m->key)));
        http_fields_set(a, out, m->key, joined(a, &m->value), false);
    }
    return true;
}

static Str header_of(const HttpFields *f, Str name)
{
    for (int64_t i = 0; i < f->n; i++)
        if (str_eq_nocase(f->p[i].name, name)) return f->p[i].value;
    return (Str){0};
}

/* ---- the query ---- */

static bool put_query(Arena *a, const Json *given, HttpFields *out, HttpTaskRefusal *why)
{
    if (given && given->type != JSON_OBJECT)
        return refuse(why, S("QueryParameters must be an object."));
    for (int32_t i = 0; i < json_count(given); i++) {
        const JsonMember *m = &given->members[i];
        if (m->value.type != JSON_ARRAY)
            *vec_push(a, out) = (HttpField){m->key, scalar(a, &m->value)};
        for (int32_t k = 0; m->value.type == JSON_ARRAY && k < m->value.n; k++)
            *vec_push(a, out) = (HttpField){m->key, scalar(a, &m->value.items[k])};
    }
    return true;
}

static Str with_query(Arena *a, Str url, const HttpFields *query)
{
    if (!query->n) return url;
    return str_printf(a, "%.*s%c%.*s", STR(url), str_find_char(url, '?') < 0 ? '?' : '&',
                      STR(http_fields_form(a, query, S(""))));
}

/* ---- the body ---- */

typedef enum ArrayFormat { BY_INDEX, BY_BRACKETS, BY_COMMAS, BY_REPEAT } ArrayFormat;

static bool array_format(Str name, ArrayFormat *out)
{
    static const char *const names[] = {"INDICES", "BRACKETS", "COMMAS", "REPEAT"};
    *out = BY_INDEX;
    if (str_absent(name) || str_eq(name, S("NONE"))) return true;
    for (int i = 0; i < countof(names); i++) {
        *out = (ArrayFormat)i;
        if (str_eq(name, str_from(names[i]))) return true;
    }
    return false;
}

static void flatten(Arena *a, HttpFields *out, Str name, const Json *v, ArrayFormat format,
                    int depth)
{
    bool list = v->type == JSON_ARRAY;
    if (depth > HTTP_TASK_DEPTH_MAX) return;
    if (v->type < JSON_ARRAY || (list && format == BY_COMMAS)) {
        *vec_push(a, out) = (HttpField){name, v->type == JSON_NULL ? S("") : joined(a, v)};
        return;
    }
    for (int32_t i = 0; i < v->n; i++) {
        Str key = list ? str_printf(a, "%" PRId32, i) : v->members[i].key;
        Str inner = !name.n                       ? key
                    : list && format == BY_REPEAT ? name
                    : list && format == BY_BRACKETS
                        ? str_printf(a, "%.*s[]", STR(name))
                        : str_printf(a, "%.*s[%.*s]", STR(name), STR(key));
        flatten(a, out, inner, list ? &v->items[i] : &v->members[i].value, format, depth + 1);
    }
}

static bool form_body(Arena *a, const Json *transform, const Json *body, HttpTaskRequest *out,
                      HttpTaskRefusal *why)
{
    ArrayFormat format;
    HttpFields form = {0};
    if (body->type != JSON_OBJECT)
        return refuse(why, S("A RequestBody that is URL-encoded must be an object."));
    if (!array_format(json_text(json_find(transform, "RequestEncodingOptions.ArrayFormat")),
                      &format))
        return refuse(why, S("Transform.RequestEncodingOptions.ArrayFormat is not one of INDICES, "
                             "REPEAT, COMMAS, BRACKETS, NONE."));
    flatten(a, &form, S(""), body, format, 0);
    out->body = http_fields_form(a, &form, S("[]"));
    if (str_absent(header_of(&out->headers, S("Content-Type"))))
        http_fields_set(a, &out->headers, S("Content-Type"), S("application/x-www-form-urlencoded"),
                        false);
    return true;
}

static bool put_body(Arena *a, const Json *given, const Json *body, HttpTaskRequest *out,
                     HttpTaskRefusal *why)
{
    const Json *transform = json_get(given, S("Transform"));
    Str encoding = json_text(json_get(transform, S("RequestBodyEncoding")));
    if (!body) return true;
    if (str_eq(encoding, S("URL_ENCODED"))) return form_body(a, transform, body, out, why);
    if (!str_absent(encoding) && !str_eq(encoding, S("NONE")))
        return refuse(why, S("Transform.RequestBodyEncoding is not URL_ENCODED or NONE."));
    Str type = header_of(&out->headers, S("Content-Type"));
    bool plain = !str_absent(type) && str_find(str_lower(a, type), S("json")) < 0;
    out->body = plain ? scalar(a, body) : json_to_str(a, body);
    if (str_absent(type))
        http_fields_set(a, &out->headers, S("Content-Type"), S("application/json; charset=UTF-8"),
                        false);
    return true;
}

/* ---- the whole ---- */

static bool check_address(const HttpTaskRequest *r, Arena *a, HttpTaskRefusal *why)
{
    static const char *const methods[] = {"GET",   "POST",    "PUT", "DELETE",
                                          "PATCH", "OPTIONS", "HEAD"};
    HttpUrl u;
    if (!http_client_url(a, r->url, &u)) return refuse(why, S("ApiEndpoint is not an HTTPS URL."));
    if (str_absent(r->connection_arn))
        return refuse(why, S("Authentication.ConnectionArn is required."));
    for (int i = 0; i < countof(methods); i++)
        if (str_eq(r->method, str_from(methods[i]))) return true;
    return refuse(why, S("Method is not one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD."));
}

bool http_task_request(Arena *a, const Json *given, Str region, const ConnectionUse *use,
                       HttpTaskRequest *out, HttpTaskRefusal *why)
{
    HttpFields query = {0};
    const Json *body = json_get(given, S("RequestBody"));
    Json merged = body ? *body : (Json){0};
    *out = (HttpTaskRequest){.connection_arn =
                                 json_text(json_find(given, "Authentication.ConnectionArn")),
                             .method = json_text(json_get(given, S("Method"))),
                             .url = json_text(json_get(given, S("ApiEndpoint"))),
                             .endpoint = json_text(json_get(given, S("ApiEndpoint")))};
    if (!out->connection_arn.n)
        out->connection_arn = json_text(json_find(given, "InvocationConfig.ConnectionArn"));
    if (!check_address(out, a, why) ||
        !put_headers(a, json_get(given, S("Headers")), region, &out->headers, why) ||
        !put_query(a, json_get(given, S("QueryParameters")), &query, why))
        return false;
    if (use) connection_add(a, use, &out->headers, &query, &merged);
    out->url = with_query(a, out->url, &query);
    return put_body(a, given, body || merged.type != JSON_NULL ? &merged : NULL, out, why);
}
