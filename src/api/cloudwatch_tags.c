/* cloudwatch_tags.c - tags of alarms. */
#include "api/cloudwatch.h"
#include "app/watch/alarms.h"

enum { TAGS_MAX = 50 };

static bool find(Call *call, AlarmRow *row, Error *err)
{
    Str arn = cloudwatch_text(&call->in, "ResourceARN"), rest = arn, part[6];
    bool good = true;
    for (int i = 0; good && i < countof(part); i++) good = str_cut(&rest, ':', &part[i]);
    if (good && str_eq(part[2], S("cloudwatch")) && str_eq(part[5], S("alarm")) &&
        alarm_row_find(call->server->db, part[4], part[3], rest, call->arena, row))
        return true;
    call->error_members = (JsonObject){.a = call->arena};
    json_put_text(&call->error_members, S("ResourceType"), S("alarm"));
    json_put_text(&call->error_members, S("ResourceId"), rest);
    return error_set(err, ERR_LAMBDA_NOT_FOUND, "Unknown resource %.*s",
                     STR(str_slice(arn, 0, 300)));
}

static Json request_of(Call *call, const AlarmRow *row)
{
    Json request;
    Error err = {0};
    check(json_parse(row->request, call->arena, &request, &err));
    return request;
}

static bool has_key(const Json *list, Str key)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *one = &list->items[i];
        if (str_eq(key, one->type == JSON_OBJECT ? cloudwatch_text(one, "Key") : json_text(one)))
            return true;
    }
    return false;
}

/* Without those of `gone` (tags, or keys), and with `added`. */
static bool change(Call *call, const Json *gone, const Json *added, Error *err)
{
    AlarmRow row;
    JsonObject o = {.a = call->arena};
    JsonArray tags = {.a = call->arena};
    if (!find(call, &row, err)) return false;
    Json request = request_of(call, &row);
    const Json *old = json_get(&request, S("Tags"));
    for (int32_t i = 0; i < json_count(old); i++)
        if (!has_key(gone, cloudwatch_text(&old->items[i], "Key"))) json_add(&tags, old->items[i]);
    for (int32_t i = 0; i < json_count(added); i++) json_add(&tags, added->items[i]);
    if (tags.n > TAGS_MAX)
        return error_set(err, ERR_METRIC_VALUE, "A resource can have %d tags at most.", TAGS_MAX);
    for (int32_t i = 0; i < request.n; i++)
        if (!str_eq(request.members[i].key, S("Tags")))
            json_put(&o, request.members[i].key, request.members[i].value);
    json_put(&o, S("Tags"), json_array(&tags));
    Json all = json_object(&o);
    row.request = json_to_str(call->arena, &all);
    alarm_row_put(call->server->db, &row);
    call->out = (Json){.type = JSON_OBJECT};
    return true;
}

CallResult cloudwatch_tag(Call *call, Error *err)
{
    const Json *tags = json_get(&call->in, S("Tags"));
    return change(call, tags, tags, err) ? CALL_DONE : CALL_FAILED;
}

CallResult cloudwatch_untag(Call *call, Error *err)
{
    return change(call, json_get(&call->in, S("TagKeys")), NULL, err) ? CALL_DONE : CALL_FAILED;
}

CallResult cloudwatch_list_tags(Call *call, Error *err)
{
    AlarmRow row;
    JsonObject out = {.a = call->arena};
    if (!find(call, &row, err)) return CALL_FAILED;
    Json request = request_of(call, &row);
    const Json *tags = json_get(&request, S("Tags"));
    json_put(&out, S("Tags"), tags ? *tags : (Json){.type = JSON_ARRAY});
    call->out = json_object(&out);
    return CALL_DONE;
}
