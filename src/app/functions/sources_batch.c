/* sources_batch.c - batches of event sources: taken, given to their function, and ended by its answer. */
#include "app/functions/sources.h"

#include "app/access/authorize.h"
#include "app/events/targets.h"
#include "app/functions/inner.h"
#include "core/function/source.h"
#include "store/timers.h"

#define TIMER S("event-batch")

static Str subject_of(Server *s, int64_t n)
{
    return str_printf(&s->turn, "%" PRId64, n);
}

/* ---- the record of a message, as functions know it ---- */

static Json attribute_record(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    Json none = {.type = JSON_ARRAY};
    json_put_json(&o, S("stringValue"), json_get(given, S("StringValue")));
    json_put_json(&o, S("binaryValue"), json_get(given, S("BinaryValue")));
    json_put(&o, S("stringListValues"), none);
    json_put(&o, S("binaryListValues"), none);
    json_put_json(&o, S("dataType"), json_get(given, S("DataType")));
    return json_object(&o);
}

static Json attribute_records(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++)
        json_put(&o, given->members[i].key, attribute_record(&given->members[i].value, a));
    Json all = json_object(&o);
    all.type = JSON_OBJECT;
    return all;
}

static Json record_of(const EventSourceRow *row, const MessageRow *m, Arena *a)
{
    TargetArn arn;
    Error err = {0};
    Json attributes = {0};
    JsonObject o = {.a = a};
    check(target_arn(row->queue, &arn));
    if (!str_absent(m->attributes)) check(json_parse(m->attributes, a, &attributes, &err));
    json_put_text(&o, S("messageId"), m->id);
    json_put_text(&o, S("receiptHandle"), queues_receipt(a, m));
    json_put_text(&o, S("body"), m->body);
    json_put(&o, S("attributes"), queues_system_attributes(m, a));
    json_put(&o, S("messageAttributes"), attribute_records(&attributes, a));
    json_put_text(&o, S("md5OfMessageAttributes"), queues_md5_attributes(a, &attributes));
    json_put_text(&o, S("md5OfBody"), queues_md5(a, m->body));
    json_put_text(&o, S("eventSource"), S("aws:sqs"));
    json_put_text(&o, S("eventSourceARN"), row->queue);
    json_put_text(&o, S("awsRegion"), arn.region);
    return json_object(&o);
}

/* ---- taking ---- */

SourceReady sources_ready(Server *s, const EventSourceRow *row, FunctionTarget *out)
{
    Error err = {0};
    if (!functions_find(s, row->account, row->region, row->function, (Str){0}, &s->turn, out,
                        &err) ||
        !functions_find_version(s, out, &s->turn, &err))
        return SOURCE_NO_FUNCTION;
    return functions_busy(s, &out->row) ? SOURCE_BUSY : SOURCE_READY;
}

static Json named(const MessageRow *m, Arena *a)
{
    JsonArray pair = {.a = a};
    json_add(&pair, json_int(a, m->n));
    json_add(&pair, json_int(a, m->receives));
    return json_array(&pair);
}

bool sources_take(Server *s, const EventSourceRow *row, const QueueRow *q, int64_t size)
{
    MessageRow *rows;
    Arena *a = &s->turn;
    JsonArray wanted = {.a = a};
    Millis until = INT64_MAX;
    Json config = source_config(a, row);
    QueueLease ask = {.messages_max = size, .bytes_max = SOURCE_BYTES_MAX, .visibility_ms = -1};
    int64_t n = queues_lease(s, q, &ask, a, &rows);
    for (int64_t i = 0; i < n; i++) {
        Json record = record_of(row, &rows[i], a);
        if (!source_wants(json_get(&config, S("FilterCriteria")), &record, a)) {
            queues_delete(s, q, &rows[i]);
            continue;
        }
        json_add(&wanted, named(&rows[i], a));
        if (rows[i].visible_at < until) until = rows[i].visible_at;
    }
    if (!wanted.n) return false;
    Json list = json_array(&wanted);
    SourceBatch b = {.source = row->n,
                     .request_id = server_new_uuid(s, a),
                     .messages = json_to_str(a, &list),
                     .until = until};
    source_batch_add(s->db, &b);
    timer_set(s->db, TIMER, subject_of(s, b.n), s->now);
    return true;
}

/* ---- a batch and its messages that are still its own ---- */

typedef struct Held {
    EventSourceRow row;
    QueueRow queue;
    SourceBatch batch;
    MessageRow *messages;
    int64_t n;
} Held;

static void find_messages(Server *s, Held *h)
{
    Json list;
    Error err = {0};
    check(json_parse(h->batch.messages, &s->turn, &list, &err));
    h->messages = new_array(&s->turn, MessageRow, list.n ? list.n : 1);
    for (int32_t i = 0; i < list.n; i++) {
        MessageRow *m = &h->messages[h->n];
        int64_t number = json_int_or(json_at(&list.items[i], 0), 0);
        if (message_get(s->db, h->queue.n, number, &s->turn, m) &&
            m->receives == json_int_or(json_at(&list.items[i], 1), 0))
            h->n++;
    }
}

