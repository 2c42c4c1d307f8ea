/* gauges.c - what is looked at rather than counted: clusters and queues by the minute, buckets once a day. */
#include "app/watch/meter.h"

#include "app/emr/clusters.h"
#include "app/messages/queues.h"
#include "app/turn.h"
#include "app/watch/metrics.h"
#include "core/cluster/instance.h"
#include "store/buckets.h"
#include "store/objects_tally.h"

enum { QUEUES_MAX = 1000 };
#define DAY_MS ((Millis)24 * 3600 * 1000)

typedef struct UsedQueue {
    int64_t queue;
    Millis used;
} UsedQueue;

struct Gauges {
    Millis minute, day; /* that were looked at last */
    UsedQueue queues[QUEUES_MAX];
    int64_t queues_n;
    /* Of the day: the bucket being counted. */
    bool counting;
    int64_t bucket;
    Str after;
    Arena arena;
    Tallies sums;
};

static struct Gauges *gauges_of(Server *s)
{
    if (!s->gauges) s->gauges = calloc(1, sizeof *s->gauges);
    check(s->gauges);
    return s->gauges;
}

void gauges_close(Server *s)
{
    if (!s->gauges) return;
    arena_free(&s->gauges->arena);
    free(s->gauges);
    s->gauges = NULL;
}

/* ---- queues ---- */

void gauges_queue(Server *s, int64_t queue)
{
    struct Gauges *g = gauges_of(s);
    int64_t i = 0;
    while (i < g->queues_n && g->queues[i].queue != queue) i++;
    if (i == QUEUES_MAX) return;
    if (i == g->queues_n) g->queues_n++;
    g->queues[i] = (UsedQueue){queue, s->now};
}

static void sample_queue(Server *s, const QueueRow *q)
{
    QueueSettings set = queues_settings(q, &s->turn);
    MessageView view = {
        .queue = q, .fifo = set.fifo, .now = s->now, .retention_ms = set.retention_ms};
    MessageGauge g = message_gauge(s->db, &view);
    Meter m = {q->account, q->region, "AWS/SQS", {{"QueueName", q->name}}};
    double age = g.oldest ? (double)(s->now - g.oldest) / 1000 : 0;
    meter_add(s, &m, "ApproximateNumberOfMessagesVisible", "Count", (double)g.counts.visible);
    meter_add(s, &m, "ApproximateNumberOfMessagesNotVisible", "Count", (double)g.counts.in_flight);
    meter_add(s, &m, "ApproximateNumberOfMessagesDelayed", "Count", (double)g.counts.delayed);
    meter_add(s, &m, "ApproximateAgeOfOldestMessage", "Seconds", age);
}

static void sample_queues(Server *s, struct Gauges *g)
{
    int64_t n = 0;
    for (int64_t i = 0; i < g->queues_n; i++) {
        QueueRow q;
        UsedQueue used = g->queues[i];
        if (used.used < s->now - GAUGES_QUEUE_MS || !queue_row_get(s->db, used.queue, &s->turn, &q))
            continue;
        sample_queue(s, &q);
        g->queues[n++] = used;
    }
    g->queues_n = n;
}

/* ---- clusters ---- */

static void sample_cluster(Server *s, const ClusterRow *row)
{
    InstanceUse *uses;
    int64_t n, nodes[ROLE_COUNT] = {0};
    ClusterLife life = row->state.life;
    bool serves = life == CLUSTER_RUNNING || life == CLUSTER_WAITING;
    Meter m = {row->account, row->region, "AWS/ElasticMapReduce", {{"JobFlowId", row->spec.id}}};
    if (!serves || !clusters_uses(s, row, &s->turn, &uses, &n)) return;
    for (int64_t i = 0; i < n; i++) nodes[uses[i].role] += uses[i].count;
    meter_add(s, &m, "IsIdle", "None", life == CLUSTER_WAITING);
    meter_add(s, &m, "CoreNodesRunning", "Count", (double)nodes[ROLE_CORE]);
    meter_add(s, &m, "TaskNodesRunning", "Count", (double)nodes[ROLE_TASK]);
}

static void sample_clusters(Server *s)
{
    Str *ids;
    int64_t n = cluster_row_living(s->db, &s->turn, &ids);
    for (int64_t i = 0; i < n; i++) {
        ClusterRow row;
        if (cluster_row_find(s->db, ids[i], (Str){0}, &s->turn, &row)) sample_cluster(s, &row);
    }
}

