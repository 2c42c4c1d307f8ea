/* metric_queries.c - metrics and expressions by their ids: checked, and evaluated with what they name. */
#include "app/watch/metric_queries.h"

typedef enum Progress { PROGRESS_NONE, PROGRESS_BEGUN, PROGRESS_DONE } Progress;

typedef struct MetricQueryState {
    Progress progress;
    const MathNode *expression; /* NULL: a MetricStat */
    Statistic statistic;
    int64_t period_s;
    MathValue value;
} MetricQueryState;

static Str text(const Json *v, const char *member)
{
    return json_text(json_get(v, str_from(member)));
}

bool metric_period_ok(int64_t s)
{
    return s == 1 || s == 5 || s == 10 || s == 20 || s == 30 || (s > 0 && s % 60 == 0);
}

/* ---- shape ---- */

static bool good_id(Str id)
{
    for (int64_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_',
             digit = c >= '0' && c <= '9';
        if (!(i ? letter || digit : c >= 'a' && c <= 'z')) return false;
    }
    return id.n > 0;
}

static bool check_id(const Json *list, int32_t i, Error *err)
{
    Str id = text(&list->items[i], "Id");
    if (!good_id(id))
        return error_set(err, ERR_VALIDATION,
                         "The value '%.*s' for parameter MetricDataQueries.member.%d.Id must begin "
                         "with a lowercase letter and have letters, digits and underscores alone.",
                         STR(str_slice(id, 0, 100)), i + 1);
    for (int32_t k = 0; k < i; k++)
        if (str_eq(id, text(&list->items[k], "Id")))
            return error_set(err, ERR_VALIDATION, "The id '%.*s' is used twice.", STR(id));
    return true;
}

static bool read_stat(const Json *stat, Str id, MetricQueryState *out, Error *err)
{
    Str name = text(stat, "Stat");
    out->period_s = json_int_or(json_get(stat, S("Period")), 60);
    if (!statistic_parse(name, &out->statistic))
        return error_set(err, ERR_VALIDATION,
                         "The value '%.*s' for parameter Stat of query %.*s is not supported.",
                         STR(str_slice(name, 0, 100)), STR(id));
    return metric_period_ok(out->period_s) ||
           error_set(err, ERR_METRIC_VALUE,
                     "The parameter Period must be 1, 5, 10, 20, 30, or any multiple of 60.");
}

static bool in_expression(Str id, const Error *why, Error *err)
{
    return error_set(err, ERR_VALIDATION, "Error in expression '%.*s': %s", STR(id), why->text);
}

static bool read_query(MetricQueries *q, int32_t i, Error *err)
{
    Error why = {0};
    const Json *one = &q->list->items[i], *stat = json_get(one, S("MetricStat")),
               *expression = json_get(one, S("Expression"));
    Str id = text(one, "Id");
    MetricQueryState *state = &q->states[i];
    if (!check_id(q->list, i, err)) return false;
    if (!stat == !expression)
        return error_set(err, ERR_VALIDATION,
                         "Query %.*s must have one of MetricStat and Expression.", STR(id));
    if (stat) return read_stat(stat, id, state, err);
    state->period_s = json_int_or(json_get(one, S("Period")), 0);
    return math_parse(json_text(expression), q->a, &state->expression, &why) ||
           in_expression(id, &why, err);
}

bool metric_queries_open(Server *s, Arena *a, Str account, Str region, const Json *list,
                         MetricQueries *out, Error *err)
{
    int32_t n = json_count(list);
    if (n > METRIC_QUERIES_MAX)
        return error_set(err, ERR_VALIDATION,
                         "The collection MetricDataQueries must not have a size greater than %d.",
                         METRIC_QUERIES_MAX);
    *out = (MetricQueries){.s = s,
                           .account = account,
                           .region = region,
                           .list = list,
                           .states = new_array(a, MetricQueryState, n ? n : 1),
                           .a = a};
    for (int32_t i = 0; i < n; i++) {
        out->states[i] = (MetricQueryState){0};
        if (!read_query(out, i, err)) return false;
        int64_t period = out->states[i].period_s;
        if (period && (!out->period_s || period < out->period_s)) out->period_s = period;
    }
    if (!out->period_s) out->period_s = METRIC_PERIOD_S;
    return true;
}

