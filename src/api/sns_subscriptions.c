/* sns_subscriptions.c - subscriptions over the API: subscribe, confirm, list, change, end. */
#include "api/sns.h"

#include "app/messages/queues.h"

static bool bad(Error *err, const char *what)
{
    return error_set(err, ERR_SNS_PARAMETER, "Invalid parameter: %s", what);
}

/* ---- where notifications can go ---- */

static bool check_queue(const TopicRow *t, Str endpoint, Error *err)
{
    if (!str_starts(endpoint, S("arn:")) || str_find(endpoint, S(":sqs:")) < 0)
        return bad(err, "SQS endpoint ARN");
    if (str_ends(endpoint, S(".fifo")) && !str_ends(t->name, S(".fifo")))
        return bad(err, "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be "
                        "subscribed to standard SNS topics");
    return true;
}

static bool check_endpoint(const TopicRow *t, Str protocol, Str endpoint, Error *err)
{
    if (!endpoint.n) return bad(err, "Endpoint");
    if (str_eq(protocol, S("sqs"))) return check_queue(t, endpoint, err);
    if (str_ends(t->name, S(".fifo")))
        return bad(err, "Invalid protocol type: FIFO topics deliver to queues");
    if (str_eq(protocol, S("lambda")))
        return (str_starts(endpoint, S("arn:")) && str_find(endpoint, S(":lambda:")) > 0) ||
               bad(err, "Lambda endpoint ARN");
    if (str_eq(protocol, S("http")) || str_eq(protocol, S("https")))
        return (str_starts(endpoint, protocol) &&
                str_starts(str_slice(endpoint, protocol.n, endpoint.n), S("://"))) ||
               bad(err, "Endpoint must match the specified protocol");
    if (str_eq(protocol, S("email")) || str_eq(protocol, S("email-json")))
        return str_find_char(endpoint, '@') > 0 || bad(err, "Email address");
    return error_set(err, ERR_SNS_PARAMETER,
                     "Invalid parameter: this server delivers nothing by protocol: %.*s",
                     STR(str_slice(protocol, 0, 40)));
}

/* ---- attributes ---- */

static bool check_redrive(Call *call, Str value, Error *err)
{
    Json v;
    QueueRow q;
    Error unread = {0};
    if (!value.n) return true;
    if (!json_parse(value, call->arena, &v, &unread) || v.type != JSON_OBJECT)
        return bad(err, "RedrivePolicy: failed to parse JSON.");
    return queues_by_arn(call->server, json_text(json_get(&v, S("deadLetterTargetArn"))),
                         call->arena, &q) ||
           bad(err, "RedrivePolicy: deadLetterTargetArn is not an ARN of a queue that exists");
}

bool sns_check_subscription_attribute(Call *call, Str protocol, Str name, Str value, Str scope,
                                      Error *err)
{
    if (str_eq(name, S("FilterPolicy")))
        return !value.n ||
               topics_check_filter(value, str_eq(scope, S("MessageBody")), call->arena, err);
    if (str_eq(name, S("FilterPolicyScope")))
        return str_eq(value, S("MessageBody")) || str_eq(value, S("MessageAttributes")) ||
               bad(err, "FilterPolicyScope: Invalid value. Please use either MessageBody or "
                        "MessageAttributes");
    if (str_eq(name, S("RawMessageDelivery"))) {
        bool can = str_eq(protocol, S("sqs")) || str_starts(protocol, S("http"));
        if (!can && str_eq(value, S("true")))
            return bad(err, "Delivery protocol does not support raw message delivery.");
        return str_eq(value, S("true")) || str_eq(value, S("false")) ||
               bad(err, "RawMessageDelivery: Invalid value. Must be true or false.");
    }
    if (str_eq(name, S("RedrivePolicy"))) return check_redrive(call, value, err);
    return str_eq(name, S("DeliveryPolicy")) || str_eq(name, S("SubscriptionRoleArn")) ||
           bad(err, "AttributeName");
}

