/* metrics.c - points into buckets, and buckets into periods. */
#include "app/watch/metrics.h"

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const JsonMember *)x)->key, ((const JsonMember *)y)->key);
}

Str metrics_dimensions(Arena *a, const Json *list)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(list); i++)
        json_put(&o, json_text(json_get(&list->items[i], S("Name"))),
                 json_string(json_text(json_get(&list->items[i], S("Value")))));
    if (o.n) qsort(o.p, (size_t)o.n, sizeof *o.p, by_name);
    Json sorted = json_object(&o);
    return json_to_str(a, &sorted);
}

Str metrics_text(Arena *a, double value)
{
    char text[64];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (back >= value && back <= value) break;
    }
    return str_copy(a, str_from(text));
}

void metrics_put(Server *s, MetricRow *key, const MetricPoint *point, Millis resolution_ms)
{
    MetricPoint p = *point;
    p.at -= p.at % resolution_ms;
    key->last = point->at;
    metric_row_need(s->db, key);
    metric_point_add(s->db, key->n, &p);
    metric_point_drop(s->db, key->n, s->now - METRICS_KEEP_MS);
}

static void join(MetricPoint *into, const MetricPoint *p)
{
    if (!str_eq(into->unit, p->unit)) into->unit = S("None");
    into->count += p->count;
    into->sum += p->sum;
    if (p->min < into->min) into->min = p->min;
    if (p->max > into->max) into->max = p->max;
}

int64_t metrics_read(Server *s, const MetricQuery *q, Arena *a, MetricPoint **out)
{
    MetricRow row;
    MetricPoint *points;
    int64_t n = 0;
    Millis from = q->from - q->from % q->period_ms;
    *out = NULL;
    if (!metric_row_find(s->db, &q->key, a, &row)) return 0;
    int64_t all =
        metric_point_list(s->db, row.n, q->unit, from, q->to, METRICS_POINTS_MAX, a, &points);
    for (int64_t i = 0; i < all; i++) {
        MetricPoint p = points[i];
        p.at -= p.at % q->period_ms;
        if (n && points[n - 1].at == p.at)
            join(&points[n - 1], &p);
        else
            points[n++] = p;
    }
    *out = points;
    return n;
}

bool metrics_statistic(const MetricPoint *p, Str name, double *out)
{
    if (str_eq(name, S("SampleCount"))) return *out = p->count, true;
    if (str_eq(name, S("Sum"))) return *out = p->sum, true;
    if (str_eq(name, S("Minimum"))) return *out = p->min, true;
    if (str_eq(name, S("Maximum"))) return *out = p->max, true;
    if (str_eq(name, S("Average"))) return *out = p->sum / p->count, true;
    return false;
}
