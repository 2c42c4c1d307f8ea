/* logs_tags.c - tags of log groups over the API, in the newer form by ARN and the older by name. */
#include "api/logs.h"
#include "api/tags.h"

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

static void keep(Call *call, LogGroupRow *g, const Json *tags)
{
    g->tags = json_to_str(call->arena, tags);
    log_group_set(call->server->db, g);
    call->out = (Json){.type = JSON_OBJECT};
}

static CallResult add(Call *call, LogGroupRow *g, Error *err)
{
    const Json *fresh = json_get(&call->in, S("tags"));
    Json all = tags_change(call->arena, g->tags, fresh, fresh);
    if (all.n <= LOGS_TAGS_MAX) return keep(call, g, &all), CALL_DONE;
    error_set(err, ERR_TOO_MANY_TAGS, "A resource can have at most %d tags.", LOGS_TAGS_MAX);
    return CALL_FAILED;
}

static CallResult take_away(Call *call, LogGroupRow *g, const Json *keys)
{
    Json left = tags_change(call->arena, g->tags, keys, NULL);
    keep(call, g, &left);
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
