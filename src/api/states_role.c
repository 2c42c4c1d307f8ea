/* states_role.c - what the role of a machine has to be allowed when the machine is made: rules that end .sync tasks, its log. */
#include "api/states.h"
#include "app/access/authorize.h"

/* "How Step Functions generates IAM policies for integrated services" in the developer guide: tasks
 * that wait are told by rules that Step Functions manages, and makes under the machine's role. */
static const struct {
    const char *task, *rule;
} managed_rules[] = {
    {"elasticmapreduce:addStep.sync", "StepFunctionsGetEventForEMRAddJobFlowStepsRule"},
    {"elasticmapreduce:createCluster.sync", "StepFunctionsGetEventForEMRRunJobFlowRule"},
    {"elasticmapreduce:terminateCluster.sync", "StepFunctionsGetEventForEMRTerminateJobFlowsRule"},
    {"states:startExecution.sync", "StepFunctionsGetEventsForStepFunctionsExecutionRule"},
};

static bool may_manage(Call *call, const Identity *who, const char *rule, Error *err)
{
    static const char *const actions[] = {"events:PutTargets", "events:PutRule",
                                          "events:DescribeRule"};
    Error why = {0};
    Str arn = str_printf(call->arena, "arn:aws:events:%.*s:%.*s:rule/%s", STR(who->region),
                         STR(who->account), rule);
    for (int i = 0; i < countof(actions); i++)
        if (!authorize_act(call->server, call->arena, who, str_from(actions[i]), arn, &why))
            return error_set(err, ERR_ACCESS_DENIED,
                             "'%.*s' is not authorized to create managed-rule.", STR(who->role));
    return true;
}

static bool may_wait(Call *call, const Identity *who, Str task, Error *err)
{
    Str head = S("arn:aws:states:::");
    if (!str_starts(task, head)) return true;
    task = str_slice(task, head.n, task.n);
    for (int i = 0; i < countof(managed_rules); i++)
        if (str_starts(task, str_from(managed_rules[i].task)))
            return may_manage(call, who, managed_rules[i].rule, err);
    return true;
}

/* Resources of tasks, at any depth. */
static bool walk(Call *call, const Identity *who, const Json *v, Error *err)
{
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        if (!walk(call, who, &v->items[i], err)) return false;
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++) {
        const JsonMember *m = &v->members[i];
        bool resource = str_eq(m->key, S("Resource")) && json_is(&m->value, JSON_STRING);
        if (resource ? !may_wait(call, who, json_text(&m->value), err)
                     : !walk(call, who, &m->value, err))
            return false;
    }
    return true;
}

/* "Logging using CloudWatch Logs" in the developer guide. */
static bool may_log(Call *call, const Identity *who, Str logging, Error *err)
{
    static const char *const actions[] = {
        "logs:CreateLogDelivery",        "logs:GetLogDelivery",    "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",        "logs:ListLogDeliveries", "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"};
    Json c;
    Error why = {0};
    if (str_absent(logging) || !json_parse(logging, call->arena, &c, &why) ||
        !json_count(json_get(&c, S("destinations"))))
        return true;
    for (int i = 0; i < countof(actions); i++)
        if (!authorize_act(call->server, call->arena, who, str_from(actions[i]), S("*"), &why))
            return error_set(
                err, ERR_ACCESS_DENIED,
                "The state machine IAM Role is not authorized to access the Log Destination");
    return true;
}

bool states_check_role(Call *call, Str arn, const MachineRevision *r, Error *err)
{
    Json definition;
    Identity who = {.account = call->who.account,
                    .region = call->who.region,
                    .verified = true,
                    .role = r->role_arn,
                    .service = S("states.amazonaws.com"),
                    .source_arn = arn};
    if (!call->server->config.enforce_auth) return true;
    return json_parse(r->definition, call->arena, &definition, err) &&
           walk(call, &who, &definition, err) && may_log(call, &who, r->logging, err);
}