/* false: the batch, its source or its queue is gone. */
static bool find(Server *s, int64_t n, Held *h)
{
    *h = (Held){0};
    if (!source_batch_get(s->db, n, &s->turn, &h->batch) ||
        !event_source_get(s->db, h->batch.source, &s->turn, &h->row) ||
        !queues_by_arn(s, h->row.queue, &s->turn, &h->queue))
        return false;
    find_messages(s, h);
    return true;
}

static void drop(Server *s, int64_t batch, int64_t source)
{
    source_batch_remove(s->db, batch);
    if (source) timer_set(s->db, S("event-source"), subject_of(s, source), s->now);
}

/* ---- to the function ---- */

static Str payload_of(Server *s, const Held *h)
{
    JsonObject o = {.a = &s->turn};
    JsonArray records = {.a = &s->turn};
    for (int64_t i = 0; i < h->n; i++)
        json_add(&records, record_of(&h->row, &h->messages[i], &s->turn));
    json_put(&o, S("Records"), json_array(&records));
    Json event = json_object(&o);
    return json_to_str(&s->turn, &event);
}

/* It takes under its role: false, with the reason kept. */
static bool allowed(Server *s, EventSourceRow *row, const FunctionTarget *f)
{
    Json config;
    Error err = {0};
    check(json_parse(f->v.config, &s->turn, &config, &err));
    Identity who = functions_identity(f, &config);
    if (authorize_act(s, &s->turn, &who, S("sqs:ReceiveMessage"), row->queue, &err)) return true;
    row->result = str_printf(&s->turn, "PROBLEM: %s", err.text);
    event_source_set(s->db, row);
    return false;
}

static bool invoke(Server *s, const Held *h, const FunctionTarget *f, Error *err)
{
    InvocationAsk ask = {.function = f->row.n,
                         .version = functions_route(s, f),
                         .arn = f->arn,
                         .request_id = h->batch.request_id,
                         .payload = payload_of(s, h),
                         .batch = h->batch.n};
    return functions_invoke(s, &ask, err);
}

void sources_batch_due(Server *s, Str subject)
{
    Held h;
    int64_t n;
    Error err = {0};
    FunctionTarget f;
    check(str_to_int(subject, &n));
    if (!find(s, n, &h) || !h.n) {
        drop(s, n, h.batch.source);
        return;
    }
    SourceReady ready = sources_ready(s, &h.row, &f);
    if (ready == SOURCE_READY && allowed(s, &h.row, &f) && invoke(s, &h, &f, &err)) return;
    bool later = ready == SOURCE_BUSY || err.code == ERR_LAMBDA_THROTTLED;
    if (later && s->now < h.batch.until)
        timer_set(s->db, TIMER, subject, s->now + SOURCE_AGAIN_MS);
    else
        drop(s, n, h.row.n);
}

/* ---- its end ---- */

static bool reports_items(const Json *config)
{
    const Json *types = json_get(config, S("FunctionResponseTypes"));
    return str_eq(json_text(json_at(types, 0)), S("ReportBatchItemFailures"));
}

/* Which have failed; NULL: all. */
static bool *failures(Server *s, const Held *h, const Json *config, const InvocationEnd *end)
{
    bool *failed;
    Str *ids = new_array(&s->turn, Str, h->n ? h->n : 1);
    if (end->failed) return NULL;
    if (!reports_items(config)) return new_array(&s->turn, bool, h->n ? h->n : 1);
    for (int64_t i = 0; i < h->n; i++) ids[i] = h->messages[i].id;
    return source_failures(end->payload, ids, h->n, &s->turn, &failed) ? failed : NULL;
}

static void record(Server *s, const Invocation *i)
{
    Held h;
    if (!find(s, i->ask.batch, &h)) {
        drop(s, i->ask.batch, h.batch.source);
        return;
    }
    Json config = source_config(&s->turn, &h.row);
    const bool *failed = failures(s, &h, &config, &i->end);
    int64_t left = 0;
    for (int64_t k = 0; k < h.n; k++)
        if (failed && !failed[k])
            queues_delete(s, &h.queue, &h.messages[k]);
        else
            left++;
    Str result = i->end.failed ? S("PROBLEM: Function call failed") : S("OK");
    if (str_absent(h.row.result) || !str_eq(h.row.result, result)) {
        h.row.result = result;
        event_source_set(s->db, &h.row);
    }
    if (left)
        log_recorded(s, "event-source-failed", "source=%.*s messages=%" PRId64, STR(h.row.id),
                     left);
    drop(s, h.batch.n, h.row.n);
}

bool sources_batch_ended(Server *s, const Invocation *i)
{
    Error err = {0};
    event_begin(s);
    record(s, i);
    return event_end(s, true, &err);
}

/* ---- after a restart: the functions' processes have ended ---- */

void sources_recover(Server *s)
{
    SourceBatch *batches;
    int64_t n = source_batch_list(s->db, &s->turn, &batches);
    for (int64_t i = 0; i < n; i++) {
        Held h;
        if (find(s, batches[i].n, &h))
            for (int64_t k = 0; k < h.n; k++) message_show_at(s->db, h.messages[k].n, s->now);
        timer_clear(s->db, TIMER, subject_of(s, batches[i].n));
        drop(s, batches[i].n, batches[i].source);
        log_recorded(s, "event-source-again", "batch=%" PRId64 " messages=%" PRId64, batches[i].n,
                     h.n);
    }
}
