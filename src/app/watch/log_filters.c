/* log_filters.c - events matched against a group's filters: values into metrics, portions to functions. */
#include "app/watch/log_filters.h"

#include "app/events/targets.h"
#include "app/watch/cloudwatch_logs.h"
#include "app/watch/metrics.h"
#include "base/encode.h"
#include "core/logfilter/logfilter.h"
#include "wire/gzip.h"

static Str text(const Json *v, const char *member)
{
    return json_text(json_get(v, str_from(member)));
}

static Json parse(Arena *a, Str json)
{
    Json v;
    Error err = {0};
    check(json_parse(json, a, &v, &err));
    return v;
}

/* ---- what may be put ---- */

static bool number_of(Str s, double *out)
{
    char copy[64], *end;
    if (!s.n || s.n >= (int64_t)sizeof copy) return false;
    memcpy(copy, s.p, (size_t)s.n);
    copy[s.n] = 0;
    *out = strtod(copy, &end);
    return end == copy + s.n && *out - *out < 1; /* finite */
}

static bool is_selector(Str s)
{
    return str_starts(s, S("$.")) && s.n > 2;
}

bool log_filters_check_metric(const Json *transformations, Error *err)
{
    double unused;
    const Json *one = json_at(transformations, 0), *dimensions = json_get(one, S("dimensions"));
    Str value = text(one, "metricValue");
    if (json_count(transformations) != 1)
        return error_set(err, ERR_SECRET_PARAMETER,
                         "A metric filter has exactly one metric transformation.");
    if (str_starts(text(one, "metricNamespace"), S("AWS/")))
        return error_set(err, ERR_SECRET_PARAMETER, "Invalid metric namespace: AWS/");
    if (!is_selector(value) && !number_of(value, &unused))
        return error_set(err, ERR_SECRET_PARAMETER,
                         "Invalid metric value: this server takes a number, or a member of a JSON "
                         "document ($.name).");
    if (json_count(dimensions) > 3)
        return error_set(err, ERR_SECRET_PARAMETER, "At most three dimensions are allowed.");
    if (json_count(dimensions) && json_get(one, S("defaultValue")))
        return error_set(err, ERR_SECRET_PARAMETER,
                         "A default value cannot be combined with dimensions.");
    for (int32_t i = 0; i < json_count(dimensions); i++)
        if (!is_selector(json_text(&dimensions->members[i].value)))
            return error_set(err, ERR_SECRET_PARAMETER,
                             "Invalid dimension: this server takes members of a JSON document "
                             "($.name).");
    return true;
}

/* ---- metrics ---- */

/* What has been measured for one metric and minute, not yet written. */
typedef struct Sum {
    Server *s;
    MetricRow key;
    MetricPoint point;
    Arena *a;
} Sum;

static void flush(Sum *sum)
{
    if (sum->point.m.count > 0) metrics_put(sum->s, &sum->key, &sum->point, METRICS_MINUTE_MS);
    sum->point.m = (Measured){0};
}

static void measure(Sum *sum, Str dimensions, Millis at, double value)
{
    Millis minute = at - at % METRICS_MINUTE_MS;
    if (minute != sum->point.at || !str_eq(dimensions, sum->key.dimensions)) flush(sum);
    sum->point.at = minute;
    sum->key.dimensions = dimensions;
    measured_add(&sum->point.m, sum->a, value, 1);
}

/* A member of the message's document; absent: there is none, or it is no plain value. */
static Str selected(Arena *a, const Json *document, Str selector)
{
    const Json *v = json_find(document, str_z(a, str_slice(selector, 2, selector.n)));
    return v && v->type < JSON_ARRAY ? json_text(v) : (Str){0};
}

/* false: a member that it is measured by is not there. */
static bool dimensions_of(Arena *a, const Json *wanted, const Json *document, Str *out)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(wanted); i++) {
        JsonObject one = {.a = a};
        Str value = selected(a, document, json_text(&wanted->members[i].value));
        if (!value.n) return false;
        json_put_text(&one, S("Name"), wanted->members[i].key);
        json_put_text(&one, S("Value"), value);
        json_add(&list, json_object(&one));
    }
    Json all = json_array(&list);
    *out = metrics_dimensions(a, &all);
    return true;
}

static void measure_event(Sum *sum, const Json *how, const LogFed *e)
{
    double value;
    Str dimensions, given = text(how, "metricValue");
    Json document = {0};
    Error unread = {0};
    if (!json_parse(e->message, sum->a, &document, &unread)) document = (Json){0};
    if (is_selector(given)) given = selected(sum->a, &document, given);
    if (number_of(given, &value) &&
        dimensions_of(sum->a, json_get(how, S("dimensions")), &document, &dimensions))
        measure(sum, dimensions, e->at, value);
}

