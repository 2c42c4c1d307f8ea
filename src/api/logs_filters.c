/* logs_filters.c - metric filters and subscription filters over the API: put, described, deleted. */
#include "api/logs.h"
#include "app/functions/functions.h"
#include "app/watch/log_filters.h"
#include "core/logfilter/logfilter.h"

static bool invalid(Error *err, const char *what)
{
    return error_set(err, ERR_SECRET_PARAMETER, "%s", what);
}

static bool check_pattern(Call *call, Str pattern, Error *err)
{
    Str why;
    const LogFilter *unused;
    return logfilter_parse(pattern, call->arena, &unused, &why) ||
           error_set(err, ERR_SECRET_PARAMETER, "Invalid filter pattern: %.*s", STR(why));
}

/* One more, unless it replaces one of its name. */
static bool check_room(Call *call, const LogGroupRow *g, LogFilterKind kind, Str name, int64_t max,
                       Error *err)
{
    LogFilterRow *rows;
    int64_t n = log_filter_list(call->server->db, g->n, kind, call->arena, &rows);
    for (int64_t i = 0; i < n; i++)
        if (str_eq(rows[i].name, name)) return true;
    return n < max || error_set(err, ERR_EVENTS_LIMIT, "Resource limit exceeded.");
}

static CallResult put(Call *call, const LogGroupRow *g, LogFilterKind kind, const Json *config)
{
    log_filter_put(call->server->db, &(LogFilterRow){.group = g->n,
                                                     .kind = kind,
                                                     .name = logs_text(call, "filterName"),
                                                     .pattern = logs_text(call, "filterPattern"),
                                                     .config = json_to_str(call->arena, config),
                                                     .created = call->now});
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static bool check_offered(Call *call, Error *err)
{
    static const char *const names[] = {"applyOnTransformedLogs", "fieldSelectionCriteria",
                                        "emitSystemFieldDimensions", "emitSystemFields"};
    for (int i = 0; i < countof(names); i++) {
        const Json *v = json_get(&call->in, str_from(names[i]));
        if (v && v->type != JSON_FALSE)
            return error_set(err, ERR_SECRET_PARAMETER, "%s is not offered by this server.",
                             names[i]);
    }
    return true;
}

CallResult logs_put_metric_filter(Call *call, Error *err)
{
    LogGroupRow g;
    const Json *how = json_get(&call->in, S("metricTransformations"));
    if (!logs_group(call, &g, err) || !check_offered(call, err) ||
        !check_pattern(call, logs_text(call, "filterPattern"), err) ||
        !log_filters_check_metric(how, err) ||
        !check_room(call, &g, LOG_METRIC_FILTER, logs_text(call, "filterName"),
                    LOG_METRIC_FILTERS_MAX, err))
        return CALL_FAILED;
    return put(call, &g, LOG_METRIC_FILTER, how);
}

static bool check_destination(Call *call, Error *err)
{
    Error unknown = {0};
    FunctionTarget f;
    Str arn = logs_text(call, "destinationArn");
    if (str_find(arn, S(":lambda:")) < 0)
        return invalid(err, "This server sends log events to Lambda functions alone.");
    return functions_find(call->server, call->who.account, call->who.region, arn, (Str){0},
                          call->arena, &f, &unknown) ||
           invalid(err,
                   "Could not execute the lambda function. Make sure you have given CloudWatch "
                   "Logs permission to execute your function.");
}

CallResult logs_put_subscription(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group(call, &g, err) || !check_offered(call, err) ||
        !check_pattern(call, logs_text(call, "filterPattern"), err) ||
        !check_destination(call, err) ||
        !check_room(call, &g, LOG_SUBSCRIPTION_FILTER, logs_text(call, "filterName"),
                    LOG_SUBSCRIPTION_FILTERS_MAX, err))
        return CALL_FAILED;
    return put(call, &g, LOG_SUBSCRIPTION_FILTER, &call->in);
}

