/* ssm_parameter.c - AWS::SSM::Parameter. */
#include "app/resources/fit.h"
#include "app/resources/recipe.h"
#include "app/resources/types.h"

#define MEMBERS "Name={name} Type Value Description AllowedPattern DataType Tier Policies "

/* A template would hold the secret. */
static bool prepare(Resource *r, Json *properties, Error *err)
{
    (void)properties;
    return !str_eq(resource_text(r, S("Type")), S("SecureString")) ||
           fit_refused(r->logical, S("#/Type"), S("SecureString is not a valid enum value"), err);
}

static const RecipeRead parameter_reads[] = {
    {"GetParameter", "Name={id}",
     .gives = "Name={id} Type=Parameter.Type Value=Parameter.Value DataType=Parameter.DataType"},
    {"ListTagsForResource", "ResourceType='Parameter ResourceId={id}", .gives = "Tags=TagList"},
    {0},
};

static const Recipe parameter = {
    .reads = parameter_reads,
    .service = "ssm",
    .prepare = prepare,
    .name = "Name",
    .naming = {.bytes_max = 512},
    .create = {"PutParameter", MEMBERS "Tags=#list"},
    .update = {"PutParameter", MEMBERS "Overwrite=true"},
    .remove = {"DeleteParameter", "Name={id}"},
    .tag = {"AddTagsToResource", "ResourceType='Parameter ResourceId={id} Tags=#list"},
    .untag = {"RemoveTagsFromResource", "ResourceType='Parameter ResourceId={id} TagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Type={Type} Value={Value}",
};

/* Its description and constraints only a list of parameters tells. */
static ResourceReading read_parameter(Resource *r, Json *out, Error *err)
{
    static const char *const told[] = {"Description", "AllowedPattern", "Tier"};
    Json answer;
    JsonObject in = {.a = r->a}, filter = {.a = r->a}, all = {.a = r->a};
    JsonArray filters = {.a = r->a}, values = {.a = r->a};
    ResourceReading end = recipe_read(r, out, err);
    if (end != RESOURCE_READ) return end;
    json_add(&values, json_string(r->physical));
    json_put_text(&filter, S("Key"), S("Name"));
    json_put(&filter, S("Values"), json_array(&values));
    json_add(&filters, json_object(&filter));
    json_put(&in, S("ParameterFilters"), json_array(&filters));
    if (!resource_call(r, S("ssm"), S("DescribeParameters"), json_object(&in), &answer, err))
        return RESOURCE_UNREAD;
    const Json *one = json_at(json_get(&answer, S("Parameters")), 0);
    for (int32_t i = 0; i < out->n; i++) json_put(&all, out->members[i].key, out->members[i].value);
    for (int i = 0; i < countof(told); i++) {
        const Json *v = json_get(one, str_from(told[i]));
        if (resource_property(r, str_from(told[i])))
            json_put(&all, str_from(told[i]), v ? *v : (Json){0});
    }
    *out = json_object(&all);
    return RESOURCE_READ;
}

const ResourceType resource_ssm_parameter = {
    .type = "AWS::SSM::Parameter",
    RECIPE_TYPE,
    .recipe = &parameter,
    .import = recipe_import,
    .identifier = "Name",
    .read = read_parameter,
    .replace = "Name",
    .required = "Type Value",
    .properties = "Name Type Value Description AllowedPattern DataType Tier Policies Tags",
};