static void feed_metric(Server *s, const LogGroupRow *g, const LogFilterRow *row,
                        const LogFilter *filter, const LogFed *events, int64_t n)
{
    Arena *a = &s->turn, scratch = {0};
    Json all = parse(a, row->config);
    const Json *how = json_at(&all, 0);
    Str unit = text(how, "unit");
    double otherwise;
    bool any = false;
    Sum sum = {.s = s,
               .key = {.account = g->account,
                       .region = g->region,
                       .name_space = text(how, "metricNamespace"),
                       .name = text(how, "metricName")},
               .point = {.unit = str_absent(unit) ? S("None") : unit},
               .a = a};
    for (int64_t i = 0; i < n; i++) {
        bool matches = logfilter_matches(filter, events[i].message, &scratch);
        arena_reset(&scratch);
        if (matches) measure_event(&sum, how, &events[i]);
        any |= matches;
    }
    if (!any && n && number_of(text(how, "defaultValue"), &otherwise))
        measure(&sum, S("{}"), events[n - 1].at, otherwise);
    flush(&sum);
    arena_free(&scratch);
}

/* ---- functions ---- */

typedef struct Portion {
    Server *s;
    const LogGroupRow *group;
    const LogFilterRow *row;
    Str stream;
    JsonArray events;
    int64_t bytes;
} Portion;

static Str packed(Arena *a, Str in)
{
    Str slice;
    Buf b = {.a = a};
    Gzip *z = gzip_open();
    while (gzip_next(z, &in, true, &slice)) buf_put(&b, slice);
    gzip_close(z);
    return base64_encode(a, buf_str(&b));
}

/* "Using Lambda with CloudWatch Logs": {"awslogs": {"data": Base64 of gzip}} */
static Str payload_of(const Portion *p)
{
    Arena *a = &p->s->turn;
    JsonObject o = {.a = a}, data = {.a = a}, event = {.a = a};
    JsonArray filters = {.a = a};
    json_add(&filters, json_string(p->row->name));
    json_put_text(&o, S("messageType"), S("DATA_MESSAGE"));
    json_put_text(&o, S("owner"), p->group->account);
    json_put_text(&o, S("logGroup"), p->group->name);
    json_put_text(&o, S("logStream"), p->stream);
    json_put(&o, S("subscriptionFilters"), json_array(&filters));
    json_put(&o, S("logEvents"), json_array(&p->events));
    Json all = json_object(&o);
    json_put_text(&data, S("data"), packed(a, json_to_str(a, &all)));
    json_put(&event, S("awslogs"), json_object(&data));
    Json whole = json_object(&event);
    return json_to_str(a, &whole);
}

static void send_portion(Portion *p)
{
    Server *s = p->s;
    Json config = parse(&s->turn, p->row->config);
    if (!p->events.n) return;
    Target t = {.arn = text(&config, "destinationArn"),
                .service = S("logs.amazonaws.com"),
                .source_arn = log_group_arn(&s->turn, p->group),
                .account = p->group->account,
                .region = p->group->region,
                .input = payload_of(p)};
    TargetResult r = targets_deliver(s, &t);
    if (r.end != TARGET_DELIVERED)
        log_recorded(s, "subscription-lost", "group=%.*s filter=%.*s error=\"%.*s\"",
                     STR(p->group->name), STR(p->row->name), STR(r.message));
    p->events = (JsonArray){.a = &s->turn};
    p->bytes = 0;
}

static void add_event(Portion *p, const LogFed *e)
{
    JsonObject o = {.a = &p->s->turn};
    if (p->bytes + e->message.n > LOG_PORTION_BYTES_MAX || p->events.n == LOG_PORTION_EVENTS_MAX)
        send_portion(p);
    json_put_text(&o, S("id"),
                  str_printf(&p->s->turn, "%020" PRId64 "%036" PRId64, e->at, p->events.n));
    json_put(&o, S("timestamp"), json_int(&p->s->turn, e->at));
    json_put_text(&o, S("message"), e->message);
    json_add(&p->events, json_object(&o));
    p->bytes += e->message.n;
}

static void feed_function(Server *s, const LogGroupRow *g, Str stream, const LogFilterRow *row,
                          const LogFilter *filter, const LogFed *events, int64_t n)
{
    Arena scratch = {0};
    Portion p = {.s = s, .group = g, .row = row, .stream = stream, .events = {.a = &s->turn}};
    for (int64_t i = 0; i < n; i++) {
        if (logfilter_matches(filter, events[i].message, &scratch)) add_event(&p, &events[i]);
        arena_reset(&scratch);
    }
    send_portion(&p);
    arena_free(&scratch);
}

/* ---- both ---- */

void log_filters_feed(Server *s, const LogGroupRow *group, Str stream, const LogFed *events,
                      int64_t n)
{
    LogFilterRow *rows;
    int64_t filters = log_filter_all(s->db, group->n, &s->turn, &rows);
    for (int64_t i = 0; i < filters; i++) {
        Str why;
        const LogFilter *filter;
        if (!logfilter_parse(rows[i].pattern, &s->turn, &filter, &why)) continue;
        if (rows[i].kind == LOG_METRIC_FILTER)
            feed_metric(s, group, &rows[i], filter, events, n);
        else
            feed_function(s, group, stream, &rows[i], filter, events, n);
    }
}
