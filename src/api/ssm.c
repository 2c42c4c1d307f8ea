/* ssm.c - the table of Systems Manager's operations, and what the handlers share. */
#include "api/ssm.h"

#include "api/api.h"
#include "base/encode.h"

static const CallEntry entries[] = {
    {"AddTagsToResource", ssm_add_tags},
    {"DeleteParameter", ssm_delete_parameter},
    {"DeleteParameters", ssm_delete_parameters},
    {"DescribeParameters", ssm_describe_parameters},
    {"GetParameter", ssm_get_parameter},
    {"GetParameterHistory", ssm_get_history},
    {"GetParameters", ssm_get_parameters},
    {"GetParametersByPath", ssm_get_by_path},
    {"LabelParameterVersion", ssm_label_version},
    {"ListTagsForResource", ssm_list_tags},
    {"PutParameter", ssm_put_parameter},
    {"RemoveTagsFromResource", ssm_remove_tags},
    {"UnlabelParameterVersion", ssm_unlabel_version},
};

const CallTable ssm_calls = {.service = "ssm", .entries = entries, .n = countof(entries)};

bool ssm_row(Call *call, Str name, ParameterRow *out, Error *err)
{
    return parameter_row_find(call->server->db, call->who.account, call->who.region, name, 0,
                              call->arena, out) ||
           error_set(err, ERR_SSM_NOT_FOUND, "Parameter %.*s not found.", STR(name));
}

Json ssm_parameter(Arena *a, const ParameterRow *row, Str selector)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("Name"), row->name);
    json_put_text(&o, S("Type"), row->type);
    json_put_text(&o, S("Value"), row->value);
    json_put(&o, S("Version"), json_int(a, row->version));
    json_put_text(&o, S("Selector"), selector);
    json_put(&o, S("LastModifiedDate"), json_millis_as_seconds(a, row->modified));
    json_put_text(&o, S("ARN"), parameter_arn(a, row));
    json_put_text(&o, S("DataType"), row->data_type);
    return json_object(&o);
}

JsonObject ssm_metadata(Arena *a, const ParameterRow *row)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("Name"), row->name);
    json_put_text(&o, S("Type"), row->type);
    json_put_text(&o, S("KeyId"), row->key_id);
    json_put(&o, S("LastModifiedDate"), json_millis_as_seconds(a, row->modified));
    json_put_text(&o, S("LastModifiedUser"), row->user);
    json_put_text(&o, S("Description"), row->description);
    json_put_text(&o, S("AllowedPattern"), row->pattern);
    json_put(&o, S("Version"), json_int(a, row->version));
    json_put_text(&o, S("Tier"), row->tier);
    json_put(&o, S("Policies"), (Json){.type = JSON_ARRAY});
    json_put_text(&o, S("DataType"), row->data_type);
    return o;
}

bool ssm_read_token(Call *call, Str *after, Error *err)
{
    Str token = ssm_text(call, "NextToken");
    *after = (Str){0};
    return str_absent(token) || base64_decode(call->arena, token, after) ||
           error_set(err, ERR_SSM_NEXT_TOKEN, "The specified token is not valid.");
}

Json ssm_token(Arena *a, Str after)
{
    return json_string(base64_encode(a, after));
}
