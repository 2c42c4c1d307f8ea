/* sqs_attributes.c - how a queue is set: what may be, what a request makes of it, and what is told. */
#include "api/sqs.h"

enum { POLICY_BYTES_MAX = 8192 };

/* ---- what may be set ---- */

static bool bad_value(Str name, Error *err)
{
    return error_set(err, ERR_SQS_ATTRIBUTE_VALUE, "Invalid value for the parameter %.*s.",
                     STR(name));
}

static bool is_boolean(Str v)
{
    return str_eq(v, S("true")) || str_eq(v, S("false"));
}

static bool bad_redrive(Str value, const char *reason, Error *err)
{
    return error_set(err, ERR_SQS_PARAMETER,
                     "Value %.*s for parameter RedrivePolicy is invalid. Reason: %s",
                     STR(str_slice(value, 0, 500)), reason);
}

/* RedriveAllowPolicy of the dead-letter queue; without one every queue may. */
static bool may_redrive(Call *call, Str source, const QueueRow *dead)
{
    Json set = sqs_parse(call->arena, dead->attributes), policy;
    Error unread = {0};
    Str text = json_text(json_get(&set, S("RedriveAllowPolicy")));
    if (!text.n || !json_parse(text, call->arena, &policy, &unread)) return true;
    Str permission = json_text(json_get(&policy, S("redrivePermission")));
    QueueRow asking = {.account = call->who.account, .region = call->who.region, .name = source};
    Str arn = queues_arn(call->arena, &asking);
    const Json *list = json_get(&policy, S("sourceQueueArns"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(&list->items[i]), arn)) return true;
    return str_eq(permission, S("allowAll"));
}

static bool check_redrive(Call *call, Str name, Str value, Error *err)
{
    Json policy;
    QueueRow dead;
    Error unread = {0};
    int64_t max = 0;
    if (!value.n) return true;
    if (!json_parse(value, call->arena, &policy, &unread) || policy.type != JSON_OBJECT)
        return bad_redrive(value, "Redrive policy is not a valid JSON map.", err);
    Str arn = json_text(json_get(&policy, S("deadLetterTargetArn")));
    if (!arn.n)
        return bad_redrive(
            value, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.",
            err);
    const Json *given = json_get(&policy, S("maxReceiveCount"));
    if (!given)
        return bad_redrive(
            value, "Redrive policy does not contain mandatory attribute: maxReceiveCount.", err);
    if (!str_to_int(json_text(given), &max) || max < 1 || max > QUEUE_RECEIVES_MAX)
        return bad_redrive(
            value, "Invalid value for maxReceiveCount, must be an integer from 1 to 1000.", err);
    if (!queues_by_arn(call->server, arn, call->arena, &dead))
        return bad_redrive(value, "Dead letter target does not exist.", err);
    if (!may_redrive(call, name, &dead))
        return bad_redrive(value,
                           "The redrive allow policy of the dead-letter queue does not let "
                           "this queue use it.",
                           err);
    if (str_ends(name, S(".fifo")) != str_ends(dead.name, S(".fifo")))
        return bad_redrive(value, "Dead-letter queue must be same type of queue as the source.",
                           err);
    return true;
}

static bool check_json(Call *call, Str name, Str value, Error *err)
{
    Json v;
    Error unread = {0};
    if (!value.n) return true;
    if (value.n > POLICY_BYTES_MAX || !json_parse(value, call->arena, &v, &unread) ||
        v.type != JSON_OBJECT)
        return bad_value(name, err);
    return true;
}

static bool check_redrive_allow(Call *call, Str name, Str value, Error *err)
{
    Json v;
    Error unread = {0};
    if (!check_json(call, name, value, err)) return false;
    if (!value.n) return true;
    if (!json_parse(value, call->arena, &v, &unread)) return bad_value(name, err);
    Str permission = json_text(json_get(&v, S("redrivePermission")));
    int32_t n = json_count(json_get(&v, S("sourceQueueArns")));
    if (str_eq(permission, S("byQueue"))) return (n >= 1 && n <= 10) || bad_value(name, err);
    return ((str_eq(permission, S("allowAll")) || str_eq(permission, S("denyAll"))) && !n) ||
           bad_value(name, err);
}

