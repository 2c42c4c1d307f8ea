/* iam_policies.c - managed policies over the API, a customer's and AWS's, and their versions. */
#include "api/iam.h"
#include "core/policy/document.h"
#include "core/policy/managed.h"

enum { POLICY_ID_CHARS = 17 };

static bool document_ok(Call *call, Str document, Error *err)
{
    Json parsed;
    return policy_check(document, POLICY_IDENTITY, call->arena, &parsed, err) &&
           iam_quota(call, policy_size(document) - 1, IAM_POLICY_BYTES_MAX, "PolicySize", err);
}

/* What AWS manages is not a customer's to change. */
static bool get_own(Call *call, IamEntity *e, Error *err)
{
    if (!iam_get_policy(call, e, err)) return false;
    return str_eq(e->account, call->who.account) ||
           error_set(err, ERR_S3_ACCESS_DENIED, "Policy is outside your own account.");
}

CallResult iam_create_policy(Call *call, Error *err)
{
    IamEntity old;
    Db *db = call->server->db;
    Str path = iam_in(call, "Path"), account = call->who.account;
    IamEntity e = {.account = account,
                   .kind = IAM_POLICY,
                   .name = iam_in(call, "PolicyName"),
                   .path = str_absent(path) ? S("/") : path,
                   .description = iam_in(call, "Description"),
                   .version = 1,
                   .versions = 1,
                   .created = call->now,
                   .updated = call->now};
    IamVersion first = {1, iam_in(call, "PolicyDocument"), call->now};
    if (iam_find(db, account, IAM_POLICY, e.name, call->arena, &old)) {
        error_set(err, ERR_IAM_ENTITY_EXISTS,
                  "A policy called %.*s already exists. Duplicate names are not allowed.",
                  STR(e.name));
        return CALL_FAILED;
    }
    if (!document_ok(call, first.document, err) || !iam_tags(call, &e.tags, err) ||
        !iam_quota(call, iam_count(db, account, IAM_POLICY), iam_words[IAM_POLICY].max,
                   iam_words[IAM_POLICY].quota, err))
        return CALL_FAILED;
    e.id = server_new_id(call->server, call->arena, S("ANPA"), POLICY_ID_CHARS);
    iam_put(db, &e);
    iam_version_put(db, &e, &first);
    return iam_answer(call, &e);
}

CallResult iam_get_managed(Call *call, Error *err)
{
    IamEntity e;
    return iam_get_policy(call, &e, err) ? iam_answer(call, &e) : CALL_FAILED;
}

CallResult iam_delete_policy(Call *call, Error *err)
{
    IamEntity e;
    IamVersion *all;
    Db *db = call->server->db;
    if (!get_own(call, &e, err)) return CALL_FAILED;
    Str arn = iam_arn(call->arena, &e);
    if (iam_attached_count(db, e.account, arn) || iam_boundary_count(db, e.account, arn)) {
        error_set(err, ERR_IAM_DELETE_CONFLICT, "Cannot delete a policy attached to entities.");
        return CALL_FAILED;
    }
    if (iam_version_list(db, &e, call->arena, &all) > 1) {
        error_set(err, ERR_IAM_DELETE_CONFLICT,
                  "This policy has more than one version. Before you delete a policy, you must "
                  "delete the policy's versions. The default version is deleted with the policy.");
        return CALL_FAILED;
    }
    iam_remove(db, &e);
    return CALL_DONE;
}

/* ---- listing ---- */

typedef struct Listing {
    Call *call;
    IamPage page;
    JsonArray list;
    int64_t n; /* one more than a page: there are more */
    Str last;
} Listing;

static bool wanted(const Listing *l, const IamEntity *e)
{
    Call *call = l->call;
    Arena *a = call->arena;
    Str prefix = iam_in(call, "PathPrefix"), use = iam_in(call, "PolicyUsageFilter");
    Db *db = call->server->db;
    if (!str_absent(prefix) && !str_starts(e->path, prefix)) return false;
    bool attached = iam_attached_count(db, call->who.account, iam_arn(a, e)) > 0;
    if (json_true(json_get(&call->in, S("OnlyAttached"))) && !attached) return false;
    if (str_eq(use, S("PermissionsPolicy"))) return attached;
    if (str_eq(use, S("PermissionsBoundary")))
        return iam_boundary_count(db, call->who.account, iam_arn(a, e)) > 0;
    return true;
}

static void add(Listing *l, const IamEntity *e)
{
    Arena *a = l->call->arena;
    Str arn = iam_arn(a, e);
    if (l->n > l->page.max || !wanted(l, e)) return;
    if (l->n++ == l->page.max) return;
    l->last = arn;
    json_add(&l->list, iam_told(l->call, e, false));
}

/* A page goes on after an ARN: a customer's policies first, by name, then AWS's. */
static void add_own(Listing *l)
{
    Str account, name = {0};
    IamKind kind;
    IamEntity *all;
    Call *call = l->call;
    if (l->page.after.n &&
        (!iam_arn_parse(l->page.after, &account, &kind, &name) || str_eq(account, S("aws"))))
        return;
    int64_t n = iam_list(call->server->db, call->who.account, IAM_POLICY, (Str){0}, name,
                         iam_words[IAM_POLICY].max, call->arena, &all);
    for (int64_t i = 0; i < n; i++) add(l, &all[i]);
}

