/* authorize_caller.c - a principal with its policies, gathered from what IAM knows. */
#include "app/access/authorize.h"

#include "app/call.h"

typedef struct Documents {
    PolicyDocument *p;
    int64_t n, cap;
} Documents;

static void add(Arena *a, Documents *v, Str name, Str text)
{
    Error err = {0};
    Json *json = new (a, Json);
    if (str_absent(text) || !json_parse(text, a, json, &err)) return;
    *vec_push(a, v) = (PolicyDocument){name, json};
}

static void add_managed(Server *s, Arena *a, Documents *v, Str arn)
{
    IamEntity policy;
    if (identities_policy(s, a, arn, &policy))
        add(a, v, arn, identities_document(s, a, &policy, 0));
}

static void add_own(Server *s, Arena *a, const IamEntity *e, Documents *v)
{
    IamLink *links;
    int64_t n = iam_links(s->db, e, IAM_INLINE, (Str){0}, INT32_MAX, a, &links);
    for (int64_t i = 0; i < n; i++) add(a, v, links[i].target, links[i].text);
    n = iam_links(s->db, e, IAM_ATTACHED, (Str){0}, INT32_MAX, a, &links);
    for (int64_t i = 0; i < n; i++) add_managed(s, a, v, links[i].target);
}

int authorize_documents(Server *s, Arena *a, const IamEntity *e, const PolicyDocument **out)
{
    Documents v = {0};
    IamLink *groups = NULL;
    IamEntity group;
    add_own(s, a, e, &v);
    int64_t n = e->kind == IAM_USER ? iam_linked(s->db, e->account, IAM_GROUP, IAM_MEMBER, e->name,
                                                 (Str){0}, INT32_MAX, a, &groups)
                                    : 0;
    for (int64_t i = 0; i < n; i++)
        if (iam_find(s->db, e->account, IAM_GROUP, groups[i].owner, a, &group))
            add_own(s, a, &group, &v);
    *out = v.p;
    return (int)v.n;
}

static void take_entity(Server *s, Arena *a, const IamEntity *e, Caller *out)
{
    Documents boundary = {0};
    out->sets.identity_n = authorize_documents(s, a, e, &out->sets.identity);
    out->sets.bounded = !str_absent(e->boundary);
    if (out->sets.bounded) add_managed(s, a, &boundary, e->boundary);
    out->sets.boundary = boundary.p;
    out->sets.boundary_n = (int)boundary.n;
    out->tags = e->tags;
}

/* Session policies: a list of documents, as texts. */
static void take_session(Arena *a, Str policies, Caller *out)
{
    Json list;
    Error err = {0};
    Documents v = {0};
    if (str_absent(policies) || !json_parse(policies, a, &list, &err)) return;
    for (int32_t i = 0; i < json_count(&list); i++)
        add(a, &v, S("session policy"), json_text(&list.items[i]));
    out->sets.session = v.p;
    out->sets.session_n = (int)v.n;
    out->sets.narrowed = true;
}

static void as_user(Server *s, Arena *a, const Credential *c, Caller *out)
{
    IamEntity user;
    out->type = S("User");
    out->gone =
        !iam_find(s->db, c->account, IAM_USER, c->name, a, &user) || !str_eq(user.id, c->entity_id);
    if (out->gone) user = (IamEntity){.account = c->account, .name = c->name, .path = S("/")};
    out->principal.arn = iam_arn(a, &user);
    out->principal.id = user.id;
    out->username = user.name;
    if (!out->gone) take_entity(s, a, &user, out);
}

static void as_role(Server *s, Arena *a, const IamEntity *role, Str session, Caller *out)
{
    out->type = S("AssumedRole");
    out->principal.account = role->account;
    out->principal.arn = str_printf(a, "arn:aws:sts::%.*s:assumed-role/%.*s/%.*s",
                                    STR(role->account), STR(role->name), STR(session));
    out->principal.role_arn = iam_arn(a, role);
    out->principal.id = str_printf(a, "%.*s:%.*s", STR(role->id), STR(session));
    take_entity(s, a, role, out);
}

