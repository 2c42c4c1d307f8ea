/* route.c - which service a request is for, and which operation when the protocol names it (X-Amz-Target, Action). */
#include "wire/route.h"

/* Stand in for a service we do not have, so that the refusal is in words the client's SDK
 * understands. */
static const Service no_json = {
    .texts = "", .protocol = PROTOCOL_AWS_JSON_1_1, .body_bytes_max = 1 << 20};
static const Service no_query = {
    .texts = "", .protocol = PROTOCOL_AWS_QUERY, .body_bytes_max = 1 << 20};
static const Service no_rest = {
    .texts = "", .protocol = PROTOCOL_REST_JSON, .body_bytes_max = 1 << 20};

static bool is_json(const Service *s)
{
    return s->protocol == PROTOCOL_AWS_JSON_1_0 || s->protocol == PROTOCOL_AWS_JSON_1_1 ||
           s->protocol == PROTOCOL_RPC_CBOR;
}

static Str target_prefix(Str target)
{
    int64_t dot = str_rfind_char(target, '.');
    return dot < 0 ? (Str){0} : str_slice(target, 0, dot);
}

/* awsQuery, also where it is a service's older protocol. */
static bool takes_forms(const Service *s)
{
    return s->protocol == PROTOCOL_AWS_QUERY || s->protocol == PROTOCOL_RPC_CBOR;
}

static const Service *service_by_target(Str target)
{
    for (int i = 0; i < model_services_n; i++)
        if (is_json(model_services[i]) &&
            str_eq(model_text(model_services[i], model_services[i]->target_prefix),
                   target_prefix(target)))
            return model_services[i];
    return NULL;
}

/* Host prefixes such as "sync-" of StartSyncExecution stand before the endpoint's name. */
static const Service *service_by_host(Str host)
{
    Str label, rest = host;
    if (!str_cut(&rest, '.', &label)) return NULL;
    if (str_starts(label, S("sync-"))) label = str_slice(label, 5, label.n);
    for (int i = 0; i < model_services_n; i++)
        if (str_eq_nocase(model_text(model_services[i], model_services[i]->endpoint), label))
            return model_services[i];
    return NULL;
}

static bool is_form(const HttpRequest *r)
{
    Str type = http1_header(r, S("Content-Type")), first;
    return str_cut(&type, ';', &first) &&
           str_eq_nocase(str_trim(first), S("application/x-www-form-urlencoded"));
}

/* Unsigned calls such as AssumeRoleWithWebIdentity carry only the form's Version to tell their
 * service by. */
static const Service *service_by_version(Str version)
{
    for (int i = 0; i < model_services_n; i++)
        if (takes_forms(model_services[i]) &&
            str_eq(model_text(model_services[i], model_services[i]->version), version))
            return model_services[i];
    return &no_query;
}

static const Service *guess_service(const HttpRequest *r, const Route *route,
                                    bool signed_for_another)
{
    Str target = http1_header(r, S("X-Amz-Target"));
    const Service *s = str_absent(target) ? NULL : service_by_target(target);
    if (s) return s;
    if (!str_absent(target)) return &no_json;
    if (form_find(&route->query, S("Action")))
        return service_by_version(form_value(&route->query, S("Version")));
    if (str_eq(r->method, S("POST")) && is_form(r)) return &no_query; /* route_body knows more */
    s = signed_for_another ? &no_rest : service_by_host(r->host);
    return s ? s : model_service(S("s3"));
}

static const Service *find_service(const HttpRequest *r, Str scope, const Route *route)
{
    Str target = http1_header(r, S("X-Amz-Target"));
    const Service *s = str_absent(scope) ? NULL : model_service_signing(scope);
    if (!s) return guess_service(r, route, !str_absent(scope));
    const Service *named = str_absent(target) ? NULL : service_by_target(target);
    return named && str_eq(model_text(named, named->signing_name), scope) ? named : s;
}

/* POST /service/GraniteServiceVersion20100801/operation/PutMetricData */
static bool route_rpc(const HttpRequest *r, Arena *a, Route *route, Fault *fault)
{
    const Service *s = route->service;
    Str prefix = str_printf(a, "/service/%.*s/operation/", STR(model_text(s, s->target_prefix)));
    if (str_eq(r->method, S("POST")) && str_starts(r->path, prefix))
        route->operation = model_operation(s, str_slice(r->path, prefix.n, r->path.n));
    if (route->operation) return true;
    return fault_set(fault, s, ERR_UNKNOWN_OPERATION, a, "The operation %.*s %.*s is not known.",
                     STR(r->method), STR(str_slice(r->path, 0, 200)));
}

/* Which of the three that such a service has, by what marks the request. */
static Protocol protocol_of(const HttpRequest *r, const Service *s)
{
    if (s->protocol != PROTOCOL_RPC_CBOR) return s->protocol;
    if (!str_absent(http1_header(r, S("smithy-protocol")))) return PROTOCOL_RPC_CBOR;
    return str_absent(http1_header(r, S("X-Amz-Target"))) ? PROTOCOL_AWS_QUERY
                                                          : PROTOCOL_AWS_JSON_1_0;
}