static bool check_number(const QueueNumber *row, Str value, Error *err)
{
    int64_t n;
    return (str_to_int(value, &n) && n >= row->min && n <= row->max) ||
           bad_value(str_from(row->name), err);
}

static bool check_fifo_attribute(Str queue, Str name, Str value, bool fresh, Error *err)
{
    bool fifo = str_ends(queue, S(".fifo"));
    if (!fifo || (str_eq(name, S("FifoQueue")) && !fresh))
        return error_set(err, ERR_SQS_ATTRIBUTE_NAME, "Unknown Attribute %.*s.", STR(name));
    if (str_eq(name, S("DeduplicationScope")))
        return str_eq(value, S("queue")) || str_eq(value, S("messageGroup")) ||
               bad_value(name, err);
    if (str_eq(name, S("FifoThroughputLimit")))
        return str_eq(value, S("perQueue")) || str_eq(value, S("perMessageGroupId")) ||
               bad_value(name, err);
    if (str_eq(name, S("FifoQueue"))) return str_eq(value, S("true")) || bad_value(name, err);
    return is_boolean(value) || bad_value(name, err);
}

static const char *const fifo_attributes[] = {"FifoQueue", "ContentBasedDeduplication",
                                              "DeduplicationScope", "FifoThroughputLimit"};

static bool check_attribute(Call *call, Str queue, Str name, Str value, bool fresh, Error *err)
{
    for (int i = 0; i < queue_numbers_n; i++)
        if (str_eq(name, str_from(queue_numbers[i].name)))
            return check_number(&queue_numbers[i], value, err);
    for (int i = 0; i < countof(fifo_attributes); i++)
        if (str_eq(name, str_from(fifo_attributes[i])))
            return check_fifo_attribute(queue, name, value, fresh, err);
    if (str_eq(name, S("RedrivePolicy"))) return check_redrive(call, queue, value, err);
    if (str_eq(name, S("RedriveAllowPolicy"))) return check_redrive_allow(call, name, value, err);
    if (str_eq(name, S("Policy"))) return check_json(call, name, value, err);
    if (str_eq(name, S("KmsMasterKeyId"))) return true;
    if (str_eq(name, S("SqsManagedSseEnabled"))) return is_boolean(value) || bad_value(name, err);
    return error_set(err, ERR_SQS_ATTRIBUTE_NAME, "Unknown Attribute %.*s.", STR(name));
}

/* A redrive policy is kept in its one form, so that the same one given twice is the same. */
static Str canonical(Call *call, Str name, Str value)
{
    int64_t max = 0;
    if (!str_eq(name, S("RedrivePolicy"))) return value;
    Json policy = sqs_parse(call->arena, value);
    JsonObject o = {.a = call->arena};
    if (!str_to_int(json_text(json_get(&policy, S("maxReceiveCount"))), &max)) return value;
    json_put_json(&o, S("deadLetterTargetArn"), json_get(&policy, S("deadLetterTargetArn")));
    json_put(&o, S("maxReceiveCount"), json_int(call->arena, max));
    Json all = json_object(&o);
    return json_to_str(call->arena, &all);
}

/* "High throughput for FIFO queues": by group only where deduplication is, too. */
static bool check_throughput(const Json *set, Error *err)
{
    bool group = str_eq(json_text(json_get(set, S("FifoThroughputLimit"))), S("perMessageGroupId")),
         scope = str_eq(json_text(json_get(set, S("DeduplicationScope"))), S("messageGroup"));
    return !group || scope ||
           error_set(err, ERR_SQS_ATTRIBUTE_VALUE,
                     "Invalid value for the parameter FifoThroughputLimit. Reason: The "
                     "perMessageGroupId value is allowed only when the value for "
                     "DeduplicationScope is messageGroup.");
}

bool sqs_set_attributes(Call *call, Str name, const Json *old, const Json *given, Json *out,
                        Error *err)
{
    JsonObject all = {.a = call->arena};
    for (int32_t i = 0; i < json_count(given); i++)
        if (!check_attribute(call, name, given->members[i].key, json_text(&given->members[i].value),
                             !json_count(old), err))
            return false;
    for (int32_t i = 0; i < json_count(old); i++)
        if (!json_get(given, old->members[i].key))
            json_put(&all, old->members[i].key, old->members[i].value);
    for (int32_t i = 0; i < json_count(given); i++) {
        Str key = given->members[i].key, value = json_text(&given->members[i].value);
        if (value.n) json_put_text(&all, key, canonical(call, key, value));
    }
    *out = json_object(&all);
    return check_throughput(out, err);
}

