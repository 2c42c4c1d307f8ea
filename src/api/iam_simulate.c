/* iam_simulate.c - SimulatePrincipalPolicy and SimulateCustomPolicy: the evaluator asked what it would decide. */
#include "api/iam.h"
#include "app/access/authorize.h"
#include "core/policy/document.h"

enum { SIMULATED_MAX = 1000 }; /* results of one request */

typedef struct Documents {
    PolicyDocument *p;
    int64_t n, cap;
} Documents;

typedef struct Simulation {
    Call *call;
    PolicySets sets;
    Documents identity, boundary, resource;
    PolicyPrincipal principal;
    PolicyKey *keys;
    int keys_n;
} Simulation;

/* Policies of the request are told as PolicyInputList.1, .2, ... */
static bool add_inputs(Call *call, const char *member, Documents *v, Error *err)
{
    Error why = {0};
    const Json *list = json_get(&call->in, str_from(member));
    for (int32_t i = 0; i < json_count(list); i++) {
        Json *json = new (call->arena, Json);
        if (!policy_check(json_text(json_at(list, i)), POLICY_IDENTITY, call->arena, json, &why))
            return error_set(err, ERR_IAM_INVALID_INPUT, "%s.%d is not valid: %s", member, i + 1,
                             why.text);
        *vec_push(call->arena, v) =
            (PolicyDocument){str_printf(call->arena, "%s.%d", member, i + 1), json};
    }
    return true;
}

static bool add_resource_policy(Call *call, Documents *v, Error *err)
{
    Error why = {0};
    Json *json = new (call->arena, Json);
    Str text = iam_in(call, "ResourcePolicy");
    if (str_absent(text)) return true;
    if (!json_parse(text, call->arena, json, &why))
        return error_set(err, ERR_IAM_INVALID_INPUT, "ResourcePolicy is not valid: %s", why.text);
    *vec_push(call->arena, v) = (PolicyDocument){S("ResourcePolicy"), json};
    return true;
}

static void read_keys(Simulation *m)
{
    Arena *a = m->call->arena;
    const Json *entries = json_get(&m->call->in, S("ContextEntries"));
    m->keys = new_array(a, PolicyKey, json_count(entries) + 1);
    for (int32_t i = 0; i < json_count(entries); i++) {
        const Json *e = json_at(entries, i), *list = json_get(e, S("ContextKeyValues"));
        Str *values = new_array(a, Str, json_count(list) + 1);
        for (int32_t k = 0; k < json_count(list); k++) values[k] = json_text(json_at(list, k));
        m->keys[m->keys_n++] =
            (PolicyKey){json_text(json_get(e, S("ContextKeyName"))), values, json_count(list)};
    }
}

static void read_caller(Simulation *m)
{
    Str account, name, arn = iam_in(m->call, "CallerArn");
    IamKind kind;
    if (!str_absent(arn)) m->principal.arn = arn;
    m->principal.account = m->call->who.account;
    if (iam_arn_parse(m->principal.arn, &account, &kind, &name)) {
        m->principal.account = account;
        if (kind == IAM_ROLE) m->principal.role_arn = m->principal.arn;
    }
}

/* ---- telling ---- */

static bool is_given(const Simulation *m, Str key)
{
    for (int i = 0; i < m->keys_n; i++)
        if (str_eq_nocase(m->keys[i].name, key)) return true;
    return false;
}

static bool is_listed(const JsonArray *list, Str key)
{
    for (int64_t i = 0; i < list->n; i++)
        if (str_eq_nocase(json_text(&list->p[i]), key)) return true;
    return false;
}

static void missing_in(const Simulation *m, const Json *statement, JsonArray *out)
{
    const Json *c = json_get(statement, S("Condition"));
    for (int32_t i = 0; i < json_count(c); i++)
        for (int32_t k = 0; k < json_count(&c->members[i].value); k++) {
            Str key = c->members[i].value.members[k].key;
            if (!is_given(m, key) && !is_listed(out, key)) json_add(out, json_string(key));
        }
}

/* Condition keys that policies ask for and the request did not give. */
static Json missing_keys(const Simulation *m)
{
    JsonArray out = {.a = m->call->arena};
    const Documents *all[] = {&m->identity, &m->boundary, &m->resource};
    for (int k = 0; k < countof(all); k++)
        for (int64_t i = 0; i < all[k]->n; i++) {
            const Json *statements = json_get(all[k]->p[i].json, S("Statement"));
            for (int32_t n = 0; n < policy_count(statements); n++)
                missing_in(m, policy_at(statements, n), &out);
        }
    return json_array(&out);
}

static const char *source_type(Str name)
{
    if (str_eq(name, S("ResourcePolicy"))) return "resource";
    if (str_starts(name, S("arn:aws:iam::aws:"))) return "aws-managed";
    return str_starts(name, S("arn:")) ? "user-managed" : "none";
}

static Json matched(const Simulation *m, const PolicyDecision *d)
{
    JsonArray list = {.a = m->call->arena};
    JsonObject o = {.a = m->call->arena};
    if (!d->by) return json_array(&list);
    json_put_text(&o, S("SourcePolicyId"), d->by->name);
    json_put_text(&o, S("SourcePolicyType"), str_from(source_type(d->by->name)));
    json_add(&list, json_object(&o));
    return json_array(&list);
}

