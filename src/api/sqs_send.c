/* sqs_send.c - SendMessage and SendMessageBatch. */
#include "api/sqs.h"

/* Only AWSTraceHeader is there to be set ("MessageSystemAttributes"). */
static bool trace_of(const Json *given, Str *out, Error *err)
{
    const Json *system = json_get(given, S("MessageSystemAttributes"));
    *out = json_text(json_get(json_get(system, S("AWSTraceHeader")), S("StringValue")));
    for (int32_t i = 0; i < json_count(system); i++)
        if (!str_eq(system->members[i].key, S("AWSTraceHeader")))
            return error_set(err, ERR_SQS_PARAMETER,
                             "Message system attribute name '%.*s' is invalid.",
                             STR(system->members[i].key));
    return true;
}

static bool send_one(Call *call, const QueueRow *q, const Json *given, JsonObject *out, Error *err)
{
    Arena *a = call->arena;
    QueueSent sent;
    QueueMessage m = {
        .body = json_text(json_get(given, S("MessageBody"))),
        .sender = call->who.account,
        .attributes = json_get(given, S("MessageAttributes")),
        .group = json_text(json_get(given, S("MessageGroupId"))),
        .dedup = json_text(json_get(given, S("MessageDeduplicationId"))),
        .delay_s = json_int_or(json_get(given, S("DelaySeconds")), -1),
    };
    if (!trace_of(given, &m.trace, err) || !queues_send(call->server, q, &m, a, &sent, err))
        return false;
    json_put_text(out, S("MD5OfMessageBody"), queues_md5(a, m.body));
    json_put_text(out, S("MD5OfMessageAttributes"), queues_md5_attributes(a, m.attributes));
    json_put_text(out, S("MD5OfMessageSystemAttributes"),
                  queues_md5_attributes(a, json_get(given, S("MessageSystemAttributes"))));
    json_put_text(out, S("MessageId"), sent.id);
    if (str_ends(q->name, S(".fifo")))
        json_put_text(out, S("SequenceNumber"), queues_sequence(a, sent.sequence));
    return true;
}

CallResult sqs_send_message(Call *call, Error *err)
{
    QueueRow q;
    JsonObject out = {.a = call->arena};
    if (!sqs_queue(call, &q, err) || !send_one(call, &q, &call->in, &out, err)) return CALL_FAILED;
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sqs_send_batch(Call *call, Error *err)
{
    QueueRow q;
    int64_t bytes = 0;
    const Json *all = json_get(&call->in, S("Entries"));
    for (int32_t i = 0; i < json_count(all); i++)
        bytes += queues_bytes(call->arena, json_text(json_get(json_at(all, i), S("MessageBody"))),
                              json_get(json_at(all, i), S("MessageAttributes")));
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    if (bytes <= QUEUE_BYTES_MAX) return sqs_batch(call, &q, send_one, err);
    error_set(err, ERR_SQS_BATCH_LONG,
              "Batch requests cannot be longer than %d bytes. You have sent %" PRId64 " bytes.",
              QUEUE_BYTES_MAX, bytes);
    return CALL_FAILED;
}
