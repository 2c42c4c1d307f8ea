/* emr_roles.c - under whose name a cluster's processes call: the role of its instance profile, or a step's runtime role. */
#include "api/emr.h"
#include "app/access/authorize.h"
#include "app/access/child_keys.h"

void emr_give_role(Call *call, const ClusterRow *row, Str profile)
{
    IamEntity role;
    Server *s = call->server;
    if (!profile.n) profile = IDENTITIES_EMR_PROFILE;
    if (identities_role(s, call->arena, row->account, profile, true, &role))
        child_key_give(s, call->arena, row->spec.id, &role, row->spec.instance);
}

/* "Runtime roles for Amazon EMR steps" in the Management Guide: the role of the instance profile
 * assumes it. */
static bool assumable(Call *call, const ClusterRow *row, const IamEntity *role, Error *err)
{
    AccessKey key;
    Credential of;
    Caller machine;
    Server *s = call->server;
    bool known = key_find_by_note(s->db, row->spec.id, call->arena, &key) &&
                 credential_find(s->db, key.id, call->arena, &of);
    if (known) caller_of(s, call->arena, row->account, &of, &machine);
    if (known && !machine.gone &&
        authorize_trust(s, call->arena, role, &machine, S("sts:AssumeRole"), NULL, 0).allowed)
        return true;
    return error_set(err, ERR_VALIDATION,
                     "The instance profile of cluster %.*s is not authorized to assume the runtime "
                     "role %.*s.",
                     STR(row->spec.id), STR(iam_arn(call->arena, role)));
}

bool emr_check_step_role(Call *call, const ClusterRow *row, Str arn, Error *err)
{
    IamEntity role;
    if (!arn.n || !call->server->config.enforce_auth) return true;
    if (!identities_role(call->server, call->arena, row->account, arn, false, &role))
        return error_set(err, ERR_VALIDATION, "The runtime role %.*s does not exist.", STR(arn));
    return assumable(call, row, &role, err);
}

void emr_give_step_role(Call *call, const ClusterRow *row, Str step, Str arn)
{
    IamEntity role;
    Server *s = call->server;
    if (!arn.n || !identities_role(s, call->arena, row->account, arn, false, &role)) return;
    Str note = child_step_note(call->arena, row->spec.id, step);
    child_key_add(s, call->arena, row->account, note);
    child_key_give(s, call->arena, note, &role, step);
}
