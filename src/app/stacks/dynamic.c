/* dynamic.c - dynamic references of templates, looked up in the parameter store and the secrets here. */
#include "app/stacks/stacks.h"

#include "app/dispatch.h"
#include "app/states/integrations.h"
#include "core/stack/dynamic.h"

static bool call(StackPlan *p, Str service, Str operation, Json in, Json *out, Error *err)
{
    Fault fault = {0};
    Call *c = new (p->a, Call);
    *c = integrations_call(p->s, p->a, p->row->account, p->row->region, in);
    c->who = stack_identity(p->row, p->a);
    if (dispatch_inside(c, service, operation, &fault) != CALL_FAILED) return *out = c->out, true;
    return error_set(err, ERR_VALIDATION, "%.*s (Service: %.*s, Status Code: %d)",
                     STR(fault.message), STR(service), fault.status);
}

/* By GetParameters: it is this permission that "Dynamic references" in the User Guide names. *out
 * is JSON_NULL when there is no such parameter. */
static bool get_parameter(StackPlan *p, Str name, bool secure, Json *out, Error *err)
{
    Json answer;
    JsonObject in = {.a = p->a};
    JsonArray names = {.a = p->a};
    json_add(&names, json_string(name));
    json_put(&in, S("Names"), json_array(&names));
    if (secure) json_put(&in, S("WithDecryption"), json_bool(true));
    if (!call(p, S("ssm"), S("GetParameters"), json_object(&in), &answer, err)) return false;
    const Json *found = json_at(json_get(&answer, S("Parameters")), 0);
    *out = found ? *found : (Json){0};
    return true;
}

static bool of_ssm(StackPlan *p, const DynamicReference *r, Str *out, Error *err)
{
    Json found;
    bool secure = r->service == DYNAMIC_SSM_SECURE;
    Str name =
        r->version.n ? str_printf(p->a, "%.*s:%.*s", STR(r->name), STR(r->version)) : r->name;
    if (!get_parameter(p, name, secure, &found, err)) return false;
    if (json_is(&found, JSON_NULL))
        return error_set(err, ERR_VALIDATION,
                         "Parameters: [%s:%.*s] cannot be found. (Service: ssm, Status Code: 400)",
                         secure ? "ssm-secure" : "ssm", STR(name));
    *out = json_text(json_get(&found, S("Value")));
    return secure || !str_eq(json_text(json_get(&found, S("Type"))), S("SecureString")) ||
           error_set(err, ERR_VALIDATION,
                     "Non-secure reference to the secure string parameter: %.*s", STR(r->name));
}

static bool of_secret(StackPlan *p, const DynamicReference *r, Str *out, Error *err)
{
    Json answer, secret;
    JsonObject in = {.a = p->a};
    Error ignored = {0};
    json_put_text(&in, S("SecretId"), r->name);
    if (r->stage.n) json_put_text(&in, S("VersionStage"), r->stage);
    if (r->version.n) json_put_text(&in, S("VersionId"), r->version);
    if (!call(p, S("secretsmanager"), S("GetSecretValue"), json_object(&in), &answer, err))
        return false;
    *out = json_text(json_get(&answer, S("SecretString")));
    if (!r->json_key.n) return true;
    const Json *v =
        json_parse(*out, p->a, &secret, &ignored) ? json_get(&secret, r->json_key) : NULL;
    if (!v)
        return error_set(err, ERR_VALIDATION,
                         "Could not find a value associated with JSONKey in SecretString");
    *out = str_absent(json_text(v)) ? json_to_str(p->a, v) : json_text(v);
    return true;
}

static bool look_up(void *state, const DynamicReference *r, Str *out, Error *err)
{
    return r->service == DYNAMIC_SECRET ? of_secret(state, r, out, err)
                                        : of_ssm(state, r, out, err);
}

bool stack_dynamic(StackPlan *p, const Json *value, Json *out, Error *err)
{
    int left = DYNAMIC_REFERENCES_MAX;
    if (!dynamic_present(value)) return *out = *value, true;
    return dynamic_resolve(value, look_up, p, &left, p->a, out, err);
}

bool stack_parameter_of_store(void *state, Str name, bool *found, Str *value, Str *type, Error *err)
{
    StackPlan *p = state;
    Json parameter;
    if (!get_parameter(p, name, false, &parameter, err)) return false;
    *found = !json_is(&parameter, JSON_NULL);
    *type = json_text(json_get(&parameter, S("Type")));
    *value = json_text(json_get(&parameter, S("Value")));
    return true;
}