static void add_managed(Listing *l)
{
    IamEntity e;
    const ManagedPolicy *p;
    bool from_aws = str_starts(l->page.after, S("arn:aws:iam::aws:"));
    Str name = str_slice(l->page.after, str_rfind_char(l->page.after, '/') + 1, l->page.after.n);
    for (int i = 0; (p = managed_policy_at(i)); i++) {
        if (from_aws && str_cmp(str_from(p->name), name) <= 0) continue;
        Str arn = str_printf(l->call->arena, "arn:aws:iam::aws:policy%s%s", p->path, p->name);
        if (identities_policy(l->call->server, l->call->arena, arn, &e)) add(l, &e);
    }
}

CallResult iam_list_policies(Call *call, Error *err)
{
    Str scope = iam_in(call, "Scope");
    Listing l = {.call = call, .list = {.a = call->arena}};
    if (!iam_page(call, &l.page, err)) return CALL_FAILED;
    if (!str_eq(scope, S("AWS"))) add_own(&l);
    if (!str_eq(scope, S("Local"))) add_managed(&l);
    return iam_page_end(call, "Policies", &l.list, &l.page, l.n, l.last);
}

/* ---- versions ---- */

static Json version_told(Call *call, const IamEntity *e, const IamVersion *v, bool document)
{
    JsonObject o = {.a = call->arena};
    if (document) json_put(&o, S("Document"), iam_encoded(call, v->document));
    json_put_text(&o, S("VersionId"), str_printf(call->arena, "v%" PRId64, v->n));
    json_put(&o, S("IsDefaultVersion"), json_bool(v->n == e->version));
    json_put(&o, S("CreateDate"), json_millis_as_seconds(call->arena, v->created));
    return json_object(&o);
}

CallResult iam_create_version(Call *call, Error *err)
{
    IamEntity e;
    IamVersion *all, v = {.document = iam_in(call, "PolicyDocument"), .created = call->now};
    JsonObject out = {.a = call->arena};
    Db *db = call->server->db;
    if (!get_own(call, &e, err) || !document_ok(call, v.document, err)) return CALL_FAILED;
    if (iam_version_list(db, &e, call->arena, &all) >= IAM_VERSIONS_MAX) {
        error_set(err, ERR_IAM_LIMIT,
                  "A managed policy can have up to %d versions. Before you create a new version, "
                  "you must delete an existing version.",
                  IAM_VERSIONS_MAX);
        return CALL_FAILED;
    }
    v.n = ++e.versions;
    if (json_true(json_get(&call->in, S("SetAsDefault")))) e.version = v.n;
    e.updated = call->now;
    iam_version_put(db, &e, &v);
    iam_put(db, &e);
    json_put(&out, S("PolicyVersion"), version_told(call, &e, &v, false));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* VersionId of the input: "v3". */
static bool version_of(Call *call, const IamEntity *e, IamVersion *v, Error *err)
{
    Str id = iam_in(call, "VersionId"), number = str_slice(id, 1, id.n), part;
    if (!str_cut(&number, '.', &part) || !str_to_int(part, &v->n)) v->n = -1;
    v->created = e->created;
    v->document = v->n > 0 ? identities_document(call->server, call->arena, e, v->n) : (Str){0};
    IamVersion row;
    if (iam_version_find(call->server->db, e, v->n, call->arena, &row)) *v = row;
    return !str_absent(v->document) ||
           error_set(err, ERR_IAM_NO_ENTITY,
                     "Policy %.*s version %.*s does not exist or is not attachable.",
                     STR(iam_arn(call->arena, e)), STR(id));
}

CallResult iam_get_version(Call *call, Error *err)
{
    IamEntity e;
    IamVersion v;
    JsonObject out = {.a = call->arena};
    if (!iam_get_policy(call, &e, err) || !version_of(call, &e, &v, err)) return CALL_FAILED;
    json_put(&out, S("PolicyVersion"), version_told(call, &e, &v, true));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_list_versions(Call *call, Error *err)
{
    IamEntity e;
    IamPage page;
    IamVersion *all, managed;
    JsonArray list = {.a = call->arena};
    if (!iam_get_policy(call, &e, err) || !iam_page(call, &page, err)) return CALL_FAILED;
    int64_t n = iam_version_list(call->server->db, &e, call->arena, &all);
    if (!n) {
        managed = (IamVersion){e.version, S("-"), e.created};
        all = &managed;
        n = 1;
    }
    for (int64_t i = 0; i < n; i++) json_add(&list, version_told(call, &e, &all[i], false));
    page.max = IAM_PAGE;
    return iam_page_end(call, "Versions", &list, &page, n, (Str){0});
}

CallResult iam_delete_version(Call *call, Error *err)
{
    IamEntity e;
    IamVersion v;
    if (!get_own(call, &e, err) || !version_of(call, &e, &v, err)) return CALL_FAILED;
    if (v.n == e.version) {
        error_set(err, ERR_IAM_DELETE_CONFLICT, "Cannot delete the default version of a policy.");
        return CALL_FAILED;
    }
    iam_version_remove(call->server->db, &e, v.n);
    return CALL_DONE;
}

CallResult iam_set_default_version(Call *call, Error *err)
{
    IamEntity e;
    IamVersion v;
    if (!get_own(call, &e, err) || !version_of(call, &e, &v, err)) return CALL_FAILED;
    e.version = v.n;
    e.updated = call->now;
    iam_put(call->server->db, &e);
    return CALL_DONE;
}
