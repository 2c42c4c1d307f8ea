/* queues_receive.c - messages handed out: hidden for a while, moved to the dead letters when nobody could handle them. */
#include "app/messages/queues_inner.h"
#include "app/watch/meter.h"
#include "core/message/receipt.h"

Str queues_receipt(Arena *a, const MessageRow *m)
{
    return receipt_write(
        a, &(Receipt){.queue = m->queue, .n = m->n, .receives = m->receives, .id = m->id});
}

/* ---- which attributes are told ---- */

static bool in_list(const Json *list, Str name)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        Str one = json_text(json_at(list, i));
        if (str_eq(one, name) || str_eq(one, S("All"))) return true;
    }
    return false;
}

static bool wants_system(const QueueAsk *ask, const char *name)
{
    return in_list(ask->system, str_from(name)) || in_list(ask->more, str_from(name));
}

/* Names, "All", ".*", and prefixes as in "Pipeline.*". */
static bool wants_attribute(const QueueAsk *ask, Str name)
{
    for (int32_t i = 0; i < json_count(ask->names); i++) {
        Str one = json_text(json_at(ask->names, i));
        if (str_ends(one, S(".*")) && str_starts(name, str_slice(one, 0, one.n - 2))) return true;
    }
    return in_list(ask->names, name);
}

static Json chosen_attributes(const MessageRow *m, const QueueAsk *ask, Arena *a)
{
    Json all = {0};
    Error err = {0};
    JsonObject o = {.a = a};
    if (!str_absent(m->attributes)) check(json_parse(m->attributes, a, &all, &err));
    for (int32_t i = 0; i < json_count(&all); i++)
        if (wants_attribute(ask, all.members[i].key))
            json_put(&o, all.members[i].key, all.members[i].value);
    return json_object(&o);
}

static Json system_attributes(const MessageRow *m, const QueueAsk *ask, Arena *a)
{
    const struct {
        const char *name;
        Str value;
    } rows[] = {
        {"SenderId", m->sender},
        {"ApproximateFirstReceiveTimestamp", str_printf(a, "%" PRId64, m->first_received)},
        {"ApproximateReceiveCount", str_printf(a, "%" PRId64, m->receives)},
        {"SentTimestamp", str_printf(a, "%" PRId64, m->sent)},
        {"SequenceNumber", m->ordered ? queues_sequence(a, m->n) : (Str){0}},
        {"MessageDeduplicationId", m->dedup},
        {"MessageGroupId", m->group},
        {"AWSTraceHeader", m->trace},
        {"DeadLetterQueueSourceArn", m->source},
    };
    JsonObject o = {.a = a};
    for (int i = 0; i < countof(rows); i++)
        if (wants_system(ask, rows[i].name))
            json_put_text(&o, str_from(rows[i].name), rows[i].value);
    return json_object(&o);
}

static Json message_json(const MessageRow *m, const QueueAsk *ask, Arena *a)
{
    JsonObject o = {.a = a};
    Json attributes = chosen_attributes(m, ask, a), system = system_attributes(m, ask, a);
    json_put_text(&o, S("MessageId"), m->id);
    json_put_text(&o, S("ReceiptHandle"), queues_receipt(a, m));
    json_put_text(&o, S("MD5OfBody"), queues_md5(a, m->body));
    json_put_text(&o, S("Body"), m->body);
    if (json_count(&system)) json_put(&o, S("Attributes"), system);
    json_put_text(&o, S("MD5OfMessageAttributes"), queues_md5_attributes(a, &attributes));
    if (json_count(&attributes)) json_put(&o, S("MessageAttributes"), attributes);
    return json_object(&o);
}

/* ---- handing out ---- */

MessageView queues_view(Server *s, const QueueRow *q, const QueueSettings *set)
{
    return (MessageView){
        .queue = q, .fifo = set->fifo, .now = s->now, .retention_ms = set->retention_ms};
}

