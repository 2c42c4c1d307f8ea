/* events_archives.c - archives of event buses over the API. */
#include "api/events.h"
#include "app/events/archives.h"
#include "core/event/pattern.h"

static bool find(Call *call, EventArchiveRow *out, Error *err)
{
    Str name = events_text(call, "ArchiveName");
    return event_archive_find(call->server->db, call->who.account, call->who.region, name,
                              call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND, "Archive %.*s does not exist.", STR(name));
}

static bool check_pattern(Call *call, Error *err)
{
    Json pattern;
    Error why = {0};
    Str text = events_text(call, "EventPattern");
    if (!text.n) return true;
    if (!json_parse(text, call->arena, &pattern, &why))
        return error_set(err, ERR_INVALID_EVENT_PATTERN, "Event pattern is not valid. Reason: %.*s",
                         STR(error_text(&why)));
    return pattern_check(&pattern, call->arena, err);
}

static bool check_limit(Call *call, Error *err)
{
    return event_archive_count(call->server->db, call->who.account, call->who.region) <
               ARCHIVES_MAX ||
           error_set(err, ERR_EVENTS_LIMIT,
                     "The requested resource exceeds the maximum number allowed.");
}

/* ---- telling: an archive takes events as soon as it is there ---- */

static CallResult answer(Call *call, const EventArchiveRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ArchiveArn"), archive_arn(call->arena, row));
    json_put_text(&o, S("State"), S("ENABLED"));
    json_put(&o, S("CreationTime"), json_millis_as_seconds(call->arena, row->created));
    call->out = json_object(&o);
    return CALL_DONE;
}

static JsonObject listed(Call *call, const EventArchiveRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ArchiveName"), row->name);
    json_put_text(&o, S("EventSourceArn"), row->source);
    json_put_text(&o, S("State"), S("ENABLED"));
    json_put(&o, S("RetentionDays"), json_int(call->arena, row->retention_days));
    json_put(&o, S("SizeBytes"), json_int(call->arena, row->bytes));
    json_put(&o, S("EventCount"), json_int(call->arena, row->events));
    json_put(&o, S("CreationTime"), json_millis_as_seconds(call->arena, row->created));
    return o;
}

/* ---- the operations ---- */

static void take(Call *call, EventArchiveRow *row)
{
    Str description = events_text(call, "Description"), pattern = events_text(call, "EventPattern"),
        key = events_text(call, "KmsKeyIdentifier");
    if (!str_absent(description)) row->description = description;
    if (!str_absent(pattern)) row->pattern = pattern.n ? pattern : (Str){0};
    if (!str_absent(key)) row->key = key.n ? key : (Str){0};
    row->retention_days = json_int_or(json_get(&call->in, S("RetentionDays")), row->retention_days);
}

CallResult events_create_archive(Call *call, Error *err)
{
    EventBusRow bus;
    EventArchiveRow old;
    Error absent = {0};
    Str source = events_text(call, "EventSourceArn");
    if (find(call, &old, &absent)) {
        error_set(err, ERR_RESOURCE_EXISTS, "Archive %.*s already exists.", STR(old.name));
        return CALL_FAILED;
    }
    if (!events_bus(call, source, &bus, err) || !check_pattern(call, err) ||
        !check_limit(call, err))
        return CALL_FAILED;
    EventArchiveRow row = {.bus = bus.n,
                           .account = call->who.account,
                           .region = call->who.region,
                           .name = events_text(call, "ArchiveName"),
                           .source = source,
                           .created = call->now};
    take(call, &row);
    event_archive_add(call->server->db, &row);
    event_bus_changed(call->server, bus.n);
    archives_sweep_soon(call->server);
    return answer(call, &row);
}

CallResult events_update_archive(Call *call, Error *err)
{
    EventArchiveRow row;
    if (!find(call, &row, err) || !check_pattern(call, err)) return CALL_FAILED;
    take(call, &row);
    event_archive_set(call->server->db, &row);
    event_bus_changed(call->server, row.bus);
    archives_sweep_soon(call->server);
    return answer(call, &row);
}

CallResult events_describe_archive(Call *call, Error *err)
{
    EventArchiveRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    JsonObject o = listed(call, &row);
    json_put_text(&o, S("ArchiveArn"), archive_arn(call->arena, &row));
    json_put_text(&o, S("Description"), row.description);
    json_put_text(&o, S("EventPattern"), row.pattern);
    json_put_text(&o, S("KmsKeyIdentifier"), row.key);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_delete_archive(Call *call, Error *err)
{
    EventArchiveRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    event_archive_remove(call->server->db, row.n);
    event_bus_changed(call->server, row.bus);
    archives_sweep_soon(call->server);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static bool one_filter(Call *call, Error *err)
{
    static const char *const names[] = {"NamePrefix", "EventSourceArn", "State"};
    int given = 0;
    for (int i = 0; i < countof(names); i++) given += !str_absent(events_text(call, names[i]));
    return given < 2 ||
           error_set(err, ERR_VALIDATION,
                     "At most one filter is allowed for ListArchives. Use either : State, "
                     "EventSourceArn, or NamePrefix.");
}

CallResult events_list_archives(Call *call, Error *err)
{
    Str after, state = events_text(call, "State");
    int64_t max;
    EventArchiveRow *rows;
    JsonArray list = {.a = call->arena};
    bool none = !str_absent(state) && !str_eq(state, S("ENABLED"));
    if (!one_filter(call, err) || !events_page(call, &after, &max, err)) return CALL_FAILED;
    int64_t n = event_archive_list(
        call->server->db, call->who.account, call->who.region, events_text(call, "NamePrefix"),
        events_text(call, "EventSourceArn"), after, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max && !none; i++) {
        JsonObject o = listed(call, &rows[i]);
        json_add(&list, json_object(&o));
    }
    return events_listed(call, "Archives", &list, n > max && !none ? rows[max - 1].name : (Str){0});
}
