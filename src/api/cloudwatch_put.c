/* cloudwatch_put.c - PutMetricData: values, lists of values with their counts, and sets of statistics. */
#include "api/cloudwatch.h"

#include <math.h>

#define PAST_MS_MAX   METRICS_KEEP_MS
#define FUTURE_MS_MAX ((Millis)2 * 3600 * 1000)
#define VALUE_MAX     0x1p360 /* as the service documents its range */

static bool number_of(Call *call, const Json *v, Str what, double *out, Error *err)
{
    *out = strtod(str_z(call->arena, json_text(v)), NULL);
    return (isfinite(*out) && fabs(*out) <= VALUE_MAX) ||
           error_set(err, ERR_METRIC_VALUE, "The value %.*s for parameter %.*s is invalid.",
                     STR(json_text(v)), STR(what));
}

/* Of equal values it is known which they were. */
static void know_values(Arena *a, Measured *m)
{
    if (m->min >= m->max)
        distribution_add(&m->values, a, m->min, m->count);
    else
        m->values.unknown = true;
}

static bool statistic_set(Call *call, const Json *set, Str where, Measured *m, Error *err)
{
    return number_of(call, json_get(set, S("SampleCount")), where, &m->count, err) &&
           number_of(call, json_get(set, S("Sum")), where, &m->sum, err) &&
           number_of(call, json_get(set, S("Minimum")), where, &m->min, err) &&
           number_of(call, json_get(set, S("Maximum")), where, &m->max, err) &&
           ((m->count > 0 && m->min <= m->max) ||
            error_set(err, ERR_METRIC_COMBINATION,
                      "The parameter %.*s.StatisticValues must have a SampleCount above 0, and a "
                      "Minimum that is not above its Maximum.",
                      STR(where)));
}

static bool value_list(Call *call, const Json *datum, Str where, Measured *m, Error *err)
{
    const Json *values = json_get(datum, S("Values")), *counts = json_get(datum, S("Counts"));
    if (counts && json_count(counts) != json_count(values))
        return error_set(err, ERR_METRIC_VALUE,
                         "The parameters %.*s.Values and %.*s.Counts must be of the same size.",
                         STR(where), STR(where));
    if (json_count(values) > CLOUDWATCH_VALUES_MAX)
        return error_set(err, ERR_METRIC_VALUE,
                         "The collection %.*s.Values must not have a size greater than %d.",
                         STR(where), CLOUDWATCH_VALUES_MAX);
    for (int32_t i = 0; i < json_count(values); i++) {
        double value, count = 1;
        if (!number_of(call, &values->items[i], where, &value, err)) return false;
        if (counts && !number_of(call, &counts->items[i], where, &count, err)) return false;
        if (count > 0) measured_add(m, call->arena, value, count);
    }
    return true;
}

/* One of the three ways in which a datum carries what was measured. */
static bool measured(Call *call, const Json *datum, Str where, Measured *m, Error *err)
{
    const Json *value = json_get(datum, S("Value")), *set = json_get(datum, S("StatisticValues"));
    bool list = json_count(json_get(datum, S("Values"))) > 0;
    double number;
    if ((value != NULL) + (set != NULL) + list > 1)
        return error_set(err, ERR_METRIC_COMBINATION,
                         "The parameters %.*s.Value, %.*s.Values and %.*s.StatisticValues are "
                         "mutually exclusive and you have specified more than one.",
                         STR(where), STR(where), STR(where));
    if (set) {
        if (!statistic_set(call, set, where, m, err)) return false;
        know_values(call->arena, m);
        return true;
    }
    if (list) return value_list(call, datum, where, m, err);
    if (!value)
        return error_set(err, ERR_METRIC_MISSING,
                         "At least one of the parameters %.*s.Value, %.*s.Values or "
                         "%.*s.StatisticValues must be specified.",
                         STR(where), STR(where), STR(where));
    if (!number_of(call, value, where, &number, err)) return false;
    measured_add(m, call->arena, number, 1);
    return true;
}

static bool check_datum(Call *call, const Json *datum, Str where, Millis at, Error *err)
{
    int64_t resolution = json_int_or(json_get(datum, S("StorageResolution")), 60);
    if (at < call->now - PAST_MS_MAX || at > call->now + FUTURE_MS_MAX)
        return error_set(err, ERR_METRIC_VALUE,
                         "The parameter %.*s.Timestamp must specify a time no more than two weeks "
                         "in the past and no more than two hours in the future.",
                         STR(where));
    if (json_count(json_get(datum, S("Dimensions"))) > CLOUDWATCH_DIMENSIONS_MAX)
        return error_set(err, ERR_METRIC_VALUE,
                         "The collection %.*s.Dimensions must not have a size greater than %d.",
                         STR(where), CLOUDWATCH_DIMENSIONS_MAX);
    return resolution == 1 || resolution == 60 ||
           error_set(err, ERR_METRIC_VALUE, "The parameter %.*s.StorageResolution must be 1 or 60.",
                     STR(where));
}

static bool put(Call *call, const Json *datum, int32_t i, Error *err)
{
    Str where = str_printf(call->arena, "MetricData.member.%d", i + 1),
        unit = cloudwatch_text(datum, "Unit");
    MetricRow key = cloudwatch_key(call, datum);
    MetricPoint p = {.at = cloudwatch_time(json_get(datum, S("Timestamp")), call->now),
                     .unit = str_absent(unit) ? S("None") : unit};
    key.name_space = cloudwatch_text(&call->in, "Namespace");
    if (!check_datum(call, datum, where, p.at, err) || !measured(call, datum, where, &p.m, err))
        return false;
    bool fine = json_int_or(json_get(datum, S("StorageResolution")), 60) == 1;
    if (p.m.count > 0)
        metrics_put(call->server, &key, &p, fine ? METRICS_SECOND_MS : METRICS_MINUTE_MS);
    return true;
}

CallResult cloudwatch_put_data(Call *call, Error *err)
{
    const Json *data = json_get(&call->in, S("MetricData"));
    if (str_starts(cloudwatch_text(&call->in, "Namespace"), S("AWS/"))) {
        error_set(err, ERR_METRIC_VALUE, "The value AWS/ for parameter Namespace is invalid.");
        return CALL_FAILED;
    }
    if (json_count(json_get(&call->in, S("EntityMetricData")))) {
        error_set(err, ERR_METRIC_VALUE, "EntityMetricData is not offered by this server.");
        return CALL_FAILED;
    }
    if (json_count(data) > CLOUDWATCH_DATA_MAX) {
        error_set(err, ERR_METRIC_VALUE,
                  "The collection MetricData must not have a size greater than %d.",
                  CLOUDWATCH_DATA_MAX);
        return CALL_FAILED;
    }
    for (int32_t i = 0; i < json_count(data); i++)
        if (!put(call, &data->items[i], i, err)) return CALL_FAILED;
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}
