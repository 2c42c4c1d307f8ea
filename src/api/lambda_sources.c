/* lambda_sources.c - event source mappings over the API: queues whose messages functions are invoked with. */
#include "api/lambda.h"

#include "app/access/authorize.h"
#include "app/events/targets.h"
#include "app/functions/sources.h"
#include "core/function/source.h"

/* One row a member of the stored document, in the order in which it is told. */
static const char *const members[] = {"BatchSize",      "MaximumBatchingWindowInSeconds",
                                      "FilterCriteria", "FunctionResponseTypes",
                                      "ScalingConfig",  "MetricsConfig",
                                      "KMSKeyArn"};

/* What only other sources have. */
static const char *const elsewhere[] = {
    "StartingPosition",
    "StartingPositionTimestamp",
    "ParallelizationFactor",
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
    "DestinationConfig",
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "ProvisionedPollerConfig",
};

/* ---- checks ---- */

static bool check_source(Call *call, Str given, Error *err)
{
    TargetArn arn;
    if (str_absent(given))
        return error_set(err, ERR_LAMBDA_PARAMETER, "Unrecognized event source.");
    if (!target_arn(given, &arn))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Unrecognized event source, must be kinesis, "
                         "dynamodb stream or sqs. Unsupported source "
                         "arn %.*s",
                         STR(given));
    if (!str_eq(arn.service, S("sqs")))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Event sources of %.*s are not offered by this server: it takes messages "
                         "of SQS queues.",
                         STR(arn.service));
    for (int i = 0; i < countof(elsewhere); i++)
        if (json_get(&call->in, str_from(elsewhere[i])))
            return error_set(err, ERR_LAMBDA_PARAMETER, "%s is not valid for SQS event sources.",
                             elsewhere[i]);
    return true;
}

static bool check_batch(const Json *config, const QueueSettings *set, Error *err)
{
    int64_t size = json_int_or(json_get(config, S("BatchSize")), SOURCE_BATCH_DEFAULT);
    int64_t window = json_int_or(json_get(config, S("MaximumBatchingWindowInSeconds")), 0);
    if (set->fifo && size > SOURCE_BATCH_FIFO_MAX)
        return error_set(err, ERR_LAMBDA_PARAMETER, "Maximum batch size for FIFO queues is %d.",
                         SOURCE_BATCH_FIFO_MAX);
    if (set->fifo && window)
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Batching window is not supported for FIFO queues.");
    if (size <= SOURCE_BATCH_PLAIN_MAX || window) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "Maximum batch window in seconds must be greater than 0 if maximum batch size "
                     "is greater than %d",
                     SOURCE_BATCH_PLAIN_MAX);
}

/* The queue is there, hides messages for as long as the function may take, and may be read. */
static bool check_queue(Call *call, const LambdaTarget *t, Str arn, const Json *config, Error *err)
{
    QueueRow q;
    Error why = {0};
    Json function = lambda_parse(call->arena, t->v.config);
    int64_t timeout = json_int_or(json_get(&function, S("Timeout")), 3);
    if (!queues_by_arn(call->server, arn, call->arena, &q))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Error occurred while ReceiveMessage. SQS Error Code: "
                         "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The "
                         "specified queue does not exist.");
    Identity who = functions_identity(t, &function);
    if (!authorize_act(call->server, call->arena, &who, S("sqs:ReceiveMessage"), arn, &why))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "The provided execution role does not have permissions to call "
                         "ReceiveMessage on SQS");
    QueueSettings set = queues_settings(&q, call->arena);
    if (set.visibility_ms < timeout * 1000)
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Queue visibility timeout: %" PRId64 " seconds is less than Function "
                         "timeout: %" PRId64 " seconds",
                         set.visibility_ms / 1000, timeout);
    return check_batch(config, &set, err);
}

