/* scheduler_groups.c - schedule groups over the API, and their tags. */
#include "api/scheduler.h"
#include "api/tags.h"
#include "base/encode.h"
#include "store/timers.h"

enum { GROUP_TAGS_MAX = 50 };

Str scheduler_token(Call *call)
{
    return scheduler_text(call, "ClientToken");
}

static void add_group(Call *call, Str name, Str tags, ScheduleGroupRow *out)
{
    *out = (ScheduleGroupRow){.account = call->who.account,
                              .region = call->who.region,
                              .name = name,
                              .state = S("ACTIVE"),
                              .tags = tags,
                              .token = scheduler_token(call),
                              .created = call->now,
                              .modified = call->now};
    schedule_group_add(call->server->db, out);
}

bool scheduler_group(Call *call, Str name, ScheduleGroupRow *out, Error *err)
{
    if (str_absent(name)) name = S("default");
    if (schedule_group_find(call->server->db, call->who.account, call->who.region, name,
                            call->arena, out))
        return true;
    if (!str_eq(name, S("default")))
        return error_set(err, ERR_SCHEDULER_NOT_FOUND, "Schedule group %.*s does not exist.",
                         STR(name));
    add_group(call, name, S("[]"), out);
    return true;
}

static CallResult answer_arn(Call *call, const ScheduleGroupRow *g)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ScheduleGroupArn"), schedule_group_arn(call->arena, g));
    call->out = json_object(&o);
    return CALL_DONE;
}

static bool check_tags(const Json *tags, Error *err)
{
    for (int32_t i = 0; i < json_count(tags); i++) {
        Str key = json_text(json_get(&tags->items[i], S("Key")));
        if (str_starts(key, S("aws:")))
            return error_set(err, ERR_VALIDATION,
                             "aws: prefixed tag key names are not allowed "
                             "for external use.");
        for (int32_t k = 0; k < i; k++)
            if (str_eq(key, json_text(json_get(&tags->items[k], S("Key")))))
                return error_set(err, ERR_VALIDATION, "Duplicate tag key: %.*s", STR(key));
    }
    return json_count(tags) <= GROUP_TAGS_MAX ||
           error_set(err, ERR_SCHEDULER_QUOTA, "A resource has at most %d tags.", GROUP_TAGS_MAX);
}

CallResult scheduler_create_group(Call *call, Error *err)
{
    ScheduleGroupRow g;
    Str name = scheduler_text(call, "Name"), token = scheduler_token(call);
    const Json *tags = json_get(&call->in, S("Tags"));
    if (!check_tags(tags, err)) return CALL_FAILED;
    bool exists =
        str_eq(name, S("default")) || schedule_group_find(call->server->db, call->who.account,
                                                          call->who.region, name, call->arena, &g);
    if (exists && !str_eq(name, S("default")) && token.n && str_eq(g.token, token))
        return answer_arn(call, &g);
    if (exists) {
        error_set(err, ERR_SCHEDULER_CONFLICT, "Schedule group %.*s already exists.", STR(name));
        return CALL_FAILED;
    }
    add_group(call, name, tags ? json_to_str(call->arena, tags) : S("[]"), &g);
    return answer_arn(call, &g);
}

static Json told(Arena *a, const ScheduleGroupRow *g)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("Arn"), schedule_group_arn(a, g));
    json_put_text(&o, S("Name"), g->name);
    json_put_text(&o, S("State"), g->state);
    json_put(&o, S("CreationDate"), json_millis_as_seconds(a, g->created));
    json_put(&o, S("LastModificationDate"), json_millis_as_seconds(a, g->modified));
    return json_object(&o);
}

CallResult scheduler_get_group(Call *call, Error *err)
{
    ScheduleGroupRow g;
    if (!scheduler_group(call, scheduler_text(call, "Name"), &g, err)) return CALL_FAILED;
    call->out = told(call->arena, &g);
    return CALL_DONE;
}

