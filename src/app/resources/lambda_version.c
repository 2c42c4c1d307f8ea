/* lambda_version.c - AWS::Lambda::Version, Alias, Permission, EventInvokeConfig, EventSourceMapping and Url. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const RecipeRead version_reads[] = {
    {"GetFunctionConfiguration", "FunctionName={id}", .gives = "Description"},
    {0},
};

static const Recipe version = {
    .reads = version_reads,
    .service = "lambda",
    .create = {"PublishVersion", "FunctionName CodeSha256 Description"},
    .remove = {"DeleteFunction", "FunctionName={id}"},
    .physical = "{.FunctionArn}",
    .attributes = "FunctionArn={id} Version={.Version}",
};

const ResourceType resource_lambda_version = {
    .type = "AWS::Lambda::Version",
    RECIPE_TYPE,
    .recipe = &version,
    .read = recipe_read,
    .replace = "FunctionName CodeSha256 Description",
    .required = "FunctionName",
    .properties = "FunctionName CodeSha256 Description",
};

/* AdditionalVersionWeights: a list here, a map in the API. */
static bool prepare_alias(Resource *r, Json *properties, Error *err)
{
    JsonObject o = {.a = r->a}, weights = {.a = r->a}, routing = {.a = r->a};
    const Json *config = json_get(properties, S("RoutingConfig")),
               *list = json_get(config, S("AdditionalVersionWeights"));
    (void)err;
    for (int32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
        const Json *weight = json_get(&list->items[i], S("FunctionWeight"));
        if (weight)
            json_put(&weights, json_text(json_get(&list->items[i], S("FunctionVersion"))), *weight);
    }
    for (int32_t i = 0; i < json_count(properties); i++)
        if (!str_eq(properties->members[i].key, S("RoutingConfig")))
            json_put(&o, properties->members[i].key, properties->members[i].value);
    json_put(&routing, S("AdditionalVersionWeights"), json_object(&weights));
    if (config || json_get(&r->before, S("RoutingConfig")))
        json_put(&o, S("RoutingConfig"), json_object(&routing));
    *properties = json_object(&o);
    return true;
}

static const RecipeRead alias_reads[] = {
    {"GetAlias", "FunctionName Name", .gives = "Name FunctionVersion Description"},
    {0},
};

static const Recipe alias = {
    .reads = alias_reads,
    .service = "lambda",
    .prepare = prepare_alias,
    .create = {"CreateAlias", "FunctionName Name FunctionVersion Description RoutingConfig"},
    .update = {"UpdateAlias", "FunctionName Name FunctionVersion Description RoutingConfig"},
    .remove = {"DeleteAlias", "FunctionName Name"},
    .physical = "{.AliasArn}",
    .attributes = "AliasArn={id}",
};

const ResourceType resource_lambda_alias = {
    .type = "AWS::Lambda::Alias",
    RECIPE_TYPE,
    .recipe = &alias,
    .read = recipe_read,
    .replace = "FunctionName Name",
    .required = "FunctionName FunctionVersion Name",
    .properties = "FunctionName FunctionVersion Name Description RoutingConfig "
                  "ProvisionedConcurrencyConfig",
};

static const Recipe permission = {
    .service = "lambda",
    .name = "StatementId",
    .naming = {.bytes_max = 100},
    .create = {"AddPermission", "FunctionName StatementId={name} Action Principal SourceArn "
                                "SourceAccount EventSourceToken PrincipalOrgID "
                                "FunctionUrlAuthType"},
    .remove = {"RemovePermission", "FunctionName StatementId={id}"},
    .physical = "{name}",
    .attributes = "Id={id}",
};

const ResourceType resource_lambda_permission = {
    .type = "AWS::Lambda::Permission",
    .create = recipe_create,
    .remove = recipe_remove,
    .recipe = &permission,
    .required = "Action FunctionName Principal",
    .properties = "Action FunctionName Principal SourceArn SourceAccount EventSourceToken "
                  "PrincipalOrgID FunctionUrlAuthType InvokedViaFunctionUrl",
};

#define INVOKE                                                                                     \
    {                                                                                              \
        "PutFunctionEventInvokeConfig", "FunctionName Qualifier MaximumRetryAttempts "             \
                                        "MaximumEventAgeInSeconds DestinationConfig"               \
    }

static const RecipeRead invoke_config_reads[] = {
    {"GetFunctionEventInvokeConfig", "FunctionName Qualifier",
     .gives = "MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig"},
    {0},
};

