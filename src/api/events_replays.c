/* events_replays.c - replays of archives over the API; and what of EventBridge there is none of here. */
#include "api/events.h"
#include "app/events/archives.h"
#include "wire/scalar.h"

static bool find(Call *call, EventReplayRow *out, Error *err)
{
    Str name = events_text(call, "ReplayName");
    return event_replay_find(call->server->db, call->who.account, call->who.region, name,
                             call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND, "Replay %.*s does not exist.", STR(name));
}

/* ---- start ---- */

static bool find_archive(Call *call, EventArchiveRow *out, Error *err)
{
    TargetArn arn;
    Str given = events_text(call, "EventSourceArn"), prefix = S("archive/");
    if (!target_arn(given, &arn) || !str_starts(arn.resource, prefix))
        return error_set(err, ERR_VALIDATION,
                         "Parameter EventSourceArn is not valid. Reason: Must contain an archive "
                         "ARN.");
    Str name = str_slice(arn.resource, prefix.n, arn.resource.n);
    return event_archive_find(call->server->db, arn.account, arn.region, name, call->arena, out) ||
           error_set(err, ERR_VALIDATION,
                     "Parameter EventSourceArn is not valid. Reason: Archive %.*s does not exist.",
                     STR(name));
}

static bool check_destination(Call *call, const EventArchiveRow *archive, Error *err)
{
    TargetArn arn;
    Str given = json_text(json_find(&call->in, "Destination.Arn"));
    if (!target_arn(given, &arn) || !str_starts(arn.resource, S("event-bus/")))
        return error_set(err, ERR_VALIDATION,
                         "Parameter Destination.Arn is not valid. Reason: Must contain an event "
                         "bus ARN.");
    return str_eq(given, archive->source) ||
           error_set(err, ERR_VALIDATION,
                     "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is "
                     "not permitted.");
}

static bool take_times(Call *call, EventReplayRow *row, Error *err)
{
    Str from = events_text(call, "EventStartTime"), until = events_text(call, "EventEndTime");
    bool read =
        scalar_seconds_to_millis(from, &row->from) && scalar_seconds_to_millis(until, &row->until);
    if (read && row->from >= row->until)
        return error_set(err, ERR_VALIDATION,
                         "Parameter EventEndTime is not valid. Reason: EventStartTime must be "
                         "before EventEndTime.");
    return read || error_set(err, ERR_VALIDATION, "EventStartTime and EventEndTime are no times.");
}

static bool check_room(Call *call, Error *err)
{
    EventReplayRow old;
    Error absent = {0};
    if (find(call, &old, &absent))
        return error_set(err, ERR_RESOURCE_EXISTS, "Replay %.*s already exists.", STR(old.name));
    return event_replay_running(call->server->db, call->who.account, call->who.region) <
               REPLAYS_MAX ||
           error_set(err, ERR_EVENTS_LIMIT,
                     "The requested resource exceeds the maximum number allowed.");
}

static CallResult answer(Call *call, const EventReplayRow *row, bool start)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ReplayArn"), replay_arn(call->arena, row));
    json_put_text(&o, S("State"), row->state);
    json_put_text(&o, S("StateReason"), row->reason);
    if (start)
        json_put(&o, S("ReplayStartTime"), json_millis_as_seconds(call->arena, row->started));
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_start_replay(Call *call, Error *err)
{
    EventArchiveRow archive;
    EventReplayRow row = {.account = call->who.account,
                          .region = call->who.region,
                          .name = events_text(call, "ReplayName"),
                          .description = events_text(call, "Description"),
                          .source = events_text(call, "EventSourceArn"),
                          .state = S("STARTING"),
                          .started = call->now};
    if (!find_archive(call, &archive, err) || !check_destination(call, &archive, err) ||
        !take_times(call, &row, err) || !check_room(call, err))
        return CALL_FAILED;
    row.archive = archive.n;
    row.destination = json_to_str(call->arena, json_get(&call->in, S("Destination")));
    row.at = row.from - 1;
    row.last = INT64_MAX;
    event_replay_add(call->server->db, &row);
    replays_begin(call->server, &row);
    return answer(call, &row, true);
}

/* ---- describe, list, cancel ---- */

static void put_time(JsonObject *o, Str name, Millis t)
{
    json_put(o, name, json_millis_as_seconds(o->a, t));
}

static JsonObject listed(Call *call, const EventReplayRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ReplayName"), row->name);
    json_put_text(&o, S("EventSourceArn"), row->source);
    json_put_text(&o, S("State"), row->state);
    json_put_text(&o, S("StateReason"), row->reason);
    put_time(&o, S("EventStartTime"), row->from);
    put_time(&o, S("EventEndTime"), row->until);
    if (row->at >= row->from) put_time(&o, S("EventLastReplayedTime"), row->at);
    put_time(&o, S("ReplayStartTime"), row->started);
    if (row->ended) put_time(&o, S("ReplayEndTime"), row->ended);
    return o;
}

CallResult events_describe_replay(Call *call, Error *err)
{
    Json destination;
    EventReplayRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    JsonObject o = listed(call, &row);
    check(json_parse(row.destination, call->arena, &destination, err));
    json_put_text(&o, S("ReplayArn"), replay_arn(call->arena, &row));
    json_put_text(&o, S("Description"), row.description);
    json_put(&o, S("Destination"), destination);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_list_replays(Call *call, Error *err)
{
    Str after;
    int64_t max;
    EventReplayRow *rows;
    JsonArray list = {.a = call->arena};
    EventReplayFilter f = {call->who.account, call->who.region, events_text(call, "NamePrefix"),
                           events_text(call, "State"), events_text(call, "EventSourceArn")};
    if (!events_page(call, &after, &max, err)) return CALL_FAILED;
    int64_t n = event_replay_list(call->server->db, &f, after, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) {
        JsonObject o = listed(call, &rows[i]);
        json_add(&list, json_object(&o));
    }
    return events_listed(call, "Replays", &list, n > max ? rows[max - 1].name : (Str){0});
}

CallResult events_cancel_replay(Call *call, Error *err)
{
    EventReplayRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    if (row.ended || str_eq(row.state, S("CANCELLING"))) {
        error_set(err, ERR_EVENTS_ILLEGAL_STATUS,
                  "Replay %.*s is not in a valid state for this operation.", STR(row.name));
        return CALL_FAILED;
    }
    row.state = S("CANCELLING");
    event_replay_set(call->server->db, &row);
    replays_begin(call->server, &row);
    return answer(call, &row, false);
}

/* ---- there is none ---- */

static CallResult no_list(Call *call, const char *member)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, str_from(member), (Json){.type = JSON_ARRAY});
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_list_endpoints(Call *call, Error *err)
{
    (void)err;
    return no_list(call, "Endpoints");
}

CallResult events_list_sources(Call *call, Error *err)
{
    (void)err;
    return no_list(call, "EventSources");
}

CallResult events_no_endpoint(Call *call, Error *err)
{
    error_set(err, ERR_RESOURCE_NOT_FOUND, "Endpoint '%.*s' does not exist.",
              STR(events_text(call, "Name")));
    return CALL_FAILED;
}

CallResult events_no_source(Call *call, Error *err)
{
    error_set(err, ERR_RESOURCE_NOT_FOUND, "Event source %.*s does not exist.",
              STR(events_text(call, "Name")));
    return CALL_FAILED;
}
