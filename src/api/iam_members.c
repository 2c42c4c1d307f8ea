/* iam_members.c - users in groups, and roles in instance profiles. */
#include "api/iam.h"

static bool find_both(Call *call, IamKind holder, IamKind member, IamEntity *h, IamEntity *m,
                      Error *err)
{
    return iam_get(call, holder, h, err) && iam_get(call, member, m, err);
}

/* Holders of a member: groups of a user, instance profiles of a role. */
static CallResult list_holders(Call *call, IamKind holder, IamKind member, Error *err)
{
    IamPage page;
    IamLink *links;
    IamEntity m, h;
    JsonArray list = {.a = call->arena};
    Db *db = call->server->db;
    if (!iam_get(call, member, &m, err) || !iam_page(call, &page, err)) return CALL_FAILED;
    int64_t n = iam_linked(db, m.account, holder, IAM_MEMBER, m.name, page.after, page.max + 1,
                           call->arena, &links);
    for (int64_t i = 0; i < n && i < page.max; i++)
        if (iam_find(db, m.account, holder, links[i].owner, call->arena, &h))
            json_add(&list, iam_told(call, &h, false));
    return iam_page_end(call, iam_words[holder].list, &list, &page, n,
                        n > page.max ? links[page.max - 1].owner : (Str){0});
}

/* ---- groups ---- */

CallResult iam_add_to_group(Call *call, Error *err)
{
    IamEntity group, user;
    IamLink *links, old;
    Db *db = call->server->db;
    if (!find_both(call, IAM_GROUP, IAM_USER, &group, &user, err)) return CALL_FAILED;
    if (iam_link_find(db, &group, IAM_MEMBER, user.name, call->arena, &old)) return CALL_DONE;
    int64_t n = iam_linked(db, user.account, IAM_GROUP, IAM_MEMBER, user.name, (Str){0},
                           IAM_GROUPS_MAX, call->arena, &links);
    if (!iam_quota(call, n, IAM_GROUPS_MAX, "GroupsPerUser", err)) return CALL_FAILED;
    iam_link(db, &group, IAM_MEMBER, user.name, (Str){0});
    return CALL_DONE;
}

/* A user who is in none is no error. */
CallResult iam_remove_from_group(Call *call, Error *err)
{
    IamEntity group, user;
    if (!find_both(call, IAM_GROUP, IAM_USER, &group, &user, err)) return CALL_FAILED;
    iam_unlink(call->server->db, &group, IAM_MEMBER, user.name);
    return CALL_DONE;
}

CallResult iam_groups_of_user(Call *call, Error *err)
{
    return list_holders(call, IAM_GROUP, IAM_USER, err);
}

/* ---- instance profiles ---- */

CallResult iam_add_role(Call *call, Error *err)
{
    IamEntity profile, role;
    IamLink *links;
    Db *db = call->server->db;
    if (!find_both(call, IAM_PROFILE, IAM_ROLE, &profile, &role, err) ||
        !iam_modifiable(&role, err))
        return CALL_FAILED;
    if (iam_links(db, &profile, IAM_MEMBER, (Str){0}, 1, call->arena, &links)) {
        error_set(err, ERR_IAM_LIMIT,
                  "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
        return CALL_FAILED;
    }
    iam_link(db, &profile, IAM_MEMBER, role.name, (Str){0});
    return CALL_DONE;
}

CallResult iam_remove_role(Call *call, Error *err)
{
    IamEntity profile;
    Str role = iam_in(call, "RoleName");
    if (!iam_get(call, IAM_PROFILE, &profile, err)) return CALL_FAILED;
    if (iam_unlink(call->server->db, &profile, IAM_MEMBER, role)) return CALL_DONE;
    error_set(err, ERR_IAM_NO_ENTITY, "The role with name %.*s cannot be found.", STR(role));
    return CALL_FAILED;
}

CallResult iam_profiles_of_role(Call *call, Error *err)
{
    return list_holders(call, IAM_PROFILE, IAM_ROLE, err);
}
