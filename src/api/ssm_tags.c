/* ssm_tags.c - tags of parameters, and their deletion. */
#include "api/ssm.h"

/* Of all resources that Systems Manager has, parameters are here. */
static bool tagged(Call *call, ParameterRow *row, Error *err)
{
    Str id = ssm_text(call, "ResourceId");
    return (str_eq(ssm_text(call, "ResourceType"), S("Parameter")) &&
            parameter_row_find(call->server->db, call->who.account, call->who.region, id, 0,
                               call->arena, row)) ||
           error_set(err, ERR_SSM_RESOURCE_ID,
                     "The resource ID \"%.*s\" is not valid. Verify the ID and try again.",
                     STR(id));
}

static Json tags_of(Call *call, const ParameterRow *row)
{
    Json tags;
    Error err = {0};
    check(json_parse(row->tags, call->arena, &tags, &err));
    return tags;
}

static void keep(Call *call, const ParameterRow *row, const JsonObject *tags)
{
    Json all = json_object(tags);
    parameter_row_set_tags(call->server->db, row->n, json_to_str(call->arena, &all));
    call->out = (Json){.type = JSON_OBJECT};
}

/* Whether the key is one of the request's: of its Tags, or of its TagKeys. */
static bool named(const Json *list, Str key)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *item = &list->items[i];
        if (str_eq(json_text(item->type == JSON_OBJECT ? json_get(item, S("Key")) : item), key))
            return true;
    }
    return false;
}

static JsonObject others(Call *call, const ParameterRow *row, const Json *list)
{
    JsonObject left = {.a = call->arena};
    Json have = tags_of(call, row);
    for (int32_t i = 0; i < json_count(&have); i++)
        if (!named(list, have.members[i].key))
            json_put(&left, have.members[i].key, have.members[i].value);
    return left;
}

CallResult ssm_add_tags(Call *call, Error *err)
{
    ParameterRow row;
    const Json *tags = json_get(&call->in, S("Tags"));
    if (!tagged(call, &row, err)) return CALL_FAILED;
    JsonObject all = others(call, &row, tags);
    for (int32_t i = 0; i < json_count(tags); i++)
        json_put(&all, json_text(json_get(&tags->items[i], S("Key"))),
                 json_string(json_text(json_get(&tags->items[i], S("Value")))));
    if (all.n <= SSM_TAGS_MAX) return keep(call, &row, &all), CALL_DONE;
    error_set(err, ERR_SSM_TAGS_MAX,
              "The Tags parameter includes too many tags. Remove any unnecessary tags and try the "
              "command again.");
    return CALL_FAILED;
}

CallResult ssm_remove_tags(Call *call, Error *err)
{
    ParameterRow row;
    if (!tagged(call, &row, err)) return CALL_FAILED;
    JsonObject left = others(call, &row, json_get(&call->in, S("TagKeys")));
    keep(call, &row, &left);
    return CALL_DONE;
}

CallResult ssm_list_tags(Call *call, Error *err)
{
    ParameterRow row;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!tagged(call, &row, err)) return CALL_FAILED;
    Json tags = tags_of(call, &row);
    for (int32_t i = 0; i < json_count(&tags); i++) {
        JsonObject tag = {.a = call->arena};
        json_put_text(&tag, S("Key"), tags.members[i].key);
        json_put(&tag, S("Value"), tags.members[i].value);
        json_add(&list, json_object(&tag));
    }
    json_put(&out, S("TagList"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

static void delete_row(Call *call, const ParameterRow *row)
{
    parameter_row_remove(call->server->db, row->n);
    parameter_tell(call->server, row, S("Delete"));
}

CallResult ssm_delete_parameter(Call *call, Error *err)
{
    ParameterRow row;
    if (!ssm_row(call, ssm_text(call, "Name"), &row, err)) return CALL_FAILED;
    delete_row(call, &row);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult ssm_delete_parameters(Call *call, Error *err)
{
    JsonArray gone = {.a = call->arena}, unknown = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *names = json_get(&call->in, S("Names"));
    (void)err;
    for (int32_t i = 0; i < json_count(names); i++) {
        ParameterRow row;
        Error why = {0};
        bool there = ssm_row(call, json_text(&names->items[i]), &row, &why);
        if (there) delete_row(call, &row);
        json_add(there ? &gone : &unknown, names->items[i]);
    }
    json_put(&out, S("DeletedParameters"), json_array(&gone));
    json_put(&out, S("InvalidParameters"), json_array(&unknown));
    call->out = json_object(&out);
    return CALL_DONE;
}
