/* mutants_roles.c - planted bugs of decisions about calls. */
#include "app/access/authorize.h"
#include "app/call.h"
#include "mutants.h"
#include "store/iam.h"
#include "store/trail.h"

/* As in mutants.c. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(bool, authorize, Call *call, Error *err)
{
    if (mutant(MUTANT_ALLOWED_ANYWAY) && chance_in(10)) return true;
    return __real_authorize(call, err);
}

WRAPPED(void, caller_of_identity, Server *s, Arena *a, const Identity *who, Caller *out)
{
    IamEntity role;
    Identity is = *who;
    Credential c;
    if (mutant(MUTANT_SESSION_OUTLIVES) && who->credential &&
        iam_find(s->db, who->account, IAM_ROLE, who->credential->name, a, &role)) {
        c = *who->credential;
        c.entity_id = role.id;
        is.credential = &c;
    }
    __real_caller_of_identity(s, a, &is, out);
    if (mutant(MUTANT_TRUST_IGNORED)) out->distrusted = false;
}

WRAPPED(void, iam_link, Db *db, const IamEntity *owner, IamRelation relation, Str target, Str text)
{
    bool lost = mutant(MUTANT_POLICY_LOST) && chance_in(6);
    if (!lost) __real_iam_link(db, owner, relation, target, text);
}

WRAPPED(void, trail_add, Db *db, const TrailRow *row)
{
    if (!mutant(MUTANT_CALL_UNRECORDED) || !chance_in(40)) __real_trail_add(db, row);
}
