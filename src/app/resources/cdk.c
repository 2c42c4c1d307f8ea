/* cdk.c - what the CDK's templates have besides: its metadata, and the repository of its bootstrap. */
#include "app/resources/declared.h"
#include "app/resources/types.h"

DECLARED(cdk_metadata, "AWS::CDK::Metadata", "{stack}-{logical}-{hex12}", "", "", "Analytics");

static const Recipe repository = {
    .name = "RepositoryName",
    .naming = {.bytes_max = 256, .lower = true},
    .physical = "{name}",
    .attributes = "Arn=arn:aws:ecr:{region}:{account}:repository/{id} "
                  "RepositoryUri={account}.dkr.ecr.{region}.amazonaws.com/{id}",
};

const ResourceType resource_ecr_repository = {
    .type = "AWS::ECR::Repository",
    RECIPE_TYPE,
    .recipe = &repository,
    .replace = "RepositoryName EncryptionConfiguration",
    .properties = "RepositoryName EmptyOnDelete EncryptionConfiguration ImageScanningConfiguration "
                  "ImageTagMutability ImageTagMutabilityExclusionFilters LifecyclePolicy "
                  "RepositoryPolicyText Tags",
};
