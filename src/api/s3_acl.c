/* s3_acl.c - access control lists: canned, in headers or in a body; kept and told again where the bucket's ownership allows. */
#include "api/s3.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 * A list is kept as its grants: of a bucket as the configuration "acl", of an object among its
 * facts. Without one the owner has all. */
enum { ACL_GRANTS_MAX = 100 };

#define GROUPS        "http://acs.amazonaws.com/groups/"
#define EVERYBODY     GROUPS "global/AllUsers"
#define AUTHENTICATED GROUPS "global/AuthenticatedUsers"
#define LOG_DELIVERY  GROUPS "s3/LogDelivery"

static Json grant(const Call *c, Str kind, Str member, Str who, Str permission)
{
    JsonObject grantee = {.a = c->arena}, g = {.a = c->arena};
    json_put(&grantee, member, json_string(who));
    json_put(&grantee, S("Type"), json_string(kind));
    json_put(&g, S("Grantee"), json_object(&grantee));
    json_put(&g, S("Permission"), json_string(permission));
    return json_object(&g);
}

static Json owner_grant(const Call *c)
{
    Json owner = s3_owner(c);
    return grant(c, S("CanonicalUser"), S("ID"), json_text(json_get(&owner, S("ID"))),
                 S("FULL_CONTROL"));
}

static Json owner_has_all(const Call *c)
{
    JsonArray grants = {.a = c->arena};
    json_add(&grants, owner_grant(c));
    return json_array(&grants);
}

/* ---- what is asked for ---- */

static const struct {
    const char *acl;
    struct {
        const char *group, *permission;
    } grants[2];
} canned[] = {
    {"private", {{0}}},
    {"bucket-owner-read", {{0}}},
    {"bucket-owner-full-control", {{0}}},
    {"aws-exec-read", {{0}}},
    {"public-read", {{EVERYBODY, "READ"}}},
    {"public-read-write", {{EVERYBODY, "READ"}, {EVERYBODY, "WRITE"}}},
    {"authenticated-read", {{AUTHENTICATED, "READ"}}},
    {"log-delivery-write", {{LOG_DELIVERY, "WRITE"}, {LOG_DELIVERY, "READ_ACP"}}},
};

static Json canned_grants(const Call *c, Str acl)
{
    JsonArray grants = {.a = c->arena};
    json_add(&grants, owner_grant(c));
    for (int i = 0; i < countof(canned); i++)
        for (int k = 0; k < 2 && str_eq(acl, str_from(canned[i].acl)); k++)
            if (canned[i].grants[k].group)
                json_add(&grants,
                         grant(c, S("Group"), S("URI"), str_from(canned[i].grants[k].group),
                               str_from(canned[i].grants[k].permission)));
    return json_array(&grants);
}

static const struct {
    const char *member, *permission;
} headers[] = {
    {"GrantFullControl", "FULL_CONTROL"}, {"GrantRead", "READ"},
    {"GrantReadACP", "READ_ACP"},         {"GrantWrite", "WRITE"},
    {"GrantWriteACP", "WRITE_ACP"},
};

static bool has_grant_headers(const Call *c)
{
    for (int i = 0; i < countof(headers); i++)
        if (json_get(&c->in, str_from(headers[i].member))) return true;
    return false;
}

static bool argument(Error *err, const char *text)
{
    return error_set(err, ERR_S3_INVALID_ARGUMENT, "%s", text);
}

static bool is_canonical(Str id)
{
    for (int64_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'f')))
            return false;
    return id.n == 64;
}

static bool check_grantee(const Json *grantee, Error *err)
{
    static const char *const groups[] = {EVERYBODY, AUTHENTICATED, LOG_DELIVERY};
    Str kind = json_text(json_get(grantee, S("Type"))),
        uri = json_text(json_get(grantee, S("URI")));
    if (str_eq(kind, S("AmazonCustomerByEmail")))
        return error_set(err, ERR_S3_UNRESOLVABLE_GRANT,
                         "The e-mail address you provided does not match any account on record.");
    if (str_eq(kind, S("CanonicalUser")))
        return is_canonical(json_text(json_get(grantee, S("ID")))) || argument(err, "Invalid id");
    for (int i = 0; i < countof(groups); i++)
        if (str_eq(uri, str_from(groups[i]))) return true;
    return argument(err, "Invalid group uri");
}

