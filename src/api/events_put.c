/* events_put.c - events put on buses by callers, and patterns tried against them. */
#include "api/events.h"
#include "core/event/pattern.h"
#include "wire/scalar.h"

/* "Calculating PutEvents event entry size" in the guide; the limit is that of all entries. */
enum { PUT_BYTES_MAX = 1024 * 1024, ENTRY_TIME_BYTES = 14 };

static Str member(const Json *entry, const char *name)
{
    return json_text(json_get(entry, str_from(name)));
}

static int64_t bytes_of(const Json *entry)
{
    const Json *resources = json_get(entry, S("Resources"));
    int64_t n = json_get(entry, S("Time")) ? ENTRY_TIME_BYTES : 0;
    n += member(entry, "Source").n + member(entry, "DetailType").n + member(entry, "Detail").n;
    for (int32_t i = 0; i < json_count(resources); i++) n += json_text(&resources->items[i]).n;
    return n;
}

static bool check_size(const Json *entries, Error *err)
{
    int64_t n = 0;
    for (int32_t i = 0; i < json_count(entries); i++) n += bytes_of(&entries->items[i]);
    return n <= PUT_BYTES_MAX ||
           error_set(err, ERR_VALIDATION,
                     "Total size of the entries in the request is over the limit.");
}

static Json failed(Arena *a, Str code, Str message)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("ErrorCode"), code);
    json_put_text(&o, S("ErrorMessage"), message);
    return json_object(&o);
}

/* true: *out says what is wrong with it. Only what the services here emit has a source of AWS. */
static bool refuse(Call *call, const Json *entry, Json *detail, Json *out)
{
    static const char *const required[] = {"Source", "DetailType", "Detail"};
    Error err = {0};
    Arena *a = call->arena;
    for (int i = 0; i < countof(required); i++)
        if (!member(entry, required[i]).n) {
            *out = failed(a, S("InvalidArgument"),
                          str_printf(a,
                                     "Parameter %s is not valid. Reason: %s is a required "
                                     "argument.",
                                     required[i], required[i]));
            return true;
        }
    if (!json_parse(member(entry, "Detail"), a, detail, &err) || detail->type != JSON_OBJECT) {
        *out = failed(a, S("MalformedDetail"), S("Detail is malformed."));
        return true;
    }
    if (call->inside || !str_starts(member(entry, "Source"), S("aws."))) return false;
    *out = failed(a, S("NotAuthorizedForSource"), S("Not authorized for the source."));
    return true;
}

/* An event for a bus that is not there is accepted, and goes nowhere. */
static Json put_one(Call *call, const Json *entry, bool *good)
{
    Str id;
    Millis at;
    EventBusRow bus;
    Error err = {0};
    Json detail, answer;
    JsonObject o = {.a = call->arena};
    *good = !refuse(call, entry, &detail, &answer);
    if (!*good) return answer;
    if (!scalar_seconds_to_millis(member(entry, "Time"), &at)) at = 0;
    EventEmit e = {.source = member(entry, "Source"),
                   .type = member(entry, "DetailType"),
                   .account = call->who.account,
                   .region = call->who.region,
                   .detail = &detail,
                   .resources = json_get(entry, S("Resources")),
                   .at = at};
    Json event = event_build(call->server, &e, &id);
    if (events_bus(call, member(entry, "EventBusName"), &bus, &err))
        event_put(call->server, &bus, &event);
    else
        log_recorded(call->server, "event-nowhere", "event=%.*s reason=\"%.*s\"", STR(id),
                     STR(error_text(&err)));
    json_put_text(&o, S("EventId"), str_copy(call->arena, id));
    return json_object(&o);
}

CallResult events_put_events(Call *call, Error *err)
{
    bool good;
    int64_t bad = 0;
    const Json *entries = json_get(&call->in, S("Entries"));
    JsonArray list = {.a = call->arena};
    JsonObject o = {.a = call->arena};
    if (!check_size(entries, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(entries); i++) {
        json_add(&list, put_one(call, &entries->items[i], &good));
        bad += !good;
    }
    json_put(&o, S("FailedEntryCount"), json_int(call->arena, bad));
    json_put(&o, S("Entries"), json_array(&list));
    call->out = json_object(&o);
    return CALL_DONE;
}

static bool check_event(const Json *event, Error *err)
{
    static const char *const required[] = {"id",     "account",   "source",     "time",
                                           "region", "resources", "detail-type"};
    for (int i = 0; i < countof(required); i++)
        if (!json_get(event, str_from(required[i])))
            return error_set(err, ERR_VALIDATION,
                             "Parameter Event is not valid. Reason: the field %s is missing.",
                             required[i]);
    return true;
}

CallResult events_test_pattern(Call *call, Error *err)
{
    Json pattern, event;
    Error why = {0};
    JsonObject o = {.a = call->arena};
    if (!json_parse(events_text(call, "EventPattern"), call->arena, &pattern, &why)) {
        error_set(err, ERR_INVALID_EVENT_PATTERN, "Event pattern is not valid. Reason: %.*s",
                  STR(error_text(&why)));
        return CALL_FAILED;
    }
    if (!pattern_check(&pattern, call->arena, err)) return CALL_FAILED;
    if (!json_parse(events_text(call, "Event"), call->arena, &event, &why)) {
        error_set(err, ERR_VALIDATION, "Parameter Event is not valid.");
        return CALL_FAILED;
    }
    if (!check_event(&event, err)) return CALL_FAILED;
    json_put(&o, S("Result"), json_bool(pattern_matches(&pattern, &event, call->arena)));
    call->out = json_object(&o);
    return CALL_DONE;
}
