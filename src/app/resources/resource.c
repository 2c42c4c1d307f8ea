/* resource.c - what the resource types share: calls of the APIs here, names made up, properties read leniently, tags. */
#include "app/resources/resource.h"

#include "app/resources/types.h"

#include "app/access/authorize.h"
#include "app/dispatch.h"
#include "app/states/integrations.h"

const ResourceType *resource_type(Str type)
{
    for (int i = 0; resource_types[i]; i++)
        if (str_eq(type, str_from(resource_types[i]->type))) return resource_types[i];
    if (str_starts(type, S("Custom::")))
        return resource_type(S("AWS::CloudFormation::CustomResource"));
    return NULL;
}

const ResourceType *resource_type_or_recorded(Str type)
{
    const ResourceType *t = resource_type(type);
    return t ? t : &resource_recorded;
}

/* ---- calls ---- */

static bool has(Str text, const char *part)
{
    return str_find(text, str_from(part)) >= 0;
}

/* HandlerErrorCode: "Handler error codes" in the CloudFormation CLI User Guide. */
static const char *handler_code(const Resource *r)
{
    Str code = r->fault_code;
    if (has(code, "AlreadyExists") || has(code, "AlreadyOwned") || has(code, "ResourceExists"))
        return "AlreadyExists";
    if (resource_gone(r)) return "NotFound";
    if (has(code, "AccessDenied")) return "AccessDenied";
    if (has(code, "LimitExceeded") || has(code, "QuotaExceeded")) return "ServiceLimitExceeded";
    if (has(code, "Throttl")) return "Throttling";
    if (r->fault_status >= 500) return "ServiceInternalError";
    return r->fault_status == 409 ? "ResourceConflict" : "InvalidRequest";
}

/* As the event of a resource has it. */
static bool refused(Resource *r, const Call *call, Str service, const Fault *f, Error *err)
{
    r->fault_code = f->code;
    r->fault_status = f->status;
    return error_set(err, ERR_VALIDATION,
                     "Resource handler returned message: \"%.*s (Service: %.*s, Status Code: %d, "
                     "Request ID: %.*s)\" (RequestToken: %.*s, HandlerErrorCode: %s)",
                     STR(str_slice(f->message, 0, 600)), STR(service), f->status,
                     STR(call->request_id), STR(r->token), handler_code(r));
}

/* The names AWS's messages have. */
static Str service_title(Str service)
{
    static const char *const titles[][2] = {
        {"s3", "S3"},         {"emr", "Emr"},   {"stepfunctions", "Sfn"},
        {"lambda", "Lambda"}, {"iam", "Iam"},   {"logs", "CloudWatchLogs"},
        {"sqs", "Sqs"},       {"sns", "Sns"},   {"events", "EventBridge"},
        {"ssm", "Ssm"},       {"sts", "Sts"},   {"scheduler", "Scheduler"},
        {"kms", "Kms"},       {"glue", "Glue"}, {"secretsmanager", "SecretsManager"},
    };
    for (int i = 0; i < countof(titles); i++)
        if (str_eq(service, str_from(titles[i][0]))) return str_from(titles[i][1]);
    return service;
}

bool resource_call(Resource *r, Str service, Str operation, Json in, Json *out, Error *err)
{
    Fault fault = {0};
    Call *call = new (r->a, Call);
    *call = integrations_call(r->s, r->a, r->account, r->region, in);
    call->who = r->who;
    r->fault_code = (Str){0};
    r->fault_status = 0;
    if (dispatch_inside(call, service, operation, &fault) == CALL_FAILED)
        return refused(r, call, service_title(service), &fault, err);
    if (out) *out = call->out;
    return true;
}

bool resource_may(Resource *r, Str action, Str on, Error *err)
{
    Error why = {0};
    if (authorize_act(r->s, r->a, &r->who, action, on, &why)) return true;
    Call *call = new (r->a, Call);
    Fault fault = {.code = S("AccessDenied"), .message = error_text(&why), .status = 403};
    call->request_id = server_new_uuid(r->s, r->a);
    return refused(r, call, service_title(str_slice(action, 0, str_find_char(action, ':'))), &fault,
                   err);
}

bool resource_gone(const Resource *r)
{
    Str code = r->fault_code;
    return has(code, "NotFound") || has(code, "NoSuch") || has(code, "DoesNotExist") ||
           has(code, "NonExistent");
}

