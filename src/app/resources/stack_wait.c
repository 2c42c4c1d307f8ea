/* stack_wait.c - AWS::CloudFormation::WaitCondition and its handle: so many signals to an address, in time. */
#include "app/resources/answers.h"
#include "app/resources/types.h"

enum { WAIT_SECONDS_MAX = 43200, WAIT_SIGNALS_MAX = 100 };

static ResourceEnd create_handle(Resource *r, Error *err)
{
    (void)err;
    r->physical = answers_url(r, answers_new_token(r));
    return RESOURCE_DONE;
}

const ResourceType resource_stack_wait_handle = {
    .type = "AWS::CloudFormation::WaitConditionHandle",
    .create = create_handle,
};

/* Signals of the same UniqueId count once; the last one stands. */
static Json by_id(Resource *r, const Json *answers, Str *failed)
{
    JsonObject data = {.a = r->a};
    for (int32_t i = 0; i < json_count(answers); i++) {
        const Json *x = &answers->items[i], *value = json_get(x, S("Data"));
        Str id = json_text(json_get(x, S("UniqueId")));
        if (!str_eq(json_text(json_get(x, S("Status"))), S("SUCCESS")))
            *failed = json_text(json_get(x, S("Reason")));
        else if (!str_absent(id))
            json_put(&data, id, value ? *value : json_string(S("")));
    }
    JsonObject once = {.a = r->a};
    Json all = json_object(&data);
    for (int32_t i = 0; i < all.n; i++)
        if (json_get(&all, all.members[i].key) == &all.members[i].value)
            json_put(&once, all.members[i].key, all.members[i].value);
    return json_object(&once);
}

static ResourceEnd look(Resource *r, Error *err)
{
    Str failed = {0}, token = answers_token_of(resource_text(r, S("Handle")));
    Json answers = answers_of(r, token), data = by_id(r, &answers, &failed);
    Millis until = json_int_or(json_get(&r->kept, S("until")), 0);
    r->wait_service = ANSWERS_SERVICE;
    r->wait_id = token;
    r->wait_until = until;
    if (!str_absent(failed)) {
        error_set(err, ERR_VALIDATION, "WaitCondition received failed message: '%.*s' for uniqueId",
                  STR(failed));
        return RESOURCE_FAILED;
    }
    if (data.n >= resource_int(r, S("Count"), 1)) {
        resource_attribute(r, S("Data"), json_to_str(r->a, &data));
        return RESOURCE_DONE;
    }
    if (r->now < until) return RESOURCE_WAITS;
    error_set(err, ERR_VALIDATION,
              "WaitCondition timed out. Received %d conditions when expecting %" PRId64, data.n,
              resource_int(r, S("Count"), 1));
    return RESOURCE_FAILED;
}

static ResourceEnd create(Resource *r, Error *err)
{
    JsonObject kept = {.a = r->a};
    int64_t seconds = resource_int(r, S("Timeout"), 0), count = resource_int(r, S("Count"), 1);
    if (seconds < 1 || seconds > WAIT_SECONDS_MAX || count < 1 || count > WAIT_SIGNALS_MAX) {
        error_set(err, ERR_VALIDATION,
                  "Timeout must be between 1 and %d seconds, and Count between 1 and %d",
                  WAIT_SECONDS_MAX, WAIT_SIGNALS_MAX);
        return RESOURCE_FAILED;
    }
    r->physical = str_printf(r->a, "%.*s/%.*s", STR(r->stack_id), STR(r->logical));
    json_put(&kept, S("until"), json_int(r->a, r->now + seconds * 1000));
    r->kept = json_object(&kept);
    return look(r, err);
}

const ResourceType resource_stack_wait = {
    .type = "AWS::CloudFormation::WaitCondition",
    .create = create,
    .look = look,
    .required = "Handle Timeout",
    .properties = "Handle Timeout Count",
};
