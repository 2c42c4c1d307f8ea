/* iam_keys.c - access keys of users over the API, and what is told of an account as a whole. */
#include "api/iam.h"
#include "base/encode.h"
#include "store/credentials.h"
#include "store/documents.h"

enum { KEY_CHARS = 16, SECRET_BYTES = 30 };

/* The named user, or who asks. */
static bool get_user(Call *call, IamEntity *user, Error *err)
{
    Credential c;
    if (!str_absent(iam_in(call, "UserName"))) return iam_get(call, IAM_USER, user, err);
    if (credential_find(call->server->db, call->who.access_key, call->arena, &c) &&
        c.kind == CREDENTIAL_USER &&
        iam_find(call->server->db, c.account, IAM_USER, c.name, call->arena, user))
        return true;
    return error_set(err, ERR_VALIDATION,
                     "Must specify userName when calling with non-User credentials");
}

static Str new_secret(Call *call)
{
    unsigned char random[SECRET_BYTES];
    loop_random(call->server->loop, random, SECRET_BYTES);
    return base64_encode(call->arena, (Str){(const char *)random, SECRET_BYTES});
}

static JsonObject key_told(Call *call, Str user, const Credential *c, Millis made)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("UserName"), user);
    json_put_text(&o, S("AccessKeyId"), c->id);
    json_put_text(&o, S("Status"), c->inactive ? S("Inactive") : S("Active"));
    json_put(&o, S("CreateDate"), json_millis_as_seconds(call->arena, made));
    return o;
}

CallResult iam_create_key(Call *call, Error *err)
{
    IamEntity user;
    Credential *old;
    Millis *made;
    Arena *a = call->arena;
    Db *db = call->server->db;
    JsonObject out = {.a = a};
    if (!get_user(call, &user, err)) return CALL_FAILED;
    int64_t n = credential_list(db, user.account, user.name, a, &old, &made);
    if (!iam_quota(call, n, IAM_KEYS_MAX, "AccessKeysPerUser", err)) return CALL_FAILED;
    AccessKey key = {.id = server_new_id(call->server, a, S("AKIA"), KEY_CHARS),
                     .secret = new_secret(call),
                     .account = user.account,
                     .note = str_printf(a, "user %.*s", STR(user.name)),
                     .created_at = call->now};
    Credential c = {.id = key.id,
                    .account = user.account,
                    .kind = CREDENTIAL_USER,
                    .name = user.name,
                    .entity_id = user.id};
    key_add(db, &key);
    credential_put(db, &c);
    JsonObject told = key_told(call, user.name, &c, call->now);
    json_put_text(&told, S("SecretAccessKey"), key.secret);
    json_put(&out, S("AccessKey"), json_object(&told));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* All at once: a user has few. */
CallResult iam_list_keys(Call *call, Error *err)
{
    IamEntity user;
    Credential *all;
    Millis *made;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!get_user(call, &user, err)) return CALL_FAILED;
    int64_t n =
        credential_list(call->server->db, user.account, user.name, call->arena, &all, &made);
    for (int64_t i = 0; i < n; i++) {
        JsonObject told = key_told(call, user.name, &all[i], made[i]);
        json_add(&list, json_object(&told));
    }
    json_put(&out, S("AccessKeyMetadata"), json_array(&list));
    json_put(&out, S("IsTruncated"), json_bool(false));
    call->out = json_object(&out);
    return CALL_DONE;
}

static bool get_key(Call *call, Credential *c, Error *err)
{
    IamEntity user;
    Str id = iam_in(call, "AccessKeyId");
    if (!get_user(call, &user, err)) return false;
    return (credential_find(call->server->db, id, call->arena, c) && c->kind == CREDENTIAL_USER &&
            str_eq(c->account, user.account) && str_eq_nocase(c->name, user.name)) ||
           error_set(err, ERR_IAM_NO_ENTITY, "The Access Key with id %.*s cannot be found.",
                     STR(id));
}

