/* policy.c - which statements apply to a request, and what follows from all of them together. */
#include "core/policy/policy.h"

#include "base/glob.h"
#include "core/policy/policy_inside.h"

/* ---- one statement ---- */

bool policy_action_matches(Arena *a, Str pattern, Str action)
{
    return glob_matches(GLOB_STAR_QUESTION, str_lower(a, pattern), str_lower(a, action));
}

static bool any_action(const PolicyContext *c, const Json *list)
{
    for (int32_t i = 0; i < policy_count(list); i++)
        if (policy_action_matches(c->a, json_text(policy_at(list, i)), c->r->action)) return true;
    return false;
}

static bool any_resource(const PolicyContext *c, const Json *list)
{
    Str pattern;
    for (int32_t i = 0; i < policy_count(list); i++) {
        Str text = json_text(policy_at(list, i));
        if (str_eq(text, S("*"))) return true;
        if (policy_expand(c, text, true, &pattern) &&
            glob_matches(GLOB_MARKED, pattern, c->r->resource))
            return true;
    }
    return false;
}

bool policy_statement_applies(const PolicyContext *c, const Json *s)
{
    const Json *action = json_get(s, S("Action")), *no_action = json_get(s, S("NotAction"));
    const Json *resource = json_get(s, S("Resource")), *none = json_get(s, S("NotResource"));
    if (action ? !any_action(c, action) : !no_action || any_action(c, no_action)) return false;
    if (resource && !any_resource(c, resource)) return false;
    if (none && any_resource(c, none)) return false;
    return policy_conditions_hold(c, s);
}

/* ---- principals ---- */

static bool is_account(Str text, Str account)
{
    Str head = S("arn:aws:iam::"), tail = S(":root");
    return account.n &&
           (str_eq(text, account) ||
            (text.n == head.n + account.n + tail.n && str_starts(text, head) &&
             str_ends(text, tail) && str_eq(str_slice(text, head.n, head.n + account.n), account)));
}

static PolicyNearness aws_nearness(const PolicyPrincipal *p, Str text)
{
    if (str_eq(text, S("*"))) return POLICY_BY_NAME;
    if (str_absent(p->arn)) return POLICY_NOBODY;
    if (str_eq(text, p->arn) || (p->id.n && str_eq(text, p->id))) return POLICY_BY_NAME;
    if (!str_absent(p->role_arn) && str_eq(text, p->role_arn)) return POLICY_BY_ROLE;
    return is_account(text, p->account) ? POLICY_BY_ACCOUNT : POLICY_NOBODY;
}

static PolicyNearness nearness(const PolicyPrincipal *p, const Json *principal)
{
    PolicyNearness best = POLICY_NOBODY;
    if (str_eq(json_text(principal), S("*"))) return POLICY_BY_NAME;
    const Json *aws = json_get(principal, S("AWS")), *services = json_get(principal, S("Service"));
    for (int32_t i = 0; i < policy_count(aws); i++) {
        PolicyNearness near = aws_nearness(p, json_text(policy_at(aws, i)));
        if (near > best) best = near;
    }
    for (int32_t i = 0; i < policy_count(services) && p->service.n; i++)
        if (str_eq(json_text(policy_at(services, i)), p->service)) return POLICY_BY_NAME;
    return best;
}

PolicyNearness policy_principal(const PolicyContext *c, const Json *s)
{
    const Json *those = json_get(s, S("Principal")), *others = json_get(s, S("NotPrincipal"));
    if (others)
        return nearness(&c->r->principal, others) == POLICY_NOBODY ? POLICY_BY_NAME : POLICY_NOBODY;
    return those ? nearness(&c->r->principal, those) : POLICY_NOBODY;
}

/* ---- all of a kind ---- */

/* What the documents of one kind say. */
typedef struct Say {
    const PolicyDocument *denied_by, *allowed_by;
    const Json *denied_in, *allowed_in;
    PolicyNearness nearest; /* of resource policies that allow */
} Say;

