/* document.c - the grammar of policy documents: fields, principals, actions, resources, conditions. */
#include "core/policy/document.h"

static bool malformed(Error *err, const char *text)
{
    return error_set(err, ERR_IAM_MALFORMED_POLICY, "%s", text);
}

static bool syntax(Error *err)
{
    return malformed(err, "Syntax errors in policy.");
}

int32_t policy_count(const Json *v)
{
    return json_is(v, JSON_ARRAY) ? v->n : v ? 1 : 0;
}

const Json *policy_at(const Json *v, int32_t i)
{
    return json_is(v, JSON_ARRAY) ? json_at(v, i) : v;
}

int64_t policy_size(Str text)
{
    int64_t n = 0;
    for (int64_t i = 0; i < text.n; i++) n += !strchr(" \t\r\n", text.p[i]) || !text.p[i];
    return n;
}

static bool among(Str s, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (str_eq(s, str_from(names[i]))) return true;
    return false;
}

static bool fields_known(const Json *v, const char *const *names, int n)
{
    for (int32_t i = 0; i < v->n; i++)
        if (!among(v->members[i].key, names, n)) return false;
    return true;
}

static bool all_texts(const Json *v)
{
    for (int32_t i = 0; i < policy_count(v); i++)
        if (!json_is(policy_at(v, i), JSON_STRING)) return false;
    return true;
}

/* ---- principals ---- */