static bool check_attributes(Call *call, Str protocol, const Json *given, Error *err)
{
    Str scope = json_text(json_get(given, S("FilterPolicyScope")));
    for (int32_t i = 0; i < json_count(given); i++)
        if (!sns_check_subscription_attribute(call, protocol, given->members[i].key,
                                              json_text(&given->members[i].value), scope, err))
            return false;
    return true;
}

/* ---- subscribe ---- */

static void add_subscription(Call *call, const TopicRow *t, SubscriptionRow *sub)
{
    const Json *given = json_get(&call->in, S("Attributes"));
    Server *s = call->server;
    sub->topic = t->n;
    sub->id = server_new_uuid(s, call->arena);
    sub->owner = call->who.account;
    sub->attributes = json_count(given) ? json_to_str(call->arena, given) : S("{}");
    sub->token = str_printf(call->arena, "2336412f37%.*s", STR(server_new_uuid(s, call->arena)));
    sub->confirmed = str_eq(sub->protocol, S("sqs")) || str_eq(sub->protocol, S("lambda"));
    subscription_add(s->db, sub);
    if (str_starts(sub->protocol, S("http"))) topics_ask_to_confirm(s, t, sub, sns_host(call));
}

/* The same again is the one that is there; with other attributes it is refused. */
static bool same(Call *call, const SubscriptionRow *sub, Error *err)
{
    const Json *given = json_get(&call->in, S("Attributes"));
    Json old = sns_parse(call->arena, sub->attributes);
    for (int32_t i = 0; i < json_count(given); i++)
        if (!str_eq(json_text(&given->members[i].value),
                    json_text(json_get(&old, given->members[i].key))))
            return bad(err, "Attributes Reason: Subscription already exists with different "
                            "attributes");
    return true;
}

