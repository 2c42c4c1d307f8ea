/* iam_simulate.c - SimulatePrincipalPolicy and SimulateCustomPolicy: the evaluator asked what it would decide. */
#include "api/iam.h"
#include "core/policy/document.h"
#include "core/policy/place.h"
#include "core/policy/policy.h"

enum { SIMULATED_MAX = 1000 }; /* results of one page */

/* A policy, as it is told. */
typedef struct Source {
    Str text;
    const char *type; /* SourcePolicyType */
} Source;

typedef struct Documents {
    PolicyDocument *p;
    int64_t n, cap;
} Documents;

typedef struct Sources {
    Source *p;
    int64_t n, cap;
} Sources;

/* Policies of one kind; both lists in one order. */
typedef struct Policies {
    Documents documents;
    Sources sources;
} Policies;

typedef struct Simulation {
    Call *call;
    PolicySets sets;
    Policies identity, boundary, resource;
    PolicyPrincipal principal;
    PolicyKey *keys;
    int keys_n;
} Simulation;

static void add(Call *call, Policies *v, Str name, Str text, const char *type)
{
    Error err = {0};
    Json *json = new (call->arena, Json);
    const Json *excluded = json_get(&call->in, S("PolicyExclusionList"));
    for (int32_t i = 0; i < json_count(excluded); i++)
        if (str_eq(json_text(json_at(excluded, i)), name)) return;
    if (str_absent(text) || !json_parse(text, call->arena, json, &err)) return;
    *vec_push(call->arena, &v->documents) = (PolicyDocument){name, json};
    *vec_push(call->arena, &v->sources) = (Source){text, type};
}

/* Policies of the request are told as PolicyInputList.1, .2, ... */
static bool add_inputs(Call *call, const char *member, Policies *v, Error *err)
{
    Json json;
    Error why = {0};
    const Json *list = json_get(&call->in, str_from(member));
    for (int32_t i = 0; i < json_count(list); i++) {
        Str text = json_text(json_at(list, i));
        if (!policy_check(text, POLICY_IDENTITY, call->arena, &json, &why))
            return error_set(err, ERR_IAM_INVALID_INPUT, "%s.%d is not valid: %s", member, i + 1,
                             why.text);
        add(call, v, str_printf(call->arena, "%s.%d", member, i + 1), text, "none");
    }
    return true;
}

