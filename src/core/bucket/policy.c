/* policy.c - the grammar of a bucket policy: fields, principals, actions, resources, conditions. */
#include "core/bucket/policy.h"

#include "core/policy/document.h"

static bool malformed(Error *err, const char *text)
{
    return error_set(err, ERR_S3_MALFORMED_POLICY, "%s", text);
}

/* Elements may be one text or a list of texts. */
static int32_t list_count(const Json *v)
{
    return json_is(v, JSON_ARRAY) ? v->n : v ? 1 : 0;
}

static const Json *list_at(const Json *v, int32_t i)
{
    return json_is(v, JSON_ARRAY) ? json_at(v, i) : v;
}

static bool all_texts(const Json *v)
{
    for (int32_t i = 0; i < list_count(v); i++)
        if (!json_is(list_at(v, i), JSON_STRING)) return false;
    return list_count(v) > 0;
}

static const Json *either(const Json *s, const char *name, const char *inverse)
{
    const Json *v = json_get(s, str_from(name));
    return v ? v : json_get(s, str_from(inverse));
}

/* ---- fields ---- */

static bool known_field(Str key, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (str_eq(key, str_from(names[i]))) return true;
    return false;
}

static bool check_fields(const Json *v, const char *const *names, int n, Error *err)
{
    for (int32_t i = 0; i < v->n; i++)
        if (!known_field(v->members[i].key, names, n))
            return error_set(err, ERR_S3_MALFORMED_POLICY, "Unknown field %.*s",
                             STR(v->members[i].key));
    return true;
}

/* ---- principals ---- */

static bool principal_ok(Str kind, Str text)
{
    int64_t digits = 0;
    if (str_eq(kind, S("Service"))) return str_find_char(text, '.') > 0;
    if (str_eq(kind, S("Federated"))) return text.n > 0;
    if (str_eq(kind, S("CanonicalUser"))) return text.n == 64;
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9') digits++;
    return str_eq(text, S("*")) || (digits == 12 && text.n == 12) || str_starts(text, S("arn:aws"));
}

static bool check_principal(const Json *s, Error *err)
{
    static const char *const kinds[] = {"AWS", "Service", "Federated", "CanonicalUser"};
    const Json *p = either(s, "Principal", "NotPrincipal");
    if (!p) return malformed(err, "Missing required field Principal");
    if (json_is(p, JSON_STRING) && str_eq(json_text(p), S("*"))) return true;
    if (!json_is(p, JSON_OBJECT) || !p->n) return malformed(err, "Invalid principal in policy");
    for (int32_t i = 0; i < p->n; i++) {
        const JsonMember *m = &p->members[i];
        if (!known_field(m->key, kinds, countof(kinds)) || !all_texts(&m->value))
            return malformed(err, "Invalid principal in policy");
        for (int32_t k = 0; k < list_count(&m->value); k++)
            if (!principal_ok(m->key, json_text(list_at(&m->value, k))))
                return malformed(err, "Invalid principal in policy");
    }
    return true;
}

/* ---- actions and resources ---- */

typedef enum ActionOn { ON_ANY, ON_BUCKET, ON_OBJECT } ActionOn;

/* From the actions' names: those on objects speak of objects or of one upload's parts. What has a
 * wildcard may be either. */
static ActionOn action_on(Str action)
{
    static const char *const on_objects[] = {"s3:GetObject",
                                             "s3:PutObject",
                                             "s3:DeleteObject",
                                             "s3:RestoreObject",
                                             "s3:AbortMultipartUpload",
                                             "s3:ListMultipartUploadParts",
                                             "s3:BypassGovernanceRetention",
                                             "s3:ReplicateObject",
                                             "s3:ReplicateDelete",
                                             "s3:ReplicateTags",
                                             "s3:ObjectOwnerOverride"};
    if (str_find_char(action, '*') >= 0 || str_find_char(action, '?') >= 0) return ON_ANY;
    for (int i = 0; i < countof(on_objects); i++)
        if (str_starts(action, str_from(on_objects[i]))) return ON_OBJECT;
    return ON_BUCKET;
}