static void take(Say *say, const PolicyDocument *d, const Json *s, PolicyNearness near)
{
    bool deny = str_eq(json_text(json_get(s, S("Effect"))), S("Deny"));
    if (deny && !say->denied_by) {
        say->denied_by = d;
        say->denied_in = s;
    }
    if (deny || near <= say->nearest) return;
    say->nearest = near;
    say->allowed_by = d;
    say->allowed_in = s;
}

static void read_document(Say *say, const PolicyDocument *d, const PolicyRequest *r, bool resource,
                          Arena *a)
{
    const Json *statements = json_get(d->json, S("Statement"));
    PolicyContext c = {r, a, str_eq(json_text(json_get(d->json, S("Version"))), S("2012-10-17"))};
    for (int32_t i = 0; i < policy_count(statements); i++) {
        const Json *s = policy_at(statements, i);
        PolicyNearness near = resource ? policy_principal(&c, s) : POLICY_BY_NAME;
        if (near != POLICY_NOBODY && policy_statement_applies(&c, s)) take(say, d, s, near);
    }
}

static Say ask(const PolicyDocument *d, int n, const PolicyRequest *r, bool resource, Arena *a)
{
    Say say = {0};
    for (int i = 0; i < n; i++) read_document(&say, &d[i], r, resource, a);
    return say;
}

/* ---- together ---- */

static PolicyDecision denied(PolicyReason reason, const Say *say)
{
    return (PolicyDecision){false, reason, say->denied_by, say->denied_in};
}

static PolicyDecision allowed(const Say *say)
{
    return (PolicyDecision){true, POLICY_ALLOWED, say->allowed_by, say->allowed_in};
}

static PolicyDecision missing(PolicyReason reason)
{
    return (PolicyDecision){.reason = reason};
}

PolicyDecision policy_decide(const PolicySets *sets, const PolicyRequest *r, Arena *a)
{
    Say identity = ask(sets->identity, sets->identity_n, r, false, a);
    Say boundary = ask(sets->boundary, sets->boundary_n, r, false, a);
    Say session = ask(sets->session, sets->session_n, r, false, a);
    Say resource = ask(sets->resource, sets->resource_n, r, true, a);
    bool bounded = sets->bounded && !boundary.allowed_by;
    bool narrowed = sets->narrowed && !session.allowed_by;
    if (identity.denied_by) return denied(POLICY_DENIED_IDENTITY, &identity);
    if (boundary.denied_by) return denied(POLICY_DENIED_BOUNDARY, &boundary);
    if (session.denied_by) return denied(POLICY_DENIED_SESSION, &session);
    if (resource.denied_by) return denied(POLICY_DENIED_RESOURCE, &resource);
    if (resource.nearest == POLICY_BY_NAME) return allowed(&resource);
    if (sets->trust && resource.nearest == POLICY_NOBODY) return missing(POLICY_MISSING_RESOURCE);
    bool by_role = resource.nearest == POLICY_BY_ROLE;
    if (!identity.allowed_by && !by_role) return missing(POLICY_MISSING_IDENTITY);
    if (bounded) return missing(POLICY_MISSING_BOUNDARY);
    if (narrowed) return missing(POLICY_MISSING_SESSION);
    return allowed(by_role ? &resource : &identity);
}

int64_t policy_matches(const PolicyDocument *d, int n, const PolicyRequest *r, bool resource,
                       bool deny, Arena *a, PolicyMatch **out)
{
    struct {
        PolicyMatch *p;
        int64_t n, cap;
    } v = {0};
    for (int i = 0; i < n; i++) {
        const Json *list = json_get(d[i].json, S("Statement"));
        PolicyContext c = {r, a,
                           str_eq(json_text(json_get(d[i].json, S("Version"))), S("2012-10-17"))};
        for (int32_t k = 0; k < policy_count(list); k++) {
            const Json *s = policy_at(list, k);
            bool denies = str_eq(json_text(json_get(s, S("Effect"))), S("Deny"));
            if (denies == deny && (!resource || policy_principal(&c, s) != POLICY_NOBODY) &&
                policy_statement_applies(&c, s))
                *vec_push(a, &v) = (PolicyMatch){i, k};
        }
    }
    *out = v.p;
    return v.n;
}