static bool add_resource_policy(Call *call, Policies *v, Error *err)
{
    Json json;
    Error why = {0};
    Str text = iam_in(call, "ResourcePolicy");
    if (str_absent(text)) return true;
    if (!json_parse(text, call->arena, &json, &why))
        return error_set(err, ERR_IAM_INVALID_INPUT, "ResourcePolicy is not valid: %s", why.text);
    add(call, v, S("ResourcePolicy"), text, "resource");
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

static bool is_user(Str arn)
{
    Str account, name;
    IamKind kind;
    return iam_arn_parse(arn, &account, &kind, &name) && kind == IAM_USER;
}

/* "CallerArn" in the API reference: a user's alone, and needed with a resource's policy when the
 * policies are not a user's. */
static bool read_caller(Simulation *m, Error *err)
{
    Str account, name, arn = iam_in(m->call, "CallerArn");
    IamKind kind;
    if (!str_absent(arn) && !is_user(arn))
        return error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Caller Arn: %.*s", STR(arn));
    if (!str_absent(arn)) m->principal.arn = arn;
    if (m->resource.documents.n && !is_user(m->principal.arn))
        return error_set(err, ERR_IAM_INVALID_INPUT,
                         "CallerArn is required when ResourcePolicy is given and the policies are "
                         "not those of a user.");
    m->principal.account = m->call->who.account;
    if (iam_arn_parse(m->principal.arn, &account, &kind, &name)) {
        m->principal.account = account;
        if (kind == IAM_ROLE) m->principal.role_arn = m->principal.arn;
    }
    return true;
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
    const Policies *all[] = {&m->identity, &m->boundary, &m->resource};
    for (int k = 0; k < countof(all); k++)
        for (int64_t i = 0; i < all[k]->documents.n; i++) {
            const Json *statements = json_get(all[k]->documents.p[i].json, S("Statement"));
            for (int32_t n = 0; n < policy_count(statements); n++)
                missing_in(m, policy_at(statements, n), &out);
        }
    return json_array(&out);
}

static Json place_json(Arena *a, PolicyPlace p)
{
    JsonObject o = {.a = a};
    json_put(&o, S("Line"), json_int(a, p.line));
    json_put(&o, S("Column"), json_int(a, p.column));
    return json_object(&o);
}

static void tell_matches(const Simulation *m, const Policies *v, const PolicyRequest *r, bool deny,
                         JsonArray *list)
{
    PolicyMatch *found;
    PolicyPlace begin, end;
    Arena *a = m->call->arena;
    int64_t n =
        policy_matches(v->documents.p, (int)v->documents.n, r, v == &m->resource, deny, a, &found);
    for (int64_t i = 0; i < n; i++) {
        JsonObject o = {.a = a};
        const Source *from = &v->sources.p[found[i].document];
        json_put_text(&o, S("SourcePolicyId"), v->documents.p[found[i].document].name);
        json_put_text(&o, S("SourcePolicyType"), str_from(from->type));
        if (policy_place(from->text, found[i].statement, &begin, &end)) {
            json_put(&o, S("StartPosition"), place_json(a, begin));
            json_put(&o, S("EndPosition"), place_json(a, end));
        }
        json_add(list, json_object(&o));
    }
}

/* All that allow it; when one denies it, those that deny. */
static Json matched(const Simulation *m, const PolicyRequest *r, const PolicyDecision *d,
                    bool explicit)
{
    JsonArray list = {.a = m->call->arena};
    if (!d->allowed && !explicit) return json_array(&list);
    tell_matches(m, &m->identity, r, explicit, &list);
    if (explicit) tell_matches(m, &m->boundary, r, true, &list);
    tell_matches(m, &m->resource, r, explicit, &list);
    return json_array(&list);
}

/* Whatever else is decided. */
static bool bounds(const Simulation *m, const PolicyRequest *r)
{
    PolicySets alone = {.identity = m->sets.boundary, .identity_n = m->sets.boundary_n};
    return policy_decide(&alone, r, m->call->arena).allowed;
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
    json_put(&o, S("MatchedStatements"), matched(m, &r, &d, explicit));
    json_put(&o, S("MissingContextValues"), missing_keys(m));
    json_put(&boundary, S("AllowedByPermissionsBoundary"), json_bool(bounds(m, &r)));
    if (m->sets.bounded)
        json_put(&o, S("PermissionsBoundaryDecisionDetail"), json_object(&boundary));
    return json_object(&o);
}

static bool action_ok(Str action, Error *err)
{
    return str_find_char(action, ':') > 0 || str_eq(action, S("*")) ||
           error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Action Name: %.*s", STR(action));
}

static void settle(Simulation *m)
{
    m->sets.identity = m->identity.documents.p;
    m->sets.identity_n = (int)m->identity.documents.n;
    m->sets.boundary = m->boundary.documents.p;
    m->sets.boundary_n = (int)m->boundary.documents.n;
    m->sets.resource = m->resource.documents.p;
    m->sets.resource_n = (int)m->resource.documents.n;
}

static bool read_start(Call *call, const IamPage *page, int64_t *out, Error *err)
{
    (void)call;
    *out = 0;
    return str_absent(page->after) || (str_to_int(page->after, out) && *out > 0) ||
           error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Marker.");
}

/* Each action on each resource. */
static CallResult run(Simulation *m, Error *err)
{
    Call *call = m->call;
    IamPage page;
    int64_t from;
    JsonArray results = {.a = call->arena};
    const Json *actions = json_get(&call->in, S("ActionNames"));
    const Json *resources = json_get(&call->in, S("ResourceArns"));
    int64_t each = json_count(resources) ? json_count(resources) : 1;
    settle(m);
    if (!iam_page(call, &page, err) || !read_start(call, &page, &from, err)) return CALL_FAILED;
    if (page.max > SIMULATED_MAX) page.max = SIMULATED_MAX;
    for (int32_t i = 0; i < json_count(actions); i++)
        if (!action_ok(json_text(json_at(actions, i)), err)) return CALL_FAILED;
    int64_t all = json_count(actions) * each, next = from;
    for (; next < all && results.n < page.max; next++)
        json_add(&results,
                 one(m, json_text(json_at(actions, (int32_t)(next / each))),
                     json_count(resources) ? json_text(json_at(resources, (int32_t)(next % each)))
                                           : S("*")));
    return iam_page_end(call, "EvaluationResults", &results, &page,
                        next < all ? page.max + 1 : page.max,
                        str_printf(call->arena, "%" PRId64, next));
}

/* ---- the operations ---- */

static bool read_request(Simulation *m, Error *err)
{
    Call *call = m->call;
    if (!add_inputs(call, "PolicyInputList", &m->identity, err) ||
        !add_inputs(call, "PermissionsBoundaryPolicyInputList", &m->boundary, err) ||
        !add_resource_policy(call, &m->resource, err))
        return false;
    m->sets.bounded |= m->boundary.documents.n > 0;
    read_keys(m);
    return read_caller(m, err);
}

CallResult iam_simulate_custom(Call *call, Error *err)
{
    Simulation m = {.call = call};
    return read_request(&m, err) ? run(&m, err) : CALL_FAILED;
}

static void add_boundary(Simulation *m, const IamEntity *e)
{
    IamEntity policy;
    Call *call = m->call;
    if (str_absent(e->boundary) || m->boundary.documents.n) return;
    m->sets.bounded = true;
    if (identities_policy(call->server, call->arena, e->boundary, &policy))
        add(call, &m->boundary, e->boundary,
            identities_document(call->server, call->arena, &policy, 0), "user-managed");
}

static void add_own(Simulation *m, const IamEntity *e)
{
    static const char *const types[IAM_KINDS] = {
        [IAM_USER] = "user", [IAM_GROUP] = "group", [IAM_ROLE] = "role"};
    IamLink *links;
    IamEntity policy;
    Server *s = m->call->server;
    Arena *a = m->call->arena;
    int64_t n = iam_links(s->db, e, IAM_INLINE, (Str){0}, INT32_MAX, a, &links);
    for (int64_t i = 0; i < n; i++)
        add(m->call, &m->identity, links[i].target, links[i].text, types[e->kind]);
    n = iam_links(s->db, e, IAM_ATTACHED, (Str){0}, INT32_MAX, a, &links);
    for (int64_t i = 0; i < n; i++)
        if (identities_policy(s, a, links[i].target, &policy))
            add(m->call, &m->identity, links[i].target, identities_document(s, a, &policy, 0),
                str_starts(links[i].target, S("arn:aws:iam::aws:")) ? "aws-managed"
                                                                    : "user-managed");
}

static void add_groups(Simulation *m, const IamEntity *user)
{
    IamLink *groups;
    IamEntity group;
    Db *db = m->call->server->db;
    Arena *a = m->call->arena;
    int64_t n = iam_linked(db, user->account, IAM_GROUP, IAM_MEMBER, user->name, (Str){0},
                           INT32_MAX, a, &groups);
    for (int64_t i = 0; i < n; i++)
        if (iam_find(db, user->account, IAM_GROUP, groups[i].owner, a, &group)) add_own(m, &group);
}

static bool find_principal(Call *call, IamEntity *e, Error *err)
{
    IamKind kind;
    Str account, name, arn = iam_in(call, "PolicySourceArn");
    if (!iam_arn_parse(arn, &account, &kind, &name) || kind > IAM_ROLE)
        return error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Entity Arn: %.*s", STR(arn));
    return iam_find(call->server->db, account, kind, name, call->arena, e) ||
           error_set(err, ERR_IAM_NO_ENTITY, "The %s with name %.*s cannot be found.",
                     iam_words[kind].spoken, STR(name));
}

CallResult iam_simulate_principal(Call *call, Error *err)
{
    IamEntity e;
    Simulation m = {.call = call, .principal.arn = iam_in(call, "PolicySourceArn")};
    if (!find_principal(call, &e, err) || !read_request(&m, err)) return CALL_FAILED;
    add_own(&m, &e);
    if (e.kind == IAM_USER) add_groups(&m, &e);
    add_boundary(&m, &e);
    return run(&m, err);
}

/* ---- which condition keys policies ask for ---- */

static CallResult tell_keys(Simulation *m)
{
    JsonObject out = {.a = m->call->arena};
    json_put(&out, S("ContextKeyNames"), missing_keys(m));
    m->call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_context_keys_custom(Call *call, Error *err)
{
    Simulation m = {.call = call};
    return add_inputs(call, "PolicyInputList", &m.identity, err) ? tell_keys(&m) : CALL_FAILED;
}

CallResult iam_context_keys_principal(Call *call, Error *err)
{
    IamEntity e;
    Simulation m = {.call = call};
    if (!find_principal(call, &e, err) || !add_inputs(call, "PolicyInputList", &m.identity, err))
        return CALL_FAILED;
    add_own(&m, &e);
    if (e.kind == IAM_USER) add_groups(&m, &e);
    return tell_keys(&m);
}
