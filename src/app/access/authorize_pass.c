/* authorize_pass.c - roles that a request hands to a service: the caller may pass them, and they trust the service. */
#include "app/access/authorize_inside.h"

static bool find_passed(Call *call, const ActionPass *pass, Str given, IamEntity *role)
{
    Server *s = call->server;
    Str account = call->who.account;
    identities_default_roles(s, call->arena, account,
                             str_slice(given, str_rfind_char(given, '/') + 1, given.n));
    return identities_role(s, call->arena, account, given, pass->profile, role);
}

static bool no_such_role(const ActionPass *pass, Str given, Error *err)
{
    if (pass->profile)
        return error_set(err, ERR_VALIDATION, "Invalid InstanceProfile: %.*s.", STR(given));
    return error_set(err, ERR_VALIDATION, "The role %.*s does not exist.", STR(given));
}

static bool distrusted(const ActionPass *pass, const IamEntity *role, Arena *a, Error *err)
{
    if (!strcmp(pass->service, "stepfunctions"))
        return error_set(err, ERR_ACCESS_DENIED,
                         "Neither the global service principal states.amazonaws.com, nor the "
                         "regional one is authorized to assume the provided role.");
    if (!strcmp(pass->service, "lambda"))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "The role defined for the function cannot be assumed by Lambda.");
    if (!strcmp(pass->service, "scheduler"))
        return error_set(err, ERR_VALIDATION,
                         "The execution role you provide must allow AWS EventBridge Scheduler to "
                         "assume the role.");
    return error_set(err, ERR_VALIDATION, "Role %.*s does not trust %s to assume it.",
                     STR(iam_arn(a, role)), pass->passed);
}

/* For what the service will assume the role: what trust policies against a confused deputy name. */
static Keys source_keys(Call *call, const ActionPass *pass, const ActionRequest *r)
{
    Arena *a = call->arena;
    Keys keys = {.a = a};
    Str arn = action_resource(a, r), group = json_text(json_get(r->in, S("GroupName")));
    if (!strcmp(pass->service, "scheduler"))
        arn = str_printf(a, "arn:aws:scheduler:%.*s:%.*s:schedule-group/%.*s", STR(r->region),
                         STR(r->account), STR(group.n ? group : S("default")));
    if (str_eq(arn, S("*")))
        arn = str_printf(a, "arn:aws:%.*s:%.*s:%.*s:*", STR(r->signing), STR(r->region),
                         STR(r->account));
    authorize_put(&keys, S("aws:SourceArn"), arn);
    authorize_put(&keys, S("aws:SourceAccount"), r->account);
    return keys;
}

/* The caller may hand it on, and the service may take it. */
static bool pass_one(Call *call, const Caller *who, const ActionRequest *r, const ActionPass *pass,
                     Str given, const Keys *keys, Error *err)
{
    IamEntity role;
    Arena *a = call->arena;
    Keys more = {.a = a};
    Caller service = {.principal.service = str_from(pass->passed)};
    Keys source = source_keys(call, pass, r);
    bool kept = !strcmp(pass->service, "iam"); /* in a profile: nobody takes it yet */
    if (!find_passed(call, pass, given, &role)) return kept || no_such_role(pass, given, err);
    for (int64_t i = 0; i < keys->n; i++) *vec_push(a, &more) = keys->p[i];
    authorize_put(&more, S("iam:PassedToService"), str_from(pass->passed));
    if (!who->root && !authorize_one(call, who, S("iam:PassRole"), iam_arn(a, &role), &more, err))
        return false;
    return kept ||
           authorize_trust(call->server, a, &role, &service, S("sts:AssumeRole"), source.p,
                           (int)source.n)
               .allowed ||
           distrusted(pass, &role, a, err);
}

static bool pass_all(Call *call, const Caller *who, const ActionRequest *r, const ActionPass *pass,
                     const Keys *keys, Error *err)
{
    const char *star = strstr(pass->path, ".*.");
    if (!star) {
        Str given = json_text(json_find(&call->in, pass->path));
        if (!given.n && pass->profile) given = IDENTITIES_EMR_PROFILE;
        return !given.n || pass_one(call, who, r, pass, given, keys, err);
    }
    const Json *list = json_get(&call->in, (Str){pass->path, star - pass->path});
    for (int32_t i = 0; i < json_count(list); i++) {
        Str given = json_text(json_get(json_at(list, i), str_from(star + 3)));
        if (given.n && !pass_one(call, who, r, pass, given, keys, err)) return false;
    }
    return true;
}

bool authorize_passes(Call *call, const Caller *who, const ActionRequest *r, const Keys *keys,
                      Error *err)
{
    const ActionPass *passes[ACTION_PASSES_MAX];
    int n = action_passes(r, passes);
    Caller own = *who;
    own.sets.resource_n = 0; /* it lies on what the request names, not on the role */
    for (int i = 0; i < n; i++)
        if (!pass_all(call, &own, r, passes[i], keys, err)) return false;
    return true;
}
