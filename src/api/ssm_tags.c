/* ssm_tags.c - tags of parameters, and their deletion. */
#include "api/ssm.h"
#include "api/tags.h"

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

static void keep(Call *call, const ParameterRow *row, const Json *tags)
{
    parameter_row_set_tags(call->server->db, row->n, json_to_str(call->arena, tags));
    call->out = (Json){.type = JSON_OBJECT};
}

CallResult ssm_add_tags(Call *call, Error *err)
{
    ParameterRow row;
    const Json *tags = json_get(&call->in, S("Tags"));
    if (!tagged(call, &row, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, row.tags, tags, tags);
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
    Json left = tags_change(call->arena, row.tags, json_get(&call->in, S("TagKeys")), NULL);
    keep(call, &row, &left);
    return CALL_DONE;
}

CallResult ssm_list_tags(Call *call, Error *err)
{
    Json tags;
    ParameterRow row;
    JsonObject out = {.a = call->arena};
    if (!tagged(call, &row, err)) return CALL_FAILED;
    check(json_parse(row.tags, call->arena, &tags, err));
    json_put(&out, S("TagList"), tags_list(call->arena, &tags));
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
