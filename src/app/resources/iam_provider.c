/* iam_provider.c - AWS::IAM::OIDCProvider and SAMLProvider, by which trust policies of templates name who signs in elsewhere. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const Recipe oidc = {
    .service = "iam",
    .create = {"CreateOpenIDConnectProvider",
               "Url ClientIDList=ClientIdList ThumbprintList Tags=#list"},
    .remove = {"DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn={id}"},
    .settings = {{"UpdateOpenIDConnectProviderThumbprint",
                  "OpenIDConnectProviderArn={id} ThumbprintList", "ThumbprintList", .later = true}},
    .tag = {"TagOpenIDConnectProvider", "OpenIDConnectProviderArn={id} Tags=#list"},
    .untag = {"UntagOpenIDConnectProvider", "OpenIDConnectProviderArn={id} TagKeys=#gone"},
    .physical = "{.OpenIDConnectProviderArn}",
    .attributes = "Arn={id}",
};

const ResourceType resource_iam_oidc_provider = {
    .type = "AWS::IAM::OIDCProvider",
    RECIPE_TYPE,
    .recipe = &oidc,
    .replace = "Url ClientIdList",
    .properties = "Url ClientIdList ThumbprintList Tags",
};

static const Recipe saml = {
    .service = "iam",
    .name = "Name",
    .naming = {.bytes_max = 128},
    .create = {"CreateSAMLProvider",
               "Name={name} SAMLMetadataDocument=SamlMetadataDocument Tags=#list"},
    .update = {"UpdateSAMLProvider",
               "SAMLProviderArn={id} SAMLMetadataDocument=SamlMetadataDocument"},
    .remove = {"DeleteSAMLProvider", "SAMLProviderArn={id}"},
    .tag = {"TagSAMLProvider", "SAMLProviderArn={id} Tags=#list"},
    .untag = {"UntagSAMLProvider", "SAMLProviderArn={id} TagKeys=#gone"},
    .physical = "{.SAMLProviderArn}",
    .attributes = "Arn={id}",
};

const ResourceType resource_iam_saml_provider = {
    .type = "AWS::IAM::SAMLProvider",
    RECIPE_TYPE,
    .recipe = &saml,
    .replace = "Name",
    .properties = "Name SamlMetadataDocument Tags",
};
