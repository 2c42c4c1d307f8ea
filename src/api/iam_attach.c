/* iam_attach.c - policies of users, groups and roles: managed ones attached, inline ones embedded. */
#include "api/iam.h"
#include "core/policy/document.h"

static bool get_owner(Call *call, IamEntity *owner, Error *err)
{
    return iam_get(call, iam_kind(call), owner, err) && iam_modifiable(owner, err);
}

/* ---- managed ---- */

CallResult iam_attach(Call *call, Error *err)
{
    IamEntity owner, policy;
    IamLink *links, old;
    Db *db = call->server->db;
    Str arn = iam_in(call, "PolicyArn");
    if (!get_owner(call, &owner, err)) return CALL_FAILED;
    if (!str_starts(arn, S("arn:"))) {
        error_set(err, ERR_VALIDATION, "ARN %.*s is not valid.", STR(arn));
        return CALL_FAILED;
    }
    if (!identities_policy(call->server, call->arena, arn, &policy)) {
        error_set(err, ERR_IAM_NO_ENTITY, "Policy %.*s does not exist or is not attachable.",
                  STR(arn));
        return CALL_FAILED;
    }
    if (iam_link_find(db, &owner, IAM_ATTACHED, arn, call->arena, &old)) return CALL_DONE;
    int64_t n =
        iam_links(db, &owner, IAM_ATTACHED, (Str){0}, IAM_ATTACHED_MAX, call->arena, &links);
    if (!iam_quota(call, n, IAM_ATTACHED_MAX, iam_words[owner.kind].attached_quota, err))
        return CALL_FAILED;
    iam_link(db, &owner, IAM_ATTACHED, arn, (Str){0});
    return CALL_DONE;
}

CallResult iam_detach(Call *call, Error *err)
{
    IamEntity owner;
    Str arn = iam_in(call, "PolicyArn");
    if (!get_owner(call, &owner, err)) return CALL_FAILED;
    if (iam_unlink(call->server->db, &owner, IAM_ATTACHED, arn)) return CALL_DONE;
    error_set(err, ERR_IAM_NO_ENTITY, "Policy %.*s was not found.", STR(arn));
    return CALL_FAILED;
}

static Json attached_told(Call *call, Str arn)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("PolicyName"), str_slice(arn, str_rfind_char(arn, '/') + 1, arn.n));
    json_put_text(&o, S("PolicyArn"), arn);
    return json_object(&o);
}

static bool below(Call *call, Str arn)
{
    IamEntity policy;
    Str prefix = iam_in(call, "PathPrefix");
    return str_absent(prefix) || (identities_policy(call->server, call->arena, arn, &policy) &&
                                  str_starts(policy.path, prefix));
}

/* PathPrefix is of attached ones alone. */
static CallResult list_links(Call *call, IamRelation relation, const char *member, Error *err)
{
    IamEntity owner;
    IamPage page;
    IamLink *links;
    JsonArray list = {.a = call->arena};
    if (!iam_get(call, iam_kind(call), &owner, err) || !iam_page(call, &page, err))
        return CALL_FAILED;
    int64_t n = iam_links(call->server->db, &owner, relation, page.after, page.max + 1, call->arena,
                          &links);
    for (int64_t i = 0; i < n && i < page.max; i++)
        if (relation == IAM_INLINE)
            json_add(&list, json_string(links[i].target));
        else if (below(call, links[i].target))
            json_add(&list, attached_told(call, links[i].target));
    return iam_page_end(call, member, &list, &page, n,
                        n > page.max ? links[page.max - 1].target : (Str){0});
}

CallResult iam_list_attached(Call *call, Error *err)
{
    return list_links(call, IAM_ATTACHED, "AttachedPolicies", err);
}

/* ---- who has one ---- */

static const char *const filters[] = {"User", "Group", "Role"};

