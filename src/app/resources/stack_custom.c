/* stack_custom.c - AWS::CloudFormation::CustomResource and Custom::*: a function or topic is asked, and answers to an address. */
#include "app/events/targets.h"
#include "app/resources/answers.h"
#include "app/resources/types.h"

enum {
    CUSTOM_NAME_BYTES_MAX = 128,
    CUSTOM_SECONDS_MAX = 3600,  /* "Custom resources": the answer must come within an hour */
    CUSTOM_SECONDS_LATE = 3600, /* an answer that comes after that is taken, and means nothing */
};

/* Functions get every scalar as a text, as CloudFormation sends them. */
static Json as_texts(Arena *a, const Json *v)
{
    JsonArray list = {.a = a};
    JsonObject o = {.a = a};
    if (json_is(v, JSON_TRUE)) return json_string(S("true"));
    if (json_is(v, JSON_FALSE)) return json_string(S("false"));
    if (json_is(v, JSON_NUMBER)) return json_string(json_text(v));
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        json_add(&list, as_texts(a, &v->items[i]));
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++)
        json_put(&o, v->members[i].key, as_texts(a, &v->members[i].value));
    return json_is(v, JSON_ARRAY)    ? json_array(&list)
           : json_is(v, JSON_OBJECT) ? json_object(&o)
                                     : *v;
}

static Json event_of(Resource *r, const char *type, Str token)
{
    JsonObject o = {.a = r->a};
    json_put_text(&o, S("RequestType"), str_from(type));
    json_put_text(&o, S("ServiceToken"), resource_text(r, S("ServiceToken")));
    json_put_text(&o, S("ResponseURL"), answers_url(r, token));
    json_put_text(&o, S("StackId"), r->stack_id);
    json_put_text(&o, S("RequestId"), r->token);
    json_put_text(&o, S("LogicalResourceId"), r->logical);
    if (r->doing != RESOURCE_CREATES) json_put_text(&o, S("PhysicalResourceId"), r->physical);
    json_put_text(&o, S("ResourceType"), r->type);
    json_put(&o, S("ResourceProperties"), as_texts(r->a, &r->properties));
    if (r->doing == RESOURCE_UPDATES)
        json_put(&o, S("OldResourceProperties"), as_texts(r->a, &r->before));
    return json_object(&o);
}

static ResourceEnd ask(Resource *r, const char *type, Error *err)
{
    JsonObject kept = {.a = r->a};
    int64_t seconds = resource_int(r, S("ServiceTimeout"), CUSTOM_SECONDS_MAX);
    if (seconds < 1 || seconds > CUSTOM_SECONDS_MAX) seconds = CUSTOM_SECONDS_MAX;
    Str token = answers_new_token(r, r->now + (seconds + CUSTOM_SECONDS_LATE) * 1000);
    Json event = event_of(r, type, token);
    Target t = {.arn = resource_text(r, S("ServiceToken")),
                .as = &r->who,
                .account = r->account,
                .region = r->region,
                .input = json_to_str(r->a, &event)};
    TargetResult told = targets_deliver(r->s, &t);
    if (told.end != TARGET_DELIVERED) {
        error_set(err, ERR_VALIDATION, "%.*s (RequestId: %.*s)", STR(told.message), STR(r->token));
        return RESOURCE_FAILED;
    }
    json_put_text(&kept, S("token"), token);
    json_put_text(&kept, S("request"), r->token);
    json_put(&kept, S("until"), json_int(r->a, r->now + seconds * 1000));
    r->kept = json_object(&kept);
    r->wait_service = ANSWERS_SERVICE;
    r->wait_id = token;
    r->wait_until = r->now + seconds * 1000;
    return RESOURCE_WAITS;
}

static ResourceEnd create(Resource *r, Error *err)
{
    r->physical = resource_name(r, S("PhysicalResourceId"),
                                &(ResourceNaming){.bytes_max = CUSTOM_NAME_BYTES_MAX});
    return ask(r, "Create", err);
}

static ResourceEnd update(Resource *r, Error *err)
{
    return ask(r, "Update", err);
}

/* A function that is gone cannot be asked; then nothing can be done for it either. */
static ResourceEnd remove_it(Resource *r, Error *err)
{
    return ask(r, "Delete", err);
}

/* Its data is shown nowhere but where it is used: app/stacks/secrets.c. */
static void keep_silent(Resource *r)
{
    JsonObject o = {.a = r->a};
    for (int32_t i = 0; i < json_count(&r->kept); i++)
        json_put(&o, r->kept.members[i].key, r->kept.members[i].value);
    json_put(&o, S("no_echo"), json_bool(true));
    r->kept = json_object(&o);
}

static ResourceEnd take(Resource *r, const Json *answer, Error *err)
{
    Str status = json_text(json_get(answer, S("Status"))),
        reason = json_text(json_get(answer, S("Reason"))),
        physical = json_text(json_get(answer, S("PhysicalResourceId"))),
        request = json_text(json_get(&r->kept, S("request")));
    const Json *data = json_get(answer, S("Data"));
    if (physical.n && r->doing != RESOURCE_REMOVES) r->physical = physical;
    if (!str_eq(status, S("SUCCESS"))) {
        error_set(err, ERR_VALIDATION,
                  "Received response status [%.*s] from custom resource. Message returned: %.*s "
                  "(RequestId: %.*s)",
                  STR(status), STR(reason), STR(request));
        return RESOURCE_FAILED;
    }
    if (r->doing == RESOURCE_REMOVES) return RESOURCE_DONE;
    if (json_true(json_get(answer, S("NoEcho")))) keep_silent(r);
    r->attributes = json_is(data, JSON_OBJECT) ? *data : (Json){.type = JSON_OBJECT};
    return RESOURCE_DONE;
}

static ResourceEnd look(Resource *r, Error *err)
{
    Json answers = answers_of(r, json_text(json_get(&r->kept, S("token"))));
    Millis until = json_int_or(json_get(&r->kept, S("until")), 0);
    r->wait_service = ANSWERS_SERVICE;
    r->wait_id = json_text(json_get(&r->kept, S("token")));
    r->wait_until = until;
    if (answers.n) return take(r, &answers.items[0], err);
    if (r->now < until) return RESOURCE_WAITS;
    error_set(err, ERR_VALIDATION,
              "CloudFormation did not receive a response from your Custom Resource. Please check "
              "your logs for requestId [%.*s]. If you are using the Python cfn-response module, "
              "you may need to update your Lambda function code so that CloudFormation can attach "
              "the updated version.",
              STR(json_text(json_get(&r->kept, S("request")))));
    return RESOURCE_FAILED;
}

static bool attribute(Arena *a, const Str *physical, const Json *attributes, Str name, Json *out,
                      Error *err)
{
    (void)attributes;
    (void)out;
    (void)a;
    return error_set(err, ERR_VALIDATION,
                     "CustomResource attribute error: Vendor response doesn't contain %.*s "
                     "attribute in object %.*s",
                     STR(name), STR(*physical));
}

const ResourceType resource_stack_custom = {
    .type = "AWS::CloudFormation::CustomResource",
    .create = create,
    .update = update,
    .remove = remove_it,
    .look = look,
    .attribute = attribute,
    .required = "ServiceToken",
    .replace = "ServiceToken",
};
