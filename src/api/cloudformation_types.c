/* cloudformation_types.c - the resource types that templates may have, as a registry tells of them; limits; stack sets: none. */
#include "api/cloudformation.h"
#include "app/resources/types.h"

enum { TYPES_PAGE = 100 };

/* "AWS::S3::Bucket": arn:aws:cloudformation:us-east-1::type/resource/AWS-S3-Bucket */
static Str arn_of(Call *call, Str type)
{
    Buf b = {.a = call->arena};
    buf_printf(&b, "arn:aws:cloudformation:%.*s::type/resource/", STR(call->who.region));
    for (int64_t i = 0; i < type.n; i++) {
        bool colon = type.p[i] == ':';
        if (!colon || (i + 1 < type.n && type.p[i + 1] == ':'))
            buf_putc(&b, colon ? '-' : type.p[i]);
    }
    return buf_str(&b);
}

/* ---- ListTypes ---- */

static bool wanted(const Call *call, Str type)
{
    const Json *filters = json_get(&call->in, S("Filters"));
    Str prefix = json_text(json_get(filters, S("TypeNamePrefix"))),
        category = json_text(json_get(filters, S("Category")));
    bool ours = str_absent(category) || str_eq(category, S("AWS_TYPES"));
    return ours && (str_absent(prefix) || str_starts(type, prefix));
}

static Json summary_json(Call *call, Str type)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Type"), S("RESOURCE"));
    json_put_text(&o, S("TypeName"), type);
    json_put_text(&o, S("TypeArn"), arn_of(call, type));
    json_put(&o, S("IsActivated"), json_bool(true));
    return json_object(&o);
}

/* Types of one's own, modules and hooks: there are none. */
CallResult cfn_list_types(Call *call, Error *err)
{
    int64_t i;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    Str kind = cfn_text(call, "Type");
    bool ours = str_eq(cfn_text(call, "Visibility"), S("PUBLIC")) &&
                (str_absent(kind) || str_eq(kind, S("RESOURCE")));
    int64_t max = json_int_or(json_get(&call->in, S("MaxResults")), TYPES_PAGE);
    if (!cfn_next_token(call, &i, err)) return CALL_FAILED;
    for (; ours && resource_types[i] && list.n < max && list.n < TYPES_PAGE; i++) {
        Str type = str_from(resource_types[i]->type);
        if (wanted(call, type)) json_add(&list, summary_json(call, type));
    }
    json_put(&out, S("TypeSummaries"), json_array(&list));
    if (ours && resource_types[i]) cfn_put_next_token(call, &out, i);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- DescribeType ---- */

static void put_words(JsonObject *o, const char *name, const char *words, bool pointers)
{
    JsonArray list = {.a = o->a};
    Str rest = str_from(words), word;
    while (rest.n && str_cut(&rest, ' ', &word))
        if (word.n)
            json_add(&list, json_string(pointers ? str_printf(o->a, "/properties/%.*s", STR(word))
                                                 : word));
    if (list.n) json_put(o, str_from(name), json_array(&list));
}

/* What this server knows of the type. */
static Str schema_of(Call *call, const ResourceType *type)
{
    JsonObject o = {.a = call->arena}, properties = {.a = call->arena};
    Str rest = str_from(type->properties), word;
    while (rest.n && str_cut(&rest, ' ', &word))
        if (word.n) json_put(&properties, word, (Json){.type = JSON_OBJECT});
    json_put_text(&o, S("typeName"), str_from(type->type));
    json_put(&o, S("properties"), json_object(&properties));
    json_put(&o, S("additionalProperties"), json_bool(type->properties == NULL));
    put_words(&o, "required", type->required, false);
    if (type->update) put_words(&o, "createOnlyProperties", type->replace, true);
    Json v = json_object(&o);
    return json_to_str(call->arena, &v);
}

static const ResourceType *type_of(Call *call)
{
    Str name = cfn_text(call, "TypeName"), arn = cfn_text(call, "Arn"),
        kind = cfn_text(call, "Type");
    if (!str_absent(kind) && !str_eq(kind, S("RESOURCE"))) return NULL;
    for (int i = 0; resource_types[i]; i++) {
        Str type = str_from(resource_types[i]->type);
        if (str_eq(type, name) || (!str_absent(arn) && str_eq(arn_of(call, type), arn)))
            return resource_types[i];
    }
    return NULL;
}

CallResult cfn_describe_type(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    const ResourceType *type = type_of(call);
    if (!type) {
        Str name = cfn_text(call, "TypeName");
        error_set(err, ERR_CFN_TYPE, "The type '%.*s' cannot be found.",
                  STR(str_absent(name) ? cfn_text(call, "Arn") : name));
        return CALL_FAILED;
    }
    json_put_text(&out, S("Arn"), arn_of(call, str_from(type->type)));
    json_put_text(&out, S("Type"), S("RESOURCE"));
    json_put_text(&out, S("TypeName"), str_from(type->type));
    json_put(&out, S("IsDefaultVersion"), json_bool(true));
    json_put_text(&out, S("Schema"), schema_of(call, type));
    json_put_text(&out, S("ProvisioningType"), type->update ? S("FULLY_MUTABLE") : S("IMMUTABLE"));
    json_put_text(&out, S("DeprecatedStatus"), S("LIVE"));
    json_put_text(&out, S("Visibility"), S("PUBLIC"));
    json_put(&out, S("IsActivated"), json_bool(true));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- limits, and what there is none of ---- */

CallResult cfn_account_limits(Call *call, Error *err)
{
    static const struct {
        const char *name;
        int64_t value;
    } limits[] = {{"StackLimit", STACKS_MAX}, {"StackOutputsLimit", TEMPLATE_OUTPUTS_MAX}};
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    (void)err;
    for (int i = 0; i < countof(limits); i++) {
        JsonObject o = {.a = call->arena};
        json_put_text(&o, S("Name"), str_from(limits[i].name));
        json_put(&o, S("Value"), json_int(call->arena, limits[i].value));
        json_add(&list, json_object(&o));
    }
    json_put(&out, S("AccountLimits"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_list_stack_sets(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    (void)err;
    json_put(&out, S("Summaries"), (Json){.type = JSON_ARRAY});
    call->out = json_object(&out);
    return CALL_DONE;
}
