/* iam.h - private to api/iam*.c: the words of the kinds of entities, finding and telling them, pages, and all handlers. */
#pragma once
#include "app/access/identities.h"
#include "app/call.h"

typedef struct IamWords {
    const char *word;               /* "Role": of operations and of results */
    const char *list;               /* "Roles" */
    const char *name_member;        /* "RoleName" */
    const char *id_member, *prefix; /* "RoleId", "AROA" */
    const char *spoken;             /* "role": in messages */
    const char *quota;              /* "RolesPerAccount" */
    int max;                        /* of an account */
    int inline_bytes;               /* all inline policies of one together */
    const char *attached_quota;     /* "PoliciesPerRole" */
} IamWords;
extern const IamWords iam_words[IAM_KINDS];

enum {
    IAM_PAGE = 100,
    IAM_ATTACHED_MAX = 10,
    IAM_POLICY_BYTES_MAX = 6144, /* of a managed policy, without white space */
    IAM_TRUST_BYTES_MAX = 2048,
    IAM_VERSIONS_MAX = 5,
    IAM_KEYS_MAX = 2,
    IAM_GROUPS_MAX = 10, /* of one user */
    IAM_TAGS_MAX = 50,
};

Str iam_in(const Call *call, const char *member);
/* The kind that the operation's name speaks of: TagRole, ListAttachedRolePolicies. */
IamKind iam_kind(const Call *call);
/* By the name in the input, of the operation's kind; ERR_IAM_NO_ENTITY. */
must_use bool iam_get(Call *call, IamKind kind, IamEntity *out, Error *err);
/* By PolicyArn. */
must_use bool iam_get_policy(Call *call, IamEntity *out, Error *err);
/* Roles linked to services are theirs to change: ERR_IAM_UNMODIFIABLE. */
must_use bool iam_modifiable(const IamEntity *e, Error *err);
/* One more of what there are n already; ERR_IAM_LIMIT. */
must_use bool iam_quota(const Call *call, int64_t n, int64_t max, const char *name, Error *err);
must_use bool iam_boundary_ok(Call *call, Str arn, Error *err);
/* Tags of the input; *out absent when there are none. */
must_use bool iam_tags(Call *call, Str *out, Error *err);
Json iam_tags_told(Call *call, const IamEntity *e);

/* As an answer tells it. full: with what listings leave out. */
Json iam_told(Call *call, const IamEntity *e, bool full);
Json iam_encoded(Call *call, Str document); /* RFC 3986, as all documents are told */
/* {"Role": {..}} */
CallResult iam_answer(Call *call, const IamEntity *e);

typedef struct IamPage {
    Str after;
    int64_t max;
} IamPage;
must_use bool iam_page(Call *call, IamPage *page, Error *err);
/* list, IsTruncated and Marker; n were asked for with page->max + 1. */
CallResult iam_page_end(Call *call, const char *member, const JsonArray *list, const IamPage *page,
                        int64_t n, Str last);

/* Whether principals of a trust policy exist. iam_roles.c */
must_use bool iam_trust_ok(Call *call, Str document, Error *err);

CallHandler iam_create_user, iam_create_group, iam_create_role, iam_create_profile,
    iam_create_policy, iam_create_linked_role;
CallHandler iam_get_user, iam_get_entity, iam_get_group, iam_get_managed, iam_list_entities,
    iam_list_policies, iam_delete_entity, iam_delete_policy, iam_delete_linked_role,
    iam_linked_role_status, iam_rename_entity, iam_update_role, iam_update_trust;
CallHandler iam_put_boundary, iam_delete_boundary, iam_tag, iam_untag, iam_list_tags;
CallHandler iam_attach, iam_detach, iam_list_attached, iam_put_inline, iam_get_inline,
    iam_delete_inline, iam_list_inline, iam_list_holders;
CallHandler iam_add_to_group, iam_remove_from_group, iam_groups_of_user, iam_add_role,
    iam_remove_role, iam_profiles_of_role;
CallHandler iam_create_version, iam_get_version, iam_list_versions, iam_delete_version,
    iam_set_default_version;
CallHandler iam_create_key, iam_list_keys, iam_update_key, iam_delete_key, iam_key_used;
CallHandler iam_simulate_custom, iam_simulate_principal;
CallHandler iam_summary, iam_list_aliases, iam_create_alias, iam_delete_alias;
CallHandler iam_context_keys_custom, iam_context_keys_principal;
CallHandler iam_get_password_policy, iam_update_password_policy, iam_delete_password_policy,
    iam_create_login, iam_get_login, iam_update_login, iam_delete_login;
CallHandler iam_create_oidc, iam_create_saml, iam_get_provider, iam_list_providers,
    iam_update_provider, iam_delete_provider, iam_add_client, iam_remove_client, iam_tag_provider,
    iam_untag_provider, iam_list_provider_tags;
CallHandler iam_authorization_details, iam_generate_report, iam_get_report, iam_list_nothing;

bool iam_has_login(Call *call, Str user);
/* issuer: the provider's URL without https:// */
bool iam_has_oidc(Call *call, Str issuer);
bool iam_has_saml(Call *call, Str arn);
