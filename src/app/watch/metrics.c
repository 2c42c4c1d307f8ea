/* metrics.c - points into buckets, and buckets into periods. */
#include "app/watch/metrics.h"

#include "app/watch/meter.h"

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
    metric_point_add(s->db, key->n, &p, &s->turn);
    metric_point_drop(s->db, key->n, s->now - METRICS_KEEP_MS);
}

static void join(MetricPoint *into, Arena *a, const MetricPoint *p)
{
    if (!str_eq(into->unit, p->unit)) into->unit = S("None");
    measured_join(&into->m, a, &p->m);
}

int64_t metrics_read(Server *s, const MetricQuery *q, Arena *a, MetricPoint **out)
{
    MetricRow row;
    MetricPoint *points;
    int64_t n = 0;
    Millis from = q->from - q->from % q->period_ms;
    *out = NULL;
    meter_write(s);
    if (!metric_row_find(s->db, &q->key, a, &row)) return 0;
    int64_t all =
        metric_point_list(s->db, row.n, q->unit, from, q->to, METRICS_POINTS_MAX, a, &points);
    for (int64_t i = 0; i < all; i++) {
        MetricPoint p = points[i];
        p.at -= p.at % q->period_ms;
        if (n && points[n - 1].at == p.at)
            join(&points[n - 1], a, &p);
        else
            points[n++] = p;
    }
    *out = points;
    return n;
}
