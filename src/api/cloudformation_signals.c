/* cloudformation_signals.c - SignalResource: resources that wait for a signal of their own get it. */
#include "api/cloudformation.h"
#include "app/resources/answers.h"

static bool waits(Call *call, const StackRow *row, StackResourceRow *r, Str *token, Error *err)
{
    Str name = cfn_text(call, "LogicalResourceId");
    if (!stack_resource_get(call->server->db, row->n, name, call->arena, r))
        return error_set(err, ERR_VALIDATION, "Resource %.*s does not exist for stack %.*s",
                         STR(name), STR(row->name));
    *token = answers_signal_token(call->arena, row->id, name);
    return (r->waiting && str_eq(r->wait_id, *token)) ||
           error_set(err, ERR_VALIDATION, "Resource %.*s is in %.*s state and cannot be signaled",
                     STR(name), STR(r->status));
}

/* "SignalResource" in the API reference: the same id twice only to tell of a failure. */
static bool is_new(Call *call, Str token, Error *err)
{
    Str id = cfn_text(call, "UniqueId");
    StrVec all = stack_answer_list(call->server->db, token, call->arena);
    for (int64_t i = 0; i < all.n; i++) {
        Json v;
        Error none = {0};
        if (json_parse(all.p[i], call->arena, &v, &none) &&
            str_eq(json_text(json_get(&v, S("UniqueId"))), id) &&
            !str_eq(cfn_text(call, "Status"), S("FAILURE")))
            return error_set(err, ERR_VALIDATION,
                             "Signal with ID %.*s for resource %.*s already exists. Signals may "
                             "only be updated with a FAILURE status.",
                             STR(id), STR(cfn_text(call, "LogicalResourceId")));
    }
    return all.n < ANSWERS_MAX || error_set(err, ERR_VALIDATION, "Too many signals");
}

CallResult cfn_signal(Call *call, Error *err)
{
    Str token;
    StackRow row;
    StackResourceRow r;
    JsonObject o = {.a = call->arena};
    Str id = cfn_text(call, "UniqueId"), status = cfn_text(call, "Status");
    if (!cfn_stack_to_change(call, &row, err) || !waits(call, &row, &r, &token, err) ||
        !is_new(call, token, err))
        return CALL_FAILED;
    json_put_text(&o, S("UniqueId"), id);
    json_put_text(&o, S("Status"), status);
    json_put_text(&o, S("Reason"), S("signaled"));
    Json v = json_object(&o);
    stack_answer_add(call->server->db, token, json_to_str(call->arena, &v));
    stacks_tell(
        call->server, &row, &r, r.physical, r.status,
        str_printf(call->arena, "Received %.*s signal with UniqueId %.*s", STR(status), STR(id)));
    stacks_look(call->server, ANSWERS_SERVICE, token);
    return cfn_done(call);
}