/* What the user may, and only as far as the session policies let them: none let nothing. */
static void as_federated(Server *s, Arena *a, const Credential *c, Caller *out)
{
    if (!str_absent(c->name)) as_user(s, a, c, out);
    out->type = S("FederatedUser");
    out->root = false;
    out->sets.narrowed = true;
    out->principal.arn =
        str_printf(a, "arn:aws:sts::%.*s:federated-user/%.*s", STR(c->account), STR(c->session));
    out->principal.id = str_printf(a, "%.*s:%.*s", STR(c->account), STR(c->session));
}

static void as_root(Arena *a, Str account, Caller *out)
{
    out->root = true;
    out->type = S("Account");
    out->principal.account = account;
    out->principal.arn = str_printf(a, "arn:aws:iam::%.*s:root", STR(account));
    out->principal.id = account;
}

void caller_of(Server *s, Arena *a, Str account, const Credential *c, Caller *out)
{
    IamEntity role;
    *out = (Caller){.principal.account = c ? c->account : account};
    if (!c || (c->kind == CREDENTIAL_SESSION && str_absent(c->name))) {
        as_root(a, out->principal.account, out);
        return;
    }
    if (c->kind == CREDENTIAL_USER || c->kind == CREDENTIAL_SESSION) as_user(s, a, c, out);
    if (c->kind == CREDENTIAL_FEDERATED) as_federated(s, a, c, out);
    if (c->kind == CREDENTIAL_ROLE) {
        out->gone = !iam_find(s->db, c->account, IAM_ROLE, c->name, a, &role) ||
                    !str_eq(role.id, c->entity_id);
        if (out->gone)
            role = (IamEntity){.account = c->account,
                               .kind = IAM_ROLE,
                               .name = c->name,
                               .path = S("/"),
                               .id = c->entity_id};
        as_role(s, a, &role, c->session, out);
    }
    take_session(a, c->policy, out);
}

/* ---- roles and services ---- */

PolicyDecision authorize_trust(Server *s, Arena *a, const IamEntity *role, const Caller *who,
                               Str action, const PolicyKey *keys, int keys_n)
{
    Json json;
    Error err = {0};
    (void)s;
    PolicyDocument trust = {S("trust policy"), &json};
    PolicySets sets = who->sets;
    PolicyRequest r = {.action = action,
                       .resource = iam_arn(a, role),
                       .principal = who->principal,
                       .keys = keys,
                       .keys_n = keys_n};
    check(json_parse(role->trust, a, &json, &err));
    sets.trust = true;
    sets.resource = &trust;
    sets.resource_n = 1;
    PolicyDecision d = policy_decide(&sets, &r, a);
    d.by = NULL; /* it was of this frame */
    d.statement = NULL;
    return d;
}

static bool trusts(Server *s, Arena *a, const IamEntity *role, const Identity *id)
{
    Caller service = {.principal.service = id->service};
    const PolicyKey keys[] = {{S("aws:SourceAccount"), &id->account, 1},
                              {S("aws:SourceArn"), &id->source_arn, 1}};
    return authorize_trust(s, a, role, &service, S("sts:AssumeRole"), keys,
                           str_absent(id->source_arn) ? 1 : 2)
        .allowed;
}

static void caller_of_role(Server *s, Arena *a, const Identity *id, Caller *out)
{
    Str account, name;
    IamKind kind;
    IamEntity role;
    *out = (Caller){.principal.arn = id->role};
    out->gone = !iam_arn_parse(id->role, &account, &kind, &name) || kind != IAM_ROLE ||
                !iam_find(s->db, account, IAM_ROLE, name, a, &role);
    if (out->gone) return;
    out->distrusted = !str_absent(id->service) && !trusts(s, a, &role, id);
    as_role(s, a, &role, str_absent(id->session) ? S("mayfly") : id->session, out);
}

void caller_of_identity(Server *s, Arena *a, const Identity *id, Caller *out)
{
    if (!str_absent(id->role))
        caller_of_role(s, a, id, out);
    else if (!str_absent(id->service))
        *out = (Caller){.type = S("AWSService"), .principal.service = id->service};
    else
        caller_of(s, a, id->account, id->credential, out);
}

Str authorize_name(const Caller *who)
{
    return str_absent(who->principal.arn) ? who->principal.service : who->principal.arn;
}
