/* sqs_moves.c - message move tasks over the API: start, list, cancel. */
#include "api/sqs.h"

#include "app/messages/moves.h"
#include "base/encode.h"

static bool is_active(const MoveTaskRow *row)
{
    return str_eq(row->status, S("RUNNING")) || str_eq(row->status, S("CANCELLING"));
}

static bool find(Call *call, Str arn, QueueRow *out, Error *err)
{
    return queues_by_arn(call->server, arn, call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND,
                     "The resource that you specified for the SourceArn parameter doesn't exist.");
}

enum { QUEUES_LOOKED_AT = 500 };

/* Some queue sends its dead letters here. */
static bool is_dead_letter_queue(Call *call, const QueueRow *q)
{
    QueueRow *rows;
    int64_t n;
    Str after = {0}, arn = queues_arn(call->arena, q);
    do {
        n = queue_row_list(call->server->db, q->account, q->region, (Str){0}, after,
                           QUEUES_LOOKED_AT, call->arena, &rows);
        for (int64_t i = 0; i < n; i++)
            if (str_eq(queues_settings(&rows[i], call->arena).dead_arn, arn)) return true;
        if (n) after = rows[n - 1].name;
    } while (n == QUEUES_LOOKED_AT);
    return false;
}

static bool check_start(Call *call, const QueueRow *q, Error *err)
{
    QueueRow to;
    MoveTaskRow *rows;
    Str destination = sqs_text(call, "DestinationArn"), source = sqs_text(call, "SourceArn");
    int64_t pace = sqs_number(call, "MaxNumberOfMessagesPerSecond", 1);
    if (pace < 1 || pace > MOVES_PER_SECOND_MAX)
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: "
                         "You must enter a value that's between 1 and %d.",
                         MOVES_PER_SECOND_MAX);
    if (!is_dead_letter_queue(call, q))
        return error_set(err, ERR_SQS_UNSUPPORTED,
                         "Source queue must be configured as a Dead Letter Queue.");
    if (!str_absent(destination) && !queues_by_arn(call->server, destination, call->arena, &to))
        return error_set(
            err, ERR_RESOURCE_NOT_FOUND,
            "The resource that you specified for the DestinationArn parameter doesn't exist.");
    if (str_eq(destination, source))
        return error_set(err, ERR_SQS_PARAMETER,
                         "Source queue arn and destination queue arn cannot be the same.");
    int64_t n = move_task_list(call->server->db, source, 1, call->arena, &rows);
    return !n || !is_active(&rows[0]) ||
           error_set(err, ERR_SQS_UNSUPPORTED,
                     "There is already a task running. Only one active task is allowed for a "
                     "source queue arn at a given time.");
}

/* As AWS's: Base64 of a document with the task's id and its source. */
static Str new_handle(Call *call, Str source)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("taskId"), server_new_uuid(call->server, call->arena));
    json_put_text(&o, S("sourceArn"), source);
    Json all = json_object(&o);
    return base64_encode(call->arena, json_to_str(call->arena, &all));
}

static int64_t messages_of(Call *call, const QueueRow *q)
{
    QueueSettings set = queues_settings(q, call->arena);
    MessageView view = {
        .queue = q, .fifo = set.fifo, .now = call->now, .retention_ms = set.retention_ms};
    MessageCounts n = message_count(call->server->db, &view);
    return n.visible + n.in_flight + n.delayed;
}

CallResult sqs_start_move(Call *call, Error *err)
{
    QueueRow q;
    JsonObject out = {.a = call->arena};
    Str source = sqs_text(call, "SourceArn");
    if (!find(call, source, &q, err) || !check_start(call, &q, err)) return CALL_FAILED;
    MoveTaskRow row = {.queue = q.n,
                       .source_arn = source,
                       .destination_arn = sqs_text(call, "DestinationArn"),
                       .handle = new_handle(call, source),
                       .status = S("RUNNING"),
                       .per_second = sqs_number(call, "MaxNumberOfMessagesPerSecond", 0),
                       .to_move = messages_of(call, &q),
                       .last = message_last(call->server->db),
                       .started = call->now};
    moves_begin(call->server, &row);
    json_put_text(&out, S("TaskHandle"), row.handle);
    call->out = json_object(&out);
    return CALL_DONE;
}

static Json told(Call *call, const MoveTaskRow *row)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    if (str_eq(row->status, S("RUNNING"))) json_put_text(&o, S("TaskHandle"), row->handle);
    json_put_text(&o, S("Status"), row->status);
    json_put_text(&o, S("SourceArn"), row->source_arn);
    json_put_text(&o, S("DestinationArn"), row->destination_arn);
    if (row->per_second)
        json_put(&o, S("MaxNumberOfMessagesPerSecond"), json_int(a, row->per_second));
    json_put(&o, S("ApproximateNumberOfMessagesMoved"), json_int(a, row->moved));
    json_put(&o, S("ApproximateNumberOfMessagesToMove"), json_int(a, row->to_move));
    json_put_text(&o, S("FailureReason"), row->reason);
    json_put(&o, S("StartedTimestamp"), json_int(a, row->started));
    return json_object(&o);
}

CallResult sqs_list_moves(Call *call, Error *err)
{
    QueueRow q;
    MoveTaskRow *rows;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    int64_t max = sqs_number(call, "MaxResults", 1);
    if (max < 1 || max > MOVES_LISTED_MAX) {
        error_set(err, ERR_SQS_PARAMETER,
                  "Value %" PRId64 " for parameter MaxResults is invalid. Reason: Must be between "
                  "1 and %d, if provided.",
                  max, MOVES_LISTED_MAX);
        return CALL_FAILED;
    }
    if (!find(call, sqs_text(call, "SourceArn"), &q, err)) return CALL_FAILED;
    int64_t n =
        move_task_list(call->server->db, sqs_text(call, "SourceArn"), max, call->arena, &rows);
    for (int64_t i = 0; i < n; i++) json_add(&list, told(call, &rows[i]));
    json_put(&out, S("Results"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sqs_cancel_move(Call *call, Error *err)
{
    MoveTaskRow row;
    JsonObject out = {.a = call->arena};
    if (!move_task_find(call->server->db, sqs_text(call, "TaskHandle"), call->arena, &row)) {
        error_set(err, ERR_RESOURCE_NOT_FOUND,
                  "The resource that you specified for the TaskHandle parameter doesn't exist.");
        return CALL_FAILED;
    }
    if (!str_eq(row.status, S("RUNNING"))) {
        error_set(err, ERR_SQS_UNSUPPORTED, "Only active tasks can be cancelled.");
        return CALL_FAILED;
    }
    row.status = S("CANCELLING");
    move_task_set(call->server->db, &row);
    json_put(&out, S("ApproximateNumberOfMessagesMoved"), json_int(call->arena, row.moved));
    call->out = json_object(&out);
    return CALL_DONE;
}