static Json one(const Simulation *m, Str action, Str resource)
{
    Arena *a = m->call->arena;
    JsonObject o = {.a = a}, boundary = {.a = a};
    PolicyRequest r = {.action = action,
                       .resource = resource,
                       .principal = m->principal,
                       .keys = m->keys,
                       .keys_n = m->keys_n};
    PolicyDecision d = policy_decide(&m->sets, &r, a);
    bool explicit = d.reason >= POLICY_DENIED_IDENTITY && d.reason <= POLICY_DENIED_RESOURCE;
    json_put_text(&o, S("EvalActionName"), action);
    json_put_text(&o, S("EvalResourceName"), resource);
    json_put_text(&o, S("EvalDecision"),
                  d.allowed  ? S("allowed")
                  : explicit ? S("explicitDeny")
                             : S("implicitDeny"));
    json_put(&o, S("MatchedStatements"), matched(m, &d));
    json_put(&o, S("MissingContextValues"), missing_keys(m));
    json_put(&boundary, S("AllowedByPermissionsBoundary"),
             json_bool(d.reason != POLICY_MISSING_BOUNDARY && d.reason != POLICY_DENIED_BOUNDARY));
    if (m->sets.bounded)
        json_put(&o, S("PermissionsBoundaryDecisionDetail"), json_object(&boundary));
    return json_object(&o);
}

static bool action_ok(Str action, Error *err)
{
    return str_find_char(action, ':') > 0 || str_eq(action, S("*")) ||
           error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Action Name: %.*s", STR(action));
}

static CallResult run(Simulation *m, Error *err)
{
    Call *call = m->call;
    JsonArray results = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *actions = json_get(&call->in, S("ActionNames"));
    const Json *resources = json_get(&call->in, S("ResourceArns"));
    m->sets.identity = m->identity.p;
    m->sets.identity_n = (int)m->identity.n;
    m->sets.boundary = m->boundary.p;
    m->sets.boundary_n = (int)m->boundary.n;
    m->sets.resource = m->resource.p;
    m->sets.resource_n = (int)m->resource.n;
    for (int32_t i = 0; i < json_count(actions); i++) {
        Str action = json_text(json_at(actions, i));
        if (!action_ok(action, err)) return CALL_FAILED;
        if (!json_count(resources)) json_add(&results, one(m, action, S("*")));
        for (int32_t k = 0; k < json_count(resources) && results.n < SIMULATED_MAX; k++)
            json_add(&results, one(m, action, json_text(json_at(resources, k))));
    }
    json_put(&out, S("EvaluationResults"), json_array(&results));
    json_put(&out, S("IsTruncated"), json_bool(false));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- the operations ---- */

static bool read_request(Simulation *m, Error *err)
{
    Call *call = m->call;
    if (!add_inputs(call, "PolicyInputList", &m->identity, err) ||
        !add_inputs(call, "PermissionsBoundaryPolicyInputList", &m->boundary, err) ||
        !add_resource_policy(call, &m->resource, err))
        return false;
    m->sets.bounded |= m->boundary.n > 0;
    read_keys(m);
    read_caller(m);
    return true;
}

CallResult iam_simulate_custom(Call *call, Error *err)
{
    Simulation m = {.call = call};
    return read_request(&m, err) ? run(&m, err) : CALL_FAILED;
}

static void add_boundary(Simulation *m, const IamEntity *e)
{
    IamEntity policy;
    Error err = {0};
    Call *call = m->call;
    Json *json = new (call->arena, Json);
    if (str_absent(e->boundary) || m->boundary.n) return;
    m->sets.bounded = true;
    if (identities_policy(call->server, call->arena, e->boundary, &policy) &&
        json_parse(identities_document(call->server, call->arena, &policy, 0), call->arena, json,
                   &err))
        *vec_push(call->arena, &m->boundary) = (PolicyDocument){e->boundary, json};
}

CallResult iam_simulate_principal(Call *call, Error *err)
{
    IamEntity e;
    IamKind kind;
    Str account, name, arn = iam_in(call, "PolicySourceArn");
    const PolicyDocument *own;
    Simulation m = {.call = call, .principal.arn = arn};
    if (!iam_arn_parse(arn, &account, &kind, &name) || kind > IAM_ROLE) {
        error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Entity Arn: %.*s", STR(arn));
        return CALL_FAILED;
    }
    if (!iam_find(call->server->db, account, kind, name, call->arena, &e)) {
        error_set(err, ERR_IAM_NO_ENTITY, "The %s with name %.*s cannot be found.",
                  iam_words[kind].spoken, STR(name));
        return CALL_FAILED;
    }
    if (!read_request(&m, err)) return CALL_FAILED;
    int n = authorize_documents(call->server, call->arena, &e, &own);
    for (int i = 0; i < n; i++) *vec_push(call->arena, &m.identity) = own[i];
    add_boundary(&m, &e);
    return run(&m, err);
}
