/* sns.c - the table of SNS's operations, and what their handlers share. */
#include "api/sns.h"

#include "api/api.h"
#include "base/encode.h"

static const CallEntry entries[] = {
    {"ConfirmSubscription", sns_confirm},
    {"CreateTopic", sns_create_topic},
    {"DeleteTopic", sns_delete_topic},
    {"GetDataProtectionPolicy", sns_get_data_protection},
    {"GetSMSAttributes", sns_get_sms_attributes},
    {"GetSubscriptionAttributes", sns_get_subscription_attributes},
    {"GetTopicAttributes", sns_get_topic_attributes},
    {"ListPhoneNumbersOptedOut", sns_list_opted_out},
    {"ListPlatformApplications", sns_list_platforms},
    {"ListSMSSandboxPhoneNumbers", sns_list_origination},
    {"ListSubscriptions", sns_list_subscriptions},
    {"ListSubscriptionsByTopic", sns_list_by_topic},
    {"ListTagsForResource", sns_list_tags},
    {"ListTopics", sns_list_topics},
    {"Publish", sns_publish},
    {"PublishBatch", sns_publish_batch},
    {"SetSubscriptionAttributes", sns_set_subscription_attributes},
    {"SetTopicAttributes", sns_set_topic_attributes},
    {"Subscribe", sns_subscribe},
    {"TagResource", sns_tag},
    {"Unsubscribe", sns_unsubscribe},
    {"UntagResource", sns_untag},
};

const CallTable sns_calls = {.service = "sns", .entries = entries, .n = countof(entries)};

Str sns_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

Json sns_parse(Arena *a, Str json)
{
    Json v;
    Error err = {0};
    check(json_parse(json, a, &v, &err));
    return v;
}

void sns_done(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
}

Str sns_host(const Call *call)
{
    return call->http ? call->http->host : (Str){0};
}

/* ---- finding ---- */

enum { ARN_PARTS = 5 };

static bool bad_arn(Error *err, const char *what)
{
    return error_set(err, ERR_SNS_PARAMETER, "Invalid parameter: %s", what);
}

/* "arn", "aws", "sns", region, account; *rest is what follows. */
static bool cut_arn(Str arn, Str part[ARN_PARTS], Str *rest)
{
    *rest = arn;
    for (int i = 0; i < ARN_PARTS; i++)
        if (!str_cut(rest, ':', &part[i])) return false;
    return str_eq(part[0], S("arn")) && str_eq(part[2], S("sns")) && rest->n > 0;
}

bool sns_topic(Call *call, Str arn, TopicRow *out, Error *err)
{
    Str part[ARN_PARTS], name;
    if (!cut_arn(arn, part, &name) || str_find_char(name, ':') >= 0)
        return bad_arn(err, "TopicArn");
    return topic_row_find(call->server->db, part[4], part[3], name, call->arena, out) ||
           error_set(err, ERR_SNS_NOT_FOUND, "Topic does not exist");
}

bool sns_subscription(Call *call, Str arn, TopicRow *topic, SubscriptionRow *out, Error *err)
{
    Str part[ARN_PARTS], rest, name;
    if (!cut_arn(arn, part, &rest) || str_find_char(rest, ':') < 0 || !str_cut(&rest, ':', &name))
        return bad_arn(err, "SubscriptionArn Reason: An ARN must have at least 6 elements");
    return (topic_row_find(call->server->db, part[4], part[3], name, call->arena, topic) &&
            subscription_find(call->server->db, topic->n, rest, call->arena, out)) ||
           error_set(err, ERR_SNS_NOT_FOUND, "Subscription does not exist");
}

/* ---- pages ---- */

bool sns_token(Call *call, Str *out, Error *err)
{
    Str token = sns_text(call, "NextToken");
    *out = (Str){0};
    return str_absent(token) || base64_decode(call->arena, token, out) || bad_arn(err, "NextToken");
}

Json sns_new_token(Arena *a, Str place)
{
    return json_string(base64_encode(a, place));
}

Str sns_with(Arena *a, Str old, Str name, Str value)
{
    JsonObject o = {.a = a};
    Json was = sns_parse(a, old);
    for (int32_t i = 0; i < json_count(&was); i++)
        if (!str_eq(was.members[i].key, name))
            json_put(&o, was.members[i].key, was.members[i].value);
    if (value.n) json_put_text(&o, name, value);
    Json all = json_object(&o);
    return o.n ? json_to_str(a, &all) : S("{}");
}
