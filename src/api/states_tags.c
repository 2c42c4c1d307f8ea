/* states_tags.c - tags of state machines over the API. */
#include "api/states.h"

static bool tagged(Call *call, StatesMachine *m, Error *err)
{
    Error missing = {0};
    Str arn = states_text(call, "resourceArn");
    if (states_machine(call, arn, m, &missing)) return true;
    if (missing.code == ERR_SFN_INVALID_ARN) return *err = missing, false;
    return error_set(err, ERR_SFN_NO_RESOURCE, "Resource not found: '%.*s'", STR(arn));
}

static bool names(const Json *keys, Str key)
{
    for (int32_t i = 0; i < json_count(keys); i++) {
        const Json *k = json_at(keys, i);
        if (str_eq(json_is(k, JSON_OBJECT) ? json_text(json_get(k, S("key"))) : json_text(k), key))
            return true;
    }
    return false;
}

/* The old ones that `keys` does not name. */
static JsonArray others(Call *call, const StatesMachine *m, const Json *keys)
{
    JsonArray list = {.a = call->arena};
    Json old = states_parse(call->arena, m->row.tags);
    for (int32_t i = 0; i < json_count(&old); i++)
        if (!names(keys, json_text(json_get(&old.items[i], S("key")))))
            json_add(&list, old.items[i]);
    return list;
}

static CallResult keep(Call *call, const StatesMachine *m, const JsonArray *list)
{
    Json all = json_array(list);
    machine_row_set_tags(call->server->db, m->row.n, json_to_str(call->arena, &all));
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult states_list_tags(Call *call, Error *err)
{
    StatesMachine m;
    JsonObject out = {.a = call->arena};
    if (!tagged(call, &m, err)) return CALL_FAILED;
    json_put(&out, S("tags"), states_parse(call->arena, m.row.tags));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_tag(Call *call, Error *err)
{
    StatesMachine m;
    const Json *tags = json_get(&call->in, S("tags"));
    if (!tagged(call, &m, err)) return CALL_FAILED;
    JsonArray list = others(call, &m, tags);
    for (int32_t i = 0; i < json_count(tags); i++) json_add(&list, tags->items[i]);
    if (list.n <= STATES_TAGS_MAX) return keep(call, &m, &list);
    error_set(err, ERR_SFN_TOO_MANY_TAGS, "A resource can have at most %d tags: '%.*s'",
              STATES_TAGS_MAX, STR(m.row.arn));
    return CALL_FAILED;
}

CallResult states_untag(Call *call, Error *err)
{
    StatesMachine m;
    if (!tagged(call, &m, err)) return CALL_FAILED;
    JsonArray list = others(call, &m, json_get(&call->in, S("tagKeys")));
    return keep(call, &m, &list);
}
