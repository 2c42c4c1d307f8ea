/* dispatch.c - what one request is: its service and operation, who sent it, what its body may be, and who answers. */
#include "app/dispatch.h"

#include "app/access/auth.h"
#include "app/access/authorize.h"
#include "app/admin.h"
#include "app/functions/functions.h"
#include "app/functions/urls.h"
#include "app/host.h"
#include "app/objects/cors.h"
#include "app/watch/trail.h"
#include "wire/formdata.h"
#include "wire/protocol.h"
#include "wire/validate.h"

struct Dispatch {
    int n;
    struct {
        const Service *service;
        CallHandler **handlers; /* by the operation's row in the model; NULL: not offered */
        bool (*before_body)(Call *call, Error *err);
        CallHandler *form;
    } * services;
};

/* ---- the tables ---- */

static CallHandler **bind(const CallTable *table, const Service *service)
{
    CallHandler **handlers = calloc(service->operations_n, sizeof *handlers);
    check(handlers);
    for (int i = 0; i < table->n; i++) {
        const Operation *op = model_operation(service, str_from(table->entries[i].operation));
        check(op);
        handlers[op - service->operations] = table->entries[i].handler;
    }
    return handlers;
}

struct Dispatch *dispatch_open(const CallTable *const *tables)
{
    struct Dispatch *d = calloc(1, sizeof *d);
    check(d);
    while (tables[d->n]) d->n++;
    check(d->n > 0);
    d->services = calloc((size_t)d->n, sizeof *d->services);
    check(d->services);
    for (int i = 0; i < d->n; i++) {
        d->services[i].service = model_service(str_from(tables[i]->service));
        check(d->services[i].service);
        d->services[i].handlers = bind(tables[i], d->services[i].service);
        d->services[i].before_body = tables[i]->before_body;
        d->services[i].form = tables[i]->form;
    }
    return d;
}

void dispatch_close(struct Dispatch *d)
{
    if (!d) return;
    for (int i = 0; i < d->n; i++) free(d->services[i].handlers);
    free(d->services);
    free(d);
}

static CallHandler *find_handler(const struct Dispatch *d, const Operation *op)
{
    for (int i = 0; i < d->n; i++)
        if (d->services[i].service == op->service)
            return d->services[i].handlers[op - op->service->operations];
    return NULL;
}

static CallHandler *find_form(const struct Dispatch *d, const Service *service)
{
    for (int i = 0; i < d->n; i++)
        if (d->services[i].service == service && d->services[i].form) return d->services[i].form;
    unreachable();
}

/* ---- faults ---- */

Fault dispatch_fault(const Call *call, const Error *err)
{
    Fault f = fault_from_error(call->route.service, err);
    f.message = str_copy(call->arena, f.message);
    if (call->error_members.n) f.members = json_object(&call->error_members);
    return f;
}

static bool refuse(Call *call, const Error *err, Fault *fault)
{
    *fault = dispatch_fault(call, err);
    return false;
}

/* ---- the head ---- */

static bool is_s3(const Call *call)
{
    return call->route.service->protocol == PROTOCOL_REST_XML;
}

/* S3's ids are short, the others' are UUIDs. */
static Str new_request_id(Call *call)
{
    return is_s3(call) ? server_new_id(call->server, call->arena, S(""), 16)
                       : server_new_uuid(call->server, call->arena);
}

/* The body is what x-amz-checksum-* speaks of; only where an upload is completed it is the object
 * put together. */
static bool checksum_is_of_body(const Call *call)
{
    return is_s3(call) && call->http->body != HTTP_BODY_NONE &&
           !str_eq(model_operation_name(call->route.operation), S("CompleteMultipartUpload"));
}

static bool plan_body(Call *call, BodyPlan *plan, Fault *fault)
{
    Error err = {0};
    bool streams = call->route.streams;
    *plan = (BodyPlan){.stream = streams,
                       .spec = {.bytes_max = call->route.body_bytes_max,
                                .want_md5 = streams,
                                .want_checksum = streams || checksum_is_of_body(call),
                                .check_sha256 = is_s3(call),
                                .key = call->auth.chunk_key}};
    return body_spec(call->http, &plan->spec, &err) || refuse(call, &err, fault);
}

static bool check_host(const Call *call, Error *err)
{
    const ServerConfig *config = &call->server->config;
    return config->enforce_auth || host_is_ours(call->http->host, config->host) ||
           error_set(err, ERR_ACCESS_DENIED,
                     "The name %.*s is not one of this server's; other names need a server with "
                     "--auth enforce.",
                     STR(str_slice(call->http->host, 0, 200)));
}

/* No operation yet: what goes wrong is said in the service's own form. */
static Route route_of(Str service)
{
    const Service *s = model_service(service);
    return (Route){.service = s, .protocol = s ? s->protocol : PROTOCOL_AWS_JSON_1_1};
}