static bool route_target(const HttpRequest *r, Arena *a, Route *route, Fault *fault)
{
    const Service *s = route->service;
    Str target = http1_header(r, S("X-Amz-Target")),
        name = str_slice(target, target_prefix(target).n + 1, target.n);
    if (str_eq(target_prefix(target), model_text(s, s->target_prefix)))
        route->operation = model_operation(s, name);
    if (route->operation && str_eq(r->method, S("POST"))) return true;
    route->operation = NULL;
    if (str_absent(target))
        return fault_set(fault, s, ERR_UNKNOWN_OPERATION, a,
                         "The request has no X-Amz-Target header.");
    return fault_set(fault, s, ERR_UNKNOWN_OPERATION, a, "The operation %.*s %.*s is not known.",
                     STR(r->method), STR(str_slice(target, 0, 200)));
}

/* A host label before ".s3." or ".s3-" is the bucket; buckets may contain dots, therefore the last
 * of these counts. */
static int64_t end_of_bucket(Str host)
{
    for (int64_t at = host.n - 3; at > 0; at--) {
        Str here = str_slice(host, at, host.n);
        if (str_starts(here, S(".s3.")) || str_starts(here, S(".s3-")) || str_eq(here, S(".s3")))
            return at;
    }
    return -1;
}

static Str without_port(Str host)
{
    int64_t colon = str_rfind_char(host, ':');
    return colon < 0 || str_ends(host, S("]")) ? host : str_slice(host, 0, colon);
}

Str route_bucket_of_host(Str host, Str domain)
{
    host = without_port(host);
    int64_t end = end_of_bucket(host), before = host.n - domain.n - 1;
    if (end > 0) return str_slice(host, 0, end);
    if (str_starts(host, S("s3.")) || str_starts(host, S("s3-"))) return (Str){0};
    if (before <= 0 || host.p[before] != '.' ||
        !str_eq_nocase(str_slice(host, before + 1, host.n), domain))
        return (Str){0};
    Str name = str_slice(host, 0, before);
    return str_eq(name, S("s3")) ? (Str){0} : name;
}

/* Virtual-host style becomes path style, so that one set of addresses remains. */
static Str path_with_bucket(const HttpRequest *r, Str domain, const Service *s, Arena *a)
{
    Str bucket =
        s->protocol == PROTOCOL_REST_XML ? route_bucket_of_host(r->host, domain) : (Str){0};
    if (str_absent(bucket)) return r->path.n ? r->path : S("/");
    return str_printf(a, "/%.*s%.*s", STR(bucket), STR(r->path));
}

bool route_head(const HttpRequest *r, Str scope, Str domain, Arena *a, Route *out, Fault *fault)
{
    *out = (Route){0};
    bool readable = form_parse(r->query, true, a, &out->query);
    const Service *s = out->service = find_service(r, scope, out);
    out->protocol = protocol_of(r, s);
    out->body_bytes_max = s->body_bytes_max;
    if (!readable && s->protocol == PROTOCOL_REST_XML)
        return fault_named(fault, S("InvalidURI"), 400, S("Couldn't parse the specified URI."));
    if (!readable)
        return fault_set(fault, s, ERR_SERIALIZATION, a, "The query string cannot be decoded.");
    if (out->protocol == PROTOCOL_AWS_QUERY) return true;
    if (out->protocol == PROTOCOL_RPC_CBOR) return route_rpc(r, a, out, fault);
    if (is_json(s)) return route_target(r, a, out, fault);
    if (!route_rest(r, path_with_bucket(r, domain, s, a), a, out, fault)) return false;
    out->streams = out->operation->flags & OPERATION_INPUT_STREAMS;
    if (out->streams) out->body_bytes_max = ROUTE_STREAM_BYTES_MAX;
    return true;
}

static Form join_forms(Form x, Form y, Arena *a)
{
    Form both = {.pairs = new_array(a, FormPair, x.n + y.n), .n = x.n + y.n};
    if (x.n) memcpy(both.pairs, x.pairs, (size_t)x.n * sizeof *x.pairs);
    if (y.n) memcpy(both.pairs + x.n, y.pairs, (size_t)y.n * sizeof *y.pairs);
    for (int64_t i = 0; i < both.n; i++) both.pairs[i].place = i;
    form_sort(&both);
    return both;
}

/* The action and version of the form, in the words of the query services' common errors. */
static bool route_action(Arena *a, Route *route, Fault *fault)
{
    Str action = form_value(&route->form, S("Action")),
        version = form_value(&route->form, S("Version"));
    if (route->service == &no_query) route->service = service_by_version(version);
    const Service *s = route->service;
    if (!action.n)
        return fault_named(fault, S("MissingAction"), 400,
                           S("The request must contain the parameter Action."));
    bool same = str_absent(version) || str_eq(version, model_text(s, s->version));
    route->operation = same ? model_operation(s, action) : NULL;
    if (route->operation) return true;
    return fault_set(fault, s, ERR_UNKNOWN_OPERATION, a,
                     "Could not find operation %.*s for version %.*s",
                     STR(str_slice(action, 0, 200)),
                     STR(version.n ? str_slice(version, 0, 40) : model_text(s, s->version)));
}

bool route_body(const HttpRequest *r, Str body, Arena *a, Route *route, Fault *fault)
{
    Form form = {0};
    if (route->protocol != PROTOCOL_AWS_QUERY) return true;
    if (is_form(r) && !form_parse(body, true, a, &form))
        return fault_set(fault, route->service, ERR_SERIALIZATION, a,
                         "The form cannot be decoded.");
    route->form = join_forms(route->query, form, a);
    return route_action(a, route, fault);
}
