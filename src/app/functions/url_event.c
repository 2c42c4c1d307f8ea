/* url_event.c - a request for a function's URL as an event of format 2.0, and the answer as a reply. */
#include "app/functions/urls.h"

#include "base/encode.h"
#include "base/time.h"
#include "wire/form.h"

/* ---- the event ---- */

/* Several of one name are joined by commas; cookies have a list of their own. */
static Json headers_of(const Call *call)
{
    Arena *a = call->arena;
    const HttpRequest *r = call->http;
    JsonObject o = {.a = a};
    for (int i = 0; i < r->headers_n; i++) {
        Str name = str_lower(a, r->headers[i].name), value = r->headers[i].value;
        bool told = str_eq(name, S("cookie"));
        for (int64_t k = 0; k < o.n && !told; k++)
            if ((told = str_eq(o.p[k].key, name)))
                o.p[k].value = json_string(
                    str_printf(a, "%.*s,%.*s", STR(json_text(&o.p[k].value)), STR(value)));
        if (!told) json_put(&o, name, json_string(value));
    }
    return json_object(&o);
}

static void put_cookies(const Call *call, JsonObject *o)
{
    JsonArray list = {.a = call->arena};
    Str one, rest = http1_header(call->http, S("Cookie"));
    while (rest.n && str_cut(&rest, ';', &one)) json_add(&list, json_string(str_trim(one)));
    if (list.n) json_put(o, S("cookies"), json_array(&list));
}

static void put_query(const Call *call, JsonObject *o)
{
    Form form;
    Arena *a = call->arena;
    JsonObject q = {.a = a};
    Str query = call->http->query;
    json_put_text(o, S("rawQueryString"), str_absent(query) ? S("") : query);
    if (!query.n || !form_parse(query, true, a, &form)) return;
    for (int64_t i = 0; i < form.n; i++) {
        Str value = str_absent(form.pairs[i].value) ? S("") : form.pairs[i].value;
        int64_t k = 0;
        while (k < q.n && !str_eq(q.p[k].key, form.pairs[i].name)) k++;
        if (k == q.n)
            json_put(&q, form.pairs[i].name, json_string(value));
        else
            q.p[k].value =
                json_string(str_printf(a, "%.*s,%.*s", STR(json_text(&q.p[k].value)), STR(value)));
    }
    json_put(o, S("queryStringParameters"), json_object(&q));
}

/* 12/Mar/2020:19:03:58 +0000 */
static Str clock_time(Arena *a, Millis t)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t month = 1;
    Str iso = time_iso8601(a, t);
    (void)!str_to_int(str_slice(iso, 5, 7), &month);
    return str_printf(a, "%.2s/%.3s/%.4s:%.8s +0000", iso.p + 8, months + 3 * (month - 1), iso.p,
                      iso.p + 11);
}

static Json http_of(const Call *call, const UrlRequest *u)
{
    JsonObject o = {.a = call->arena};
    Str agent = http1_header(call->http, S("User-Agent"));
    json_put_text(&o, S("method"), call->http->method);
    json_put_text(&o, S("path"), u->path);
    json_put_text(&o, S("protocol"), S("HTTP/1.1"));
    json_put_text(&o, S("sourceIp"), S("127.0.0.1"));
    json_put_text(&o, S("userAgent"), str_absent(agent) ? S("") : agent);
    return json_object(&o);
}

static Json authorizer_of(const Call *call)
{
    JsonObject o = {.a = call->arena}, iam = {.a = call->arena};
    json_put_text(&iam, S("accessKey"), call->who.access_key);
    json_put_text(&iam, S("accountId"), call->who.account);
    json_put(&o, S("iam"), json_object(&iam));
    return json_object(&o);
}

static Json context_of(const Call *call, const UrlRequest *u)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("accountId"), u->iam ? call->who.account : S("anonymous"));
    json_put_text(&o, S("apiId"), u->id);
    if (u->iam) json_put(&o, S("authorizer"), authorizer_of(call));
    json_put_text(&o, S("domainName"), u->domain);
    json_put_text(&o, S("domainPrefix"), u->id);
    json_put(&o, S("http"), http_of(call, u));
    json_put_text(&o, S("requestId"), call->request_id);
    json_put_text(&o, S("routeKey"), S("$default"));
    json_put_text(&o, S("stage"), S("$default"));
    json_put_text(&o, S("time"), clock_time(call->arena, call->now));
    json_put(&o, S("timeEpoch"), json_int(call->arena, call->now));
    return json_object(&o);
}

