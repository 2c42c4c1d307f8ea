/* events_rule.c - AWS::Events::Rule, EventBus, Connection, EventBusPolicy, ApiDestination and Archive. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

#define RULE "Name={name} EventBusName Description EventPattern ScheduleExpression State RoleArn "

static const RecipeRead rule_reads[] = {
    {"DescribeRule", "Name={id} EventBusName",
     .gives = "Name Description EventPattern ScheduleExpression State RoleArn"},
    {"ListTargetsByRule", "Rule={id} EventBusName", .gives = "Targets"},
    {"ListTagsForResource", "ResourceARN={%Arn}", .gives = "Tags"},
    {0},
};

static const Recipe rule = {
    .reads = rule_reads,
    .service = "events",
    .name = "Name",
    .naming = {.bytes_max = 64},
    .create = {"PutRule", RULE "Tags=#list"},
    .update = {"PutRule", RULE},
    .remove = {"DeleteRule", "Name={name} EventBusName"},
    .settings = {{"PutTargets", "Rule={name} EventBusName Targets=[each", "Targets",
                  "RemoveTargets", "Rule={name} EventBusName Ids=[each.Id", .each = true,
                  .cleared = true}},
    .tag = {"TagResource", "ResourceARN={%Arn} Tags=#list"},
    .untag = {"UntagResource", "ResourceARN={%Arn} TagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Arn={.RuleArn}",
};

const ResourceType resource_events_rule = {
    .type = "AWS::Events::Rule",
    RECIPE_TYPE,
    .recipe = &rule,
    .read = recipe_read,
    .replace = "Name EventBusName",
    .properties = "Name EventBusName Description EventPattern ScheduleExpression State RoleArn "
                  "Targets Tags",
};

static const RecipeRead bus_reads[] = {
    {"DescribeEventBus", "Name={id}",
     .gives = "Name Description KmsKeyIdentifier DeadLetterConfig"},
    {"ListTagsForResource", "ResourceARN={%Arn}", .gives = "Tags"},
    {0},
};

static const Recipe bus = {
    .reads = bus_reads,
    .found = "Arn={.Arn} Name={id}",
    .service = "events",
    .create = {"CreateEventBus",
               "Name EventSourceName Description KmsKeyIdentifier DeadLetterConfig Tags=#list"},
    .remove = {"DeleteEventBus", "Name={id}"},
    .tag = {"TagResource", "ResourceARN={%Arn} Tags=#list"},
    .untag = {"UntagResource", "ResourceARN={%Arn} TagKeys=#gone"},
    .physical = "{Name}",
    .attributes = "Arn={.EventBusArn} Name={id}",
};

const ResourceType resource_events_bus = {
    .type = "AWS::Events::EventBus",
    RECIPE_TYPE,
    .recipe = &bus,
    .import = recipe_import,
    .identifier = "Name",
    .read = recipe_read,
    .replace = "Name EventSourceName Description KmsKeyIdentifier DeadLetterConfig",
    .required = "Name",
    .properties = "Name EventSourceName Description KmsKeyIdentifier DeadLetterConfig Tags",
};

static const RecipeRead connection_reads[] = {
    {"DescribeConnection", "Name={id}", .gives = "Name Description AuthorizationType"},
    {0},
};

static const Recipe connection = {
    .reads = connection_reads,
    .service = "events",
    .name = "Name",
    .naming = {.bytes_max = 64},
    .create = {"CreateConnection", "Name={name} Description AuthorizationType AuthParameters "
                                   "InvocationConnectivityParameters"},
    .update = {"UpdateConnection", "Name={name} Description AuthorizationType AuthParameters "
                                   "InvocationConnectivityParameters"},
    .remove = {"DeleteConnection", "Name={id}"},
    .physical = "{name}",
    .attributes = "Arn={.ConnectionArn} "
                  "SecretArn=arn:aws:secretsmanager:{region}:{account}:secret:events!connection/"
                  "{name}",
};

const ResourceType resource_events_connection = {
    .type = "AWS::Events::Connection",
    RECIPE_TYPE,
    .recipe = &connection,
    .read = recipe_read,
    .replace = "Name",
    .properties = "Name Description AuthorizationType AuthParameters "
                  "InvocationConnectivityParameters KmsKeyIdentifier",
};

static const Recipe bus_policy = {
    .service = "events",
    .create = {"PutPermission",
               "EventBusName StatementId Action Principal Condition Policy=Statement"},
    .remove = {"RemovePermission", "EventBusName StatementId"},
    .physical = "{stack}-{logical}-{hex12}",
};

const ResourceType resource_events_bus_policy = {
    .type = "AWS::Events::EventBusPolicy",
    RECIPE_TYPE,
    .recipe = &bus_policy,
    .replace = "EventBusName StatementId Action Principal Condition Statement",
    .required = "StatementId",
    .properties = "EventBusName StatementId Action Principal Condition Statement",
};

static const RecipeRead destination_reads[] = {
    {"DescribeApiDestination", "Name={id}",
     .gives = "Name Description ConnectionArn InvocationEndpoint HttpMethod "
              "InvocationRateLimitPerSecond"},
    {0},
};

#define DESTINATION                                                                                \
    "Name={name} Description ConnectionArn InvocationEndpoint HttpMethod "                         \
    "InvocationRateLimitPerSecond"

static const Recipe destination = {
    .reads = destination_reads,
    .service = "events",
    .name = "Name",
    .naming = {.bytes_max = 64},
    .create = {"CreateApiDestination", DESTINATION},
    .update = {"UpdateApiDestination", DESTINATION},
    .remove = {"DeleteApiDestination", "Name={id}"},
    .physical = "{name}",
    .attributes = "Arn={.ApiDestinationArn} ArnForPolicy=arn:aws:events:{region}:{account}:"
                  "api-destination/{name}/*",
};

const ResourceType resource_events_destination = {
    .type = "AWS::Events::ApiDestination",
    RECIPE_TYPE,
    .recipe = &destination,
    .read = recipe_read,
    .replace = "Name",
    .required = "ConnectionArn HttpMethod InvocationEndpoint",
    .properties = "Name Description ConnectionArn InvocationEndpoint HttpMethod "
                  "InvocationRateLimitPerSecond",
};

static const RecipeRead archive_reads[] = {
    {"DescribeArchive", "ArchiveName={id}",
     .gives = "ArchiveName Description EventPattern RetentionDays KmsKeyIdentifier"},
    {0},
};

#define ARCHIVE "ArchiveName={name} Description EventPattern RetentionDays KmsKeyIdentifier"

static const Recipe archive = {
    .reads = archive_reads,
    .service = "events",
    .name = "ArchiveName",
    .naming = {.bytes_max = 48},
    .create = {"CreateArchive", ARCHIVE " EventSourceArn=SourceArn"},
    .update = {"UpdateArchive", ARCHIVE},
    .remove = {"DeleteArchive", "ArchiveName={id}"},
    .physical = "{name}",
    .attributes = "Arn={.ArchiveArn}",
};

const ResourceType resource_events_archive = {
    .type = "AWS::Events::Archive",
    RECIPE_TYPE,
    .recipe = &archive,
    .read = recipe_read,
    .replace = "ArchiveName SourceArn",
    .required = "SourceArn",
    .properties = "ArchiveName Description EventPattern RetentionDays KmsKeyIdentifier SourceArn",
};