CallResult sns_subscribe(Call *call, Error *err)
{
    TopicRow t;
    SubscriptionRow sub = {.protocol = sns_text(call, "Protocol"),
                           .endpoint = sns_text(call, "Endpoint")};
    JsonObject out = {.a = call->arena};
    if (!sns_topic(call, sns_text(call, "TopicArn"), &t, err) ||
        !check_endpoint(&t, sub.protocol, sub.endpoint, err) ||
        !check_attributes(call, sub.protocol, json_get(&call->in, S("Attributes")), err))
        return CALL_FAILED;
    if (!subscription_like(call->server->db, t.n, sub.protocol, sub.endpoint, call->arena, &sub))
        add_subscription(call, &t, &sub);
    else if (!same(call, &sub, err))
        return CALL_FAILED;
    bool told = sub.confirmed || json_true(json_get(&call->in, S("ReturnSubscriptionArn")));
    json_put_text(&out, S("SubscriptionArn"),
                  told ? topics_subscription_arn(call->arena, &t, &sub)
                       : S("pending confirmation"));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sns_confirm(Call *call, Error *err)
{
    TopicRow t;
    SubscriptionRow sub;
    JsonObject out = {.a = call->arena};
    if (!sns_topic(call, sns_text(call, "TopicArn"), &t, err)) return CALL_FAILED;
    if (!subscription_by_token(call->server->db, t.n, sns_text(call, "Token"), call->arena, &sub))
        return bad(err, "Token"), CALL_FAILED;
    sub.confirmed = true;
    subscription_set(call->server->db, &sub);
    json_put_text(&out, S("SubscriptionArn"), topics_subscription_arn(call->arena, &t, &sub));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* One that is not there is gone: that is no error. */
CallResult sns_unsubscribe(Call *call, Error *err)
{
    TopicRow t;
    SubscriptionRow sub;
    if (sns_subscription(call, sns_text(call, "SubscriptionArn"), &t, &sub, err))
        subscription_remove(call->server->db, sub.n);
    else if (err->code != ERR_SNS_NOT_FOUND)
        return CALL_FAILED;
    *err = (Error){0};
    sns_done(call);
    return CALL_DONE;
}

/* ---- list ---- */

static Json brief(Call *call, const SubscriptionRow *sub)
{
    TopicRow t;
    JsonObject o = {.a = call->arena};
    check(topic_row_get(call->server->db, sub->topic, call->arena, &t) ||
          db_failed(call->server->db));
    json_put_text(&o, S("SubscriptionArn"),
                  sub->confirmed ? topics_subscription_arn(call->arena, &t, sub)
                                 : S("PendingConfirmation"));
    json_put_text(&o, S("Owner"), sub->owner);
    json_put_text(&o, S("Protocol"), sub->protocol);
    json_put_text(&o, S("Endpoint"), sub->endpoint);
    json_put_text(&o, S("TopicArn"), topics_arn(call->arena, &t));
    return json_object(&o);
}

static CallResult list(Call *call, int64_t topic, Error *err)
{
    Str place;
    SubscriptionRow *rows;
    int64_t after = 0;
    JsonArray all = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!sns_token(call, &place, err)) return CALL_FAILED;
    if (!str_absent(place) && !str_to_int(place, &after)) return bad(err, "NextToken"), CALL_FAILED;
    int64_t n = subscription_list(call->server->db, topic, call->who.account, call->who.region,
                                  after, SNS_PAGE + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < SNS_PAGE; i++) json_add(&all, brief(call, &rows[i]));
    json_put(&out, S("Subscriptions"), json_array(&all));
    if (n > SNS_PAGE)
        json_put(
            &out, S("NextToken"),
            sns_new_token(call->arena, str_printf(call->arena, "%" PRId64, rows[SNS_PAGE - 1].n)));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sns_list_subscriptions(Call *call, Error *err)
{
    return list(call, 0, err);
}

CallResult sns_list_by_topic(Call *call, Error *err)
{
    TopicRow t;
    if (!sns_topic(call, sns_text(call, "TopicArn"), &t, err)) return CALL_FAILED;
    return list(call, t.n, err);
}

/* ---- describe and change ---- */

CallResult sns_get_subscription_attributes(Call *call, Error *err)
{
    TopicRow t;
    SubscriptionRow sub;
    Arena *a = call->arena;
    JsonObject o = {.a = a}, out = {.a = a};
    if (!sns_subscription(call, sns_text(call, "SubscriptionArn"), &t, &sub, err))
        return CALL_FAILED;
    Json set = sns_parse(a, sub.attributes);
    json_put_text(&o, S("SubscriptionArn"), topics_subscription_arn(a, &t, &sub));
    json_put_text(&o, S("TopicArn"), topics_arn(a, &t));
    json_put_text(&o, S("Protocol"), sub.protocol);
    json_put_text(&o, S("Endpoint"), sub.endpoint);
    json_put_text(&o, S("Owner"), sub.owner);
    json_put_text(&o, S("ConfirmationWasAuthenticated"), sub.confirmed ? S("true") : S("false"));
    json_put_text(&o, S("PendingConfirmation"), sub.confirmed ? S("false") : S("true"));
    if (!json_get(&set, S("RawMessageDelivery")))
        json_put_text(&o, S("RawMessageDelivery"), S("false"));
    if (json_get(&set, S("FilterPolicy")) && !json_get(&set, S("FilterPolicyScope")))
        json_put_text(&o, S("FilterPolicyScope"), S("MessageAttributes"));
    for (int32_t i = 0; i < json_count(&set); i++)
        json_put(&o, set.members[i].key, set.members[i].value);
    json_put(&out, S("Attributes"), json_object(&o));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sns_set_subscription_attributes(Call *call, Error *err)
{
    TopicRow t;
    SubscriptionRow sub;
    Str name = sns_text(call, "AttributeName"), value = sns_text(call, "AttributeValue");
    if (!sns_subscription(call, sns_text(call, "SubscriptionArn"), &t, &sub, err))
        return CALL_FAILED;
    Str scope = topics_attribute(call->arena, sub.attributes, S("FilterPolicyScope"));
    if (!sns_check_subscription_attribute(call, sub.protocol, name, value, scope, err))
        return CALL_FAILED;
    sub.attributes = sns_with(call->arena, sub.attributes, name, value);
    subscription_set(call->server->db, &sub);
    sns_done(call);
    return CALL_DONE;
}
