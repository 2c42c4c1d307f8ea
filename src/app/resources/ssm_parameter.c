/* ssm_parameter.c - AWS::SSM::Parameter. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

#define MEMBERS "Name={name} Type Value Description AllowedPattern DataType Tier Policies "

static const Recipe parameter = {
    .service = "ssm",
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

/* SecureString is refused: a template would hold the secret. */
const ResourceType resource_ssm_parameter = {
    .type = "AWS::SSM::Parameter",
    RECIPE_TYPE,
    .recipe = &parameter,
    .replace = "Name",
    .required = "Type Value",
    .properties = "Name Type Value Description AllowedPattern DataType Tier Policies Tags",
};