static Json holders(Call *call, IamKind kind, Str arn)
{
    IamLink *links;
    IamEntity e;
    const IamWords *w = &iam_words[kind];
    JsonArray list = {.a = call->arena};
    Db *db = call->server->db;
    Str filter = iam_in(call, "EntityFilter");
    if (!str_absent(filter) && !str_eq(filter, str_from(filters[kind]))) return json_array(&list);
    int64_t n = iam_linked(db, call->who.account, kind, IAM_ATTACHED, arn, (Str){0}, w->max,
                           call->arena, &links);
    for (int64_t i = 0; i < n; i++) {
        JsonObject o = {.a = call->arena};
        if (!iam_find(db, call->who.account, kind, links[i].owner, call->arena, &e)) continue;
        json_put_text(&o, str_from(w->name_member), e.name);
        json_put_text(&o, str_from(w->id_member), e.id);
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

/* All at once: an account has no more than the quotas allow. */
CallResult iam_list_holders(Call *call, Error *err)
{
    IamEntity policy;
    JsonObject out = {.a = call->arena};
    if (!iam_get_policy(call, &policy, err)) return CALL_FAILED;
    Str arn = iam_arn(call->arena, &policy);
    json_put(&out, S("PolicyGroups"), holders(call, IAM_GROUP, arn));
    json_put(&out, S("PolicyUsers"), holders(call, IAM_USER, arn));
    json_put(&out, S("PolicyRoles"), holders(call, IAM_ROLE, arn));
    json_put(&out, S("IsTruncated"), json_bool(false));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- inline ---- */

static int64_t inline_size(Call *call, const IamEntity *owner, Str except)
{
    IamLink *links;
    int64_t bytes = 0;
    int64_t n =
        iam_links(call->server->db, owner, IAM_INLINE, (Str){0}, INT32_MAX, call->arena, &links);
    for (int64_t i = 0; i < n; i++)
        if (!str_eq_nocase(links[i].target, except)) bytes += policy_size(links[i].text);
    return bytes;
}

CallResult iam_put_inline(Call *call, Error *err)
{
    Json parsed;
    IamEntity owner;
    Str name = iam_in(call, "PolicyName"), document = iam_in(call, "PolicyDocument");
    if (!get_owner(call, &owner, err) ||
        !policy_check(document, POLICY_IDENTITY, call->arena, &parsed, err))
        return CALL_FAILED;
    const IamWords *w = &iam_words[owner.kind];
    if (inline_size(call, &owner, name) + policy_size(document) > w->inline_bytes &&
        !call->server->config.lift_quotas) {
        error_set(err, ERR_IAM_LIMIT, "Maximum policy size of %d bytes exceeded for %s %.*s",
                  w->inline_bytes, w->spoken, STR(owner.name));
        return CALL_FAILED;
    }
    iam_link(call->server->db, &owner, IAM_INLINE, name, document);
    return CALL_DONE;
}

static bool no_inline(const IamEntity *owner, Str name, Error *err)
{
    return error_set(err, ERR_IAM_NO_ENTITY, "The %s policy with name %.*s cannot be found.",
                     iam_words[owner->kind].spoken, STR(name));
}

CallResult iam_get_inline(Call *call, Error *err)
{
    IamLink link;
    IamEntity owner;
    Str name = iam_in(call, "PolicyName");
    JsonObject out = {.a = call->arena};
    if (!iam_get(call, iam_kind(call), &owner, err)) return CALL_FAILED;
    if (!iam_link_find(call->server->db, &owner, IAM_INLINE, name, call->arena, &link))
        return no_inline(&owner, name, err), CALL_FAILED;
    json_put_text(&out, str_from(iam_words[owner.kind].name_member), owner.name);
    json_put_text(&out, S("PolicyName"), link.target);
    json_put(&out, S("PolicyDocument"), iam_encoded(call, link.text));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_delete_inline(Call *call, Error *err)
{
    IamEntity owner;
    Str name = iam_in(call, "PolicyName");
    if (!get_owner(call, &owner, err)) return CALL_FAILED;
    if (iam_unlink(call->server->db, &owner, IAM_INLINE, name)) return CALL_DONE;
    return no_inline(&owner, name, err), CALL_FAILED;
}

CallResult iam_list_inline(Call *call, Error *err)
{
    return list_links(call, IAM_INLINE, "PolicyNames", err);
}
