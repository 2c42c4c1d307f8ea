/* iam_entities.c - users, groups, roles and instance profiles over the API: create, get, list, rename, delete. */
#include "api/iam.h"
#include "store/credentials.h"

enum { ID_CHARS = 17, SESSION_DEFAULT_S = 3600 };

static bool unlike_others(Call *call, IamKind kind, Str name, Error *err)
{
    IamEntity old;
    static const char *const words[] = {"User with name", "Group with name", "Role with name",
                                        "Instance Profile"};
    if (!iam_find(call->server->db, call->who.account, kind, name, call->arena, &old)) return true;
    return error_set(err, ERR_IAM_ENTITY_EXISTS, "%s %.*s already exists.", words[kind], STR(name));
}

/* What all have in common; false: it may not be. */
static bool begin(Call *call, IamKind kind, IamEntity *e, Error *err)
{
    const IamWords *w = &iam_words[kind];
    Str path = iam_in(call, "Path");
    *e = (IamEntity){.account = call->who.account,
                     .kind = kind,
                     .name = iam_in(call, w->name_member),
                     .path = str_absent(path) ? S("/") : path,
                     .boundary = iam_in(call, "PermissionsBoundary"),
                     .session_s = SESSION_DEFAULT_S,
                     .created = call->now,
                     .updated = call->now};
    if (!unlike_others(call, kind, e->name, err) || !iam_boundary_ok(call, e->boundary, err) ||
        !iam_tags(call, &e->tags, err) ||
        !iam_quota(call, iam_count(call->server->db, e->account, kind), w->max, w->quota, err))
        return false;
    e->id = server_new_id(call->server, call->arena, str_from(w->prefix), ID_CHARS);
    return true;
}

static CallResult create(Call *call, IamKind kind, Error *err)
{
    IamEntity e;
    if (!begin(call, kind, &e, err)) return CALL_FAILED;
    iam_put(call->server->db, &e);
    return iam_answer(call, &e);
}

CallResult iam_create_user(Call *call, Error *err)
{
    return create(call, IAM_USER, err);
}

CallResult iam_create_group(Call *call, Error *err)
{
    return create(call, IAM_GROUP, err);
}

CallResult iam_create_profile(Call *call, Error *err)
{
    return create(call, IAM_PROFILE, err);
}

CallResult iam_create_role(Call *call, Error *err)
{
    IamEntity e;
    if (!iam_trust_ok(call, iam_in(call, "AssumeRolePolicyDocument"), err) ||
        !begin(call, IAM_ROLE, &e, err))
        return CALL_FAILED;
    if (str_starts(e.path, S("/aws-service-role/"))) {
        error_set(err, ERR_VALIDATION,
                  "The specified value for path is invalid. It must not begin "
                  "with /aws-service-role/.");
        return CALL_FAILED;
    }
    e.trust = iam_in(call, "AssumeRolePolicyDocument");
    e.description = iam_in(call, "Description");
    e.session_s = json_int_or(json_get(&call->in, S("MaxSessionDuration")), SESSION_DEFAULT_S);
    iam_put(call->server->db, &e);
    return iam_answer(call, &e);
}

/* ---- get, list ---- */

CallResult iam_get_entity(Call *call, Error *err)
{
    IamEntity e;
    return iam_get(call, iam_kind(call), &e, err) ? iam_answer(call, &e) : CALL_FAILED;
}