/* ---- metrics ---- */

MathSeries metric_series(Server *s, const MetricQuery *q, const Statistic *statistic, Arena *a)
{
    MetricPoint *points;
    int64_t n = metrics_read(s, q, a, &points);
    MathSeries out = {.label = q->key.name,
                      .period_s = q->period_ms / 1000,
                      .p = new_array(a, MathPoint, n ? n : 1)};
    for (int64_t i = 0; i < n; i++) {
        double value;
        if (statistic_of(statistic, &points[i].m, &value))
            out.p[out.n++] = (MathPoint){points[i].at, value};
    }
    return out;
}

static MathValue one_series(Arena *a, MathSeries series)
{
    MathSeries *s = new (a, MathSeries);
    *s = series;
    return (MathValue){.series = s, .n = 1};
}

static MathValue read_metric(MetricQueries *q, int32_t i)
{
    const Json *stat = json_get(&q->list->items[i], S("MetricStat")),
               *metric = json_get(stat, S("Metric"));
    MetricQuery ask = {
        .key = {.account = q->account,
                .region = q->region,
                .name_space = text(metric, "Namespace"),
                .name = text(metric, "MetricName"),
                .dimensions = metrics_dimensions(q->a, json_get(metric, S("Dimensions")))},
        .unit = text(stat, "Unit"),
        .from = q->from,
        .to = q->to,
        .period_ms = q->states[i].period_s * 1000};
    return one_series(q->a, metric_series(q->s, &ask, &q->states[i].statistic, q->a));
}

/* ---- what expressions ask for ---- */

static bool named(void *owner, Str id, Arena *a, MathValue *out, Error *err)
{
    MetricQueries *q = owner;
    (void)a;
    for (int32_t i = 0; i < json_count(q->list); i++)
        if (str_eq(id, text(&q->list->items[i], "Id"))) return metric_queries_value(q, i, out, err);
    return error_set(err, ERR_VALIDATION, "Unknown id %.*s", STR(str_slice(id, 0, 100)));
}

static bool all_metrics(void *owner, Str part, Arena *a, MathValue *out, Error *err)
{
    MetricQueries *q = owner;
    int32_t n = json_count(q->list);
    *out = (MathValue){.array = true, .series = new_array(a, MathSeries, n ? n : 1)};
    for (int32_t i = 0; i < n; i++) {
        MathValue one;
        Str id = text(&q->list->items[i], "Id");
        if (q->states[i].expression || (!str_absent(part) && str_find(id, part) < 0)) continue;
        if (!metric_queries_value(q, i, &one, err)) return false;
        out->series[out->n++] = one.series[0];
    }
    return true;
}

static bool same_or_part(const struct MathTerm *t, Str value)
{
    if (t->exact) return str_eq(t->value, value);
    Arena a = {0};
    bool found = str_find(str_lower(&a, value), str_lower(&a, t->value)) >= 0;
    arena_free(&a);
    return found;
}

static bool term_holds(const struct MathTerm *t, const MetricRow *row, const Json *dimensions)
{
    bool any = str_absent(t->key);
    if ((any || str_eq(t->key, S("MetricName"))) && same_or_part(t, row->name)) return true;
    if ((any || str_eq(t->key, S("Namespace"))) && same_or_part(t, row->name_space)) return true;
    for (int32_t i = 0; i < json_count(dimensions); i++) {
        const JsonMember *m = &dimensions->members[i];
        if (any && same_or_part(t, m->key)) return true;
        if ((any || str_eq(t->key, m->key)) && same_or_part(t, json_text(&m->value))) return true;
    }
    return false;
}

