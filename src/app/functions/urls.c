/* urls.c - requests for functions' URLs: found, allowed or not, invoked; and what browsers are told of other origins. */
#include "app/functions/urls.h"

#include "app/access/authorize.h"
#include "base/encode.h"

#define LABEL S(".lambda-url.")

/* ---- names ---- */

/* The function's number is its end, so that it can be found; the rest is chance. */
Str urls_new_id(Server *s, Arena *a, int64_t function)
{
    Str letters = str_lower(a, server_new_id(s, a, S(""), FUNCTION_URL_RANDOM));
    return str_printf(a, "%.*s%0*" PRIx64, STR(letters), FUNCTION_URL_NUMBER, function);
}

Str urls_address(Server *s, Arena *a, Str id)
{
    return str_printf(a, "%.*s%.*s%.*s/", STR(functions_endpoint(s, a)), STR(FUNCTION_URL_PREFIX),
                      STR(id));
}

static bool number_of(Str id, int64_t *function)
{
    char bytes[FUNCTION_URL_NUMBER / 2];
    *function = 0;
    if (id.n != FUNCTION_URL_RANDOM + FUNCTION_URL_NUMBER ||
        !hex_decode(str_slice(id, FUNCTION_URL_RANDOM, id.n), bytes, sizeof bytes))
        return false;
    for (int i = 0; i < countof(bytes); i++) *function = *function << 8 | (unsigned char)bytes[i];
    return true;
}

static bool is_host(Str host)
{
    int64_t colon = str_rfind_char(host, ':');
    if (colon > 0) host = str_slice(host, 0, colon);
    return str_find(host, LABEL) > 0 &&
           (str_ends(host, S(".localhost")) || str_ends(host, S(".on.aws")));
}

bool urls_is(const HttpRequest *r)
{
    return str_starts(r->path, FUNCTION_URL_PREFIX) || is_host(r->host);
}

static UrlRequest read_request(const Call *call)
{
    const HttpRequest *r = call->http;
    UrlRequest u = {.domain = r->host, .path = r->path};
    if (!str_starts(r->path, FUNCTION_URL_PREFIX)) {
        u.id = str_slice(r->host, 0, str_find(r->host, LABEL));
        return u;
    }
    Str rest = str_slice(r->path, FUNCTION_URL_PREFIX.n, r->path.n);
    int64_t slash = str_find_char(rest, '/');
    u.id = str_slice(rest, 0, slash < 0 ? rest.n : slash);
    u.path = slash < 0 ? S("/") : str_slice(rest, slash, rest.n);
    return u;
}

/* ---- finding ---- */

typedef struct Found {
    FunctionTarget target;
    Json settings;
} Found;

static bool find_setting(Server *s, Arena *a, Str id, int64_t function, FunctionSetting *out)
{
    FunctionSetting *all;
    int64_t n = function_setting_list(s->db, function, FUNCTION_URL_KIND, a, &all);
    for (int64_t i = 0; i < n; i++) {
        Json settings;
        Error err = {0};
        check(json_parse(all[i].content, a, &settings, &err));
        if (!str_eq(json_text(json_get(&settings, S("Id"))), id)) continue;
        *out = all[i];
        return true;
    }
    return false;
}

static bool find(Server *s, Arena *a, Str id, Found *out)
{
    int64_t number;
    FunctionRow row;
    Error err = {0};
    FunctionSetting setting;
    if (!number_of(id, &number) || !function_get(s->db, number, a, &row) ||
        !find_setting(s, a, id, number, &setting))
        return false;
    check(json_parse(setting.content, a, &out->settings, &err));
    return functions_find(s, row.account, row.region, row.name,
                          setting.qualifier.n ? setting.qualifier : (Str){0}, a, &out->target,
                          &err) &&
           functions_find_version(s, &out->target, a, &err);
}

/* ---- who may ---- */

static bool wants_iam(const Found *f)
{
    return str_eq(json_text(json_get(&f->settings, S("AuthType"))), S("AWS_IAM"));
}

bool urls_head(Call *call, Error *err)
{
    Found f;
    UrlRequest u = read_request(call);
    call->who = (Identity){.account = call->server->config.account, .region = S("us-east-1")};
    if (!find(call->server, call->arena, u.id, &f) || !wants_iam(&f)) return true;
    return auth_read(call, err) && (call->auth.kind == AUTH_NONE || auth_identify(call, err));
}

static bool allows_all(const Json *statement)
{
    const Json *who = json_get(statement, S("Principal"));
    Str action = json_text(json_get(statement, S("Action")));
    return (str_eq(json_text(who), S("*")) || str_eq(json_text(json_get(who, S("AWS"))), S("*"))) &&
           (str_eq(action, S("lambda:InvokeFunctionUrl")) || str_eq(action, S("lambda:*")));
}

