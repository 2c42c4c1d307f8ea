/* iam_user.c - AWS::IAM::User, Group, UserToGroupAddition and AccessKey. */
#include "app/resources/iam_read.h"
#include "app/resources/types.h"

#define HAS_POLICIES(Kind)                                                                         \
    {"Attach" Kind "Policy", Kind "Name={id} PolicyArn={each}", "ManagedPolicyArns",               \
     "Detach" Kind "Policy", Kind "Name={id} PolicyArn={each}", .each = true,                      \
     .cleared = true},                                                                             \
    {                                                                                              \
        "Put" Kind "Policy",                                                                       \
            Kind "Name={id} PolicyName=each.PolicyName PolicyDocument=each.PolicyDocument",        \
            "Policies", "Delete" Kind "Policy", Kind "Name={id} PolicyName=each.PolicyName",       \
            .each = true, .cleared = true                                                          \
    }

static const RecipeRead user_reads[] = {
    {"GetUser", "UserName={id}",
     .gives = "UserName={id} Path=User.Path "
              "PermissionsBoundary=User.PermissionsBoundary.PermissionsBoundaryArn Tags=User.Tags"},
    {"ListAttachedUserPolicies", "UserName={id}",
     .gives = "ManagedPolicyArns=AttachedPolicies#PolicyArn"},
    {"ListGroupsForUser", "UserName={id}", .gives = "Groups=Groups#GroupName"},
    {0},
};

static const Recipe user = {
    .reads = user_reads,
    .service = "iam",
    .name = "UserName",
    .naming = {.bytes_max = 64},
    .create = {"CreateUser", "UserName={name} Path PermissionsBoundary Tags=#list"},
    .remove = {"DeleteUser", "UserName={id}"},
    .settings = {HAS_POLICIES("User"),
                 {"AddUserToGroup", "UserName={id} GroupName={each}", "Groups",
                  "RemoveUserFromGroup", "UserName={id} GroupName={each}", .each = true,
                  .cleared = true},
                 {"PutUserPermissionsBoundary", "UserName={id} PermissionsBoundary",
                  "PermissionsBoundary", "DeleteUserPermissionsBoundary", "UserName={id}",
                  .later = true}},
    .tag = {"TagUser", "UserName={id} Tags=#list"},
    .untag = {"UntagUser", "UserName={id} TagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Arn={.User.Arn}",
};

const ResourceType resource_iam_user = {
    .type = "AWS::IAM::User",
    RECIPE_TYPE,
    .recipe = &user,
    .import = recipe_import,
    .identifier = "UserName",
    .read = iam_read_user,
    .replace = "UserName Path",
    .properties = "UserName Path PermissionsBoundary ManagedPolicyArns Policies Groups Tags",
};

static const RecipeRead group_reads[] = {
    {"GetGroup", "GroupName={id}", .gives = "GroupName={id} Path=Group.Path"},
    {"ListAttachedGroupPolicies", "GroupName={id}",
     .gives = "ManagedPolicyArns=AttachedPolicies#PolicyArn"},
    {0},
};

static const Recipe group = {
    .reads = group_reads,
    .service = "iam",
    .name = "GroupName",
    .naming = {.bytes_max = 128},
    .create = {"CreateGroup", "GroupName={name} Path"},
    .remove = {"DeleteGroup", "GroupName={id}"},
    .settings = {HAS_POLICIES("Group")},
    .physical = "{name}",
    .attributes = "Arn={.Group.Arn}",
};

const ResourceType resource_iam_group = {
    .type = "AWS::IAM::Group",
    RECIPE_TYPE,
    .recipe = &group,
    .import = recipe_import,
    .identifier = "GroupName",
    .read = iam_read_group,
    .replace = "GroupName Path",
    .properties = "GroupName Path ManagedPolicyArns Policies",
};

static const Recipe addition = {
    .service = "iam",
    .settings = {{"AddUserToGroup", "GroupName UserName={each}", "Users", "RemoveUserFromGroup",
                  "GroupName UserName={each}", .each = true, .cleared = true}},
    .physical = "{stack}-{logical}-{hex12}",
    .attributes = "Id={id}",
};

const ResourceType resource_iam_addition = {
    .type = "AWS::IAM::UserToGroupAddition",
    RECIPE_TYPE,
    .recipe = &addition,
    .replace = "GroupName",
    .required = "GroupName Users",
    .properties = "GroupName Users",
};

static const RecipeRead access_key_reads[] = {
    {"ListAccessKeys", "UserName", "UserName Status", "AccessKeyMetadata.AccessKeyId={id}"},
    {0},
};

static const Recipe access_key = {
    .reads = access_key_reads,
    .service = "iam",
    .create = {"CreateAccessKey", "UserName"},
    .remove = {"DeleteAccessKey", "UserName AccessKeyId={id}"},
    .settings = {{"UpdateAccessKey", "UserName AccessKeyId={id} Status", "Status"}},
    .physical = "{.AccessKey.AccessKeyId}",
    .attributes = "SecretAccessKey={.AccessKey.SecretAccessKey}",
};

const ResourceType resource_iam_access_key = {
    .type = "AWS::IAM::AccessKey",
    RECIPE_TYPE,
    .recipe = &access_key,
    .read = recipe_read,
    .replace = "UserName Serial",
    .required = "UserName",
    .properties = "UserName Serial Status",
};