static CallResult take_away(Call *call, LogFilterKind kind, Error *err)
{
    LogGroupRow g;
    if (!logs_group(call, &g, err)) return CALL_FAILED;
    call->out = (Json){.type = JSON_OBJECT};
    if (log_filter_remove(call->server->db, g.n, kind, logs_text(call, "filterName")))
        return CALL_DONE;
    error_set(err, ERR_RESOURCE_NOT_FOUND, "The specified %s filter does not exist.",
              kind == LOG_METRIC_FILTER ? "metric" : "subscription");
    return CALL_FAILED;
}

CallResult logs_delete_metric_filter(Call *call, Error *err)
{
    return take_away(call, LOG_METRIC_FILTER, err);
}

CallResult logs_delete_subscription(Call *call, Error *err)
{
    return take_away(call, LOG_SUBSCRIPTION_FILTER, err);
}

/* ---- described ---- */

static Json told(Call *call, const LogGroupRow *g, const LogFilterRow *row)
{
    Json config;
    Error err = {0};
    JsonObject o = {.a = call->arena};
    check(json_parse(row->config, call->arena, &config, &err));
    json_put_text(&o, S("filterName"), row->name);
    json_put_text(&o, S("filterPattern"), row->pattern);
    json_put_text(&o, S("logGroupName"), g->name);
    json_put(&o, S("creationTime"), json_int(call->arena, row->created));
    if (row->kind == LOG_METRIC_FILTER) {
        json_put(&o, S("metricTransformations"), config);
        return json_object(&o);
    }
    json_put_json(&o, S("destinationArn"), json_get(&config, S("destinationArn")));
    json_put_json(&o, S("roleArn"), json_get(&config, S("roleArn")));
    json_put_text(&o, S("distribution"), S("ByLogStream"));
    return json_object(&o);
}

static bool is_asked_for(Call *call, const LogFilterRow *row)
{
    Json config;
    Error err = {0};
    Str name = logs_text(call, "metricName"), space = logs_text(call, "metricNamespace");
    if (!str_starts(row->name, logs_text(call, "filterNamePrefix"))) return false;
    if (row->kind != LOG_METRIC_FILTER) return true;
    check(json_parse(row->config, call->arena, &config, &err));
    const Json *how = json_at(&config, 0);
    return (str_absent(name) || str_eq(name, json_text(json_get(how, S("metricName"))))) &&
           (str_absent(space) || str_eq(space, json_text(json_get(how, S("metricNamespace")))));
}

static void add_of_group(Call *call, const LogGroupRow *g, LogFilterKind kind, JsonArray *list)
{
    LogFilterRow *rows;
    int64_t n = log_filter_list(call->server->db, g->n, kind, call->arena, &rows);
    for (int64_t i = 0; i < n; i++)
        if (is_asked_for(call, &rows[i])) json_add(list, told(call, g, &rows[i]));
}

enum { GROUPS_AT_ONCE = 500 };

/* Metric filters may be asked for without a group: then of all. */
static void add_of_all(Call *call, LogFilterKind kind, JsonArray *list)
{
    LogGroupRow *groups;
    int64_t n;
    LogGroupFilter f = {
        .account = call->who.account, .region = call->who.region, .max = GROUPS_AT_ONCE};
    do {
        n = log_group_list(call->server->db, &f, call->arena, &groups);
        for (int64_t i = 0; i < n; i++) add_of_group(call, &groups[i], kind, list);
        if (n) f.after = groups[n - 1].name;
    } while (n == GROUPS_AT_ONCE);
}

static CallResult describe(Call *call, LogFilterKind kind, const char *member, Error *err)
{
    LogGroupRow g;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (str_absent(logs_text(call, "logGroupName")))
        add_of_all(call, kind, &list);
    else if (logs_group(call, &g, err))
        add_of_group(call, &g, kind, &list);
    else
        return CALL_FAILED;
    json_put(&out, str_from(member), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult logs_describe_metric_filters(Call *call, Error *err)
{
    return describe(call, LOG_METRIC_FILTER, "metricFilters", err);
}

CallResult logs_describe_subscriptions(Call *call, Error *err)
{
    return describe(call, LOG_SUBSCRIPTION_FILTER, "subscriptionFilters", err);
}