/* Of a URL that asks for no signature the function's policy must say that all may. */
static bool is_public(Server *s, Arena *a, const Found *f)
{
    Json policy;
    Error err = {0};
    Str qualifier = str_absent(f->target.qualifier) ? S("") : f->target.qualifier;
    Str text = function_setting(s->db, f->target.row.n, qualifier, S("policy"), a);
    if (str_absent(text) || !json_parse(text, a, &policy, &err)) return false;
    const Json *list = json_get(&policy, S("Statement"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (allows_all(&list->items[i])) return true;
    return false;
}

static bool allowed(Call *call, const Found *f)
{
    Error err = {0};
    Server *s = call->server;
    bool enforce = s->config.enforce_auth;
    if (!wants_iam(f)) return !enforce || is_public(s, call->arena, f);
    if (call->auth.kind == AUTH_NONE) return false;
    return !enforce || (auth_verify_body(call, &err) &&
                        authorize_act(s, call->arena, &call->who, S("lambda:InvokeFunctionUrl"),
                                      f->target.arn, &err));
}

/* ---- other origins ---- */

static bool names(const Json *list, Str wanted)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        Str one = json_text(&list->items[i]);
        if (str_eq(one, S("*")) || str_eq_nocase(one, wanted)) return true;
    }
    return false;
}

static void add_list(Call *call, const Json *cors, const char *member, const char *header)
{
    Buf b = {.a = call->arena};
    const Json *list = json_get(cors, str_from(member));
    for (int32_t i = 0; i < json_count(list); i++) {
        if (i) buf_putc(&b, ',');
        buf_put(&b, json_text(&list->items[i]));
    }
    if (b.n) http_reply_add(&call->admin_reply, call->arena, str_from(header), buf_str(&b));
}

static void add_cors(Call *call, const Json *cors)
{
    Str origin = http1_header(call->http, S("Origin"));
    if (!cors || str_absent(origin) || !names(json_get(cors, S("AllowOrigins")), origin)) return;
    http_reply_add(&call->admin_reply, call->arena, S("Access-Control-Allow-Origin"), origin);
    http_reply_add(&call->admin_reply, call->arena, S("Vary"), S("Origin"));
    if (json_true(json_get(cors, S("AllowCredentials"))))
        http_reply_add(&call->admin_reply, call->arena, S("Access-Control-Allow-Credentials"),
                       S("true"));
    add_list(call, cors, "ExposeHeaders", "Access-Control-Expose-Headers");
}

/* Answered here when the URL has rules for it; else the function is asked. */
static bool is_preflight(const Call *call, const Json *cors)
{
    return cors && str_eq(call->http->method, S("OPTIONS")) &&
           !str_absent(http1_header(call->http, S("Access-Control-Request-Method")));
}

static CallResult preflight(Call *call, const Json *cors)
{
    const Json *age = json_get(cors, S("MaxAge"));
    call->admin_reply = (HttpReply){.status = 200};
    add_cors(call, cors);
    add_list(call, cors, "AllowMethods", "Access-Control-Allow-Methods");
    add_list(call, cors, "AllowHeaders", "Access-Control-Allow-Headers");
    if (age)
        http_reply_add(&call->admin_reply, call->arena, S("Access-Control-Max-Age"),
                       json_text(age));
    return CALL_DONE;
}

/* ---- handling ---- */

static CallResult refuse(Call *call, int status, const char *message)
{
    Str body = str_printf(call->arena, "{\"Message\":%s%s%s}", message ? "\"" : "",
                          message ? message : "null", message ? "\"" : "");
    call->admin_reply = (HttpReply){.status = status, .body = body};
    http_reply_add(&call->admin_reply, call->arena, S("Content-Type"), S("application/json"));
    return CALL_DONE;
}

/* The rules of the URL's Cors stay in call->out meanwhile. */
static void ended(Call *call, const InvocationEnd *end)
{
    url_reply(call, end);
    add_cors(call, json_get(&call->out, S("Cors")));
    call_answer(call, NULL);
}

CallResult urls_handle(Call *call)
{
    Found f;
    Error err = {0};
    UrlRequest u = read_request(call);
    if (!find(call->server, call->arena, u.id, &f)) return refuse(call, 404, NULL);
    const Json *cors = json_get(&f.settings, S("Cors"));
    if (is_preflight(call, cors)) return preflight(call, cors);
    if (!allowed(call, &f)) return refuse(call, 403, "Forbidden");
    u.iam = wants_iam(&f);
    Json event = url_event(call, &u);
    call->out = f.settings;
    InvocationAsk ask = {.function = f.target.row.n,
                         .version = functions_route(call->server, &f.target),
                         .arn = f.target.arn,
                         .request_id = call->request_id,
                         .payload = json_to_str(call->arena, &event),
                         .call = call,
                         .answer = ended};
    if (functions_invoke(call->server, &ask, &err)) return CALL_LATER;
    return refuse(call, 429, "Rate Exceeded.");
}
