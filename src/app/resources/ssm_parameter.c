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

static const Recipe parameter = {
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

const ResourceType resource_ssm_parameter = {
    .type = "AWS::SSM::Parameter",
    RECIPE_TYPE,
    .recipe = &parameter,
    .replace = "Name",
    .required = "Type Value",
    .properties = "Name Type Value Description AllowedPattern DataType Tier Policies Tags",
};
