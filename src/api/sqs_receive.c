/* sqs_receive.c - ReceiveMessage, and what a receipt handle is good for: delete, change visibility. */
#include "api/sqs.h"

#include "core/message/receipt.h"

enum { VISIBILITY_S_MAX = 43200, WAIT_S_MAX = 20 };

static bool check_range(Call *call, const char *name, int64_t min, int64_t max, Error *err)
{
    int64_t n = sqs_number(call, name, min);
    return (n >= min && n <= max) ||
           error_set(err, ERR_SQS_PARAMETER,
                     "Value %" PRId64 " for parameter %s is invalid. Reason: Must be between "
                     "%" PRId64 " and %" PRId64 ", if provided.",
                     n, name, min, max);
}

static Millis seconds(Call *call, const char *name)
{
    int64_t n = sqs_number(call, name, -1);
    return n < 0 ? -1 : n * 1000;
}

CallResult sqs_receive_message(Call *call, Error *err)
{
    QueueRow q;
    if (!sqs_queue(call, &q, err) ||
        !check_range(call, "MaxNumberOfMessages", 1, QUEUE_BATCH_MAX, err) ||
        !check_range(call, "VisibilityTimeout", 0, VISIBILITY_S_MAX, err) ||
        !check_range(call, "WaitTimeSeconds", 0, WAIT_S_MAX, err))
        return CALL_FAILED;
    QueueAsk ask = {
        .messages_max = sqs_number(call, "MaxNumberOfMessages", 1),
        .visibility_ms = seconds(call, "VisibilityTimeout"),
        .wait_ms = seconds(call, "WaitTimeSeconds"),
        .names = json_get(&call->in, S("MessageAttributeNames")),
        .system = json_get(&call->in, S("MessageSystemAttributeNames")),
        .more = json_get(&call->in, S("AttributeNames")),
    };
    return queues_receive(call, &q, &ask);
}

/* ---- receipt handles ---- */

static bool read_receipt(Call *call, const QueueRow *q, const Json *given, Receipt *out, Error *err)
{
    Str text = json_text(json_get(given, S("ReceiptHandle")));
    return (receipt_read(call->arena, text, out) && out->queue == q->n) ||
           error_set(err, ERR_SQS_RECEIPT,
                     "The input receipt handle \"%.*s\" is not a valid receipt handle.",
                     STR(str_slice(text, 0, 300)));
}

/* A message that was received again belongs to who has the newer handle; this one changes nothing.
 * In a FIFO queue a handle whose time is over is refused ("DeleteMessage"). */
static bool delete_one(Call *call, const QueueRow *q, const Json *given, JsonObject *out,
                       Error *err)
{
    Receipt receipt;
    MessageRow m;
    (void)out;
    if (!read_receipt(call, q, given, &receipt, err)) return false;
    if (!message_get(call->server->db, q->n, receipt.n, call->arena, &m)) return true;
    if (m.ordered && (m.receives != receipt.receives || m.visible_at <= call->now))
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value %.*s for parameter ReceiptHandle is invalid. Reason: The receipt "
                         "handle has expired.",
                         STR(json_text(json_get(given, S("ReceiptHandle")))));
    if (m.receives != receipt.receives) return true;
    queues_delete(call->server, q, &m);
    return true;
}

CallResult sqs_delete_message(Call *call, Error *err)
{
    QueueRow q;
    JsonObject none = {.a = call->arena};
    if (!sqs_queue(call, &q, err) || !delete_one(call, &q, &call->in, &none, err))
        return CALL_FAILED;
    sqs_done(call);
    return CALL_DONE;
}

CallResult sqs_delete_batch(Call *call, Error *err)
{
    QueueRow q;
    return sqs_queue(call, &q, err) ? sqs_batch(call, &q, delete_one, err) : CALL_FAILED;
}

static bool change_one(Call *call, const QueueRow *q, const Json *given, JsonObject *out,
                       Error *err)
{
    Receipt receipt;
    MessageRow m;
    Str handle = json_text(json_get(given, S("ReceiptHandle")));
    int64_t s = json_int_or(json_get(given, S("VisibilityTimeout")), 0);
    (void)out;
    if (!read_receipt(call, q, given, &receipt, err)) return false;
    if (s < 0 || s > VISIBILITY_S_MAX)
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value %" PRId64 " for parameter VisibilityTimeout is invalid. Reason: "
                         "VisibilityTimeout must be an integer between 0 and %d.",
                         s, VISIBILITY_S_MAX);
    if (!message_get(call->server->db, q->n, receipt.n, call->arena, &m))
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value %.*s for parameter ReceiptHandle is invalid. Reason: Message does "
                         "not exist or is not available for visibility timeout change.",
                         STR(handle));
    if (m.receives != receipt.receives || m.visible_at <= call->now)
        return error_set(err, ERR_SQS_NOT_IN_FLIGHT, "The message is not in flight.");
    message_show_at(call->server->db, m.n, call->now + s * 1000);
    queues_changed(call->server, q->n);
    return true;
}

CallResult sqs_change_visibility(Call *call, Error *err)
{
    QueueRow q;
    JsonObject none = {.a = call->arena};
    if (!sqs_queue(call, &q, err) || !change_one(call, &q, &call->in, &none, err))
        return CALL_FAILED;
    sqs_done(call);
    return CALL_DONE;
}

CallResult sqs_change_visibility_batch(Call *call, Error *err)
{
    QueueRow q;
    return sqs_queue(call, &q, err) ? sqs_batch(call, &q, change_one, err) : CALL_FAILED;
}