/* Not a service's call: whatever goes wrong is said in S3's form. */
static bool plan_plain(Call *call, BodyPlan *plan, Fault *fault)
{
    Error err = {0};
    call->route = route_of(S("s3"));
    call->preflight = cors_is_preflight(call->http);
    call->request_id = new_request_id(call);
    *plan = (BodyPlan){.spec = {.bytes_max = ADMIN_BODY_BYTES_MAX}};
    if (!check_host(call, &err)) return refuse(call, &err, fault);
    if (!call->preflight && !admin_head(call))
        error_set(&err, ERR_VALIDATION, "The query string cannot be decoded.");
    return (!err.code && body_spec(call->http, &plan->spec, &err)) || refuse(call, &err, fault);
}

/* A process of a function: its server's answers are in the words of the Runtime API. */
static bool plan_door(Call *call, BodyPlan *plan, Fault *fault)
{
    Error err = {0};
    call->admin = true;
    call->route = route_of(S("lambda"));
    *plan = (BodyPlan){.spec = {.bytes_max = FUNCTIONS_DOOR_BYTES_MAX}};
    return body_spec(call->http, &plan->spec, &err) || refuse(call, &err, fault);
}

/* POST of multipart/form-data to a bucket: the model has no operation for it. */
static bool is_form(const HttpRequest *r)
{
    Str type = http1_header(r, S("Content-Type")), first;
    return str_eq(r->method, S("POST")) && str_cut(&type, ';', &first) &&
           str_eq_nocase(str_trim(first), S("multipart/form-data"));
}

static bool form_bucket(Call *call, Error *err)
{
    const HttpRequest *r = call->http;
    JsonObject in = {.a = call->arena};
    Str name = route_bucket_of_host(r->host, S("localhost")),
        rest = str_slice(r->path, 1, r->path.n);
    if (str_absent(name)) {
        int64_t slash = str_find_char(rest, '/');
        name = str_slice(rest, 0, slash < 0 ? rest.n : slash);
        rest = str_slice(rest, name.n + 1, rest.n);
    }
    json_put(&in, S("Bucket"), json_string(name));
    call->in = json_object(&in);
    return (name.n && !rest.n) ||
           error_set(err, ERR_S3_METHOD_NOT_ALLOWED,
                     "The specified method is not allowed against this resource.");
}

/* Who sends it is told within the form. */
static bool plan_form(Call *call, BodyPlan *plan, Fault *fault)
{
    Error err = {0};
    FormData boundary;
    call->form = true;
    call->route = route_of(S("s3"));
    call->route.operation = model_operation(call->route.service, S("PutObject"));
    call->request_id = new_request_id(call);
    call->who = (Identity){.account = call->server->config.account, .region = S("us-east-1")};
    *plan = (BodyPlan){.stream = true, .form = true, .spec = {.bytes_max = ROUTE_STREAM_BYTES_MAX}};
    bool good = check_host(call, &err) && form_bucket(call, &err) &&
                body_spec(call->http, &plan->spec, &err);
    if (good && !formdata_open(&boundary, http1_header(call->http, S("Content-Type"))))
        good = error_set(&err, ERR_S3_MALFORMED_POST,
                         "The body of your POST request is not well-formed multipart/form-data.");
    return good || refuse(call, &err, fault);
}

static bool decode(Call *call, Fault *fault)
{
    return protocol_decode(&call->route, call->http, call->body, call->arena, &call->in, fault) &&
           validate_input(call->route.operation, &call->in, call->arena, fault);
}

static bool check_before_body(Call *call, Fault *fault)
{
    Error err = {0};
    const struct Dispatch *d = call->server->dispatch;
    if (!decode(call, fault)) return false;
    if (!authorize(call, &err)) return refuse(call, &err, fault);
    for (int i = 0; i < d->n; i++)
        if (d->services[i].service == call->route.service && d->services[i].before_body &&
            !d->services[i].before_body(call, &err))
            return refuse(call, &err, fault);
    return true;
}

/* Where any key is accepted, a page in a browser on this machine must not run programs: not even
 * one whose name has been made to lead to this address. Clients of AWS send no Origin; S3's own,
 * from pages, are told by the browser's rules. */
static bool check_origin(const Call *call, Error *err)
{
    bool from_page = !str_absent(http1_header(call->http, S("Origin")));
    if (!from_page || is_s3(call) || call->server->config.enforce_auth) return true;
    return error_set(err, ERR_ACCESS_DENIED,
                     "Calls from web pages need a server with --auth enforce.");
}

static bool plan_url(Call *call, BodyPlan *plan, Fault *fault)
{
    Error err = {0};
    call->admin = call->url = true;
    call->route = route_of(S("lambda"));
    call->request_id = new_request_id(call);
    *plan = (BodyPlan){.spec = {.bytes_max = FUNCTIONS_PAYLOAD_BYTES_MAX}};
    return (urls_head(call, &err) && body_spec(call->http, &plan->spec, &err)) ||
           refuse(call, &err, fault);
}

