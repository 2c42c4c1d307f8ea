/* iam_policy.c - AWS::IAM::Policy, the policies of one identity alone, and AWS::IAM::ManagedPolicy. */
#include "app/resources/iam_read.h"
#include "app/resources/types.h"

#define INLINE(Kind, list)                                                                         \
    {                                                                                              \
        "Put" Kind "Policy", Kind "Name={each} PolicyName PolicyDocument", list,                   \
            "Delete" Kind "Policy", Kind "Name={each} PolicyName", .each = true, .cleared = true   \
    }

static const Recipe policy = {
    .service = "iam",
    .settings = {INLINE("Role", "Roles"), INLINE("User", "Users"), INLINE("Group", "Groups")},
    .physical = "{stack}-{logical}-{hex12}",
    .attributes = "Id={id}",
};

const ResourceType resource_iam_policy = {
    .type = "AWS::IAM::Policy",
    RECIPE_TYPE,
    .recipe = &policy,
    .read = iam_read_policy,
    .replace = "PolicyName",
    .required = "PolicyName PolicyDocument",
    .properties = "PolicyName PolicyDocument Roles Users Groups",
};

/* AWS::IAM::RolePolicy and its like: one identity, one policy. */
#define ONE(Kind, variable, resource)                                                              \
    static const RecipeRead variable##_reads[] = {                                                 \
        {"Get" Kind "Policy", Kind "Name PolicyName",                                              \
         .gives = Kind "Name PolicyName PolicyDocument"},                                          \
        {0},                                                                                       \
    };                                                                                             \
    static const Recipe variable = {                                                               \
        .service = "iam",                                                                          \
        .reads = variable##_reads,                                                                 \
        .create = {"Put" Kind "Policy", Kind "Name PolicyName PolicyDocument"},                    \
        .update = {"Put" Kind "Policy", Kind "Name PolicyName PolicyDocument"},                    \
        .remove = {"Delete" Kind "Policy", Kind "Name PolicyName"},                                \
        .physical = "{PolicyName}|{" Kind "Name}",                                                 \
    };                                                                                             \
    const ResourceType resource = {                                                                \
        .type = "AWS::IAM::" Kind "Policy",                                                        \
        RECIPE_TYPE,                                                                               \
        .recipe = &variable,                                                                       \
        .read = recipe_read,                                                                       \
        .replace = Kind "Name PolicyName",                                                         \
        .required = Kind "Name PolicyName",                                                        \
        .properties = Kind "Name PolicyName PolicyDocument",                                       \
    }

ONE("Role", role_policy, resource_iam_role_policy);
ONE("User", user_policy, resource_iam_user_policy);
ONE("Group", group_policy, resource_iam_group_policy);

#define ATTACHED(Kind, list)                                                                       \
    {                                                                                              \
        "Attach" Kind "Policy", Kind "Name={each} PolicyArn={id}", list, "Detach" Kind "Policy",   \
            Kind "Name={each} PolicyArn={id}", .each = true, .cleared = true                       \
    }

static const Recipe managed = {
    .service = "iam",
    .name = "ManagedPolicyName",
    .naming = {.bytes_max = 128},
    .create = {"CreatePolicy", "PolicyName={name} Path PolicyDocument Description"},
    .remove = {"DeletePolicy", "PolicyArn={id}"},
    .settings = {ATTACHED("Role", "Roles"), ATTACHED("User", "Users"), ATTACHED("Group", "Groups")},
    .physical = "{.Policy.Arn}",
    .attributes = "PolicyArn={id} PolicyId={.Policy.PolicyId} "
                  "DefaultVersionId={.Policy.DefaultVersionId}",
};

/* A changed document is a new version, the default one; the others are dropped: there may be five.
 */
static bool drop_old_versions(Resource *r, Error *err)
{
    Json out, in;
    JsonObject of = {.a = r->a};
    json_put_text(&of, S("PolicyArn"), r->physical);
    in = json_object(&of);
    if (!resource_call(r, S("iam"), S("ListPolicyVersions"), in, &out, err)) return false;
    const Json *versions = json_get(&out, S("Versions"));
    for (int32_t i = 0; i < json_count(versions); i++) {
        JsonObject one = {.a = r->a};
        if (json_true(json_get(&versions->items[i], S("IsDefaultVersion")))) continue;
        json_put_text(&one, S("PolicyArn"), r->physical);
        json_put_json(&one, S("VersionId"), json_get(&versions->items[i], S("VersionId")));
        if (!resource_call(r, S("iam"), S("DeletePolicyVersion"), json_object(&one), NULL, err))
            return false;
    }
    return true;
}

static ResourceEnd update_managed(Resource *r, Error *err)
{
    JsonObject in = {.a = r->a};
    const Json *document = resource_property(r, S("PolicyDocument"));
    if (resource_changed(r, S("PolicyDocument")) && document) {
        json_put_text(&in, S("PolicyArn"), r->physical);
        json_put(&in, S("PolicyDocument"),
                 json_is(document, JSON_STRING) ? *document
                                                : json_string(json_to_str(r->a, document)));
        json_put(&in, S("SetAsDefault"), json_bool(true));
        if (!drop_old_versions(r, err) ||
            !resource_call(r, S("iam"), S("CreatePolicyVersion"), json_object(&in), NULL, err))
            return RESOURCE_FAILED;
    }
    return recipe_update(r, err);
}

static ResourceEnd remove_managed(Resource *r, Error *err)
{
    Error none = {0};
    if (!drop_old_versions(r, &none) && !resource_gone(r)) {
        *err = none;
        return RESOURCE_FAILED;
    }
    return recipe_remove(r, err);
}

const ResourceType resource_iam_managed_policy = {
    .type = "AWS::IAM::ManagedPolicy",
    .create = recipe_create,
    .update = update_managed,
    .remove = remove_managed,
    .recipe = &managed,
    .read = iam_read_managed,
    .replace = "ManagedPolicyName Path Description",
    .required = "PolicyDocument",
    .properties = "ManagedPolicyName Path PolicyDocument Description Roles Users Groups",
};