static bool is_text(const Call *call)
{
    static const char *const texts[] = {"text/", "application/json", "application/xml",
                                        "application/javascript",
                                        "application/x-www-form-urlencoded"};
    Str type = http1_header(call->http, S("Content-Type"));
    for (int i = 0; i < countof(texts); i++)
        if (str_starts(str_lower(call->arena, type), str_from(texts[i]))) return true;
    return str_absent(type);
}

Json url_event(const Call *call, const UrlRequest *u)
{
    JsonObject o = {.a = call->arena};
    bool text = is_text(call) && utf8_valid(call->body);
    json_put_text(&o, S("version"), S("2.0"));
    json_put_text(&o, S("routeKey"), S("$default"));
    json_put_text(&o, S("rawPath"), u->path);
    put_query(call, &o);
    put_cookies(call, &o);
    json_put(&o, S("headers"), headers_of(call));
    json_put(&o, S("requestContext"), context_of(call, u));
    if (call->body.n)
        json_put_text(&o, S("body"), text ? call->body : base64_encode(call->arena, call->body));
    json_put(&o, S("isBase64Encoded"), json_bool(call->body.n && !text));
    return json_object(&o);
}

/* ---- the reply ---- */

/* What belongs to the connection, not to the function; and what would be no header at all. */
static bool may_send(Str name, Str value)
{
    static const char *const own[] = {"content-length", "connection", "transfer-encoding",
                                      "keep-alive",     "te",         "upgrade",
                                      "trailer",        "date",       "x-amzn-requestid"};
    for (int i = 0; i < countof(own); i++)
        if (str_eq_nocase(name, str_from(own[i]))) return false;
    for (int64_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < ' ') return false;
    for (int64_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] == ':' || name.p[i] >= 127) return false;
    return name.n > 0;
}

/* true: it was Content-Type. */
static bool add_header(Call *call, Str name, const Json *value)
{
    Str text = json_is(value, JSON_STRING) || json_is(value, JSON_NUMBER)
                   ? json_text(value)
                   : json_to_str(call->arena, value);
    if (may_send(name, text)) http_reply_add(&call->admin_reply, call->arena, name, text);
    return str_eq_nocase(name, S("content-type"));
}

static void add_headers(Call *call, const Json *answer)
{
    bool typed = false;
    const Json *headers = json_get(answer, S("headers")), *cookies = json_get(answer, S("cookies"));
    for (int32_t i = 0; json_is(headers, JSON_OBJECT) && i < headers->n; i++)
        typed |= add_header(call, headers->members[i].key, &headers->members[i].value);
    for (int32_t i = 0; json_is(cookies, JSON_ARRAY) && i < cookies->n; i++)
        add_header(call, S("set-cookie"), &cookies->items[i]);
    if (!typed)
        http_reply_add(&call->admin_reply, call->arena, S("Content-Type"), S("application/json"));
}

static Str body_of(Call *call, const Json *answer)
{
    Str bytes;
    const Json *body = json_get(answer, S("body"));
    Str text = !body || body->type == JSON_NULL ? S("")
               : body->type == JSON_STRING      ? json_text(body)
                                                : json_to_str(call->arena, body);
    if (json_true(json_get(answer, S("isBase64Encoded"))) &&
        base64_decode(call->arena, text, &bytes))
        return bytes;
    return text;
}

static void add_request_id(Call *call)
{
    http_reply_add(&call->admin_reply, call->arena, S("x-amzn-RequestId"), call->request_id);
}

/* An answer without a statusCode is a body; "Response payloads" in the developer guide. */
void url_reply(Call *call, const InvocationEnd *end)
{
    Json answer = {0};
    Error err = {0};
    int64_t status = 0;
    bool parsed =
        !end->failed && json_parse(str_copy(call->arena, end->payload), call->arena, &answer, &err);
    const Json *code = parsed ? json_get(&answer, S("statusCode")) : NULL;
    bool shaped = code && json_to_int(code, &status) && status >= 200 && status <= 599;
    Json none = {0};
    call->admin_reply = (HttpReply){.status = 502, .body = S("Internal Server Error")};
    if (shaped)
        call->admin_reply = (HttpReply){.status = (int)status, .body = body_of(call, &answer)};
    else if (parsed && !code)
        call->admin_reply =
            (HttpReply){.status = 200,
                        .body = answer.type == JSON_STRING ? json_text(&answer)
                                                           : str_copy(call->arena, end->payload)};
    add_headers(call, shaped ? &answer : &none);
    add_request_id(call);
}