static bool check_new(Call *call, const LambdaTarget *t, Str queue, Error *err)
{
    EventSourceRow *rows;
    EventSourceFilter f = {call->who.account, call->who.region, queue, t->arn};
    int64_t n = event_source_list(call->server->db, &f, 0, INT32_MAX, call->arena, &rows);
    for (int64_t i = 0; i < n; i++)
        if (str_eq(rows[i].function, t->arn))
            return error_set(err, ERR_LAMBDA_CONFLICT,
                             "An event source mapping with SQS arn (\" %.*s \") and function (\" "
                             "%.*s \") already exists. Please update or delete the existing "
                             "mapping with UUID %.*s",
                             STR(queue), STR(t->row.name), STR(rows[i].id));
    return true;
}

/* ---- telling ---- */

static void tell(Call *call, const EventSourceRow *row)
{
    JsonObject o = {.a = call->arena};
    Json config = source_config(call->arena, row);
    json_put_text(&o, S("UUID"), row->id);
    for (int i = 0; i < countof(members); i++)
        json_put_json(&o, str_from(members[i]), json_get(&config, str_from(members[i])));
    json_put_text(&o, S("EventSourceArn"), row->queue);
    json_put_text(&o, S("FunctionArn"), row->function);
    json_put(&o, S("LastModified"), json_millis_as_seconds(call->arena, row->modified));
    json_put_text(&o, S("LastProcessingResult"), row->result);
    json_put_text(&o, S("State"), row->state);
    json_put_text(&o, S("StateTransitionReason"), S("USER_INITIATED"));
    json_put_text(&o, S("EventSourceMappingArn"), source_arn(call->arena, row));
    call->out = json_object(&o);
}

static CallResult answer(Call *call, const EventSourceRow *row)
{
    tell(call, row);
    return CALL_DONE;
}

/* ---- create ---- */

/* FilterCriteria without filters is none; so is an empty ScalingConfig. */
static bool is_empty(const Json *given)
{
    const Json *filters = json_get(given, S("Filters"));
    return given->type == JSON_OBJECT && (!given->n || (filters && !json_count(filters)));
}

/* What the request gives over what there is. */
static bool take_config(Call *call, const Json *old, Json *out, Error *err)
{
    JsonObject o = {.a = call->arena};
    const Json *enabled = json_get(&call->in, S("Enabled"));
    Json otherwise = old ? *json_get(old, S("Enabled")) : json_bool(true);
    json_put(&o, S("Enabled"), enabled ? *enabled : otherwise);
    for (int i = 0; i < countof(members); i++) {
        Str name = str_from(members[i]);
        const Json *given = json_get(&call->in, name), *before = json_get(old, name);
        if (given && !is_empty(given))
            json_put(&o, name, *given);
        else if (!given && before)
            json_put(&o, name, *before);
        else if (i < 2)
            json_put(&o, name, json_int(call->arena, i ? 0 : SOURCE_BATCH_DEFAULT));
    }
    *out = json_object(&o);
    return source_filter_check(json_get(out, S("FilterCriteria")), call->arena, err);
}

CallResult lambda_create_source(Call *call, Error *err)
{
    LambdaTarget t;
    Json config, none = {.type = JSON_OBJECT};
    Str queue = lambda_text(call, "EventSourceArn");
    const Json *tags = json_get(&call->in, S("Tags"));
    if (!check_source(call, queue, err) || !lambda_target(call, &t, err) ||
        !take_config(call, NULL, &config, err) || !check_queue(call, &t, queue, &config, err) ||
        !check_new(call, &t, queue, err))
        return CALL_FAILED;
    EventSourceRow row = {.id = server_new_uuid(call->server, call->arena),
                          .account = call->who.account,
                          .region = call->who.region,
                          .function = t.arn,
                          .queue = queue,
                          .state = S("Creating"),
                          .config = json_to_str(call->arena, &config),
                          .tags = json_to_str(call->arena, tags ? tags : &none),
                          .modified = call->now};
    event_source_add(call->server->db, &row);
    sources_begin(call->server, &row);
    return answer(call, &row);
}