static CallResult tell_root(Call *call)
{
    Arena *a = call->arena;
    JsonObject user = {.a = a}, out = {.a = a};
    json_put_text(&user, S("UserId"), call->who.account);
    json_put_text(&user, S("Arn"), str_printf(a, "arn:aws:iam::%.*s:root", STR(call->who.account)));
    json_put(&user, S("CreateDate"), json_millis_as_seconds(a, 0));
    json_put(&out, S("User"), json_object(&user));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* Without a name: whoever asks. */
CallResult iam_get_user(Call *call, Error *err)
{
    IamEntity e;
    Credential c;
    if (!str_absent(iam_in(call, "UserName")))
        return iam_get(call, IAM_USER, &e, err) ? iam_answer(call, &e) : CALL_FAILED;
    if (!credential_find(call->server->db, call->who.access_key, call->arena, &c))
        return tell_root(call);
    if ((c.kind == CREDENTIAL_USER || c.kind == CREDENTIAL_SESSION) &&
        iam_find(call->server->db, c.account, IAM_USER, c.name, call->arena, &e))
        return iam_answer(call, &e);
    error_set(err, ERR_VALIDATION, "Must specify userName when calling with non-User credentials");
    return CALL_FAILED;
}

CallResult iam_list_entities(Call *call, Error *err)
{
    IamPage page;
    IamEntity *all;
    IamKind kind = iam_kind(call);
    JsonArray list = {.a = call->arena};
    if (!iam_page(call, &page, err)) return CALL_FAILED;
    int64_t n = iam_list(call->server->db, call->who.account, kind, iam_in(call, "PathPrefix"),
                         page.after, page.max + 1, call->arena, &all);
    for (int64_t i = 0; i < n && i < page.max; i++) json_add(&list, iam_told(call, &all[i], false));
    return iam_page_end(call, iam_words[kind].list, &list, &page, n,
                        n > page.max ? all[page.max - 1].name : (Str){0});
}

/* With its users, page by page. */
CallResult iam_get_group(Call *call, Error *err)
{
    IamPage page;
    IamLink *links;
    IamEntity group, user;
    JsonArray list = {.a = call->arena};
    Db *db = call->server->db;
    if (!iam_get(call, IAM_GROUP, &group, err) || !iam_page(call, &page, err)) return CALL_FAILED;
    int64_t n = iam_links(db, &group, IAM_MEMBER, page.after, page.max + 1, call->arena, &links);
    for (int64_t i = 0; i < n && i < page.max; i++)
        if (iam_find(db, group.account, IAM_USER, links[i].target, call->arena, &user))
            json_add(&list, iam_told(call, &user, false));
    CallResult result = iam_page_end(call, "Users", &list, &page, n,
                                     n > page.max ? links[page.max - 1].target : (Str){0});
    JsonObject out = {.a = call->arena};
    json_put(&out, S("Group"), iam_told(call, &group, false));
    for (int32_t i = 0; i < call->out.n; i++)
        json_put(&out, call->out.members[i].key, call->out.members[i].value);
    call->out = json_object(&out);
    return result;
}

/* ---- change ---- */

CallResult iam_rename_entity(Call *call, Error *err)
{
    IamEntity e;
    IamKind kind = iam_kind(call);
    Db *db = call->server->db;
    Str name = iam_in(call, kind == IAM_USER ? "NewUserName" : "NewGroupName");
    Str path = iam_in(call, "NewPath");
    if (!iam_get(call, kind, &e, err)) return CALL_FAILED;
    if (!str_absent(name) && !str_eq_nocase(name, e.name) && !unlike_others(call, kind, name, err))
        return CALL_FAILED;
    if (!str_absent(name)) {
        iam_rename(db, &e, name);
        if (kind == IAM_USER) credential_rename(db, e.account, e.name, name);
        e.name = name;
    }
    if (!str_absent(path)) e.path = path;
    e.updated = call->now;
    iam_put(db, &e);
    return CALL_DONE;
}

/* ---- delete ---- */

static bool linked_to(Call *call, const IamEntity *e, IamKind holder)
{
    IamLink *links;
    return iam_linked(call->server->db, e->account, holder, IAM_MEMBER, e->name, (Str){0}, 1,
                      call->arena, &links) > 0;
}

static bool links_any(Call *call, const IamEntity *e, IamRelation relation)
{
    IamLink *links;
    return iam_links(call->server->db, e, relation, (Str){0}, 1, call->arena, &links) > 0;
}

static bool has_keys(Call *call, const IamEntity *user)
{
    Credential *keys;
    Millis *made;
    return credential_list(call->server->db, user->account, user->name, call->arena, &keys, &made) >
           0;
}

/* What still holds on to it, in the service's words; NULL: nothing. */
static const char *in_the_way(Call *call, const IamEntity *e)
{
    if (links_any(call, e, IAM_ATTACHED))
        return "Cannot delete entity, must detach all policies first.";
    if (links_any(call, e, IAM_INLINE)) return "Cannot delete entity, must delete policies first.";
    if (e->kind == IAM_USER && has_keys(call, e))
        return "Cannot delete entity, must delete access keys first.";
    if ((e->kind == IAM_USER && linked_to(call, e, IAM_GROUP)) ||
        (e->kind == IAM_GROUP && links_any(call, e, IAM_MEMBER)))
        return "Cannot delete entity, must remove users from group first.";
    if (e->kind == IAM_USER && iam_has_login(call, e->name))
        return "Cannot delete entity, must delete login profile first.";
    if ((e->kind == IAM_ROLE && linked_to(call, e, IAM_PROFILE)) ||
        (e->kind == IAM_PROFILE && links_any(call, e, IAM_MEMBER)))
        return "Cannot delete entity, must remove roles from instance profile first.";
    return NULL;
}

CallResult iam_delete_entity(Call *call, Error *err)
{
    IamEntity e;
    if (!iam_get(call, iam_kind(call), &e, err) || !iam_modifiable(&e, err)) return CALL_FAILED;
    const char *held = in_the_way(call, &e);
    if (held) {
        error_set(err, ERR_IAM_DELETE_CONFLICT, "%s", held);
        return CALL_FAILED;
    }
    iam_remove(call->server->db, &e);
    return CALL_DONE;
}
