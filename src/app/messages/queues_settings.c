/* queues_settings.c - what the attributes of a queue mean. */
#include "app/messages/queues.h"

#include "app/watch/meter.h"

const QueueNumber queue_numbers[] = {
    {"DelaySeconds", 0, 900, 0, false},
    {"MaximumMessageSize", 1024, QUEUE_BYTES_MAX, QUEUE_BYTES_MAX, false},
    {"MessageRetentionPeriod", 60, 1209600, 345600, false},
    {"ReceiveMessageWaitTimeSeconds", 0, 20, 0, false},
    {"VisibilityTimeout", 0, 43200, 30, false},
    {"KmsDataKeyReusePeriodSeconds", 60, 86400, 300, true},
};
const int queue_numbers_n = countof(queue_numbers);

static Json parse(Str text, Arena *a)
{
    Json v;
    Error err = {0};
    check(json_parse(text, a, &v, &err));
    return v;
}

static int64_t number(const Json *attributes, const char *name)
{
    int64_t n = 0;
    const QueueNumber *row = queue_numbers;
    while (strcmp(row->name, name) != 0) row++;
    Str given = json_text(json_get(attributes, str_from(name)));
    return str_absent(given) || !str_to_int(given, &n) ? row->otherwise : n;
}

static bool is(const Json *attributes, Str name, Str value)
{
    return str_eq(json_text(json_get(attributes, name)), value);
}

static void read_redrive(const Json *attributes, Arena *a, QueueSettings *out)
{
    Str text = json_text(json_get(attributes, S("RedrivePolicy")));
    if (!text.n) return;
    Json policy = parse(text, a);
    Str max = json_text(json_get(&policy, S("maxReceiveCount")));
    out->dead_arn = json_text(json_get(&policy, S("deadLetterTargetArn")));
    if (!str_to_int(max, &out->receives_max)) out->receives_max = QUEUE_RECEIVES_MAX;
}

QueueSettings queues_settings(const QueueRow *q, Arena *a)
{
    Json attributes = parse(q->attributes, a);
    const Json *of = &attributes;
    QueueSettings out = {
        .fifo = is(of, S("FifoQueue"), S("true")),
        .dedup_by_content = is(of, S("ContentBasedDeduplication"), S("true")),
        .dedup_by_group = is(of, S("DeduplicationScope"), S("messageGroup")),
        .delay_ms = number(of, "DelaySeconds") * 1000,
        .visibility_ms = number(of, "VisibilityTimeout") * 1000,
        .retention_ms = number(of, "MessageRetentionPeriod") * 1000,
        .wait_ms = number(of, "ReceiveMessageWaitTimeSeconds") * 1000,
        .bytes_max = number(of, "MaximumMessageSize"),
    };
    read_redrive(of, a, &out);
    return out;
}

Meter queues_meter(Server *s, const QueueRow *q)
{
    gauges_queue(s, q->n);
    return (Meter){q->account, q->region, "AWS/SQS", {{"QueueName", q->name}}};
}

Str queues_arn(Arena *a, const QueueRow *q)
{
    return str_printf(a, "arn:aws:sqs:%.*s:%.*s:%.*s", STR(q->region), STR(q->account),
                      STR(q->name));
}

bool queues_by_arn(Server *s, Str arn, Arena *a, QueueRow *out)
{
    Str rest = arn, part[5];
    for (int i = 0; i < countof(part); i++)
        if (!str_cut(&rest, ':', &part[i])) return false;
    return str_eq(part[0], S("arn")) && str_eq(part[2], S("sqs")) &&
           queue_row_find(s->db, part[4], part[3], rest, a, out);
}
