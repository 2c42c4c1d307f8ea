/* sns_publish.c - Publish and PublishBatch. */
#include "api/sns.h"

#include "app/messages/queues.h"
#include "wire/digest.h"

static bool bad(Error *err, const char *what)
{
    return error_set(err, ERR_SNS_PARAMETER, "Invalid parameter: %s", what);
}

static bool check_attributes(Call *call, const Json *attributes, Error *err)
{
    Error wrong = {0};
    JsonObject o = {.a = call->arena};
    for (int32_t i = 0; i < json_count(attributes); i++) {
        Json one = attributes->members[i].value;
        JsonObject plain = {.a = call->arena};
        bool list = str_eq(json_text(json_get(&one, S("DataType"))), S("String.Array"));
        json_put_text(&plain, S("DataType"), S("String"));
        json_put_json(&plain, S("StringValue"), json_get(&one, S("StringValue")));
        json_put(&o, attributes->members[i].key, list ? json_object(&plain) : one);
    }
    Json all = json_object(&o);
    if (json_count(&all) <= QUEUE_BATCH_MAX && !queues_check_attributes(call->arena, &all, &wrong))
        return error_set(err, ERR_SNS_VALUE, "%s", str_z(call->arena, error_text(&wrong)));
    return true;
}

/* MessageStructure json: "Publish" in the API reference. */
static bool read_structure(Call *call, const Json *given, TopicMessage *m, Error *err)
{
    Error unread = {0};
    Json *structured = new (call->arena, Json);
    Str structure = json_text(json_get(given, S("MessageStructure")));
    if (str_absent(structure)) return true;
    if (!str_eq(structure, S("json"))) return bad(err, "MessageStructure");
    if (!json_parse(m->body, call->arena, structured, &unread) || structured->type != JSON_OBJECT)
        return bad(err, "Message Structure - JSON message body failed to parse");
    if (!json_is(json_get(structured, S("default")), JSON_STRING))
        return bad(err, "Message Structure - No default entry in JSON message body");
    m->structured = structured;
    return true;
}

static bool check_subject(Str subject, Error *err)
{
    bool good = str_absent(subject) || (subject.n >= 1 && subject.n <= 100);
    for (int64_t i = 0; good && i < subject.n; i++)
        good = (unsigned char)subject.p[i] >= 0x20 && subject.p[i] != 0x7f;
    return good || bad(err, "Subject");
}

