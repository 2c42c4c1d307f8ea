/* cloudformation_acting.c - under whose name an operation of a stack is done: its role's, or that of who asked for it. */
#include "api/cloudformation.h"
#include "app/access/acting.h"
#include "app/access/authorize.h"

#define SERVICE S("cloudformation.amazonaws.com")

/* The session's name in the events of real stacks. */
#define SESSION S("AWSCloudFormation")

static bool assumable(Call *call, const Identity *who, Error *err)
{
    Caller caller;
    if (!call->server->config.enforce_auth) return true;
    caller_of_identity(call->server, call->arena, who, &caller);
    return (!caller.gone && !caller.distrusted) ||
           error_set(err, ERR_VALIDATION, "Role %.*s is invalid or cannot be assumed",
                     STR(who->role));
}

Str cfn_role(const StackRow *row, Arena *a)
{
    Identity who = acting_read(row->acting, row->account, row->region, a);
    return str_eq(who.service, SERVICE) ? who.role : (Str){0};
}

/* "RoleARN" of CreateStack, UpdateStack and DeleteStack in the API reference: the role that is
 * given, else the one the stack has from before, else whoever asks. A nested stack has its
 * parent's. */
bool cfn_take_acting(Call *call, Str given, StackRow *row, Error *err)
{
    Identity who = call->who;
    bool nested = call->inside && str_eq(call->who.service, SERVICE);
    Str role = str_absent(given) ? cfn_role(row, call->arena) : given;
    if (!nested && !str_absent(role)) {
        who = (Identity){.account = row->account,
                         .region = row->region,
                         .role = role,
                         .session = SESSION,
                         .service = SERVICE,
                         .source_arn = row->id};
        if (!assumable(call, &who, err)) return false;
    }
    row->acting = acting_write(&who, call->arena);
    return true;
}