/* In a FIFO queue its time of sending is that of the move ("Understanding message retention
 * periods"). false: there is no such queue, and the message is handed out again. */
static bool move_to_dead(Server *s, const QueueRow *q, const QueueSettings *set, MessageRow *m)
{
    QueueRow dead;
    if (!queues_by_arn(s, set->dead_arn, &s->turn, &dead)) return false;
    if (set->fifo) m->sent = s->now;
    m->source = queues_arn(&s->turn, q);
    m->visible_at = s->now;
    message_move(s->db, m, dead.n);
    if (dead.n != q->n) queues_changed(s, dead.n);
    return true;
}

static void hand_out(Server *s, MessageRow *m, Millis visibility_ms)
{
    if (!m->receives) m->first_received = s->now;
    m->receives++;
    m->visible_at = s->now + visibility_ms;
    message_received(s->db, m);
}

/* What worn-out messages there were went to the dead letters; how many did is added to *dead. */
static int64_t lease_some(Server *s, const QueueRow *q, const QueueSettings *set,
                          const QueueLease *ask, MessageRow *rows, int64_t n, int64_t *dead)
{
    int64_t kept = 0, bytes = 0;
    for (int64_t i = 0; i < n; i++) {
        bool worn = !str_absent(set->dead_arn) && rows[i].receives >= set->receives_max;
        if (worn && move_to_dead(s, q, set, &rows[i])) {
            ++*dead;
            continue;
        }
        bytes += rows[i].body.n + rows[i].attributes.n + QUEUE_RECORD_BYTES;
        if (ask->bytes_max && kept && bytes > ask->bytes_max) break;
        hand_out(s, &rows[i], ask->visibility_ms < 0 ? set->visibility_ms : ask->visibility_ms);
        rows[kept++] = rows[i];
    }
    return kept;
}

int64_t queues_lease(Server *s, const QueueRow *q, const QueueLease *ask, Arena *a,
                     MessageRow **out)
{
    QueueSettings set = queues_settings(q, &s->turn);
    MessageView view = queues_view(s, q, &set);
    int64_t n, dead;
    do {
        dead = 0;
        n = message_ready(s->db, &view, ask->messages_max, a, out);
        n = lease_some(s, q, &set, ask, *out, n, &dead);
    } while (!n && dead);
    Meter meter = queues_meter(s, q);
    if (n) meter_add(s, &meter, "NumberOfMessagesReceived", "Count", (double)n);
    return n;
}

int64_t queues_ready(Server *s, const QueueRow *q, int64_t max, Millis *next)
{
    MessageRow *rows;
    QueueSettings set = queues_settings(q, &s->turn);
    MessageView view = queues_view(s, q, &set);
    int64_t n = message_ready(s->db, &view, max, &s->turn, &rows);
    *next = message_next_visible(s->db, &view);
    return n;
}

Json queues_take(Server *s, const QueueRow *q, const QueueAsk *ask, Arena *a)
{
    JsonArray out = {.a = a};
    MessageRow *rows;
    QueueLease lease = {.messages_max = ask->messages_max, .visibility_ms = ask->visibility_ms};
    int64_t n = queues_lease(s, q, &lease, a, &rows);
    for (int64_t i = 0; i < n; i++) json_add(&out, message_json(&rows[i], ask, a));
    return json_array(&out);
}

void queues_delete(Server *s, const QueueRow *q, const MessageRow *m)
{
    Meter meter = queues_meter(s, q);
    message_remove(s->db, m->n);
    meter_count(s, &meter, "NumberOfMessagesDeleted");
    if (m->ordered) queues_changed(s, q->n);
}

Json queues_system_attributes(const MessageRow *m, Arena *a)
{
    Json all = json_string(S("All"));
    Json list = {.type = JSON_ARRAY, .n = 1, .items = &all};
    return system_attributes(m, &(QueueAsk){.system = &list}, a);
}
