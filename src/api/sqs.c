/* sqs.c - the table of SQS's operations, and what their handlers share. */
#include "api/sqs.h"

#include "api/api.h"
#include "base/encode.h"

static const CallEntry entries[] = {
    {"AddPermission", sqs_add_permission},
    {"CancelMessageMoveTask", sqs_cancel_move},
    {"ChangeMessageVisibility", sqs_change_visibility},
    {"ChangeMessageVisibilityBatch", sqs_change_visibility_batch},
    {"CreateQueue", sqs_create_queue},
    {"DeleteMessage", sqs_delete_message},
    {"DeleteMessageBatch", sqs_delete_batch},
    {"DeleteQueue", sqs_delete_queue},
    {"GetQueueAttributes", sqs_get_attributes},
    {"GetQueueUrl", sqs_get_queue_url},
    {"ListDeadLetterSourceQueues", sqs_dead_letter_sources},
    {"ListMessageMoveTasks", sqs_list_moves},
    {"ListQueueTags", sqs_list_tags},
    {"ListQueues", sqs_list_queues},
    {"PurgeQueue", sqs_purge_queue},
    {"ReceiveMessage", sqs_receive_message},
    {"RemovePermission", sqs_remove_permission},
    {"SendMessage", sqs_send_message},
    {"SendMessageBatch", sqs_send_batch},
    {"SetQueueAttributes", sqs_put_attributes},
    {"StartMessageMoveTask", sqs_start_move},
    {"TagQueue", sqs_tag},
    {"UntagQueue", sqs_untag},
};

const CallTable sqs_calls = {.service = "sqs", .entries = entries, .n = countof(entries)};

enum { SQS_PAGE = 1000 };

Str sqs_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

int64_t sqs_number(const Call *call, const char *member, int64_t otherwise)
{
    return json_int_or(json_get(&call->in, str_from(member)), otherwise);
}

Json sqs_parse(Arena *a, Str json)
{
    Json v;
    Error err = {0};
    check(json_parse(json, a, &v, &err));
    return v;
}

void sqs_done(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
}

/* ---- queues and their addresses ---- */

bool sqs_find(Call *call, Str account, Str name, QueueRow *out, Error *err)
{
    return queue_row_find(call->server->db, account, call->who.region, name, call->arena, out) ||
           error_set(err, ERR_SQS_NO_QUEUE, "The specified queue does not exist.");
}

bool sqs_queue(Call *call, QueueRow *out, Error *err)
{
    Str url = sqs_text(call, "QueueUrl");
    int64_t slash = str_rfind_char(url, '/');
    Str before = str_slice(url, 0, slash < 0 ? 0 : slash);
    int64_t account = str_rfind_char(before, '/');
    if (str_absent(url))
        return error_set(err, ERR_SQS_MISSING_PARAMETER,
                         "The request must contain the parameter QueueUrl.");
    if (account < 0)
        return error_set(err, ERR_SQS_ADDRESS, "The address %.*s is not valid for this endpoint.",
                         STR(str_slice(url, 0, 300)));
    return sqs_find(call, str_slice(before, account + 1, before.n),
                    str_slice(url, slash + 1, url.n), out, err);
}

Str sqs_url(Call *call, const QueueRow *q)
{
    const Server *s = call->server;
    Str host = call->http ? call->http->host : (Str){0};
    const char *scheme = str_absent(s->config.certificate_path) ? "http" : "https";
    if (!host.n) host = str_printf(call->arena, "%.*s:%d", STR(s->config.host), s->port);
    return str_printf(call->arena, "%s://%.*s/%.*s/%.*s", scheme, STR(host), STR(q->account),
                      STR(q->name));
}

/* ---- pages ---- */

bool sqs_page(Call *call, int64_t *page, Str *after, Error *err)
{
    Str token = sqs_text(call, "NextToken");
    *page = sqs_number(call, "MaxResults", SQS_PAGE);
    *after = (Str){0};
    if (*page < 1 || *page > SQS_PAGE)
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value %" PRId64 " for parameter MaxResults is invalid. Reason: Must be "
                         "between 1 and %d, if provided.",
                         *page, SQS_PAGE);
    if (str_absent(token)) return true;
    return base64_decode(call->arena, token, after) ||
           error_set(err, ERR_SQS_PARAMETER, "Invalid or expired next token.");
}

Json sqs_new_token(Arena *a, Str after)
{
    return json_string(base64_encode(a, after));
}

/* ---- batches ---- */

enum { BATCH_ID_BYTES_MAX = 80 };

static bool good_id(Str id)
{
    for (int64_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '_' &&
            c != '-')
            return false;
    }
    return id.n >= 1 && id.n <= BATCH_ID_BYTES_MAX;
}

static bool check_entry(const Json *entries_, int32_t i, Error *err)
{
    Str id = json_text(json_get(json_at(entries_, i), S("Id")));
    if (!good_id(id))
        return error_set(err, ERR_SQS_BATCH_ID,
                         "A batch entry id can only contain alphanumeric characters, hyphens and "
                         "underscores. It can be at most %d letters long.",
                         BATCH_ID_BYTES_MAX);
    for (int32_t k = 0; k < i; k++)
        if (str_eq(id, json_text(json_get(json_at(entries_, k), S("Id")))))
            return error_set(err, ERR_SQS_BATCH_IDS, "Id %.*s repeated.", STR(id));
    return true;
}

static bool check_batch(const Json *entries_, Error *err)
{
    int32_t n = json_count(entries_);
    if (!n)
        return error_set(err, ERR_SQS_BATCH_EMPTY,
                         "There should be at least one entry in the request.");
    if (n > QUEUE_BATCH_MAX)
        return error_set(err, ERR_SQS_BATCH_MANY,
                         "Maximum number of entries per request are %d. You have sent %d.",
                         QUEUE_BATCH_MAX, n);
    for (int32_t i = 0; i < n; i++)
        if (!check_entry(entries_, i, err)) return false;
    return true;
}

static Json failure(Call *call, Str id, const Error *err)
{
    JsonObject o = {.a = call->arena};
    Fault f = fault_from_error(call->route.service, err);
    json_put_text(&o, S("Id"), id);
    json_put(&o, S("SenderFault"), json_bool(f.status < 500));
    json_put_text(&o, S("Code"), fault_query_code(call->route.service, f.code));
    json_put_text(&o, S("Message"), str_copy(call->arena, f.message));
    return json_object(&o);
}

CallResult sqs_batch(Call *call, const QueueRow *q, SqsEntry *each, Error *err)
{
    Arena *a = call->arena;
    JsonArray good = {.a = a}, bad = {.a = a};
    JsonObject out = {.a = a};
    const Json *all = json_get(&call->in, S("Entries"));
    if (!check_batch(all, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(all); i++) {
        Error wrong = {0};
        JsonObject one = {.a = a};
        Str id = json_text(json_get(json_at(all, i), S("Id")));
        json_put_text(&one, S("Id"), id);
        if (each(call, q, json_at(all, i), &one, &wrong))
            json_add(&good, json_object(&one));
        else
            json_add(&bad, failure(call, id, &wrong));
    }
    if (good.n) json_put(&out, S("Successful"), json_array(&good));
    if (bad.n) json_put(&out, S("Failed"), json_array(&bad));
    call->out = json_object(&out);
    return CALL_DONE;
}
