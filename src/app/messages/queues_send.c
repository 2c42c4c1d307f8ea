/* queues_send.c - a message becomes a row: checked, deduplicated, told to those who wait. */
#include "app/messages/queues.h"
#include "app/watch/meter.h"
#include "wire/digest.h"

/* "Message content": the characters of XML. */
static bool good_characters(Str text)
{
    for (int64_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
        if (c == 0xef && i + 2 < text.n && (unsigned char)text.p[i + 1] == 0xbf &&
            (unsigned char)text.p[i + 2] >= 0xbe)
            return false;
    }
    return true;
}

static bool check_body(const QueueMessage *m, const QueueSettings *set, Arena *a, Error *err)
{
    if (!m->body.n)
        return error_set(err, ERR_SQS_MISSING_PARAMETER,
                         "The request must contain the parameter MessageBody.");
    if (!good_characters(m->body))
        return error_set(err, ERR_SQS_CONTENTS,
                         "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
                         "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
    if (!queues_check_attributes(a, m->attributes, err)) return false;
    if (queues_bytes(a, m->body, m->attributes) <= set->bytes_max) return true;
    return error_set(err, ERR_SQS_PARAMETER,
                     "One or more parameters are invalid. Reason: Message must be shorter than "
                     "%" PRId64 " bytes.",
                     set->bytes_max);
}

enum { QUEUE_ID_BYTES_MAX = 128 }; /* of MessageGroupId and MessageDeduplicationId */

static bool check_id(Str id, const char *name, Error *err)
{
    bool good = str_absent(id) || (id.n >= 1 && id.n <= QUEUE_ID_BYTES_MAX);
    for (int64_t i = 0; good && i < id.n; i++) good = id.p[i] > 0x20 && id.p[i] < 0x7f;
    return good || error_set(err, ERR_SQS_PARAMETER,
                             "Value %.*s for parameter %s is invalid. Reason: %s can only include "
                             "alphanumeric and punctuation characters. 1 to %d in length.",
                             STR(str_slice(id, 0, 200)), name, name, QUEUE_ID_BYTES_MAX);
}

static bool check_fifo(const QueueMessage *m, const QueueSettings *set, Error *err)
{
    if (str_absent(m->group))
        return error_set(err, ERR_SQS_MISSING_PARAMETER,
                         "The request must contain the parameter MessageGroupId.");
    if (m->delay_s >= 0)
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value %" PRId64
                         " for parameter DelaySeconds is invalid. Reason: The request include "
                         "parameter that is not valid for this queue type.",
                         m->delay_s);
    if (!str_absent(m->dedup) || set->dedup_by_content) return true;
    return error_set(err, ERR_SQS_PARAMETER,
                     "The queue should either have ContentBasedDeduplication enabled or "
                     "MessageDeduplicationId provided explicitly");
}

static bool check_standard(const QueueMessage *m, Error *err)
{
    if (!str_absent(m->dedup))
        return error_set(err, ERR_SQS_PARAMETER,
                         "Value %.*s for parameter MessageDeduplicationId is invalid. Reason: The "
                         "request include parameter that is not valid for this queue type.",
                         STR(str_slice(m->dedup, 0, 200)));
    if (m->delay_s <= 900) return true;
    return error_set(err, ERR_SQS_PARAMETER,
                     "Value %" PRId64
                     " for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 "
                     "and <= 900.",
                     m->delay_s);
}

static bool check_message(const QueueMessage *m, const QueueSettings *set, Arena *a, Error *err)
{
    return check_body(m, set, a, err) && check_id(m->group, "MessageGroupId", err) &&
           check_id(m->dedup, "MessageDeduplicationId", err) &&
           (set->fifo ? check_fifo(m, set, err) : check_standard(m, err));
}

static Str dedup_of(const QueueMessage *m, const QueueSettings *set, Arena *a)
{
    if (!set->fifo || !str_absent(m->dedup)) return m->dedup;
    DigestValue v = digest_of(DIGEST_SHA256, m->body);
    return digest_hex(a, &v);
}

static MessageRow row_of(Server *s, const QueueRow *q, const QueueSettings *set,
                         const QueueMessage *m, Arena *a)
{
    Millis delay = m->delay_s < 0 ? set->delay_ms : m->delay_s * 1000;
    return (MessageRow){
        .queue = q->n,
        .id = server_new_uuid(s, a),
        .body = m->body,
        .sender = m->sender,
        .attributes = json_count(m->attributes) ? json_to_str(a, m->attributes) : (Str){0},
        .trace = m->trace,
        .group = m->group,
        .dedup = dedup_of(m, set, a),
        .ordered = set->fifo,
        .sent = s->now,
        .visible_at = s->now + delay,
    };
}

bool queues_send(Server *s, const QueueRow *q, const QueueMessage *m, Arena *a, QueueSent *out,
                 Error *err)
{
    QueueSettings set = queues_settings(q, a);
    if (!check_message(m, &set, a, err)) return false;
    MessageRow row = row_of(s, q, &set, m, a);
    Str scope = set.dedup_by_group ? m->group : S("");
    if (set.fifo &&
        message_dedup_find(s->db, q->n, scope, row.dedup, s->now, a, &out->id, &out->sequence))
        return true;
    message_add(s->db, &row);
    if (set.fifo) message_dedup_add(s->db, q->n, scope, &row, s->now + QUEUE_DEDUP_MS);
    *out = (QueueSent){.id = row.id, .sequence = row.n};
    Meter meter = queues_meter(s, q);
    meter_count(s, &meter, "NumberOfMessagesSent");
    meter_add(s, &meter, "SentMessageSize", "Bytes",
              (double)queues_bytes(a, m->body, m->attributes));
    queues_changed(s, q->n);
    return true;
}

Str queues_sequence(Arena *a, int64_t n)
{
    return str_printf(a, "1%019" PRId64, n);
}
