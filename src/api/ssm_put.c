/* ssm_put.c - PutParameter: a parameter made, or a further version of it, by the rules of names, types, sizes and patterns. */
#include "api/ssm.h"
#include "api/tags.h"
#include "wire/pattern.h"

/* ---- what a request must keep to ---- */

static bool has_prefix(Str name, Str prefix)
{
    Str rest = str_starts(name, S("/")) ? str_slice(name, 1, name.n) : name;
    return str_eq_nocase(str_slice(rest, 0, prefix.n), prefix);
}

static bool check_name(Str name, Error *err)
{
    int levels = 0;
    Str part, rest = name;
    if (!parameter_check_name(name, err)) return false;
    if (has_prefix(name, S("aws")))
        return error_set(err, ERR_ACCESS_DENIED, "No access to reserved parameter name: %.*s.",
                         STR(name));
    if (has_prefix(name, S("ssm"))) return parameter_check_name(S(""), err);
    while (str_cut(&rest, '/', &part)) levels += part.n > 0;
    return levels <= SSM_LEVELS_MAX ||
           error_set(err, ERR_SSM_HIERARCHY_LEVELS, "A hierarchy can have a maximum of %d levels.",
                     SSM_LEVELS_MAX);
}

static bool check_data_type(Str type, Error *err)
{
    return str_absent(type) || str_eq(type, S("text")) || str_eq(type, S("aws:ec2:image")) ||
           str_eq(type, S("aws:ssm:integration")) ||
           error_set(err, ERR_VALIDATION,
                     "The following data type is not supported: %.*s (Data type names are all "
                     "lowercase.)",
                     STR(type));
}

static bool check_pattern(Str pattern, Str value, Error *err)
{
    if (str_absent(pattern) || !pattern.n) return true;
    switch (pattern_match(pattern, value)) {
    case PATTERN_MATCHES: return true;
    case PATTERN_INVALID:
        return error_set(err, ERR_SSM_INVALID_PATTERN,
                         "The request does not meet the regular expression requirement.");
    case PATTERN_DIFFERS:
        return error_set(err, ERR_SSM_PATTERN_MISMATCH,
                         "Parameter value, cannot be validated against allowedPattern: %.*s",
                         STR(pattern));
    default: unreachable();
    }
}

/* Of a list every item must match. */
static bool check_value(const ParameterRow *row, Error *err)
{
    Str item, rest = row->value;
    if (!row->value.n)
        return error_set(err, ERR_VALIDATION,
                         "1 validation error detected: Value '' at 'value' failed to satisfy "
                         "constraint: Member must have length greater than or equal to 1.");
    if (!str_eq(row->type, S("StringList"))) return check_pattern(row->pattern, row->value, err);
    while (str_cut(&rest, ',', &item))
        if (!check_pattern(row->pattern, item, err)) return false;
    return true;
}

static bool check_asked(Call *call, Error *err)
{
    bool overwrite = json_true(json_get(&call->in, S("Overwrite")));
    if (overwrite && json_count(json_get(&call->in, S("Tags"))))
        return error_set(err, ERR_VALIDATION,
                         "Invalid request: tags and overwrite can't be used together. To create a "
                         "parameter with tags, please remove overwrite flag. To update tags for an "
                         "existing parameter, please use AddTagsToResource or "
                         "RemoveTagsFromResource.");
    if (json_get(&call->in, S("Policies")))
        return error_set(err, ERR_VALIDATION, "Parameter policies are not offered by this server.");
    return check_name(ssm_text(call, "Name"), err) &&
           check_data_type(ssm_text(call, "DataType"), err);
}

/* ---- tiers ---- */

/* Intelligent-Tiering takes what is needed; a parameter never goes back to the standard tier. */
static bool choose_tier(Call *call, const ParameterRow *old, ParameterRow *row, Error *err)
{
    Str asked = ssm_text(call, "Tier");
    bool was_advanced = old && str_eq(old->tier, S("Advanced"));
    int64_t n = row->value.n;
    if (was_advanced && str_eq(asked, S("Standard")))
        return error_set(
            err, ERR_VALIDATION,
            "This parameter uses the advanced-parameter tier. You can't downgrade a "
            "parameter from the advanced-parameter tier to the standard-parameter "
            "tier. If necessary, you can delete the advanced parameter and recreate it "
            "as a standard parameter.");
    bool advanced = was_advanced || str_eq(asked, S("Advanced")) ||
                    (str_eq(asked, S("Intelligent-Tiering")) && n > SSM_STANDARD_BYTES_MAX);
    row->tier = advanced ? S("Advanced") : S("Standard");
    if (n > SSM_ADVANCED_BYTES_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Advanced tier parameters support a maximum parameter value of %d "
                         "characters.",
                         SSM_ADVANCED_BYTES_MAX);
    return advanced || n <= SSM_STANDARD_BYTES_MAX ||
           error_set(err, ERR_VALIDATION,
                     "Standard tier parameters support a maximum parameter value of %d characters. "
                     "To create a larger parameter value, upgrade the parameter to use the "
                     "advanced-parameter tier.",
                     SSM_STANDARD_BYTES_MAX);
}

