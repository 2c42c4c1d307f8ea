/* logs_tags.c - tags of log groups over the API, in the newer form by ARN and the older by name. */
#include "api/logs.h"

static Json tags_of(Call *call, const LogGroupRow *g)
{
    Json tags;
    Error err = {0};
    check(json_parse(g->tags, call->arena, &tags, &err));
    return tags;
}

static CallResult list(Call *call, const LogGroupRow *g)
{
    JsonObject out = {.a = call->arena};
    json_put(&out, S("tags"), tags_of(call, g));
    call->out = json_object(&out);
    return CALL_DONE;
}

static void keep(Call *call, LogGroupRow *g, const JsonObject *tags)
{
    Json all = json_object(tags);
    g->tags = json_to_str(call->arena, &all);
    log_group_set(call->server->db, g);
    call->out = (Json){.type = JSON_OBJECT};
}

/* The old ones that the new ones do not replace, then the new ones. */
static CallResult add(Call *call, LogGroupRow *g, Error *err)
{
    JsonObject all = {.a = call->arena};
    const Json *fresh = json_get(&call->in, S("tags"));
    Json old = tags_of(call, g);
    for (int32_t i = 0; i < json_count(&old); i++)
        if (!json_get(fresh, old.members[i].key))
            json_put(&all, old.members[i].key, old.members[i].value);
    for (int32_t i = 0; i < json_count(fresh); i++)
        json_put(&all, fresh->members[i].key, fresh->members[i].value);
    if (all.n <= LOGS_TAGS_MAX) return keep(call, g, &all), CALL_DONE;
    error_set(err, ERR_TOO_MANY_TAGS, "A resource can have at most %d tags.", LOGS_TAGS_MAX);
    return CALL_FAILED;
}

static bool names(const Json *keys, Str key)
{
    for (int32_t i = 0; i < json_count(keys); i++)
        if (str_eq(json_text(json_at(keys, i)), key)) return true;
    return false;
}

static CallResult take_away(Call *call, LogGroupRow *g, const Json *keys)
{
    JsonObject all = {.a = call->arena};
    Json old = tags_of(call, g);
    for (int32_t i = 0; i < json_count(&old); i++)
        if (!names(keys, old.members[i].key))
            json_put(&all, old.members[i].key, old.members[i].value);
    keep(call, g, &all);
    return CALL_DONE;
}

CallResult logs_list_tags(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group_named(call, logs_text(call, "resourceArn"), &g, err)) return CALL_FAILED;
    return list(call, &g);
}

CallResult logs_tag(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group_named(call, logs_text(call, "resourceArn"), &g, err)) return CALL_FAILED;
    return add(call, &g, err);
}

CallResult logs_untag(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group_named(call, logs_text(call, "resourceArn"), &g, err)) return CALL_FAILED;
    return take_away(call, &g, json_get(&call->in, S("tagKeys")));
}

CallResult logs_list_tags_group(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group(call, &g, err)) return CALL_FAILED;
    return list(call, &g);
}

CallResult logs_tag_group(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group(call, &g, err)) return CALL_FAILED;
    return add(call, &g, err);
}

CallResult logs_untag_group(Call *call, Error *err)
{
    LogGroupRow g;
    if (!logs_group(call, &g, err)) return CALL_FAILED;
    return take_away(call, &g, json_get(&call->in, S("tags")));
}