CallResult iam_update_key(Call *call, Error *err)
{
    Credential c;
    if (!get_key(call, &c, err)) return CALL_FAILED;
    c.inactive = str_eq(iam_in(call, "Status"), S("Inactive"));
    credential_put(call->server->db, &c);
    return CALL_DONE;
}

CallResult iam_delete_key(Call *call, Error *err)
{
    Credential c;
    if (!get_key(call, &c, err)) return CALL_FAILED;
    credential_remove(call->server->db, c.id);
    return CALL_DONE;
}

CallResult iam_key_used(Call *call, Error *err)
{
    Credential c;
    JsonObject used = {.a = call->arena}, out = {.a = call->arena};
    Str id = iam_in(call, "AccessKeyId");
    if (!credential_find(call->server->db, id, call->arena, &c) ||
        !str_eq(c.account, call->who.account)) {
        error_set(err, ERR_IAM_NO_ENTITY, "The Access Key with id %.*s cannot be found.", STR(id));
        return CALL_FAILED;
    }
    if (c.used) json_put(&used, S("LastUsedDate"), json_millis_as_seconds(call->arena, c.used));
    json_put_text(&used, S("ServiceName"), c.used ? c.used_service : S("N/A"));
    json_put_text(&used, S("Region"), c.used ? c.used_region : S("N/A"));
    json_put_text(&out, S("UserName"), c.name);
    json_put(&out, S("AccessKeyLastUsed"), json_object(&used));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- the account ---- */

CallResult iam_summary(Call *call, Error *err)
{
    static const struct {
        const char *name;
        int value;
    } limits[] = {
        {"AccessKeysPerUserQuota", IAM_KEYS_MAX},
        {"AttachedPoliciesPerGroupQuota", IAM_ATTACHED_MAX},
        {"AttachedPoliciesPerRoleQuota", IAM_ATTACHED_MAX},
        {"AttachedPoliciesPerUserQuota", IAM_ATTACHED_MAX},
        {"GroupsPerUserQuota", IAM_GROUPS_MAX},
        {"PolicySizeQuota", IAM_POLICY_BYTES_MAX},
        {"VersionsPerPolicyQuota", IAM_VERSIONS_MAX},
    };
    Arena *a = call->arena;
    JsonObject map = {.a = a}, out = {.a = a};
    (void)err;
    for (IamKind k = 0; k < IAM_KINDS; k++) {
        Str list = str_from(iam_words[k].list);
        json_put(&map, list, json_int(a, iam_count(call->server->db, call->who.account, k)));
        json_put(&map, str_printf(a, "%.*sQuota", STR(list)), json_int(a, iam_words[k].max));
    }
    for (int i = 0; i < countof(limits); i++)
        json_put(&map, str_from(limits[i].name), json_int(a, limits[i].value));
    json_put(&out, S("SummaryMap"), json_object(&map));
    call->out = json_object(&out);
    return CALL_DONE;
}

static bool find_alias(Call *call, Document *alias)
{
    return document_find(call->server->db, S("iam-alias"), S(""), call->who.account, call->arena,
                         alias);
}

CallResult iam_list_aliases(Call *call, Error *err)
{
    Document alias;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    (void)err;
    if (find_alias(call, &alias)) json_add(&list, json_string(alias.content));
    json_put(&out, S("AccountAliases"), json_array(&list));
    json_put(&out, S("IsTruncated"), json_bool(false));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_create_alias(Call *call, Error *err)
{
    (void)err;
    Document alias = {S("iam-alias"), S(""), call->who.account, iam_in(call, "AccountAlias"),
                      call->now};
    document_put(call->server->db, &alias);
    return CALL_DONE;
}

CallResult iam_delete_alias(Call *call, Error *err)
{
    Document alias;
    Str name = iam_in(call, "AccountAlias");
    if (!find_alias(call, &alias) || !str_eq(alias.content, name)) {
        error_set(err, ERR_IAM_NO_ENTITY, "The account alias %.*s does not exist.", STR(name));
        return CALL_FAILED;
    }
    document_remove(call->server->db, S("iam-alias"), S(""), call->who.account);
    return CALL_DONE;
}