CallResult scheduler_list_groups(Call *call, Error *err)
{
    ScheduleGroupRow *rows, any;
    Str after = {0}, token = scheduler_text(call, "NextToken");
    JsonArray list = {.a = call->arena};
    JsonObject o = {.a = call->arena};
    int64_t page = json_int_or(json_get(&call->in, S("MaxResults")), SCHEDULER_PAGE);
    if (!scheduler_group(call, (Str){0}, &any, err)) return CALL_FAILED;
    if (token.n && !base64_decode(call->arena, token, &after)) {
        error_set(err, ERR_VALIDATION, "Invalid NextToken.");
        return CALL_FAILED;
    }
    int64_t n = schedule_group_list(call->server->db, call->who.account, call->who.region,
                                    scheduler_text(call, "NamePrefix"), after, page + 1,
                                    call->arena, &rows);
    for (int64_t i = 0; i < n && i < page; i++) json_add(&list, told(call->arena, &rows[i]));
    json_put(&o, S("ScheduleGroups"), json_array(&list));
    if (n > page)
        json_put_text(&o, S("NextToken"), base64_encode(call->arena, rows[page - 1].name));
    call->out = json_object(&o);
    return CALL_DONE;
}

/* A small group is gone at once, a large one in portions; none of its schedules fires any more. */
CallResult scheduler_delete_group(Call *call, Error *err)
{
    ScheduleGroupRow g;
    Server *s = call->server;
    Str name = scheduler_text(call, "Name");
    if (str_eq(name, S("default"))) {
        error_set(err, ERR_VALIDATION, "The default schedule group cannot be deleted.");
        return CALL_FAILED;
    }
    if (!scheduler_group(call, name, &g, err)) return CALL_FAILED;
    g.state = S("DELETING");
    g.modified = call->now;
    schedule_group_set(s->db, &g);
    schedule_group_due(s, str_printf(call->arena, "%" PRId64, g.n));
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* ---- tags ---- */

static bool tagged(Call *call, ScheduleGroupRow *out, Error *err)
{
    TargetArn arn;
    Str given = scheduler_text(call, "ResourceArn"), kind, name;
    Str rest = target_arn(given, &arn) ? arn.resource : (Str){0};
    if (!str_eq(arn.service, S("scheduler")) || !str_cut(&rest, '/', &kind) ||
        !str_eq(kind, S("schedule-group")) || !str_cut(&rest, '/', &name))
        return error_set(err, ERR_VALIDATION, "Invalid schedule group arn: %.*s", STR(given));
    return scheduler_group(call, name, out, err);
}

static bool change_tags(Call *call, const Json *taken, const Json *added, Error *err)
{
    ScheduleGroupRow g;
    if (!tagged(call, &g, err)) return false;
    Json all = tags_change(call->arena, g.tags, taken, added);
    if (!check_tags(&all, err)) return false;
    g.tags = json_to_str(call->arena, &all);
    g.modified = call->now;
    schedule_group_set(call->server->db, &g);
    call->out = (Json){.type = JSON_OBJECT};
    return true;
}

CallResult scheduler_tag(Call *call, Error *err)
{
    const Json *tags = json_get(&call->in, S("Tags"));
    return change_tags(call, tags, tags, err) ? CALL_DONE : CALL_FAILED;
}

CallResult scheduler_untag(Call *call, Error *err)
{
    return change_tags(call, json_get(&call->in, S("TagKeys")), NULL, err) ? CALL_DONE
                                                                           : CALL_FAILED;
}

CallResult scheduler_list_tags(Call *call, Error *err)
{
    Json tags;
    ScheduleGroupRow g;
    JsonObject o = {.a = call->arena};
    if (!tagged(call, &g, err)) return CALL_FAILED;
    check(json_parse(g.tags, call->arena, &tags, err));
    json_put(&o, S("Tags"), tags);
    call->out = json_object(&o);
    return CALL_DONE;
}