static bool check_fifo(Call *call, const TopicRow *t, TopicMessage *m, Error *err)
{
    bool fifo = str_ends(t->name, S(".fifo"));
    if (!fifo)
        return str_absent(m->dedup) ||
               bad(err,
                   "MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                   "parameter that is not valid for this topic type");
    if (str_absent(m->group))
        return bad(err, "The MessageGroupId parameter is required for FIFO topics");
    if (!str_absent(m->dedup)) return true;
    if (!topics_is(call->arena, t->attributes, S("ContentBasedDeduplication"), S("true")))
        return bad(err, "The topic should either have ContentBasedDeduplication enabled or "
                        "MessageDeduplicationId provided explicitly");
    DigestValue v = digest_of(DIGEST_SHA256, m->body);
    m->dedup = digest_hex(call->arena, &v);
    return true;
}

static bool read_message(Call *call, const TopicRow *t, const Json *given, TopicMessage *m,
                         Error *err)
{
    *m = (TopicMessage){
        .body = json_text(json_get(given, S("Message"))),
        .subject = json_text(json_get(given, S("Subject"))),
        .attributes = json_get(given, S("MessageAttributes")),
        .group = json_text(json_get(given, S("MessageGroupId"))),
        .dedup = json_text(json_get(given, S("MessageDeduplicationId"))),
        .host = sns_host(call),
    };
    if (!m->body.n) return bad(err, "Empty message");
    if (queues_bytes(call->arena, m->body, m->attributes) > TOPIC_BYTES_MAX)
        return bad(err, "Message too long");
    return check_subject(m->subject, err) && check_attributes(call, m->attributes, err) &&
           read_structure(call, given, m, err) && check_fifo(call, t, m, err);
}

/* What was published with the same id within five minutes is not delivered again. Topics and
 * queues share the table: topics are counted below zero. */
static bool published_before(Call *call, const TopicRow *t, TopicMessage *m)
{
    return message_dedup_find(call->server->db, -t->n, S(""), m->dedup, call->now, call->arena,
                              &m->id, &m->sequence);
}

static void publish(Call *call, TopicRow *t, TopicMessage *m)
{
    Server *s = call->server;
    bool fifo = str_ends(t->name, S(".fifo"));
    if (fifo && published_before(call, t, m)) return;
    m->id = server_new_uuid(s, call->arena);
    if (fifo) {
        MessageRow row = {.n = ++t->sequence, .id = m->id, .dedup = m->dedup};
        m->sequence = t->sequence;
        topic_row_set(s->db, t);
        message_dedup_add(s->db, -t->n, S(""), &row, s->now + QUEUE_DEDUP_MS);
        queues_sweep_soon(s);
    }
    topics_deliver(s, t, m);
}

static bool publish_one(Call *call, TopicRow *t, const Json *given, JsonObject *out, Error *err)
{
    TopicMessage m;
    if (!read_message(call, t, given, &m, err)) return false;
    publish(call, t, &m);
    json_put_text(out, S("MessageId"), m.id);
    if (m.sequence)
        json_put_text(out, S("SequenceNumber"), queues_sequence(call->arena, m.sequence));
    return true;
}

CallResult sns_publish(Call *call, Error *err)
{
    TopicRow t;
    JsonObject out = {.a = call->arena};
    Str arn = sns_text(call, "TopicArn");
    if (!str_absent(sns_text(call, "PhoneNumber")))
        return bad(err, "PhoneNumber Reason: this server sends no SMS"), CALL_FAILED;
    if (str_absent(arn)) arn = sns_text(call, "TargetArn");
    if (!sns_topic(call, arn, &t, err) || !publish_one(call, &t, &call->in, &out, err))
        return CALL_FAILED;
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- batches ---- */

static Str id_at(const Json *entries, int32_t i)
{
    return json_text(json_get(json_at(entries, i), S("Id")));
}

static bool check_batch(Call *call, const Json *entries, Error *err)
{
    int64_t bytes = 0;
    int32_t n = json_count(entries);
    if (!n)
        return error_set(err, ERR_SQS_BATCH_EMPTY,
                         "The batch request doesn't contain any entries.");
    if (n > QUEUE_BATCH_MAX)
        return error_set(err, ERR_SQS_BATCH_MANY,
                         "The batch request contains more entries than permissible.");
    for (int32_t i = 0; i < n; i++) {
        bytes += queues_bytes(call->arena, json_text(json_get(json_at(entries, i), S("Message"))),
                              json_get(json_at(entries, i), S("MessageAttributes")));
        for (int32_t k = 0; k < i; k++)
            if (str_eq(id_at(entries, i), id_at(entries, k)))
                return error_set(err, ERR_SQS_BATCH_IDS,
                                 "Two or more batch entries in the request have the same Id.");
    }
    return bytes <= TOPIC_BYTES_MAX ||
           error_set(err, ERR_SQS_BATCH_LONG,
                     "The length of all the batch messages put together is more than the limit.");
}

static Json failure(Call *call, Str id, const Error *err)
{
    JsonObject o = {.a = call->arena};
    Fault f = fault_from_error(call->route.service, err);
    json_put_text(&o, S("Id"), id);
    json_put_text(&o, S("Code"), f.code);
    json_put_text(&o, S("Message"), str_copy(call->arena, f.message));
    json_put(&o, S("SenderFault"), json_bool(f.status < 500));
    return json_object(&o);
}

CallResult sns_publish_batch(Call *call, Error *err)
{
    TopicRow t;
    Arena *a = call->arena;
    JsonArray good = {.a = a}, failed = {.a = a};
    JsonObject out = {.a = a};
    const Json *entries = json_get(&call->in, S("PublishBatchRequestEntries"));
    if (!sns_topic(call, sns_text(call, "TopicArn"), &t, err) || !check_batch(call, entries, err))
        return CALL_FAILED;
    for (int32_t i = 0; i < json_count(entries); i++) {
        Error wrong = {0};
        JsonObject one = {.a = a};
        json_put_text(&one, S("Id"), id_at(entries, i));
        if (publish_one(call, &t, json_at(entries, i), &one, &wrong))
            json_add(&good, json_object(&one));
        else
            json_add(&failed, failure(call, id_at(entries, i), &wrong));
    }
    json_put(&out, S("Successful"), json_array(&good));
    json_put(&out, S("Failed"), json_array(&failed));
    call->out = json_object(&out);
    return CALL_DONE;
}
