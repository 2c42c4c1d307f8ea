/* dynamic.c - what templates look up elsewhere: the parameter store, secrets, outputs of other stacks. */
#include "app/stacks/stacks.h"

#include "app/dispatch.h"
#include "app/states/integrations.h"
#include "core/stack/dynamic.h"

static bool call_as(StackPlan *p, const Identity *who, Str service, Str operation, Json in,
                    Json *out, Error *err)
{
    Fault fault = {0};
    Call *c = new (p->a, Call);
    *c = integrations_call(p->s, p->a, who->account, who->region, in);
    c->who = *who;
    if (dispatch_inside(c, service, operation, &fault) != CALL_FAILED) return *out = c->out, true;
    return error_set(err, ERR_VALIDATION, "%.*s (Service: %.*s, Status Code: %d)",
                     STR(fault.message), STR(service), fault.status);
}

static bool call(StackPlan *p, Str service, Str operation, Json in, Json *out, Error *err)
{
    Identity who = stack_identity(p->row, p->a);
    return call_as(p, &who, service, operation, in, out, err);
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

/* ---- outputs of other stacks ---- */

/* "arn:aws:iam::ACCOUNT:role/..." */
static Str account_of(Str arn)
{
    Str part = {0};
    for (int i = 0; i < 5; i++)
        if (!str_cut(&arn, ':', &part)) return (Str){0};
    return part;
}

static Identity reader_of(StackPlan *p, const Json *which)
{
    Str role = json_text(json_get(which, S("RoleArn"))),
        region = json_text(json_get(which, S("Region")));
    Identity who = stack_identity(p->row, p->a);
    if (!str_absent(role))
        who = (Identity){.account = account_of(role),
                         .region = p->row->region,
                         .role = role,
                         .session = S("AWSCloudFormation"),
                         .service = S("cloudformation.amazonaws.com"),
                         .source_arn = p->row->id};
    if (!str_absent(region)) who.region = region;
    return who;
}

/* "Fn::GetStackOutput" in the Template Reference: a weak reference, by DescribeStacks. */
bool stack_output_of(void *state, const Json *which, Json *out, Error *err)
{
    Json answer;
    StackPlan *p = state;
    JsonObject in = {.a = p->a};
    Identity who = reader_of(p, which);
    Str stack = json_text(json_get(which, S("StackName"))),
        name = json_text(json_get(which, S("OutputName")));
    json_put_text(&in, S("StackName"), stack);
    if (!call_as(p, &who, S("cloudformation"), S("DescribeStacks"), json_object(&in), &answer, err))
        return false;
    const Json *outputs = json_get(json_at(json_get(&answer, S("Stacks")), 0), S("Outputs"));
    for (int32_t i = 0; i < json_count(outputs); i++)
        if (str_eq(json_text(json_get(&outputs->items[i], S("OutputKey"))), name)) {
            *out = *json_get(&outputs->items[i], S("OutputValue"));
            return true;
        }
    return error_set(err, ERR_VALIDATION, "Output %.*s does not exist in stack %.*s", STR(name),
                     STR(stack));
}