/* ---- get, list ---- */

static bool find(Call *call, EventSourceRow *row, Error *err)
{
    return event_source_find(call->server->db, call->who.account, call->who.region,
                             lambda_text(call, "UUID"), call->arena, row) ||
           error_set(err, ERR_LAMBDA_NOT_FOUND, "The resource you requested does not exist.");
}

CallResult lambda_get_source(Call *call, Error *err)
{
    EventSourceRow row;
    return find(call, &row, err) ? answer(call, &row) : CALL_FAILED;
}

static bool read_filter(Call *call, EventSourceFilter *f, int64_t *after, Error *err)
{
    LambdaTarget t;
    Str marker = lambda_text(call, "Marker");
    *f = (EventSourceFilter){call->who.account, call->who.region,
                             lambda_text(call, "EventSourceArn"), (Str){0}};
    *after = 0;
    if (marker.n && !str_to_int(marker, after))
        return error_set(err, ERR_LAMBDA_PARAMETER, "Marker is not one of this list");
    if (str_absent(lambda_text(call, "FunctionName"))) return true;
    if (!lambda_function(call, &t, err)) return false;
    f->function = t.arn;
    return true;
}

CallResult lambda_list_sources(Call *call, Error *err)
{
    int64_t after, max = lambda_page_to(call, LAMBDA_SOURCES_PAGE);
    EventSourceFilter f;
    EventSourceRow *rows;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!read_filter(call, &f, &after, err)) return CALL_FAILED;
    int64_t n = event_source_list(call->server->db, &f, after, max, call->arena, &rows);
    for (int64_t i = 0; i < n; i++) {
        tell(call, &rows[i]);
        json_add(&list, call->out);
    }
    json_put(&out, S("EventSourceMappings"), json_array(&list));
    lambda_put_marker(&out, n, max,
                      n ? str_printf(call->arena, "%" PRId64, rows[n - 1].n) : (Str){0});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- update, delete ---- */

/* Other states that end in -ing are over with the next event. */
static bool check_settled(const EventSourceRow *row, const char *doing, Error *err)
{
    if (!str_eq(row->state, S("Deleting"))) return true;
    return error_set(err, ERR_LAMBDA_IN_USE,
                     "Cannot %s the event source mapping because it is in use.", doing);
}

static Str changing(const Json *config, const Json *old)
{
    bool on = json_true(json_get(config, S("Enabled"))),
         was = json_true(json_get(old, S("Enabled")));
    return on == was ? S("Updating") : on ? S("Enabling") : S("Disabling");
}

CallResult lambda_update_source(Call *call, Error *err)
{
    LambdaTarget t;
    EventSourceRow row;
    Json config;
    if (!find(call, &row, err) || !check_settled(&row, "update", err) ||
        !check_source(call, row.queue, err))
        return CALL_FAILED;
    Json old = source_config(call->arena, &row);
    Str given = lambda_text(call, "FunctionName");
    if (!functions_find(call->server, row.account, row.region, given.n ? given : row.function,
                        (Str){0}, call->arena, &t, err) ||
        !functions_find_version(call->server, &t, call->arena, err) ||
        !take_config(call, &old, &config, err) || !check_queue(call, &t, row.queue, &config, err))
        return CALL_FAILED;
    row.function = t.arn;
    row.state = changing(&config, &old);
    row.config = json_to_str(call->arena, &config);
    row.modified = call->now;
    event_source_set(call->server->db, &row);
    sources_begin(call->server, &row);
    return answer(call, &row);
}

CallResult lambda_delete_source(Call *call, Error *err)
{
    EventSourceRow row;
    if (!find(call, &row, err) || !check_settled(&row, "delete", err)) return CALL_FAILED;
    row.state = S("Deleting");
    row.modified = call->now;
    event_source_set(call->server->db, &row);
    sources_begin(call->server, &row);
    return answer(call, &row);
}
