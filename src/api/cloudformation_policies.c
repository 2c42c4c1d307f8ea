/* cloudformation_policies.c - stack policies by body or by address: of a stack, and of one update. */
#include "api/cloudformation.h"
#include "app/stacks/template_url.h"
#include "core/stack/update_policy.h"

static bool policy_text(Call *call, const char *body, const char *url, Str *out, Error *err)
{
    Str text = cfn_text(call, body), address = cfn_text(call, url);
    *out = text;
    if (!str_absent(text) && !str_absent(address))
        return error_set(err, ERR_VALIDATION,
                         "You cannot specify both StackPolicyURL and StackPolicyBody");
    return str_absent(address) ||
           template_url_read(call->server, &call->who, address, call->arena, out, err);
}

bool cfn_policy(Call *call, bool during, Str *out, Error *err)
{
    Json ignored;
    return policy_text(call, during ? "StackPolicyDuringUpdateBody" : "StackPolicyBody",
                       during ? "StackPolicyDuringUpdateURL" : "StackPolicyURL", out, err) &&
           (str_absent(*out) || update_policy_check(*out, call->arena, &ignored, err));
}

CallResult cfn_set_policy(Call *call, Error *err)
{
    Str text;
    StackRow row;
    if (!cfn_stack_to_change(call, &row, err) || !cfn_policy(call, false, &text, err))
        return CALL_FAILED;
    if (str_absent(text)) {
        error_set(err, ERR_VALIDATION, "Error validating stack policy: Invalid stack policy");
        return CALL_FAILED;
    }
    row.policy = text;
    stack_row_set(call->server->db, &row);
    return cfn_done(call);
}

CallResult cfn_get_policy(Call *call, Error *err)
{
    StackRow row;
    JsonObject out = {.a = call->arena};
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    json_put_text(&out, S("StackPolicyBody"), row.policy);
    call->out = json_object(&out);
    return CALL_DONE;
}
