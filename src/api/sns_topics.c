/* sns_topics.c - topics over the API: create, list, describe, change, delete, tag. */
#include "api/sns.h"
#include "api/tags.h"

enum { NAME_BYTES_MAX = 256, TAGS_MAX = 50 };

static bool bad(Error *err, const char *what)
{
    return error_set(err, ERR_SNS_PARAMETER, "Invalid parameter: %s", what);
}

static bool good_name(Str name, bool fifo)
{
    int64_t n = fifo ? name.n - 5 : name.n;
    if (n < 1 || name.n > NAME_BYTES_MAX || (fifo && !str_ends(name, S(".fifo")))) return false;
    for (int64_t i = 0; i < n; i++) {
        char c = name.p[i];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '_' &&
            c != '-')
            return false;
    }
    return true;
}

/* ---- attributes ---- */

static const char *const attributes[] = {
    "Policy", "DisplayName", "DeliveryPolicy", "KmsMasterKeyId", "SignatureVersion",
    "TracingConfig", "DataProtectionPolicy", "ContentBasedDeduplication", "FifoTopic",
    "FifoThroughputScope", "ArchivePolicy",
    /* <protocol>SuccessFeedbackRoleArn and the like */
    "HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate", "HTTPFailureFeedbackRoleArn",
    "LambdaSuccessFeedbackRoleArn", "LambdaSuccessFeedbackSampleRate",
    "LambdaFailureFeedbackRoleArn", "SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate",
    "SQSFailureFeedbackRoleArn", "FirehoseSuccessFeedbackRoleArn",
    "FirehoseSuccessFeedbackSampleRate", "FirehoseFailureFeedbackRoleArn",
    "ApplicationSuccessFeedbackRoleArn", "ApplicationSuccessFeedbackSampleRate",
    "ApplicationFailureFeedbackRoleArn"};

static bool is_boolean(Str v)
{
    return str_eq(v, S("true")) || str_eq(v, S("false"));
}

static bool check_json(Call *call, Str name, Str value, Error *err)
{
    Json v;
    Error unread = {0};
    if (!value.n || (json_parse(value, call->arena, &v, &unread) && v.type == JSON_OBJECT))
        return true;
    return error_set(err, ERR_SNS_PARAMETER,
                     "Invalid parameter: %.*s Error - Unable to parse the JSON.", STR(name));
}

static bool check_attribute(Call *call, Str name, Str value, bool fifo, Error *err)
{
    bool known = false;
    for (int i = 0; i < countof(attributes); i++) known |= str_eq(name, str_from(attributes[i]));
    if (!known || (!fifo && str_eq(name, S("ContentBasedDeduplication"))))
        return bad(err, "AttributeName");
    if ((str_eq(name, S("FifoTopic")) || str_eq(name, S("ContentBasedDeduplication"))) &&
        !is_boolean(value))
        return error_set(err, ERR_SNS_PARAMETER,
                         "Invalid parameter: Attributes Reason: %.*s must be true or false",
                         STR(name));
    if (str_eq(name, S("Policy")) || str_eq(name, S("DeliveryPolicy")))
        return check_json(call, name, value, err);
    return true;
}

/* ---- create ---- */

static Json without_plain_fifo(Call *call, const Json *given)
{
    JsonObject o = {.a = call->arena};
    for (int32_t i = 0; i < json_count(given); i++)
        if (!str_eq(given->members[i].key, S("FifoTopic")) ||
            str_eq(json_text(&given->members[i].value), S("true")))
            json_put(&o, given->members[i].key, given->members[i].value);
    return json_object(&o);
}

static bool is_as_given(Call *call, const TopicRow *t, const Json *given, const Json *tags,
                        Error *err)
{
    Json old = sns_parse(call->arena, t->attributes), old_tags = sns_parse(call->arena, t->tags);
    for (int32_t i = 0; i < json_count(given); i++)
        if (!str_eq(json_text(json_get(&old, given->members[i].key)),
                    json_text(&given->members[i].value)))
            return bad(err, "Attributes Reason: Topic already exists with different attributes");
    if (json_count(tags) && !json_eq(tags, &old_tags))
        return bad(err, "Tags Reason: Topic already exists with different tags");
    return true;
}

