/* states_version.c - AWS::StepFunctions::StateMachineVersion and StateMachineAlias. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const RecipeRead version_reads[] = {
    {"DescribeStateMachine", "stateMachineArn={id}", .gives = "Description=description"},
    {0},
};

static const Recipe version = {
    .reads = version_reads,
    .service = "stepfunctions",
    .create = {"PublishStateMachineVersion",
               "stateMachineArn=StateMachineArn revisionId=StateMachineRevisionId "
               "description=Description"},
    .remove = {"DeleteStateMachineVersion", "stateMachineVersionArn={id}"},
    .physical = "{.stateMachineVersionArn}",
    .attributes = "Arn={id}",
};

const ResourceType resource_states_version = {
    .type = "AWS::StepFunctions::StateMachineVersion",
    RECIPE_TYPE,
    .recipe = &version,
    .read = recipe_read,
    .replace = "StateMachineArn StateMachineRevisionId Description",
    .required = "StateMachineArn",
    .properties = "StateMachineArn StateMachineRevisionId Description",
};

/* All traffic at once; what would move it bit by bit is refused, not done as if. */
static bool prepare_alias(Resource *r, Json *properties, Error *err)
{
    const Json *wanted = json_get(properties, S("DeploymentPreference"));
    JsonObject o = {.a = r->a}, one = {.a = r->a};
    JsonArray routes = {.a = r->a};
    if (!wanted) return true;
    if (!str_eq(json_text(json_get(wanted, S("Type"))), S("ALL_AT_ONCE")))
        return error_set(err, ERR_VALIDATION,
                         "DeploymentPreference of type %.*s is not offered by this server; "
                         "ALL_AT_ONCE is.",
                         STR(str_slice(json_text(json_get(wanted, S("Type"))), 0, 40)));
    json_put_json(&one, S("StateMachineVersionArn"), json_get(wanted, S("StateMachineVersionArn")));
    json_put(&one, S("Weight"), json_int(r->a, 100));
    json_add(&routes, json_object(&one));
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key, properties->members[i].value);
    json_put(&o, S("RoutingConfiguration"), json_array(&routes));
    *properties = json_object(&o);
    return true;
}

static const RecipeRead alias_reads[] = {
    {"DescribeStateMachineAlias", "stateMachineAliasArn={id}",
     .gives = "Name=name Description=description RoutingConfiguration=routingConfiguration"},
    {0},
};

static const Recipe alias = {
    .reads = alias_reads,
    .service = "stepfunctions",
    .name = "Name",
    .naming = {.bytes_max = 80},
    .prepare = prepare_alias,
    .create = {"CreateStateMachineAlias",
               "name={name} description=Description routingConfiguration=RoutingConfiguration"},
    .update = {"UpdateStateMachineAlias", "stateMachineAliasArn={id} description=Description "
                                          "routingConfiguration=RoutingConfiguration"},
    .remove = {"DeleteStateMachineAlias", "stateMachineAliasArn={id}"},
    .physical = "{.stateMachineAliasArn}",
    .attributes = "Arn={id}",
};

const ResourceType resource_states_alias = {
    .type = "AWS::StepFunctions::StateMachineAlias",
    RECIPE_TYPE,
    .recipe = &alias,
    .read = recipe_read,
    .replace = "Name",
    .properties = "Name Description RoutingConfiguration DeploymentPreference",
};
