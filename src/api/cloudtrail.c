/* cloudtrail.c - LookupEvents: the record of calls, newest first, by one attribute or all. */
#include "api/api.h"

#include "app/watch/trail.h"
#include "base/encode.h"
#include "store/trail.h"

enum { LOOKUP_PAGE = 50 };

static bool read_attribute(TrailFilter *f, Str key, Str value)
{
    const struct {
        const char *key;
        Str *to;
    } texts[] = {
        {"EventId", &f->id},         {"EventName", &f->name},
        {"Username", &f->username},  {"ResourceName", &f->resource},
        {"EventSource", &f->source}, {"AccessKeyId", &f->access_key},
    };
    for (int i = 0; i < countof(texts); i++)
        if (str_eq(key, str_from(texts[i].key))) return *texts[i].to = value, true;
    if (str_eq(key, S("ReadOnly"))) return f->read_only = str_eq(value, S("true")), true;
    return false;
}

static Millis time_in(const Call *call, const char *member, Millis otherwise)
{
    Str text = json_text(json_get(&call->in, str_from(member))), whole;
    int64_t seconds;
    return str_cut(&text, '.', &whole) && str_to_int(whole, &seconds) ? seconds * 1000 : otherwise;
}

static bool read_filter(Call *call, TrailFilter *f, Error *err)
{
    Str token = json_text(json_get(&call->in, S("NextToken"))), number = {0};
    const Json *list = json_get(&call->in, S("LookupAttributes"));
    *f = (TrailFilter){.account = call->who.account,
                       .region = call->who.region,
                       .read_only = -1,
                       .from = time_in(call, "StartTime", 0),
                       .to = time_in(call, "EndTime", INT64_MAX),
                       .max = json_int_or(json_get(&call->in, S("MaxResults")), LOOKUP_PAGE) + 1};
    for (int32_t i = 0; i < json_count(list); i++)
        if (!read_attribute(f, json_text(json_get(json_at(list, i), S("AttributeKey"))),
                            json_text(json_get(json_at(list, i), S("AttributeValue")))))
            f->max = 0; /* the kind of a resource is not recorded: nothing is of it */
    if (f->from > f->to)
        return error_set(err, ERR_TRAIL_TIME_RANGE, "The start time is after the end time.");
    return str_absent(token) ||
           (base64_decode(call->arena, token, &number) && str_to_int(number, &f->before)) ||
           error_set(err, ERR_TRAIL_TOKEN, "The next token is not valid.");
}

static Json told(Arena *a, const TrailRow *row)
{
    JsonObject o = {.a = a}, resource = {.a = a};
    JsonArray resources = {.a = a};
    json_put_text(&o, S("EventId"), row->id);
    json_put_text(&o, S("EventName"), row->name);
    json_put_text(&o, S("ReadOnly"), row->read_only ? S("true") : S("false"));
    json_put_text(&o, S("AccessKeyId"), row->access_key);
    json_put(&o, S("EventTime"), json_millis_as_seconds(a, row->at));
    json_put_text(&o, S("EventSource"), row->source);
    json_put_text(&o, S("Username"), row->username);
    json_put_text(&resource, S("ResourceName"), row->resource);
    if (!str_absent(row->resource)) json_add(&resources, json_object(&resource));
    json_put(&o, S("Resources"), json_array(&resources));
    json_put_text(&o, S("CloudTrailEvent"), row->event);
    return json_object(&o);
}

static CallResult lookup_events(Call *call, Error *err)
{
    TrailFilter f;
    TrailRow *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    JsonObject out = {.a = a};
    if (!read_filter(call, &f, err)) return CALL_FAILED;
    trail_write(call->server);
    int64_t n = trail_list(call->server->db, &f, a, &rows);
    for (int64_t i = 0; i < n && i < f.max - 1; i++) json_add(&list, told(a, &rows[i]));
    json_put(&out, S("Events"), json_array(&list));
    if (n && n == f.max)
        json_put(&out, S("NextToken"),
                 json_string(base64_encode(a, str_printf(a, "%" PRId64, rows[n - 2].n))));
    call->out = json_object(&out);
    return CALL_DONE;
}

static const CallEntry entries[] = {{"LookupEvents", lookup_events}};

const CallTable cloudtrail_calls = {
    .service = "cloudtrail", .entries = entries, .n = countof(entries)};