/* ---- buckets: storage metrics, told for the beginning of the day ---- */

/* "Amazon S3 CloudWatch dimensions" in the user guide. */
static const struct {
    const char *storage_class, *type;
} storage_types[] = {
    {"STANDARD", "StandardStorage"},
    {"STANDARD_IA", "StandardIAStorage"},
    {"ONEZONE_IA", "OneZoneIAStorage"},
    {"REDUCED_REDUNDANCY", "ReducedRedundancyStorage"},
    {"INTELLIGENT_TIERING", "IntelligentTieringFAStorage"},
    {"GLACIER", "GlacierStorage"},
    {"GLACIER_IR", "GlacierInstantRetrievalStorage"},
    {"DEEP_ARCHIVE", "DeepArchiveStorage"},
    {"EXPRESS_ONEZONE", "ExpressOneZone"},
};

static const char *type_of(Str storage_class)
{
    for (int i = 0; i < countof(storage_types); i++)
        if (str_eq(storage_class, str_from(storage_types[i].storage_class)))
            return storage_types[i].type;
    return "StandardStorage";
}

static MetricRow storage_key(Server *s, const Bucket *b, const char *name, const char *type)
{
    JsonObject o = {.a = &s->turn};
    json_put_text(&o, S("BucketName"), b->name);
    json_put_text(&o, S("StorageType"), str_from(type));
    Json all = json_object(&o);
    return (MetricRow){.account = b->account,
                       .region = b->region,
                       .name_space = S("AWS/S3"),
                       .name = str_from(name),
                       .dimensions = json_to_str(&s->turn, &all)};
}

static void put_gauge(Server *s, MetricRow key, const char *unit, Millis at, double value)
{
    MetricPoint p = {.at = at, .unit = str_from(unit)};
    measured_add(&p.m, &s->turn, value, 1);
    metrics_put(s, &key, &p, METRICS_MINUTE_MS);
}

/* A server that was started again on the same day has told it already. */
static bool is_told(Server *s, const Bucket *b, Millis day)
{
    MetricRow row, key = storage_key(s, b, "NumberOfObjects", "AllStorageTypes");
    return metric_row_find(s->db, &key, &s->turn, &row) && row.last >= day;
}

static void tell_bucket(Server *s, const struct Gauges *g, const Bucket *b)
{
    int64_t all = 0;
    for (int64_t i = 0; i < g->sums.n; i++) {
        const Tally *t = &g->sums.p[i];
        all += t->objects;
        put_gauge(s, storage_key(s, b, "BucketSizeBytes", type_of(t->storage_class)), "Bytes",
                  g->day, (double)t->bytes);
    }
    put_gauge(s, storage_key(s, b, "NumberOfObjects", "AllStorageTypes"), "Count", g->day,
              (double)all);
}

static void next_bucket(Server *s, struct Gauges *g)
{
    arena_reset(&g->arena);
    g->sums = (Tallies){0};
    g->after = (Str){0};
    g->counting = tally_next_bucket(s->objects, g->bucket, &g->bucket);
}

/* One portion a turn. */
static void count_bucket(Server *s, struct Gauges *g)
{
    Bucket b;
    Error lost = {0};
    if (!bucket_find_id(s->objects, g->bucket, &s->turn, &b) || is_told(s, &b, g->day)) {
        next_bucket(s, g);
        return;
    }
    if (tally_objects(s->objects, g->bucket, &g->after, &g->arena, &g->sums)) return;
    tally_versions(s->objects, g->bucket, &g->arena, &g->sums);
    event_begin(s);
    tell_bucket(s, g, &b);
    if (!event_end(s, true, &lost)) log_error(s, "gauges-lost", "error=\"%s\"", lost.text);
    next_bucket(s, g);
}

/* ---- the turn ---- */

void gauges_turn(Server *s)
{
    struct Gauges *g = gauges_of(s);
    Millis minute = s->now - s->now % METRICS_MINUTE_MS, day = s->now - s->now % DAY_MS;
    if (day != g->day) {
        g->day = day;
        g->bucket = 0;
        next_bucket(s, g);
    }
    if (g->counting) count_bucket(s, g);
    if (minute == g->minute) return;
    g->minute = minute;
    sample_queues(s, g);
    sample_clusters(s);
}