/* A schema names all dimensions of a metric. */
static bool is_found(Arena *a, const MathSearch *search, const MetricRow *row)
{
    Json dimensions;
    Error err = {0};
    check(json_parse(row->dimensions, a, &dimensions, &err));
    if (search->schema && json_count(&dimensions) != search->dimensions.n) return false;
    for (int64_t i = 0; i < search->dimensions.n; i++)
        if (!json_get(&dimensions, search->dimensions.p[i])) return false;
    for (int64_t i = 0; i < search->terms_n; i++)
        if (!term_holds(&search->terms[i], row, &dimensions)) return false;
    return true;
}

/* The name and what its dimensions are. */
static Str label_of(Arena *a, const MetricRow *row)
{
    Json dimensions;
    Error err = {0};
    Buf b = {.a = a};
    check(json_parse(row->dimensions, a, &dimensions, &err));
    buf_put(&b, row->name);
    for (int32_t i = 0; i < json_count(&dimensions); i++) {
        buf_putc(&b, ' ');
        buf_put(&b, json_text(&dimensions.members[i].value));
    }
    return buf_str(&b);
}

enum { SEARCH_PAGE = 500 };

static void search_all(MetricQueries *q, const MathSearch *search, const Statistic *statistic,
                       int64_t period_s, Arena *a, MathValue *out)
{
    MetricRow *rows;
    int64_t after = 0, n;
    do {
        n = metric_row_list(q->s->db, q->account, q->region, search->name_space, (Str){0}, q->from,
                            after, SEARCH_PAGE, a, &rows);
        for (int64_t i = 0; i < n && out->n < METRIC_SEARCH_MAX; i++) {
            if (!is_found(a, search, &rows[i])) continue;
            MetricQuery ask = {
                .key = rows[i], .from = q->from, .to = q->to, .period_ms = period_s * 1000};
            MathSeries one = metric_series(q->s, &ask, statistic, a);
            one.label = label_of(a, &rows[i]);
            out->series[out->n++] = one;
        }
        if (n) after = rows[n - 1].n;
    } while (n == SEARCH_PAGE && out->n < METRIC_SEARCH_MAX);
}

static bool search_metrics(void *owner, Str query, Str stat, int64_t period_s, Arena *a,
                           MathValue *out, Error *err)
{
    MetricQueries *q = owner;
    MathSearch search;
    Statistic statistic;
    if (!math_search_parse(query, a, &search, err)) return false;
    if (!statistic_parse(stat, &statistic))
        return error_set(err, ERR_VALIDATION, "SEARCH: the statistic %.*s is not supported",
                         STR(str_slice(stat, 0, 60)));
    if (!metric_period_ok(period_s))
        return error_set(err, ERR_VALIDATION, "SEARCH: the period is not supported");
    *out = (MathValue){.array = true, .series = new_array(a, MathSeries, METRIC_SEARCH_MAX)};
    search_all(q, &search, &statistic, period_s, a, out);
    return true;
}

/* ---- values ---- */

static bool evaluate(MetricQueries *q, int32_t i, Error *err)
{
    Error why = {0};
    MetricQueryState *state = &q->states[i];
    Str id = text(&q->list->items[i], "Id");
    MathWorld world = {.owner = q,
                       .from = q->from,
                       .to = q->to,
                       .period_s = state->period_s ? state->period_s : q->period_s,
                       .named = named,
                       .metrics = all_metrics,
                       .search = search_metrics};
    return math_evaluate(state->expression, &world, q->a, &state->value, &why) ||
           in_expression(id, &why, err);
}

bool metric_queries_value(MetricQueries *q, int32_t i, MathValue *out, Error *err)
{
    MetricQueryState *state = &q->states[i];
    if (state->progress == PROGRESS_BEGUN)
        return error_set(err, ERR_VALIDATION, "the expressions name each other in a circle");
    if (state->progress == PROGRESS_NONE) {
        state->progress = PROGRESS_BEGUN;
        if (!state->expression)
            state->value = read_metric(q, i);
        else if (!evaluate(q, i, err))
            return false;
        state->progress = PROGRESS_DONE;
    }
    *out = state->value;
    return true;
}