static bool check_actions(const Json *s, Error *err)
{
    const Json *actions = either(s, "Action", "NotAction");
    if (!actions) return malformed(err, "Missing required field Action");
    if (!all_texts(actions)) return malformed(err, "Policy has invalid action");
    for (int32_t i = 0; i < list_count(actions); i++) {
        Str text = json_text(list_at(actions, i)), head = str_slice(text, 0, 3);
        bool own = text.n > 3 && str_eq_nocase(head, S("s3:"));
        if (!own && !str_eq(text, S("*"))) return malformed(err, "Policy has invalid action");
    }
    return true;
}

static bool resource_ok(Str text, Str bucket, bool *object)
{
    int64_t colon = str_find(text, S(":::"));
    Str rest = str_slice(text, colon + 3, text.n);
    if (str_eq(text, S("*"))) return *object = true;
    if (colon < 0 || !str_starts(text, S("arn:aws")) ||
        !str_ends(str_slice(text, 0, colon), S(":s3")))
        return false;
    *object = str_find_char(rest, '/') >= 0 || str_ends(rest, S("*"));
    int64_t slash = str_find_char(rest, '/');
    Str name = str_slice(rest, 0, slash < 0 ? rest.n : slash);
    int64_t wild = str_find_char(name, '*');
    return str_eq(name, bucket) || (wild >= 0 && str_starts(bucket, str_slice(name, 0, wild)));
}

static bool check_resources(const Json *s, Str bucket, Error *err)
{
    const Json *list = either(s, "Resource", "NotResource"), *actions = json_get(s, S("Action"));
    bool objects = false, buckets = false;
    if (!list) return malformed(err, "Missing required field Resource");
    if (!all_texts(list)) return malformed(err, "Policy has invalid resource");
    for (int32_t i = 0; i < list_count(list); i++) {
        Str text = json_text(list_at(list, i));
        bool object = false;
        if (!resource_ok(text, bucket, &object))
            return malformed(err, "Policy has invalid resource");
        objects |= object;
        buckets |= !object || str_ends(text, S("*"));
    }
    for (int32_t i = 0; i < list_count(actions) && json_get(s, S("Resource")); i++) {
        ActionOn on = action_on(json_text(list_at(actions, i)));
        if ((on == ON_OBJECT && !objects) || (on == ON_BUCKET && !buckets))
            return malformed(err, "Action does not apply to any resource(s) in statement");
    }
    return true;
}

/* ---- conditions ---- */

static bool check_conditions(const Json *s, Error *err)
{
    const Json *c = json_get(s, S("Condition"));
    if (!c) return true;
    if (!json_is(c, JSON_OBJECT)) return malformed(err, "Invalid Condition in policy");
    for (int32_t i = 0; i < c->n; i++) {
        const JsonMember *m = &c->members[i];
        if (!policy_operator_known(policy_operator(m->key)))
            return error_set(err, ERR_S3_MALFORMED_POLICY, "Invalid Condition type : %.*s",
                             STR(m->key));
        if (!json_is(&m->value, JSON_OBJECT) || !m->value.n)
            return malformed(err, "Policy has an invalid condition key");
    }
    return true;
}

/* ---- the document ---- */

static bool check_statement(const Json *s, Str bucket, Error *err)
{
    static const char *const fields[] = {"Sid",          "Effect",      "Principal",
                                         "NotPrincipal", "Action",      "NotAction",
                                         "Resource",     "NotResource", "Condition"};
    Str effect = json_text(json_get(s, S("Effect")));
    if (!json_is(s, JSON_OBJECT)) return malformed(err, "Statement must be an object");
    if (!check_fields(s, fields, countof(fields), err)) return false;
    if (str_absent(effect)) return malformed(err, "Missing required field Effect");
    if (!str_eq(effect, S("Allow")) && !str_eq(effect, S("Deny")))
        return error_set(err, ERR_S3_MALFORMED_POLICY, "Invalid effect: %.*s", STR(effect));
    return check_principal(s, err) && check_actions(s, err) && check_resources(s, bucket, err) &&
           check_conditions(s, err);
}