static bool all_digits(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

static bool principal_ok(Str kind, Str text)
{
    if (str_eq(kind, S("Service")))
        return str_ends(text, S(".amazonaws.com")) || str_ends(text, S(".amazonaws.com.cn")) ||
               str_ends(text, S(".aws.internal"));
    if (str_eq(kind, S("Federated")) || str_eq(kind, S("CanonicalUser"))) return text.n > 0;
    return str_eq(text, S("*")) || (all_digits(text) && text.n == 12) ||
           str_starts(text, S("arn:aws")) || str_starts(text, S("AROA")) ||
           str_starts(text, S("AIDA"));
}

static bool principals_ok(const JsonMember *m, Error *err)
{
    Arena a = {0};
    for (int32_t i = 0; i < policy_count(&m->value); i++) {
        Str text = json_text(policy_at(&m->value, i));
        if (principal_ok(m->key, text)) continue;
        error_set(err, ERR_IAM_MALFORMED_POLICY, "Invalid principal in policy: \"%.*s\":\"%.*s\"",
                  STR(str_upper(&a, m->key)), STR(text));
        return arena_free(&a), false;
    }
    return policy_count(&m->value) > 0 ||
           error_set(err, ERR_IAM_MALFORMED_POLICY, "Missing required field Principal");
}

static bool check_principal(const Json *s, Error *err)
{
    static const char *const kinds[] = {"AWS", "Service", "Federated", "CanonicalUser"};
    const Json *p = json_get(s, S("Principal"));
    if (!p) return malformed(err, "Missing required field Principal");
    if (str_eq(json_text(p), S("*"))) return true;
    if (!json_is(p, JSON_OBJECT)) return malformed(err, "Invalid principal in policy");
    if (!p->n) return malformed(err, "Missing required field Principal cannot be empty!");
    if (!fields_known(p, kinds, countof(kinds))) return syntax(err);
    for (int32_t i = 0; i < p->n; i++) {
        if (!all_texts(&p->members[i].value)) return syntax(err);
        if (!principals_ok(&p->members[i], err)) return false;
    }
    return true;
}

/* ---- actions ---- */

static bool vendor_ok(Str vendor)
{
    for (int64_t i = 0; i < vendor.n; i++) {
        char c = vendor.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '*' || c == '?';
        if (!good) return false;
    }
    return vendor.n > 0;
}

static bool action_ok(Str text, Error *err)
{
    int64_t colon = str_find_char(text, ':');
    if (str_eq(text, S("*"))) return true;
    if (colon <= 0 || colon + 1 == text.n)
        return malformed(
            err, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    Str vendor = str_slice(text, 0, colon);
    if (vendor_ok(vendor)) return true;
    return error_set(err, ERR_IAM_MALFORMED_POLICY, "Vendor %.*s is not valid", STR(vendor));
}

static bool is_assuming(Str action)
{
    return str_eq_nocase(str_slice(action, 0, 4), S("sts:"));
}

static bool check_actions(const Json *s, PolicyUse use, Error *err)
{
    const Json *in = json_get(s, S("Action")), *out = json_get(s, S("NotAction"));
    const Json *list = in ? in : out;
    if (in && out) return syntax(err);
    if (!policy_count(list)) return malformed(err, "Policy statement must contain actions.");
    if (!all_texts(list)) return syntax(err);
    for (int32_t i = 0; i < policy_count(list); i++) {
        Str text = json_text(policy_at(list, i));
        if (use == POLICY_TRUST && !is_assuming(text))
            return malformed(err, "AssumeRole policy may only specify STS AssumeRole actions.");
        if (!action_ok(text, err)) return false;
    }
    return true;
}

/* ---- resources ---- */

static bool resource_ok(Str text, Error *err)
{
    Str rest = text, part;
    int parts = 0;
    if (str_eq(text, S("*"))) return true;
    if (!str_starts(text, S("arn:")) && str_find_char(str_slice(text, 0, 4), '*') < 0)
        return error_set(err, ERR_IAM_MALFORMED_POLICY,
                         "Resource %.*s must be in ARN format or \"*\".", STR(text));
    while (str_cut(&rest, ':', &part)) parts++;
    if (parts >= 6 || str_find_char(text, '*') >= 0) return true;
    return error_set(err, ERR_IAM_MALFORMED_POLICY,
                     "The policy failed legacy parsing: resource %.*s has too few parts.",
                     STR(text));
}

static bool check_resources(const Json *s, Error *err)
{
    const Json *in = json_get(s, S("Resource")), *out = json_get(s, S("NotResource"));
    const Json *list = in ? in : out;
    if (in && out) return syntax(err);
    if (!policy_count(list)) return malformed(err, "Policy statement must contain resources.");
    if (!all_texts(list)) return syntax(err);
    for (int32_t i = 0; i < policy_count(list); i++)
        if (!resource_ok(json_text(policy_at(list, i)), err)) return false;
    return true;
}

/* ---- conditions ---- */

Str policy_operator(Str name)
{
    int64_t colon = str_find_char(name, ':');
    if (colon > 0) name = str_slice(name, colon + 1, name.n);
    return str_ends(name, S("IfExists")) ? str_slice(name, 0, name.n - 8) : name;
}

bool policy_operator_known(Str base)
{
    static const char *const operators[] = {"StringEquals",
                                            "StringNotEquals",
                                            "StringEqualsIgnoreCase",
                                            "StringNotEqualsIgnoreCase",
                                            "StringLike",
                                            "StringNotLike",
                                            "NumericEquals",
                                            "NumericNotEquals",
                                            "NumericLessThan",
                                            "NumericLessThanEquals",
                                            "NumericGreaterThan",
                                            "NumericGreaterThanEquals",
                                            "DateEquals",
                                            "DateNotEquals",
                                            "DateLessThan",
                                            "DateLessThanEquals",
                                            "DateGreaterThan",
                                            "DateGreaterThanEquals",
                                            "Bool",
                                            "BinaryEquals",
                                            "IpAddress",
                                            "NotIpAddress",
                                            "ArnEquals",
                                            "ArnNotEquals",
                                            "ArnLike",
                                            "ArnNotLike",
                                            "Null"};
    return among(base, operators, countof(operators));
}

static bool set_prefix_ok(Str name)
{
    int64_t colon = str_find_char(name, ':');
    Str prefix = str_slice(name, 0, colon);
    return colon < 0 || str_eq(prefix, S("ForAnyValue")) || str_eq(prefix, S("ForAllValues"));
}

static bool values_ok(const Json *v)
{
    for (int32_t i = 0; i < policy_count(v); i++) {
        const Json *x = policy_at(v, i);
        if (!json_is(x, JSON_STRING) && !json_is(x, JSON_NUMBER) && !json_is(x, JSON_TRUE) &&
            !json_is(x, JSON_FALSE))
            return false;
    }
    return true;
}

static bool check_conditions(const Json *s, Error *err)
{
    const Json *c = json_get(s, S("Condition"));
    if (!c) return true;
    if (!json_is(c, JSON_OBJECT)) return syntax(err);
    for (int32_t i = 0; i < c->n; i++) {
        const JsonMember *m = &c->members[i];
        if (!policy_operator_known(policy_operator(m->key)) || !set_prefix_ok(m->key))
            return error_set(err, ERR_IAM_MALFORMED_POLICY, "Invalid Condition type : %.*s",
                             STR(m->key));
        if (!json_is(&m->value, JSON_OBJECT)) return syntax(err);
        for (int32_t k = 0; k < m->value.n; k++) {
            if (str_find_char(m->value.members[k].key, ':') <= 0)
                return malformed(err, "Actions/Conditions must be prefaced by a vendor, e.g., iam, "
                                      "sdb, ec2, etc.");
            if (!values_ok(&m->value.members[k].value)) return syntax(err);
        }
    }
    return true;
}

/* ---- the document ---- */

static bool check_identity(const Json *s, Error *err)
{
    if (json_get(s, S("Principal")) || json_get(s, S("NotPrincipal")))
        return malformed(err, "Policy document should not specify a principal.");
    return check_actions(s, POLICY_IDENTITY, err) && check_resources(s, err);
}

static bool check_trust(const Json *s, Error *err)
{
    if (json_get(s, S("Resource")) || json_get(s, S("NotResource")))
        return malformed(err, "Has prohibited field Resource");
    return check_principal(s, err) && check_actions(s, POLICY_TRUST, err);
}

static bool check_statement(const Json *s, PolicyUse use, Error *err)
{
    static const char *const fields[] = {"Sid",          "Effect",      "Principal",
                                         "NotPrincipal", "Action",      "NotAction",
                                         "Resource",     "NotResource", "Condition"};
    Str effect = json_text(json_get(s, S("Effect")));
    if (!json_is(s, JSON_OBJECT) || !fields_known(s, fields, countof(fields))) return syntax(err);
    if (!str_eq(effect, S("Allow")) && !str_eq(effect, S("Deny"))) return syntax(err);
    if (json_get(s, S("Sid")) && !json_is(json_get(s, S("Sid")), JSON_STRING)) return syntax(err);
    return (use == POLICY_TRUST ? check_trust(s, err) : check_identity(s, err)) &&
           check_conditions(s, err);
}

static bool check_sids(const Json *statements, Error *err)
{
    for (int32_t i = 0; i < policy_count(statements); i++)
        for (int32_t k = 0; k < i; k++) {
            Str sid = json_text(json_get(policy_at(statements, i), S("Sid")));
            if (sid.n && str_eq(sid, json_text(json_get(policy_at(statements, k), S("Sid")))))
                return malformed(err, "Statement IDs (SID) in a single policy must be unique.");
        }
    return true;
}

bool policy_check(Str text, PolicyUse use, Arena *a, Json *out, Error *err)
{
    static const char *const fields[] = {"Version", "Id", "Statement"};
    Error why = {0};
    if (!json_parse(text, a, out, &why)) return malformed(err, "This policy contains invalid Json");
    const Json *statements = json_get(out, S("Statement")), *version = json_get(out, S("Version"));
    if (!json_is(out, JSON_OBJECT) || !fields_known(out, fields, countof(fields)))
        return syntax(err);
    if (version && !str_eq(json_text(version), S("2012-10-17")) &&
        !str_eq(json_text(version), S("2008-10-17")))
        return syntax(err);
    if (!policy_count(statements)) return syntax(err);
    for (int32_t i = 0; i < policy_count(statements); i++)
        if (!check_statement(policy_at(statements, i), use, err)) return false;
    return check_sids(statements, err);
}
