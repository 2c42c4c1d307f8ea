/* states_tags.c - tags of state machines and activities over the API. */
#include "api/states.h"
#include "api/tags.h"
#include "store/activities.h"

/* A state machine or an activity. */
typedef struct Tagged {
    Str arn, tags;
    int64_t machine; /* 0: an activity */
} Tagged;

static bool tagged(Call *call, Tagged *out, Error *err)
{
    StatesMachine m;
    ActivityRow activity;
    Error missing = {0};
    Str arn = states_text(call, "resourceArn");
    if (!states_check_arn(arn, err)) return false;
    bool found = states_machine(call, arn, &m, &missing);
    if (found)
        *out = (Tagged){m.row.arn, m.row.tags, m.row.n};
    else if ((found = activity_row_find(call->server->db, arn, call->arena, &activity)))
        *out = (Tagged){activity.arn, activity.tags, 0};
    if (found) return true;
    return error_set(err, ERR_SFN_NO_RESOURCE, "Resource not found: '%.*s'", STR(arn));
}

static CallResult keep(Call *call, const Tagged *t, const Json *tags)
{
    Str text = json_to_str(call->arena, tags);
    if (t->machine)
        machine_row_set_tags(call->server->db, t->machine, text);
    else
        activity_row_set_tags(call->server->db, t->arn, text);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static bool too_many(Str arn, Error *err)
{
    return error_set(err, ERR_SFN_TOO_MANY_TAGS, "A resource can have at most %d tags: '%.*s'",
                     STATES_TAGS_MAX, STR(arn));
}

bool states_check_tags(Call *call, Error *err)
{
    const Json *tags = json_get(&call->in, S("tags"));
    if (json_count(tags) > STATES_TAGS_MAX) return too_many(states_text(call, "name"), err);
    for (int32_t i = 0; i < json_count(tags); i++) {
        Str key = json_text(json_get(&tags->items[i], S("key")));
        if (str_eq_nocase(str_slice(key, 0, 4), S("aws:")))
            return error_set(err, ERR_VALIDATION,
                             "aws: prefixed tag key names are not allowed for external use.");
        for (int32_t k = 0; k < i; k++)
            if (str_eq(key, json_text(json_get(&tags->items[k], S("key")))))
                return error_set(err, ERR_VALIDATION, "Duplicate tag key: '%.*s'", STR(key));
    }
    return true;
}

CallResult states_list_tags(Call *call, Error *err)
{
    Tagged t;
    JsonObject out = {.a = call->arena};
    if (!tagged(call, &t, err)) return CALL_FAILED;
    json_put(&out, S("tags"), states_parse(call->arena, t.tags));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_tag(Call *call, Error *err)
{
    Tagged t;
    const Json *tags = json_get(&call->in, S("tags"));
    if (!tagged(call, &t, err) || !states_check_tags(call, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, t.tags, tags, tags);
    if (all.n <= STATES_TAGS_MAX) return keep(call, &t, &all);
    too_many(t.arn, err);
    return CALL_FAILED;
}

CallResult states_untag(Call *call, Error *err)
{
    Tagged t;
    if (!tagged(call, &t, err)) return CALL_FAILED;
    Json left = tags_change(call->arena, t.tags, json_get(&call->in, S("tagKeys")), NULL);
    return keep(call, &t, &left);
}