static const Recipe invoke_config = {
    .reads = invoke_config_reads,
    .service = "lambda",
    .create = INVOKE,
    .update = INVOKE,
    .remove = {"DeleteFunctionEventInvokeConfig", "FunctionName Qualifier"},
    .physical = "{FunctionName}|{Qualifier}",
};

const ResourceType resource_lambda_invoke_config = {
    .type = "AWS::Lambda::EventInvokeConfig",
    RECIPE_TYPE,
    .recipe = &invoke_config,
    .read = recipe_read,
    .replace = "FunctionName Qualifier",
    .required = "FunctionName Qualifier",
    .properties = "FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds "
                  "DestinationConfig",
};

#define SOURCE                                                                                     \
    " FunctionName Enabled BatchSize MaximumBatchingWindowInSeconds FilterCriteria "               \
    "FunctionResponseTypes ScalingConfig MetricsConfig KMSKeyArn=KmsKeyArn DestinationConfig "     \
    "BisectBatchOnFunctionError MaximumRecordAgeInSeconds MaximumRetryAttempts "                   \
    "ParallelizationFactor SourceAccessConfigurations TumblingWindowInSeconds "                    \
    "ProvisionedPollerConfig AmazonManagedKafkaEventSourceConfig "                                 \
    "SelfManagedKafkaEventSourceConfig DocumentDBEventSourceConfig "

static const RecipeRead event_source_reads[] = {
    {"GetEventSourceMapping", "UUID={id}",
     .gives = "BatchSize MaximumBatchingWindowInSeconds FilterCriteria FunctionResponseTypes "
              "ScalingConfig EventSourceArn"},
    {0},
};

static const Recipe event_source = {
    .reads = event_source_reads,
    .service = "lambda",
    .create = {"CreateEventSourceMapping",
               SOURCE "EventSourceArn StartingPosition StartingPositionTimestamp Topics Queues "
                      "SelfManagedEventSource Tags=#map"},
    .update = {"UpdateEventSourceMapping", "UUID={id} " SOURCE},
    .remove = {"DeleteEventSourceMapping", "UUID={id}"},
    .tag = {"TagResource", "Resource={%EventSourceMappingArn} Tags=#map"},
    .untag = {"UntagResource", "Resource={%EventSourceMappingArn} TagKeys=#gone"},
    .physical = "{.UUID}",
    .attributes = "Id={id} EventSourceMappingArn={.EventSourceMappingArn}",
};

const ResourceType resource_lambda_event_source = {
    .type = "AWS::Lambda::EventSourceMapping",
    RECIPE_TYPE,
    .recipe = &event_source,
    .read = recipe_read,
    .replace = "EventSourceArn StartingPosition StartingPositionTimestamp SelfManagedEventSource",
    .required = "FunctionName",
    .properties = "FunctionName Enabled BatchSize MaximumBatchingWindowInSeconds FilterCriteria "
                  "FunctionResponseTypes ScalingConfig MetricsConfig KmsKeyArn DestinationConfig "
                  "BisectBatchOnFunctionError MaximumRecordAgeInSeconds MaximumRetryAttempts "
                  "ParallelizationFactor SourceAccessConfigurations TumblingWindowInSeconds "
                  "ProvisionedPollerConfig AmazonManagedKafkaEventSourceConfig "
                  "SelfManagedKafkaEventSourceConfig DocumentDBEventSourceConfig EventSourceArn "
                  "StartingPosition StartingPositionTimestamp Topics Queues "
                  "SelfManagedEventSource Tags",
};

static const RecipeRead url_reads[] = {
    {"GetFunctionUrlConfig", "FunctionName=TargetFunctionArn Qualifier", .gives = "AuthType Cors"},
    {0},
};

static const Recipe url = {
    .reads = url_reads,
    .service = "lambda",
    .create = {"CreateFunctionUrlConfig",
               "FunctionName=TargetFunctionArn Qualifier AuthType Cors InvokeMode"},
    .update = {"UpdateFunctionUrlConfig",
               "FunctionName=TargetFunctionArn Qualifier AuthType Cors InvokeMode"},
    .remove = {"DeleteFunctionUrlConfig", "FunctionName=TargetFunctionArn Qualifier"},
    .physical = "{.FunctionArn}",
    .attributes = "FunctionArn={id} FunctionUrl={.FunctionUrl}",
};

const ResourceType resource_lambda_url = {
    .type = "AWS::Lambda::Url",
    RECIPE_TYPE,
    .recipe = &url,
    .read = recipe_read,
    .replace = "TargetFunctionArn Qualifier",
    .required = "TargetFunctionArn AuthType",
    .properties = "TargetFunctionArn Qualifier AuthType Cors InvokeMode",
};