bool dispatch_head(Call *call, BodyPlan *plan, Fault *fault)
{
    Error err = {0};
    if (call->door) return plan_door(call, plan, fault);
    if (urls_is(call->http)) return plan_url(call, plan, fault);
    if (admin_is(call->http) || cors_is_preflight(call->http)) return plan_plain(call, plan, fault);
    if (is_form(call->http)) return plan_form(call, plan, fault);
    bool signed_well = auth_read(call, &err);
    bool routed = route_head(call->http, call->auth.sig.service, S("localhost"), call->arena,
                             &call->route, fault);
    call->request_id = new_request_id(call);
    if (!signed_well) return refuse(call, &err, fault);
    if (!routed) return false;
    if (!check_host(call, &err) || !check_origin(call, &err) || !auth_identify(call, &err))
        return refuse(call, &err, fault);
    return plan_body(call, plan, fault) && (!call->route.streams || check_before_body(call, fault));
}

/* ---- the body ---- */

static CallResult fail(Call *call, const Error *err, Fault *fault)
{
    refuse(call, err, fault);
    return CALL_FAILED;
}

CallResult dispatch_body(Call *call, Fault *fault)
{
    Error err = {0};
    if (call->door) return functions_door(call);
    if (call->url) return urls_handle(call);
    if (call->admin) return admin_handle(call), CALL_DONE;
    if (call->preflight) return cors_preflight(call, &err) ? CALL_DONE : fail(call, &err, fault);
    if (call->form)
        return find_form(call->server->dispatch, call->route.service)(call, &err) == CALL_DONE
                   ? CALL_DONE
                   : fail(call, &err, fault);
    if (!auth_verify_body(call, &err)) return fail(call, &err, fault);
    if (!route_body(call->http, call->body, call->arena, &call->route, fault)) return CALL_FAILED;
    const Operation *op = call->route.operation;
    CallHandler *handler = find_handler(call->server->dispatch, op);
    if (!handler) {
        error_set(&err, is_s3(call) ? ERR_S3_NOT_IMPLEMENTED : ERR_UNKNOWN_OPERATION,
                  "%.*s is not offered by this server.", STR(model_operation_name(op)));
        return fail(call, &err, fault);
    }
    if (!call->route.streams && !decode(call, fault)) return CALL_FAILED;
    if (!call->route.streams && !authorize(call, &err)) return fail(call, &err, fault);
    CallResult result = handler(call, &err);
    return result == CALL_FAILED ? fail(call, &err, fault) : result;
}

/* ---- from inside ---- */

/* They are answered by a job, to a client. */
static bool answers_later(Str operation)
{
    static const char *const names[] = {
        "CopyObject", "UploadPartCopy", "CompleteMultipartUpload", "StartSyncExecution",
        "Invoke",     "TestState",      "InvokeWithResponseStream"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq(operation, str_from(names[i]))) return true;
    return false;
}

CallResult dispatch_inside(Call *call, Str service, Str operation, Fault *fault)
{
    Error err = {0};
    call->route = route_of(service);
    call->inside = true;
    check(call->route.service);
    const Operation *op = model_operation(call->route.service, operation);
    CallHandler *handler = op && (call->answered || !answers_later(operation))
                               ? find_handler(call->server->dispatch, op)
                               : NULL;
    call->route.operation = op;
    call->request_id = new_request_id(call);
    if (!handler) {
        error_set(&err, ERR_UNKNOWN_OPERATION, "%.*s is not offered by this server.",
                  STR(operation));
        return fail(call, &err, fault);
    }
    if (!validate_input(op, &call->in, call->arena, fault)) return CALL_FAILED;
    if (!authorize(call, &err)) {
        fail(call, &err, fault);
        trail_note(call, fault);
        return CALL_FAILED;
    }
    CallResult result = handler(call, &err);
    check(result != CALL_LATER || call->answered);
    if (!str_absent(call->who.role) || call->who.credential) trail_note(call, NULL);
    return result == CALL_FAILED ? fail(call, &err, fault) : result;
}

/* ---- the answer ---- */

void dispatch_encode(Call *call, const Fault *fault, HttpReply *out)
{
    const Operation *op = call->route.operation;
    if ((call->admin || call->preflight || call->form) && !fault)
        *out = call->admin_reply;
    else if (fault)
        protocol_encode_fault(call->route.protocol, call->route.service, op, fault,
                              call->request_id, call->arena, out);
    else
        protocol_encode(call->route.protocol, op, &call->out, call->out_body, call->request_id,
                        call->arena, out);
    if (!fault && call->status) out->status = call->status;
    if (is_s3(call) && !call->admin && !call->preflight) cors_add(call, out);
}
