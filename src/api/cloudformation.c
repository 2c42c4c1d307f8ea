/* cloudformation.c - the operations of CloudFormation, and how a request names its stack. */
#include "api/cloudformation.h"

Str cfn_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

CallResult cfn_end(Call *call, bool good)
{
    (void)call;
    return good ? CALL_DONE : CALL_FAILED;
}

CallResult cfn_done(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

bool cfn_stack(Call *call, StackRow *out, Error *err)
{
    Str name = cfn_text(call, "StackName");
    return stack_row_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                          out) ||
           error_set(err, ERR_VALIDATION, "Stack with id %.*s does not exist", STR(name));
}

bool cfn_stack_to_change(Call *call, StackRow *out, Error *err)
{
    Str name = cfn_text(call, "StackName");
    return (stack_row_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                           out) &&
            !out->deleted) ||
           error_set(err, ERR_VALIDATION, "Stack [%.*s] does not exist", STR(name));
}

/* [a-zA-Z][-a-zA-Z0-9]* */
bool cfn_good_name(Str name, Error *err)
{
    bool good = name.n > 0 && name.n <= CFN_NAME_BYTES_MAX;
    for (int64_t i = 0; good && i < name.n; i++) {
        char c = name.p[i], letter = c | 0x20;
        bool is_letter = letter >= 'a' && letter <= 'z';
        good = is_letter || (i > 0 && (c == '-' || (c >= '0' && c <= '9')));
    }
    return good ||
           error_set(err, ERR_VALIDATION,
                     "1 validation error detected: Value '%.*s' at 'stackName' failed to satisfy "
                     "constraint: Member must satisfy regular expression pattern: "
                     "[a-zA-Z][-a-zA-Z0-9]*",
                     STR(str_slice(name, 0, 200)));
}

void cfn_new_stack(Call *call, Str name, StackRow *out)
{
    Arena *a = call->arena;
    *out = (StackRow){
        .id =
            str_printf(a, "arn:aws:cloudformation:%.*s:%.*s:stack/%.*s/%.*s", STR(call->who.region),
                       STR(call->who.account), STR(name), STR(server_new_uuid(call->server, a))),
        .account = call->who.account,
        .region = call->who.region,
        .name = name,
        .status = S("REVIEW_IN_PROGRESS"),
        .created = call->now,
        .facts = S("{}"),
        .outputs = S("[]"),
    };
}

bool cfn_next_token(const Call *call, int64_t *out, Error *err)
{
    Str token = cfn_text(call, "NextToken");
    *out = 0;
    return str_absent(token) || (str_to_int(token, out) && *out > 0) ||
           error_set(err, ERR_VALIDATION, "Invalid NextToken");
}

void cfn_put_next_token(Call *call, JsonObject *out, int64_t n)
{
    json_put_text(out, S("NextToken"), str_printf(call->arena, "%" PRId64, n));
}

static const CallEntry entries[] = {
    {"CancelUpdateStack", cfn_cancel_update},
    {"ContinueUpdateRollback", cfn_continue_rollback},
    {"CreateChangeSet", cfn_create_change_set},
    {"CreateStack", cfn_create_stack},
    {"DeleteChangeSet", cfn_delete_change_set},
    {"DeleteStack", cfn_delete_stack},
    {"DescribeAccountLimits", cfn_account_limits},
    {"DescribeChangeSet", cfn_describe_change_set},
    {"DescribeChangeSetHooks", cfn_describe_hooks},
    {"DescribeStackDriftDetectionStatus", cfn_describe_detection},
    {"DescribeStackEvents", cfn_describe_events},
    {"DescribeStackResource", cfn_describe_resource},
    {"DescribeStackResourceDrifts", cfn_describe_resource_drifts},
    {"DescribeStackResources", cfn_describe_resources},
    {"DescribeStacks", cfn_describe_stacks},
    {"DescribeType", cfn_describe_type},
    {"DetectStackDrift", cfn_detect_drift},
    {"DetectStackResourceDrift", cfn_detect_resource_drift},
    {"ExecuteChangeSet", cfn_execute_change_set},
    {"GetStackPolicy", cfn_get_policy},
    {"GetTemplate", cfn_get_template},
    {"GetTemplateSummary", cfn_template_summary},
    {"ListChangeSets", cfn_list_change_sets},
    {"ListExports", cfn_list_exports},
    {"ListImports", cfn_list_imports},
    {"ListStackResources", cfn_list_resources},
    {"ListStackSets", cfn_list_stack_sets},
    {"ListStacks", cfn_list_stacks},
    {"ListTypes", cfn_list_types},
    {"RollbackStack", cfn_roll_back},
    {"SetStackPolicy", cfn_set_policy},
    {"SignalResource", cfn_signal},
    {"UpdateStack", cfn_update_stack},
    {"UpdateTerminationProtection", cfn_set_protection},
    {"ValidateTemplate", cfn_validate_template},
};

const CallTable cloudformation_calls = {
    .service = "cloudformation", .entries = entries, .n = countof(entries)};
