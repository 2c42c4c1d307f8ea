/* iam.c - the operations of IAM, and what its handlers share: kinds, names, tags, pages. */
#include "api/iam.h"

#include "api/api.h"
#include "base/encode.h"

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const IamWords iam_words[IAM_KINDS] = {
    [IAM_USER] = {"User", "Users", "UserName", "UserId", "AIDA", "user", "UsersPerAccount", 5000,
                  2048, "PoliciesPerUser"},
    [IAM_GROUP] = {"Group", "Groups", "GroupName", "GroupId", "AGPA", "group", "GroupsPerAccount",
                   300, 5120, "PoliciesPerGroup"},
    [IAM_ROLE] = {"Role", "Roles", "RoleName", "RoleId", "AROA", "role", "RolesPerAccount", 1000,
                  10240, "PoliciesPerRole"},
    [IAM_PROFILE] = {"InstanceProfile", "InstanceProfiles", "InstanceProfileName",
                     "InstanceProfileId", "AIPA", "instance profile", "InstanceProfilesPerAccount",
                     1000, 0, NULL},
    [IAM_POLICY] = {"Policy", "Policies", "PolicyName", "PolicyId", "ANPA", "policy",
                    "PoliciesPerAccount", 1500, 0, NULL},
};

Str iam_in(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

IamKind iam_kind(const Call *call)
{
    static const IamKind order[] = {IAM_PROFILE, IAM_GROUP, IAM_ROLE, IAM_USER, IAM_POLICY};
    Str name = model_operation_name(call->route.operation);
    for (int i = 0; i < countof(order); i++)
        if (str_find(name, str_from(iam_words[order[i]].word)) >= 0) return order[i];
    return IAM_POLICY; /* ListPolicies */
}

bool iam_get(Call *call, IamKind kind, IamEntity *out, Error *err)
{
    const IamWords *w = &iam_words[kind];
    Str name = iam_in(call, w->name_member);
    if (iam_find(call->server->db, call->who.account, kind, name, call->arena, out)) return true;
    if (kind == IAM_PROFILE)
        return error_set(err, ERR_IAM_NO_ENTITY, "Instance Profile %.*s cannot be found.",
                         STR(name));
    return error_set(err, ERR_IAM_NO_ENTITY, "The %s with name %.*s cannot be found.", w->spoken,
                     STR(name));
}

bool iam_get_policy(Call *call, IamEntity *out, Error *err)
{
    Str arn = iam_in(call, "PolicyArn");
    if (!str_starts(arn, S("arn:")))
        return error_set(err, ERR_VALIDATION, "ARN %.*s is not valid.", STR(arn));
    return identities_policy(call->server, call->arena, arn, out) ||
           error_set(err, ERR_IAM_NO_ENTITY, "Policy %.*s was not found.", STR(arn));
}

bool iam_modifiable(const IamEntity *e, Error *err)
{
    if (!str_starts(e->path, S("/aws-service-role/"))) return true;
    return error_set(err, ERR_IAM_UNMODIFIABLE,
                     "Cannot perform the operation on the protected role '%.*s' - this role is "
                     "only modifiable by AWS",
                     STR(e->name));
}

bool iam_quota(const Call *call, int64_t n, int64_t max, const char *name, Error *err)
{
    return n < max || call->server->config.lift_quotas ||
           error_set(err, ERR_IAM_LIMIT, "Cannot exceed quota for %s: %" PRId64, name, max);
}

bool iam_boundary_ok(Call *call, Str arn, Error *err)
{
    IamEntity policy;
    if (str_absent(arn) || identities_policy(call->server, call->arena, arn, &policy)) return true;
    return error_set(err, ERR_IAM_NO_ENTITY, "Scope ARN: %.*s does not exist or is not attachable.",
                     STR(arn));
}

/* ---- telling ---- */

Json iam_encoded(Call *call, Str document)
{
    return json_string(percent_encode(call->arena, document, S("")));
}

static void put_roles(Call *call, const IamEntity *profile, JsonObject *o)
{
    IamLink *links;
    IamEntity role;
    JsonArray list = {.a = call->arena};
    Db *db = call->server->db;
    int64_t n = iam_links(db, profile, IAM_MEMBER, (Str){0}, IAM_PAGE, call->arena, &links);
    for (int64_t i = 0; i < n; i++)
        if (iam_find(db, profile->account, IAM_ROLE, links[i].target, call->arena, &role))
            json_add(&list, iam_told(call, &role, false));
    json_put(o, S("Roles"), json_array(&list));
}

static void put_policy(Call *call, const IamEntity *e, JsonObject *o)
{
    Arena *a = call->arena;
    Db *db = call->server->db;
    Str arn = iam_arn(a, e), account = call->who.account;
    json_put_text(o, S("DefaultVersionId"), str_printf(a, "v%" PRId64, e->version));
    json_put(o, S("AttachmentCount"), json_int(a, iam_attached_count(db, account, arn)));
    json_put(o, S("PermissionsBoundaryUsageCount"),
             json_int(a, iam_boundary_count(db, account, arn)));
    json_put(o, S("IsAttachable"), json_bool(true));
    json_put(o, S("UpdateDate"), json_millis_as_seconds(a, e->updated));
}

static void put_role(Call *call, const IamEntity *e, bool full, JsonObject *o)
{
    JsonObject used = {.a = call->arena};
    json_put(o, S("AssumeRolePolicyDocument"), iam_encoded(call, e->trust));
    json_put_text(o, S("Description"), e->description);
    json_put(o, S("MaxSessionDuration"), json_int(call->arena, e->session_s));
    if (full) json_put(o, S("RoleLastUsed"), json_object(&used));
}

static void put_rest(Call *call, const IamEntity *e, JsonObject *o)
{
    JsonObject boundary = {.a = call->arena};
    json_put_text(&boundary, S("PermissionsBoundaryType"), S("Policy"));
    json_put_text(&boundary, S("PermissionsBoundaryArn"), e->boundary);
    if (!str_absent(e->boundary)) json_put(o, S("PermissionsBoundary"), json_object(&boundary));
    if (!str_absent(e->tags)) json_put(o, S("Tags"), iam_tags_told(call, e));
    if (e->kind == IAM_POLICY) json_put_text(o, S("Description"), e->description);
}

Json iam_told(Call *call, const IamEntity *e, bool full)
{
    Arena *a = call->arena;
    const IamWords *w = &iam_words[e->kind];
    JsonObject o = {.a = a};
    json_put_text(&o, S("Path"), e->path);
    json_put_text(&o, str_from(w->name_member), e->name);
    json_put_text(&o, str_from(w->id_member), e->id);
    json_put_text(&o, S("Arn"), iam_arn(a, e));
    json_put(&o, S("CreateDate"), json_millis_as_seconds(a, e->created));
    if (e->kind == IAM_ROLE) put_role(call, e, full, &o);
    if (e->kind == IAM_PROFILE) put_roles(call, e, &o);
    if (e->kind == IAM_POLICY) put_policy(call, e, &o);
    if (full) put_rest(call, e, &o);
    return json_object(&o);
}

CallResult iam_answer(Call *call, const IamEntity *e)
{
    JsonObject out = {.a = call->arena};
    json_put(&out, str_from(iam_words[e->kind].word), iam_told(call, e, true));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- pages ---- */

bool iam_page(Call *call, IamPage *page, Error *err)
{
    Str marker = iam_in(call, "Marker");
    page->after = (Str){0};
    page->max = json_int_or(json_get(&call->in, S("MaxItems")), IAM_PAGE);
    return str_absent(marker) || base64_decode(call->arena, marker, &page->after) ||
           error_set(err, ERR_VALIDATION, "Invalid Marker.");
}

CallResult iam_page_end(Call *call, const char *member, const JsonArray *list, const IamPage *page,
                        int64_t n, Str last)
{
    JsonObject out = {.a = call->arena};
    json_put(&out, str_from(member), json_array(list));
    json_put(&out, S("IsTruncated"), json_bool(n > page->max));
    if (n > page->max) json_put(&out, S("Marker"), json_string(base64_encode(call->arena, last)));
    call->out = json_object(&out);
    return CALL_DONE;
}

static const CallEntry entries[] = {
    {"AddClientIDToOpenIDConnectProvider", iam_add_client},
    {"AddRoleToInstanceProfile", iam_add_role},
    {"AddUserToGroup", iam_add_to_group},
    {"AttachGroupPolicy", iam_attach},
    {"AttachRolePolicy", iam_attach},
    {"AttachUserPolicy", iam_attach},
    {"CreateAccessKey", iam_create_key},
    {"CreateAccountAlias", iam_create_alias},
    {"CreateGroup", iam_create_group},
    {"CreateInstanceProfile", iam_create_profile},
    {"CreateLoginProfile", iam_create_login},
    {"CreateOpenIDConnectProvider", iam_create_oidc},
    {"CreatePolicy", iam_create_policy},
    {"CreatePolicyVersion", iam_create_version},
    {"CreateRole", iam_create_role},
    {"CreateSAMLProvider", iam_create_saml},
    {"CreateServiceLinkedRole", iam_create_linked_role},
    {"CreateUser", iam_create_user},
    {"DeleteAccessKey", iam_delete_key},
    {"DeleteAccountAlias", iam_delete_alias},
    {"DeleteAccountPasswordPolicy", iam_delete_password_policy},
    {"DeleteGroup", iam_delete_entity},
    {"DeleteGroupPolicy", iam_delete_inline},
    {"DeleteInstanceProfile", iam_delete_entity},
    {"DeleteLoginProfile", iam_delete_login},
    {"DeleteOpenIDConnectProvider", iam_delete_provider},
    {"DeletePolicy", iam_delete_policy},
    {"DeletePolicyVersion", iam_delete_version},
    {"DeleteRole", iam_delete_entity},
    {"DeleteRolePermissionsBoundary", iam_delete_boundary},
    {"DeleteRolePolicy", iam_delete_inline},
    {"DeleteSAMLProvider", iam_delete_provider},
    {"DeleteServiceLinkedRole", iam_delete_linked_role},
    {"DeleteUser", iam_delete_entity},
    {"DeleteUserPermissionsBoundary", iam_delete_boundary},
    {"DeleteUserPolicy", iam_delete_inline},
    {"DetachGroupPolicy", iam_detach},
    {"DetachRolePolicy", iam_detach},
    {"DetachUserPolicy", iam_detach},
    {"GenerateCredentialReport", iam_generate_report},
    {"GetAccessKeyLastUsed", iam_key_used},
    {"GetAccountAuthorizationDetails", iam_authorization_details},
    {"GetAccountPasswordPolicy", iam_get_password_policy},
    {"GetAccountSummary", iam_summary},
    {"GetContextKeysForCustomPolicy", iam_context_keys_custom},
    {"GetContextKeysForPrincipalPolicy", iam_context_keys_principal},
    {"GetCredentialReport", iam_get_report},
    {"GetGroup", iam_get_group},
    {"GetGroupPolicy", iam_get_inline},
    {"GetInstanceProfile", iam_get_entity},
    {"GetLoginProfile", iam_get_login},
    {"GetOpenIDConnectProvider", iam_get_provider},
    {"GetPolicy", iam_get_managed},
    {"GetPolicyVersion", iam_get_version},
    {"GetRole", iam_get_entity},
    {"GetRolePolicy", iam_get_inline},
    {"GetSAMLProvider", iam_get_provider},
    {"GetServiceLinkedRoleDeletionStatus", iam_linked_role_status},
    {"GetUser", iam_get_user},
    {"GetUserPolicy", iam_get_inline},
    {"ListAccessKeys", iam_list_keys},
    {"ListAccountAliases", iam_list_aliases},
    {"ListAttachedGroupPolicies", iam_list_attached},
    {"ListAttachedRolePolicies", iam_list_attached},
    {"ListAttachedUserPolicies", iam_list_attached},
    {"ListEntitiesForPolicy", iam_list_holders},
    {"ListGroupPolicies", iam_list_inline},
    {"ListGroups", iam_list_entities},
    {"ListGroupsForUser", iam_groups_of_user},
    {"ListInstanceProfileTags", iam_list_tags},
    {"ListInstanceProfiles", iam_list_entities},
    {"ListInstanceProfilesForRole", iam_profiles_of_role},
    {"ListMFADevices", iam_list_nothing},
    {"ListOpenIDConnectProviderTags", iam_list_provider_tags},
    {"ListOpenIDConnectProviders", iam_list_providers},
    {"ListPolicies", iam_list_policies},
    {"ListPolicyTags", iam_list_tags},
    {"ListPolicyVersions", iam_list_versions},
    {"ListRolePolicies", iam_list_inline},
    {"ListRoleTags", iam_list_tags},
    {"ListRoles", iam_list_entities},
    {"ListSAMLProviderTags", iam_list_provider_tags},
    {"ListSAMLProviders", iam_list_providers},
    {"ListSSHPublicKeys", iam_list_nothing},
    {"ListServerCertificates", iam_list_nothing},
    {"ListServiceSpecificCredentials", iam_list_nothing},
    {"ListSigningCertificates", iam_list_nothing},
    {"ListUserPolicies", iam_list_inline},
    {"ListUserTags", iam_list_tags},
    {"ListUsers", iam_list_entities},
    {"ListVirtualMFADevices", iam_list_nothing},
    {"PutGroupPolicy", iam_put_inline},
    {"PutRolePermissionsBoundary", iam_put_boundary},
    {"PutRolePolicy", iam_put_inline},
    {"PutUserPermissionsBoundary", iam_put_boundary},
    {"PutUserPolicy", iam_put_inline},
    {"RemoveClientIDFromOpenIDConnectProvider", iam_remove_client},
    {"RemoveRoleFromInstanceProfile", iam_remove_role},
    {"RemoveUserFromGroup", iam_remove_from_group},
    {"SetDefaultPolicyVersion", iam_set_default_version},
    {"SimulateCustomPolicy", iam_simulate_custom},
    {"SimulatePrincipalPolicy", iam_simulate_principal},
    {"TagInstanceProfile", iam_tag},
    {"TagOpenIDConnectProvider", iam_tag_provider},
    {"TagPolicy", iam_tag},
    {"TagRole", iam_tag},
    {"TagSAMLProvider", iam_tag_provider},
    {"TagUser", iam_tag},
    {"UntagInstanceProfile", iam_untag},
    {"UntagOpenIDConnectProvider", iam_untag_provider},
    {"UntagPolicy", iam_untag},
    {"UntagRole", iam_untag},
    {"UntagSAMLProvider", iam_untag_provider},
    {"UntagUser", iam_untag},
    {"UpdateAccessKey", iam_update_key},
    {"UpdateAccountPasswordPolicy", iam_update_password_policy},
    {"UpdateAssumeRolePolicy", iam_update_trust},
    {"UpdateGroup", iam_rename_entity},
    {"UpdateLoginProfile", iam_update_login},
    {"UpdateOpenIDConnectProviderThumbprint", iam_update_provider},
    {"UpdateRole", iam_update_role},
    {"UpdateRoleDescription", iam_update_role},
    {"UpdateSAMLProvider", iam_update_provider},
    {"UpdateUser", iam_rename_entity},
};

const CallTable iam_calls = {.service = "iam", .entries = entries, .n = countof(entries)};