/* ---- names ---- */

Str resource_name(Resource *r, Str property, const ResourceNaming *naming)
{
    Str given = resource_text(r, property), suffix = str_from(naming->suffix);
    if (!str_absent(given)) return given;
    Str tail = server_new_id(r->s, r->a, S(""), RESOURCE_NAME_TAIL);
    int64_t room = naming->bytes_max - suffix.n - RESOURCE_NAME_TAIL - 2;
    int64_t stack = r->stack_name.n, logical = r->logical.n;
    check(room > 2);
    if (stack + logical > room && logical > room / 2)
        logical = stack < room - room / 2 ? room - stack : room / 2;
    if (stack + logical > room) stack = room - logical;
    Str name = str_printf(r->a, "%.*s-%.*s-%.*s%.*s", STR(str_slice(r->stack_name, 0, stack)),
                          STR(str_slice(r->logical, 0, logical)), STR(tail), STR(suffix));
    return naming->lower ? str_lower(r->a, name) : name;
}

/* ---- properties ---- */

const Json *resource_property(const Resource *r, Str name)
{
    return json_get(&r->properties, name);
}

Str resource_text(const Resource *r, Str name)
{
    const Json *v = resource_property(r, name);
    if (json_is(v, JSON_TRUE)) return S("true");
    if (json_is(v, JSON_FALSE)) return S("false");
    return json_text(v);
}

int64_t resource_int(const Resource *r, Str name, int64_t otherwise)
{
    int64_t n;
    const Json *v = resource_property(r, name);
    if (json_is(v, JSON_STRING)) return str_to_int(json_text(v), &n) ? n : otherwise;
    return json_int_or(v, otherwise);
}

bool resource_bool(const Resource *r, Str name, bool otherwise)
{
    Str text = resource_text(r, name);
    return str_absent(text) ? otherwise : str_eq_nocase(text, S("true"));
}

bool resource_changed(const Resource *r, Str name)
{
    const Json *before = json_get(&r->before, name), *after = resource_property(r, name);
    return before && after ? !json_eq(before, after) : before != after;
}

/* ---- attributes ---- */

void resource_attribute_json(Resource *r, Str name, Json value)
{
    JsonObject o = {.a = r->a};
    for (int32_t i = 0; i < json_count(&r->attributes); i++)
        if (!str_eq(r->attributes.members[i].key, name))
            json_put(&o, r->attributes.members[i].key, r->attributes.members[i].value);
    json_put(&o, name, value);
    r->attributes = json_object(&o);
}

void resource_attribute(Resource *r, Str name, Str value)
{
    resource_attribute_json(r, name, json_string(value));
}

/* ---- tags ---- */

static void add_tag(Resource *r, JsonObject *o, Str key, const Json *value)
{
    if (str_absent(key) || !value) return;
    for (int64_t i = 0; i < o->n; i++)
        if (str_eq(o->p[i].key, key)) return;
    Str text = json_is(value, JSON_TRUE)    ? S("true")
               : json_is(value, JSON_FALSE) ? S("false")
                                            : json_text(value);
    json_put(o, key, json_string(str_absent(text) ? json_to_str(r->a, value) : text));
}

Json resource_tags_object(Resource *r)
{
    JsonObject o = {.a = r->a};
    const Json *own = resource_property(r, S("Tags"));
    for (int32_t i = 0; json_is(own, JSON_OBJECT) && i < own->n; i++)
        add_tag(r, &o, own->members[i].key, &own->members[i].value);
    for (int32_t i = 0; json_is(own, JSON_ARRAY) && i < own->n; i++)
        add_tag(r, &o, json_text(json_get(&own->items[i], S("Key"))),
                json_get(&own->items[i], S("Value")));
    for (int32_t i = 0; i < json_count(&r->tags); i++)
        add_tag(r, &o, json_text(json_get(&r->tags.items[i], S("Key"))),
                json_get(&r->tags.items[i], S("Value")));
    return json_object(&o);
}

Json resource_tags(Resource *r)
{
    JsonArray list = {.a = r->a};
    Json all = resource_tags_object(r);
    for (int32_t i = 0; i < json_count(&all); i++) {
        JsonObject tag = {.a = r->a};
        json_put(&tag, S("Key"), json_string(all.members[i].key));
        json_put(&tag, S("Value"), all.members[i].value);
        json_add(&list, json_object(&tag));
    }
    return json_array(&list);
}
