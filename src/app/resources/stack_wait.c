/* stack_wait.c - AWS::CloudFormation::WaitCondition and its handle: so many signals to an address, in time. */
#include "app/resources/answers.h"
#include "app/resources/types.h"

enum { WAIT_SECONDS_MAX = 43200, WAIT_SIGNALS_MAX = 100 };

static ResourceEnd create_handle(Resource *r, Error *err)
{
    (void)err;
    r->physical = answers_url(r, answers_new_token(r, 0));
    return RESOURCE_DONE;
}

static ResourceEnd remove_handle(Resource *r, Error *err)
{
    (void)err;
    answers_forget(r, answers_token_of(r->physical));
    return RESOURCE_DONE;
}

const ResourceType resource_stack_wait_handle = {
    .type = "AWS::CloudFormation::WaitConditionHandle",
    .create = create_handle,
    .remove = remove_handle,
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

/* ---- how long, and for how many ---- */

/* "PT1H30M", the form of CreationPolicy's Timeout. */
static bool seconds_of(Str text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'H', 3600}, {'M', 60}, {'S', 1}};
    *seconds = 0;
    if (!str_starts(text, S("PT")) || text.n < 4) return false;
    text = str_slice(text, 2, text.n);
    for (int i = 0; i < countof(units); i++) {
        int64_t n, at = str_find_char(text, units[i].unit);
        if (at < 0) continue;
        if (!str_to_int(str_slice(text, 0, at), &n) || n < 0 || n > WAIT_SECONDS_MAX) return false;
        *seconds += n * units[i].seconds;
        text = str_slice(text, at + 1, text.n);
    }
    return text.n == 0;
}

/* Signals to a handle's address, or to the resource itself where it has a CreationPolicy. */
static bool terms_of(Resource *r, int64_t *count, int64_t *seconds, Str *token)
{
    const Json *signal = json_get(&r->creation, S("ResourceSignal")),
               *timeout = json_get(signal, S("Timeout")), *many = json_get(signal, S("Count"));
    if (!json_is(&r->creation, JSON_OBJECT)) {
        *count = resource_int(r, S("Count"), 1);
        *seconds = resource_int(r, S("Timeout"), 0);
        *token = answers_token_of(resource_text(r, S("Handle")));
        return true;
    }
    *token = answers_signal_token(r->a, r->stack_id, r->logical);
    *count = 1;
    return (!many || str_to_int(json_text(many), count)) &&
           seconds_of(timeout ? json_text(timeout) : S("PT5M"), seconds);
}

/* ---- waiting ---- */

static ResourceEnd failed(Resource *r, Str why, Error *err)
{
    bool signals = json_get(&r->kept, S("signals")) != NULL;
    if (signals)
        error_set(err, ERR_VALIDATION, "Received 1 FAILURE signal(s) out of %" PRId64,
                  json_int_or(json_get(&r->kept, S("count")), 1));
    else
        error_set(err, ERR_VALIDATION, "WaitCondition received failed message: '%.*s' for uniqueId",
                  STR(why));
    return RESOURCE_FAILED;
}

static ResourceEnd too_late(Resource *r, int64_t got, int64_t count, Error *err)
{
    if (json_get(&r->kept, S("signals")))
        error_set(err, ERR_VALIDATION,
                  "Failed to receive %" PRId64 " resource signal(s) within the specified duration",
                  count - got);
    else
        error_set(err, ERR_VALIDATION,
                  "WaitCondition timed out. Received %" PRId64
                  " conditions when expecting %" PRId64,
                  got, count);
    return RESOURCE_FAILED;
}

static ResourceEnd look(Resource *r, Error *err)
{
    Str why = {0}, token = json_text(json_get(&r->kept, S("token")));
    Json answers = answers_of(r, token), data = by_id(r, &answers, &why);
    Millis until = json_int_or(json_get(&r->kept, S("until")), 0);
    int64_t count = json_int_or(json_get(&r->kept, S("count")), 1);
    r->wait_service = ANSWERS_SERVICE;
    r->wait_id = token;
    r->wait_until = until;
    if (!str_absent(why)) return failed(r, why, err);
    if (data.n >= count) {
        resource_attribute(r, S("Data"), json_to_str(r->a, &data));
        return RESOURCE_DONE;
    }
    return r->now < until ? RESOURCE_WAITS : too_late(r, data.n, count, err);
}

static ResourceEnd create(Resource *r, Error *err)
{
    Str token = {0};
    JsonObject kept = {.a = r->a};
    int64_t seconds = 0, count = 0;
    if (!terms_of(r, &count, &seconds, &token) || seconds < 1 || seconds > WAIT_SECONDS_MAX ||
        count < 1 || count > WAIT_SIGNALS_MAX) {
        error_set(err, ERR_VALIDATION,
                  "Timeout must be between 1 and %d seconds, and Count between 1 and %d",
                  WAIT_SECONDS_MAX, WAIT_SIGNALS_MAX);
        return RESOURCE_FAILED;
    }
    r->physical = str_printf(r->a, "%.*s/%.*s", STR(r->stack_id), STR(r->logical));
    json_put(&kept, S("until"), json_int(r->a, r->now + seconds * 1000));
    json_put(&kept, S("count"), json_int(r->a, count));
    json_put_text(&kept, S("token"), token);
    if (json_is(&r->creation, JSON_OBJECT)) json_put(&kept, S("signals"), json_bool(true));
    r->kept = json_object(&kept);
    return look(r, err);
}

static ResourceEnd remove_wait(Resource *r, Error *err)
{
    (void)err;
    if (json_get(&r->kept, S("signals")))
        answers_forget(r, json_text(json_get(&r->kept, S("token"))));
    return RESOURCE_DONE;
}

const ResourceType resource_stack_wait = {
    .type = "AWS::CloudFormation::WaitCondition",
    .create = create,
    .remove = remove_wait,
    .look = look,
    .properties = "Handle Timeout Count",
};