/* One of: id="..", uri="..", emailAddress=".." */
static bool read_grantee(const Call *c, Str text, Str permission, Json *out, Error *err)
{
    static const char *const kinds[][3] = {
        {"id", "CanonicalUser", "ID"},
        {"uri", "Group", "URI"},
        {"emailAddress", "AmazonCustomerByEmail", "EmailAddress"}};
    int64_t eq = str_find_char(text, '=');
    Str name = str_trim(str_slice(text, 0, eq)), value = str_trim(str_slice(text, eq + 1, text.n));
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        value = str_slice(value, 1, value.n - 1);
    for (int i = 0; eq > 0 && i < countof(kinds); i++) {
        if (!str_eq_nocase(name, str_from(kinds[i][0]))) continue;
        *out = grant(c, str_from(kinds[i][1]), str_from(kinds[i][2]), value, permission);
        return check_grantee(json_get(out, S("Grantee")), err);
    }
    return argument(err, "Argument format not recognized");
}

static bool header_grants(const Call *c, Json *out, Error *err)
{
    JsonArray grants = {.a = c->arena};
    for (int i = 0; i < countof(headers); i++) {
        Str rest = s3_text(c, str_from(headers[i].member)), one;
        while (str_cut(&rest, ',', &one)) {
            Json g;
            if (!read_grantee(c, one, str_from(headers[i].permission), &g, err)) return false;
            json_add(&grants, g);
        }
    }
    *out = json_array(&grants);
    return true;
}

static bool body_grants(const Call *c, const Json *policy, Json *out, Error *err)
{
    const Json *list = json_get(policy, S("Grants")), *owner = json_find(policy, "Owner.ID");
    Json own = s3_owner(c);
    if (!owner || json_count(list) > ACL_GRANTS_MAX)
        return error_set(err, ERR_S3_MALFORMED_ACL,
                         "The XML you provided was not well-formed or did not validate against our "
                         "published schema");
    if (!json_eq(owner, json_get(&own, S("ID"))))
        return error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
    for (int32_t i = 0; i < json_count(list); i++) {
        if (!json_get(json_at(list, i), S("Permission")))
            return error_set(err, ERR_S3_MALFORMED_ACL, "A grant needs a permission.");
        if (!check_grantee(json_get(json_at(list, i), S("Grantee")), err)) return false;
    }
    *out = list ? *list : (Json){.type = JSON_ARRAY};
    return true;
}

static bool read_acl(const Call *c, Json *out, Error *err)
{
    Str acl = s3_text(c, S("ACL"));
    const Json *policy = json_get(&c->in, S("AccessControlPolicy"));
    bool in_headers = has_grant_headers(c);
    if (acl.n && in_headers)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "Specifying both Canned ACLs and Header Grants is not allowed");
    if (policy && json_count(policy) && (acl.n || in_headers))
        return error_set(err, ERR_S3_UNEXPECTED_CONTENT, "This request does not support content");
    if (in_headers) return header_grants(c, out, err);
    if (policy && json_count(policy)) return body_grants(c, policy, out, err);
    if (!acl.n)
        return error_set(err, ERR_S3_MISSING_SECURITY_HEADER,
                         "Your request was missing a required header");
    *out = canned_grants(c, acl);
    return true;
}

/* ---- what the bucket allows ---- */

static bool is_public(const Json *grants)
{
    for (int32_t i = 0; i < json_count(grants); i++) {
        Str uri = json_text(json_find(json_at(grants, i), "Grantee.URI"));
        if (str_eq(uri, S(EVERYBODY)) || str_eq(uri, S(AUTHENTICATED))) return true;
    }
    return false;
}

static bool only_owner(const Call *c, const Json *grants)
{
    Json all = owner_has_all(c);
    return json_count(grants) == 1 &&
           json_eq(json_find(json_at(grants, 0), "Grantee.ID"),
                   json_find(json_at(&all, 0), "Grantee.ID")) &&
           str_eq(json_text(json_get(json_at(grants, 0), S("Permission"))), S("FULL_CONTROL"));
}

bool s3_acls_are_off(const Call *c, int64_t bucket_id)
{
    Json controls;
    if (!s3_setting(c, bucket_id, "ownership", &controls)) return false;
    const Json *rule = json_at(json_get(&controls, S("Rules")), 0);
    return str_eq(json_text(json_get(rule, S("ObjectOwnership"))), S("BucketOwnerEnforced"));
}