CallResult sns_create_topic(Call *call, Error *err)
{
    Arena *a = call->arena;
    Str name = sns_text(call, "Name");
    JsonObject out = {.a = a};
    Json given = without_plain_fifo(call, json_get(&call->in, S("Attributes"))),
         tags = tags_map(call->arena, json_get(&call->in, S("Tags")));
    bool fifo = json_get(&given, S("FifoTopic")) != NULL;
    TopicRow t = {.account = call->who.account, .region = call->who.region, .name = name};
    if (!good_name(name, fifo) || json_count(&tags) > TAGS_MAX)
        return bad(err, "Topic Name"), CALL_FAILED;
    for (int32_t i = 0; i < json_count(&given); i++)
        if (!check_attribute(call, given.members[i].key, json_text(&given.members[i].value), fifo,
                             err))
            return CALL_FAILED;
    if (topic_row_find(call->server->db, t.account, t.region, name, a, &t)) {
        if (!is_as_given(call, &t, &given, &tags, err)) return CALL_FAILED;
    } else {
        t.attributes = json_to_str(a, &given);
        t.tags = json_to_str(a, &tags);
        topic_row_add(call->server->db, &t);
    }
    json_put_text(&out, S("TopicArn"), topics_arn(a, &t));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* One that is not there is gone: that is no error. */
CallResult sns_delete_topic(Call *call, Error *err)
{
    TopicRow t;
    if (sns_topic(call, sns_text(call, "TopicArn"), &t, err))
        topic_row_remove(call->server->db, t.n);
    else if (err->code != ERR_SNS_NOT_FOUND)
        return CALL_FAILED;
    *err = (Error){0};
    sns_done(call);
    return CALL_DONE;
}

CallResult sns_list_topics(Call *call, Error *err)
{
    Str after;
    TopicRow *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    JsonObject out = {.a = a};
    if (!sns_token(call, &after, err)) return CALL_FAILED;
    int64_t n = topic_row_list(call->server->db, call->who.account, call->who.region, after,
                               SNS_PAGE + 1, a, &rows);
    for (int64_t i = 0; i < n && i < SNS_PAGE; i++) {
        JsonObject one = {.a = a};
        json_put_text(&one, S("TopicArn"), topics_arn(a, &rows[i]));
        json_add(&list, json_object(&one));
    }
    json_put(&out, S("Topics"), json_array(&list));
    if (n > SNS_PAGE) json_put(&out, S("NextToken"), sns_new_token(a, rows[SNS_PAGE - 1].name));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- describe and change ---- */

/* What a new topic allows: its owner, everything. */
static Str default_policy(Call *call, const TopicRow *t)
{
    return str_printf(
        call->arena,
        "{\"Version\":\"2008-10-17\",\"Id\":\"__default_policy_ID\",\"Statement\":[{\"Sid\":"
        "\"__default_statement_ID\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":"
        "[\"SNS:GetTopicAttributes\",\"SNS:SetTopicAttributes\",\"SNS:AddPermission\","
        "\"SNS:RemovePermission\",\"SNS:DeleteTopic\",\"SNS:Subscribe\","
        "\"SNS:ListSubscriptionsByTopic\",\"SNS:Publish\"],\"Resource\":\"%.*s\",\"Condition\":{"
        "\"StringEquals\":{\"AWS:SourceOwner\":\"%.*s\"}}}]}",
        STR(topics_arn(call->arena, t)), STR(t->account));
}

#define EFFECTIVE_DELIVERY                                                                         \
    "{\"http\":{\"defaultHealthyRetryPolicy\":{\"minDelayTarget\":20,\"maxDelayTarget\":20,"       \
    "\"numRetries\":3,\"numMaxDelayRetries\":0,\"numNoDelayRetries\":0,\"numMinDelayRetries\":0,"  \
    "\"backoffFunction\":\"linear\"},\"disableSubscriptionOverrides\":false}}"

CallResult sns_get_topic_attributes(Call *call, Error *err)
{
    TopicRow t;
    Arena *a = call->arena;
    JsonObject o = {.a = a}, out = {.a = a};
    if (!sns_topic(call, sns_text(call, "TopicArn"), &t, err)) return CALL_FAILED;
    Json set = sns_parse(a, t.attributes);
    SubscriptionCounts n = subscription_count(call->server->db, t.n);
    json_put_text(&o, S("TopicArn"), topics_arn(a, &t));
    json_put_text(&o, S("Owner"), t.account);
    for (int32_t i = 0; i < json_count(&set); i++)
        json_put(&o, set.members[i].key, set.members[i].value);
    if (!json_get(&set, S("Policy"))) json_put_text(&o, S("Policy"), default_policy(call, &t));
    if (!json_get(&set, S("DisplayName"))) json_put_text(&o, S("DisplayName"), S(""));
    if (json_get(&set, S("FifoTopic")) && !json_get(&set, S("ContentBasedDeduplication")))
        json_put_text(&o, S("ContentBasedDeduplication"), S("false"));
    json_put_text(&o, S("SubscriptionsConfirmed"), str_printf(a, "%" PRId64, n.confirmed));
    json_put_text(&o, S("SubscriptionsPending"), str_printf(a, "%" PRId64, n.pending));
    json_put_text(&o, S("SubscriptionsDeleted"), S("0"));
    json_put_text(&o, S("EffectiveDeliveryPolicy"), S(EFFECTIVE_DELIVERY));
    json_put(&out, S("Attributes"), json_object(&o));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sns_set_topic_attributes(Call *call, Error *err)
{
    TopicRow t;
    Str name = sns_text(call, "AttributeName"), value = sns_text(call, "AttributeValue");
    if (!sns_topic(call, sns_text(call, "TopicArn"), &t, err) ||
        !check_attribute(call, name, value, str_ends(t.name, S(".fifo")), err))
        return CALL_FAILED;
    if (str_eq(name, S("FifoTopic"))) return bad(err, "AttributeName"), CALL_FAILED;
    t.attributes = sns_with(call->arena, t.attributes, name, value);
    topic_row_set(call->server->db, &t);
    sns_done(call);
    return CALL_DONE;
}

/* ---- tags ---- */

static bool tagged_topic(Call *call, TopicRow *t, Error *err)
{
    if (sns_topic(call, sns_text(call, "ResourceArn"), t, err)) return true;
    if (err->code != ERR_SNS_NOT_FOUND) return false;
    return error_set(err, ERR_SNS_NO_RESOURCE, "Resource does not exist");
}

CallResult sns_list_tags(Call *call, Error *err)
{
    TopicRow t;
    JsonObject out = {.a = call->arena};
    if (!tagged_topic(call, &t, err)) return CALL_FAILED;
    Json tags = sns_parse(call->arena, t.tags);
    json_put(&out, S("Tags"), tags_list(call->arena, &tags));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sns_tag(Call *call, Error *err)
{
    TopicRow t;
    const Json *fresh = json_get(&call->in, S("Tags"));
    if (!tagged_topic(call, &t, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, t.tags, fresh, fresh);
    if (all.n > TAGS_MAX) {
        error_set(err, ERR_SNS_TAGS,
                  "Could not complete request: tag quota of per resource "
                  "exceeded");
        return CALL_FAILED;
    }
    t.tags = json_to_str(call->arena, &all);
    topic_row_set(call->server->db, &t);
    sns_done(call);
    return CALL_DONE;
}

CallResult sns_untag(Call *call, Error *err)
{
    TopicRow t;
    if (!tagged_topic(call, &t, err)) return CALL_FAILED;
    Json left = tags_change(call->arena, t.tags, json_get(&call->in, S("TagKeys")), NULL);
    t.tags = json_to_str(call->arena, &left);
    topic_row_set(call->server->db, &t);
    sns_done(call);
    return CALL_DONE;
}
