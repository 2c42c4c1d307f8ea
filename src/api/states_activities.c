/* states_activities.c - activities over the API: made, described, listed, deleted, and asked for tasks by their workers. */
#include "app/states/activities.h"

#include "api/states.h"

static bool find(Call *call, ActivityRow *out, Error *err)
{
    Str arn = states_text(call, "activityArn");
    if (!states_check_type(arn, "activity", err)) return false;
    return activity_row_find(call->server->db, arn, call->arena, out) ||
           error_set(err, ERR_SFN_NO_ACTIVITY, "Activity Does Not Exist: '%.*s'", STR(arn));
}

/* Made before with the same encryption: the same again. Tags do not count. */
static bool add_or_find(Call *call, ActivityRow *row, Error *err)
{
    ActivityRow old;
    if (!activity_row_find(call->server->db, row->arn, call->arena, &old)) {
        activity_row_add(call->server->db, row);
        return true;
    }
    if (!str_eq(old.encryption, row->encryption))
        return error_set(err, ERR_SFN_ACTIVITY_EXISTS, "Activity Already Exists: '%.*s'",
                         STR(row->arn));
    *row = old;
    return true;
}

CallResult states_create_activity(Call *call, Error *err)
{
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    Str name = states_text(call, "name");
    ActivityRow row = {
        .arn = str_printf(a, "arn:aws:states:%.*s:%.*s:activity:%.*s", STR(call->who.region),
                          STR(call->who.account), STR(name)),
        .account = call->who.account,
        .region = call->who.region,
        .name = name,
        .created = call->now,
        .encryption = states_config(call, "encryptionConfiguration", (Str){0}),
        .tags = states_config(call, "tags", S("[]")),
    };
    if (!states_check_name(call->arena, name, err) || !states_check_encryption(call, err) ||
        !states_check_tags(call, err) || !add_or_find(call, &row, err))
        return CALL_FAILED;
    json_put_text(&out, S("activityArn"), row.arn);
    json_put(&out, S("creationDate"), states_time(a, row.created));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_delete_activity(Call *call, Error *err)
{
    Str arn = states_text(call, "activityArn");
    if (!states_check_type(arn, "activity", err)) return CALL_FAILED;
    activity_row_remove(call->server->db, arn);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static Json brief(Arena *a, const ActivityRow *row, bool whole)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("activityArn"), row->arn);
    json_put_text(&o, S("name"), row->name);
    json_put(&o, S("creationDate"), states_time(a, row->created));
    if (whole && !str_absent(row->encryption))
        json_put(&o, S("encryptionConfiguration"), states_parse(a, row->encryption));
    return json_object(&o);
}

CallResult states_describe_activity(Call *call, Error *err)
{
    ActivityRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    call->out = brief(call->arena, &row, true);
    return CALL_DONE;
}

CallResult states_list_activities(Call *call, Error *err)
{
    Str after;
    ActivityRow *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    int64_t page = states_page(call);
    if (!states_token(call, &after, err)) return CALL_FAILED;
    int64_t n = activity_row_list(call->server->db, call->who.account, call->who.region, after,
                                  page + 1, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) json_add(&list, brief(a, &rows[i], false));
    return states_listed(call, "activities", &list, n > page ? rows[page - 1].name : (Str){0});
}

CallResult states_get_activity_task(Call *call, Error *err)
{
    ActivityRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    return activities_poll(call, row.arn, states_text(call, "workerName"), err);
}