static bool blocks_public(const Call *c, int64_t bucket_id)
{
    Json block;
    return s3_setting(c, bucket_id, "access-block", &block) &&
           json_true(json_get(&block, S("BlockPublicAcls")));
}

static bool allowed(const Call *c, int64_t bucket_id, const Json *grants, Error *err)
{
    if (s3_acls_are_off(c, bucket_id))
        return only_owner(c, grants) ||
               error_set(err, ERR_S3_ACL_NOT_SUPPORTED, "The bucket does not allow ACLs");
    return !is_public(grants) || !blocks_public(c, bucket_id) ||
           error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
}

bool s3_acl_of_object(Call *c, Json *grants, Error *err)
{
    Str acl = s3_text(c, S("ACL"));
    Bucket b;
    *grants = (Json){0};
    if (!acl.n && !has_grant_headers(c)) return true;
    if (!read_acl(c, grants, err) || !s3_bucket(c, &b, err) || !allowed(c, b.id, grants, err))
        return false;
    if (only_owner(c, grants)) *grants = (Json){0};
    return true;
}

/* The default ownership has no lists: what a new bucket asks for must fit what it gets. */
bool s3_acl_of_new_bucket(Call *c, Json *grants, Error *err)
{
    Str ownership = s3_text(c, S("ObjectOwnership"));
    bool off = !ownership.n || str_eq(ownership, S("BucketOwnerEnforced"));
    *grants = (Json){0};
    if (!s3_text(c, S("ACL")).n && !has_grant_headers(c)) return true;
    if (!read_acl(c, grants, err)) return false;
    if (only_owner(c, grants)) return *grants = (Json){0}, true;
    if (off)
        return error_set(err, ERR_S3_ACL_WITH_OWNERSHIP,
                         "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                         "setting");
    return !is_public(grants) ||
           error_set(err, ERR_S3_ACL_WITH_BLOCK,
                     "Bucket cannot have public ACLs set with BlockPublicAccess enabled");
}

bool s3_acl_allows_enforced(const Call *c, int64_t bucket_id)
{
    Json grants;
    return !bucket_config(c->server->objects, bucket_id, S("acl"), S(""), c->arena, &grants) ||
           only_owner(c, &grants);
}

/* ---- operations ---- */

static void answer(Call *c, Json grants)
{
    JsonObject out = {.a = c->arena};
    json_put(&out, S("Owner"), s3_owner(c));
    json_put(&out, S("Grants"), grants);
    c->out = json_object(&out);
}

CallResult s3_get_bucket_acl(Call *c, Error *err)
{
    Bucket b;
    Json grants = owner_has_all(c), kept;
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (!s3_acls_are_off(c, b.id) &&
        bucket_config(c->server->objects, b.id, S("acl"), S(""), c->arena, &kept))
        grants = kept;
    answer(c, grants);
    return CALL_DONE;
}

CallResult s3_put_bucket_acl(Call *c, Error *err)
{
    Bucket b;
    Json grants;
    if (!s3_bucket(c, &b, err) || !read_acl(c, &grants, err) || !allowed(c, b.id, &grants, err))
        return s3_end(c, false, err);
    bucket_set_config(c->server->objects, b.id, S("acl"), S(""), &grants);
    return CALL_DONE;
}

CallResult s3_get_object_acl(Call *c, Error *err)
{
    Object object;
    if (!s3_object(c, &object, err)) return s3_end(c, false, err);
    const Json *kept = json_get(&object.facts, S("Acl"));
    answer(c, kept && !s3_acls_are_off(c, object.bucket_id) ? *kept : owner_has_all(c));
    return CALL_DONE;
}

CallResult s3_put_object_acl(Call *c, Error *err)
{
    Object object;
    Json grants;
    if (!s3_object(c, &object, err) || !read_acl(c, &grants, err) ||
        !allowed(c, object.bucket_id, &grants, err))
        return s3_end(c, false, err);
    Json facts = s3_facts_with(c, &object.facts, S("Acl"), &grants);
    object_set_facts(c->server->objects, &object, &facts);
    s3_event(c, "ObjectAcl:Put", &object, (Str){0});
    return CALL_DONE;
}