static bool check_sids(const Json *statements, Error *err)
{
    for (int32_t i = 0; i < list_count(statements); i++)
        for (int32_t k = 0; k < i; k++) {
            const Json *sid = json_get(list_at(statements, i), S("Sid"));
            if (sid && json_text(sid).n && json_get(list_at(statements, k), S("Sid")) &&
                json_eq(sid, json_get(list_at(statements, k), S("Sid"))))
                return malformed(err, "Statement IDs (SID) in a single policy must be unique.");
        }
    return true;
}

bool bucket_policy_check(Str text, Str bucket, Arena *a, Json *out, Error *err)
{
    static const char *const fields[] = {"Version", "Id", "Statement"};
    Error why = {0};
    if (text.n > BUCKET_POLICY_BYTES_MAX)
        return malformed(err, "Policy exceeds the maximum allowed document size of 20 KB.");
    if (!str_starts(text, S("{")) || !json_parse(text, a, out, &why))
        return malformed(err, "Policies must be valid JSON and the first byte must be '{'");
    const Json *statements = json_get(out, S("Statement")), *version = json_get(out, S("Version"));
    if (!check_fields(out, fields, countof(fields), err)) return false;
    if (version && !str_eq(json_text(version), S("2012-10-17")) &&
        !str_eq(json_text(version), S("2008-10-17")))
        return malformed(err, "The policy must contain a valid version string");
    if (!statements) return malformed(err, "Missing required field Statement");
    if (!list_count(statements))
        return malformed(err, "Could not parse the policy: Statement is empty!");
    for (int32_t i = 0; i < list_count(statements); i++)
        if (!check_statement(list_at(statements, i), bucket, err)) return false;
    return check_sids(statements, err);
}

/* ---- public? ---- */

static bool everybody(const Json *s)
{
    const Json *p = json_get(s, S("Principal")), *aws = json_get(p, S("AWS"));
    if (json_get(s, S("NotPrincipal")) || str_eq(json_text(p), S("*"))) return true;
    for (int32_t i = 0; i < list_count(aws); i++)
        if (str_eq(json_text(list_at(aws, i)), S("*"))) return true;
    return false;
}

/* Keys that fix who or where from; with wildcards in their values they fix nothing. */
static bool names_somebody(const JsonMember *m)
{
    static const char *const keys[] = {"aws:SourceArn",
                                       "aws:SourceVpc",
                                       "aws:SourceVpce",
                                       "aws:SourceIp",
                                       "aws:SourceOwner",
                                       "aws:SourceAccount",
                                       "aws:userid",
                                       "aws:PrincipalOrgID",
                                       "aws:PrincipalArn",
                                       "aws:PrincipalAccount",
                                       "s3:DataAccessPointArn",
                                       "s3:DataAccessPointAccount",
                                       "s3:x-amz-server-side-encryption-aws-kms-key-id"};
    for (int32_t i = 0; i < list_count(&m->value); i++) {
        Str text = json_text(list_at(&m->value, i));
        if (str_starts(text, S("*")) || str_ends(text, S("/0"))) return false;
    }
    for (int i = 0; i < countof(keys); i++)
        if (str_eq_nocase(m->key, str_from(keys[i]))) return true;
    return false;
}

static bool narrowed(const Json *s)
{
    const Json *c = json_get(s, S("Condition"));
    for (int32_t i = 0; i < json_count(c); i++) {
        const JsonMember *m = &c->members[i];
        Str name = policy_operator(m->key);
        if (str_find(name, S("Not")) >= 0 || str_eq(name, S("Null"))) continue;
        for (int32_t k = 0; k < json_count(&m->value); k++)
            if (names_somebody(&m->value.members[k])) return true;
    }
    return false;
}

bool bucket_policy_is_public(const Json *policy)
{
    const Json *statements = json_get(policy, S("Statement"));
    for (int32_t i = 0; i < list_count(statements); i++) {
        const Json *s = list_at(statements, i);
        if (str_eq(json_text(json_get(s, S("Effect"))), S("Allow")) && everybody(s) && !narrowed(s))
            return true;
    }
    return false;
}
