/* iam_role.c - AWS::IAM::Role and AWS::IAM::InstanceProfile. */
#include "app/resources/iam_read.h"
#include "app/resources/types.h"

static const RecipeRead role_reads[] = {
    {"GetRole", "RoleName={id}",
     .gives = "RoleName={id} Path=Role.Path AssumeRolePolicyDocument=Role.AssumeRolePolicyDocument "
              "Description=Role.Description MaxSessionDuration=Role.MaxSessionDuration "
              "PermissionsBoundary=Role.PermissionsBoundary.PermissionsBoundaryArn Tags=Role.Tags"},
    {"ListAttachedRolePolicies", "RoleName={id}",
     .gives = "ManagedPolicyArns=AttachedPolicies#PolicyArn"},
    {0},
};

static const Recipe role = {
    .reads = role_reads,
    .service = "iam",
    .name = "RoleName",
    .naming = {.bytes_max = 64},
    .create = {"CreateRole",
               "RoleName={name} Path AssumeRolePolicyDocument Description MaxSessionDuration "
               "PermissionsBoundary Tags=#list"},
    .update = {"UpdateRole", "RoleName={id} Description MaxSessionDuration"},
    .remove = {"DeleteRole", "RoleName={id}"},
    .settings = {{"UpdateAssumeRolePolicy", "RoleName={id} PolicyDocument=AssumeRolePolicyDocument",
                  "AssumeRolePolicyDocument", .later = true},
                 {"PutRolePermissionsBoundary", "RoleName={id} PermissionsBoundary",
                  "PermissionsBoundary", "DeleteRolePermissionsBoundary", "RoleName={id}",
                  .later = true},
                 {"AttachRolePolicy", "RoleName={id} PolicyArn={each}", "ManagedPolicyArns",
                  "DetachRolePolicy", "RoleName={id} PolicyArn={each}", .each = true,
                  .cleared = true},
                 {"PutRolePolicy",
                  "RoleName={id} PolicyName=each.PolicyName PolicyDocument=each.PolicyDocument",
                  "Policies", "DeleteRolePolicy", "RoleName={id} PolicyName=each.PolicyName",
                  .each = true, .cleared = true}},
    .tag = {"TagRole", "RoleName={id} Tags=#list"},
    .untag = {"UntagRole", "RoleName={id} TagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Arn={.Role.Arn} RoleId={.Role.RoleId}",
};

const ResourceType resource_iam_role = {
    .type = "AWS::IAM::Role",
    RECIPE_TYPE,
    .recipe = &role,
    .import = recipe_import,
    .identifier = "RoleName",
    .read = iam_read_role,
    .replace = "RoleName Path",
    .required = "AssumeRolePolicyDocument",
    .properties = "RoleName Path AssumeRolePolicyDocument Description MaxSessionDuration "
                  "PermissionsBoundary ManagedPolicyArns Policies Tags",
};

static const RecipeRead profile_reads[] = {
    {"GetInstanceProfile", "InstanceProfileName={id}",
     .gives =
         "InstanceProfileName={id} Path=InstanceProfile.Path Roles=InstanceProfile.Roles#RoleName"},
    {0},
};

static const Recipe profile = {
    .reads = profile_reads,
    .service = "iam",
    .name = "InstanceProfileName",
    .naming = {.bytes_max = 128},
    .create = {"CreateInstanceProfile", "InstanceProfileName={name} Path"},
    .remove = {"DeleteInstanceProfile", "InstanceProfileName={id}"},
    .settings = {{"AddRoleToInstanceProfile", "InstanceProfileName={id} RoleName={each}", "Roles",
                  "RemoveRoleFromInstanceProfile", "InstanceProfileName={id} RoleName={each}",
                  .each = true, .cleared = true}},
    .physical = "{name}",
    .attributes = "Arn={.InstanceProfile.Arn}",
};

const ResourceType resource_iam_profile = {
    .type = "AWS::IAM::InstanceProfile",
    RECIPE_TYPE,
    .recipe = &profile,
    .import = recipe_import,
    .identifier = "InstanceProfileName",
    .read = recipe_read,
    .replace = "InstanceProfileName Path",
    .required = "Roles",
    .properties = "InstanceProfileName Path Roles",
};