static void keep(Call *call, QueueRow *q, const Json *attributes)
{
    q->attributes = json_to_str(call->arena, attributes);
    q->modified = call->now;
    queue_row_set(call->server->db, q);
    queues_changed(call->server, q->n);
    sqs_done(call);
}

CallResult sqs_put_attributes(Call *call, Error *err)
{
    QueueRow q;
    Json attributes;
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    Json old = sqs_parse(call->arena, q.attributes);
    if (!sqs_set_attributes(call, q.name, &old, json_get(&call->in, S("Attributes")), &attributes,
                            err))
        return CALL_FAILED;
    keep(call, &q, &attributes);
    return CALL_DONE;
}

/* ---- what is told ---- */

static Str number_text(Call *call, int64_t n)
{
    return str_printf(call->arena, "%" PRId64, n);
}

static void put_counts(Call *call, const QueueRow *q, JsonObject *o)
{
    QueueSettings set = queues_settings(q, call->arena);
    MessageView view = {
        .queue = q, .fifo = set.fifo, .now = call->now, .retention_ms = set.retention_ms};
    MessageCounts n = message_count(call->server->db, &view);
    json_put_text(o, S("ApproximateNumberOfMessages"), number_text(call, n.visible));
    json_put_text(o, S("ApproximateNumberOfMessagesNotVisible"), number_text(call, n.in_flight));
    json_put_text(o, S("ApproximateNumberOfMessagesDelayed"), number_text(call, n.delayed));
}

static Json told(Call *call, const QueueRow *q)
{
    JsonObject o = {.a = call->arena};
    Json set = sqs_parse(call->arena, q->attributes);
    bool kms = json_get(&set, S("KmsMasterKeyId")) != NULL;
    json_put_text(&o, S("QueueArn"), queues_arn(call->arena, q));
    put_counts(call, q, &o);
    json_put_text(&o, S("CreatedTimestamp"), number_text(call, q->created / 1000));
    json_put_text(&o, S("LastModifiedTimestamp"), number_text(call, q->modified / 1000));
    for (int i = 0; i < queue_numbers_n; i++)
        if (!json_get(&set, str_from(queue_numbers[i].name)) && !queue_numbers[i].hidden)
            json_put_text(&o, str_from(queue_numbers[i].name),
                          number_text(call, queue_numbers[i].otherwise));
    for (int32_t i = 0; i < json_count(&set); i++)
        json_put(&o, set.members[i].key, set.members[i].value);
    if (!json_get(&set, S("SqsManagedSseEnabled")))
        json_put_text(&o, S("SqsManagedSseEnabled"), kms ? S("false") : S("true"));
    if (!str_ends(q->name, S(".fifo"))) return json_object(&o);
    if (!json_get(&set, S("ContentBasedDeduplication")))
        json_put_text(&o, S("ContentBasedDeduplication"), S("false"));
    if (!json_get(&set, S("DeduplicationScope")))
        json_put_text(&o, S("DeduplicationScope"), S("queue"));
    if (!json_get(&set, S("FifoThroughputLimit")))
        json_put_text(&o, S("FifoThroughputLimit"), S("perQueue"));
    return json_object(&o);
}

static bool wants(const Json *names, Str key)
{
    for (int32_t i = 0; i < json_count(names); i++) {
        Str name = json_text(json_at(names, i));
        if (str_eq(name, key) || str_eq(name, S("All"))) return true;
    }
    return false;
}

CallResult sqs_get_attributes(Call *call, Error *err)
{
    QueueRow q;
    JsonObject chosen = {.a = call->arena}, out = {.a = call->arena};
    const Json *names = json_get(&call->in, S("AttributeNames"));
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    Json all = told(call, &q);
    for (int32_t i = 0; i < json_count(&all); i++)
        if (wants(names, all.members[i].key))
            json_put(&chosen, all.members[i].key, all.members[i].value);
    if (chosen.n) json_put(&out, S("Attributes"), json_object(&chosen));
    call->out = json_object(&out);
    return CALL_DONE;
}