/* ---- writing ---- */

static bool fill_type(Call *call, const ParameterRow *old, ParameterRow *row, Error *err)
{
    Str key = ssm_text(call, "KeyId");
    row->type = ssm_text(call, "Type");
    if (str_absent(row->type) && !old)
        return error_set(err, ERR_VALIDATION,
                         "A parameter type is required when you create a parameter.");
    if (str_absent(row->type)) row->type = old->type;
    if (old && !str_eq(row->type, old->type))
        return error_set(err, ERR_SSM_HIERARCHY_TYPE,
                         "Parameter Store does not support changing a parameter type in a "
                         "hierarchy. You can't change %.*s from %.*s to %.*s: create a new, unique "
                         "parameter.",
                         STR(row->name), STR(old->type), STR(row->type));
    if (!parameter_is_secure(row))
        return str_absent(key) ||
               error_set(err, ERR_VALIDATION,
                         "KeyId is required for SecureString type parameter only.");
    row->key_id = !str_absent(key) ? key : old ? old->key_id : S("alias/aws/ssm");
    return true;
}

static Str user_arn(const Call *call)
{
    return str_printf(call->arena, "arn:aws:iam::%.*s:root", STR(call->who.account));
}

static Str kept(Str given, Str old)
{
    return str_absent(given) ? old : given;
}

static bool fill(Call *call, const ParameterRow *old, ParameterRow *row, Error *err)
{
    *row = (ParameterRow){
        .n = old ? old->n : 0,
        .account = call->who.account,
        .region = call->who.region,
        .name = ssm_text(call, "Name"),
        .version = old ? old->latest + 1 : 1,
        .value = ssm_text(call, "Value"),
        .description = kept(ssm_text(call, "Description"), old ? old->description : (Str){0}),
        .pattern = kept(ssm_text(call, "AllowedPattern"), old ? old->pattern : (Str){0}),
        .data_type = kept(ssm_text(call, "DataType"), old ? old->data_type : S("text")),
        .user = user_arn(call),
        .labels = S("[]"),
        .modified = call->now};
    return fill_type(call, old, row, err) && check_value(row, err) &&
           choose_tier(call, old, row, err);
}

static Str tags_given(Call *call)
{
    Json all = tags_map(call->arena, json_get(&call->in, S("Tags")));
    return json_to_str(call->arena, &all);
}

/* The oldest version makes room, unless somebody holds on to it by a label. */
static bool make_room(Call *call, const ParameterRow *old, Error *err)
{
    int64_t count, oldest = parameter_row_oldest(call->server->db, old->n, &count);
    ParameterRow first;
    if (count < SSM_VERSIONS_MAX) return true;
    if (parameter_row_find(call->server->db, old->account, old->region, old->name, oldest,
                           call->arena, &first) &&
        !str_eq(first.labels, S("[]")))
        return error_set(
            err, ERR_SSM_VERSIONS_MAX,
            "You attempted to create a new version of %.*s by calling the PutParameter "
            "API with the overwrite flag. Version %" PRId64
            ", the oldest version, can't be deleted because it has a label associated "
            "with it. Move the label to another version of the parameter, and try "
            "again.",
            STR(old->name), oldest);
    parameter_row_remove_version(call->server->db, old->n, oldest);
    return true;
}

CallResult ssm_put_parameter(Call *call, Error *err)
{
    Db *db = call->server->db;
    JsonObject out = {.a = call->arena};
    ParameterRow old, row;
    if (!check_asked(call, err)) return CALL_FAILED;
    bool there = parameter_row_find(db, call->who.account, call->who.region, ssm_text(call, "Name"),
                                    0, call->arena, &old);
    if (there && !json_true(json_get(&call->in, S("Overwrite")))) {
        error_set(err, ERR_SSM_EXISTS,
                  "The parameter already exists. To overwrite this value, set the overwrite option "
                  "in the request to true.");
        return CALL_FAILED;
    }
    if (!fill(call, there ? &old : NULL, &row, err) || (there && !make_room(call, &old, err)))
        return CALL_FAILED;
    row.tags = there ? old.tags : tags_given(call);
    parameter_encrypt(call->server, call->arena, &row);
    if (there)
        parameter_row_add_version(db, &row);
    else
        parameter_row_add(db, &row);
    parameter_tell(call->server, &row, there ? S("Update") : S("Create"));
    json_put(&out, S("Version"), json_int(call->arena, row.version));
    json_put_text(&out, S("Tier"), row.tier);
    call->out = json_object(&out);
    return CALL_DONE;
}
