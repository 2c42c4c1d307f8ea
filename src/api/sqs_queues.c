/* sqs_queues.c - queues over the API: create, find, list, purge, delete, and whose dead letters one takes. */
#include "api/sqs.h"

enum { NAME_BYTES_MAX = 80, PURGE_MS = 60 * 1000 };

static bool check_name(Str name, bool fifo, Error *err)
{
    bool good = name.n >= 1 && name.n <= NAME_BYTES_MAX;
    int64_t n = fifo && str_ends(name, S(".fifo")) ? name.n - 5 : name.n;
    for (int64_t i = 0; i < n; i++) {
        char c = name.p[i];
        good &=
            ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    if (fifo)
        return (good && n && n < name.n) ||
               error_set(err, ERR_SQS_PARAMETER,
                         "The name of a FIFO queue can only include alphanumeric characters, "
                         "hyphens, or underscores, must end with .fifo suffix and be 1 to %d in "
                         "length.",
                         NAME_BYTES_MAX);
    return good || error_set(err, ERR_SQS_PARAMETER,
                             "Can only include alphanumeric characters, hyphens, or underscores. 1 "
                             "to %d in length",
                             NAME_BYTES_MAX);
}

static void tell_url(Call *call, const QueueRow *q)
{
    JsonObject out = {.a = call->arena};
    json_put_text(&out, S("QueueUrl"), sqs_url(call, q));
    call->out = json_object(&out);
}

/* What is given must be as it is; what is not given may be anything. */
static bool same_attributes(Call *call, const QueueRow *q, const Json *fresh, Error *err)
{
    const Json *given = json_get(&call->in, S("Attributes"));
    Json old = sqs_parse(call->arena, q->attributes);
    for (int32_t i = 0; i < json_count(given); i++) {
        Str key = given->members[i].key;
        if (!str_eq(json_text(json_get(&old, key)), json_text(json_get(fresh, key))))
            return error_set(err, ERR_SQS_QUEUE_EXISTS,
                             "A queue already exists with the same name and a different value for "
                             "attribute %.*s",
                             STR(key));
    }
    return true;
}

static void add_queue(Call *call, Str name, const Json *attributes, QueueRow *q)
{
    const Json *tags = json_get(&call->in, S("tags"));
    *q = (QueueRow){
        .account = call->who.account,
        .region = call->who.region,
        .name = name,
        .created = call->now,
        .modified = call->now,
        .attributes = json_to_str(call->arena, attributes),
        .tags = json_count(tags) ? json_to_str(call->arena, tags) : S("{}"),
    };
    queue_row_add(call->server->db, q);
    queues_sweep_soon(call->server);
}

CallResult sqs_create_queue(Call *call, Error *err)
{
    QueueRow q;
    Json attributes, none = {.type = JSON_OBJECT};
    Str name = sqs_text(call, "QueueName");
    const Json *given = json_get(&call->in, S("Attributes"));
    bool fifo = str_eq(json_text(json_get(given, S("FifoQueue"))), S("true"));
    if (!check_name(name, fifo, err) ||
        !sqs_set_attributes(call, name, &none, given, &attributes, err))
        return CALL_FAILED;
    if (!queue_row_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                        &q))
        add_queue(call, name, &attributes, &q);
    else if (!same_attributes(call, &q, &attributes, err))
        return CALL_FAILED;
    tell_url(call, &q);
    return CALL_DONE;
}

CallResult sqs_get_queue_url(Call *call, Error *err)
{
    QueueRow q;
    Str owner = sqs_text(call, "QueueOwnerAWSAccountId");
    if (!sqs_find(call, str_absent(owner) ? call->who.account : owner, sqs_text(call, "QueueName"),
                  &q, err))
        return CALL_FAILED;
    tell_url(call, &q);
    return CALL_DONE;
}

CallResult sqs_list_queues(Call *call, Error *err)
{
    Str after;
    int64_t page;
    QueueRow *rows;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!sqs_page(call, &page, &after, err)) return CALL_FAILED;
    int64_t n =
        queue_row_list(call->server->db, call->who.account, call->who.region,
                       sqs_text(call, "QueueNamePrefix"), after, page + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < page; i++)
        json_add(&list, json_string(sqs_url(call, &rows[i])));
    if (list.n) json_put(&out, S("QueueUrls"), json_array(&list));
    if (n > page && json_get(&call->in, S("MaxResults")))
        json_put(&out, S("NextToken"), sqs_new_token(call->arena, rows[page - 1].name));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sqs_delete_queue(Call *call, Error *err)
{
    QueueRow q;
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    queue_row_remove(call->server->db, q.n);
    queues_changed(call->server, q.n);
    queues_sweep_soon(call->server);
    sqs_done(call);
    return CALL_DONE;
}

CallResult sqs_purge_queue(Call *call, Error *err)
{
    QueueRow q;
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    if (call->now < q.purged + PURGE_MS && !call->server->config.lift_quotas) {
        error_set(err, ERR_SQS_PURGE,
                  "Only one PurgeQueue operation on %.*s is allowed every 60 seconds.",
                  STR(q.name));
        return CALL_FAILED;
    }
    q.purged = call->now;
    q.purged_until = message_last(call->server->db);
    queue_row_set(call->server->db, &q);
    queues_sweep_soon(call->server);
    sqs_done(call);
    return CALL_DONE;
}

/* ---- whose dead letters come here ---- */

static bool sends_dead_to(Call *call, const QueueRow *source, Str arn)
{
    QueueSettings set = queues_settings(source, call->arena);
    return !str_absent(set.dead_arn) && str_eq(set.dead_arn, arn);
}

enum { SOURCES_LOOKED_AT = 200 };

CallResult sqs_dead_letter_sources(Call *call, Error *err)
{
    QueueRow q, *rows;
    Str after, last = {0};
    int64_t page, n = 0;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!sqs_queue(call, &q, err) || !sqs_page(call, &page, &after, err)) return CALL_FAILED;
    Str arn = queues_arn(call->arena, &q);
    do {
        n = queue_row_list(call->server->db, q.account, q.region, (Str){0}, after,
                           SOURCES_LOOKED_AT, call->arena, &rows);
        for (int64_t i = 0; i < n && list.n <= page; i++) {
            after = rows[i].name;
            if (!sends_dead_to(call, &rows[i], arn)) continue;
            if (list.n < page) last = after;
            json_add(&list, json_string(sqs_url(call, &rows[i])));
        }
    } while (n == SOURCES_LOOKED_AT && list.n <= page);
    if (list.n > page) {
        list.n = page;
        json_put(&out, S("NextToken"), sqs_new_token(call->arena, last));
    }
    json_put(&out, S("queueUrls"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}
