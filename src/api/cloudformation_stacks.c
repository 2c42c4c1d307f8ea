/* cloudformation_stacks.c - stacks created, updated, deleted; updates cancelled, rollbacks continued. */
#include "api/cloudformation.h"

static void answer_id(Call *call, const StackRow *row)
{
    JsonObject out = {.a = call->arena};
    json_put_text(&out, S("StackId"), row->id);
    call->out = json_object(&out);
}

/* The same token again is the same request. */
static bool asked_before(Call *call, const StackRow *row)
{
    Str token = cfn_text(call, "ClientRequestToken");
    return !str_absent(token) && str_eq(token, row->token);
}

static bool check_free(Call *call, Str name, StackRow *row, bool *same, Error *err)
{
    Db *db = call->server->db;
    *same = false;
    if (!stack_row_find(db, call->who.account, call->who.region, name, call->arena, row) ||
        row->deleted)
        return stack_row_count(db, call->who.account, call->who.region) < STACKS_MAX ||
               error_set(err, ERR_CFN_LIMIT, "Limit for stack has been exceeded");
    *same = asked_before(call, row);
    return *same || error_set(err, ERR_ALREADY_EXISTS, "Stack [%.*s] already exists", STR(name));
}

static bool check_options(const Call *call, Error *err)
{
    if (json_get(&call->in, S("OnFailure")) && json_get(&call->in, S("DisableRollback")))
        return error_set(err, ERR_VALIDATION,
                         "Either one of DisableRollback or OnFailure can be "
                         "specified, but not both.");
    int64_t minutes = json_int_or(json_get(&call->in, S("TimeoutInMinutes")), 1);
    return (minutes > 0 && minutes <= STACK_TIMEOUT_MINUTES_MAX) ||
           error_set(err, ERR_VALIDATION, "TimeoutInMinutes must be between 1 and %d.",
                     STACK_TIMEOUT_MINUTES_MAX);
}

static void begin_creation(Call *call, const StackGoal *g, StackRow *row)
{
    row->text = g->text;
    row->body = json_to_str(call->arena, &g->body);
    row->facts = json_to_str(call->arena, &g->facts);
    row->token = cfn_text(call, "ClientRequestToken");
    row->policy = g->policy;
    stack_row_add(call->server->db, row);
    stacks_create(call->server, row, &g->graph);
}

CallResult cfn_create_stack(Call *call, Error *err)
{
    bool same;
    StackRow row;
    StackGoal goal;
    Str name = cfn_text(call, "StackName");
    if (!cfn_good_name(name, err) || !check_options(call, err) ||
        !check_free(call, name, &row, &same, err))
        return CALL_FAILED;
    if (same) return answer_id(call, &row), CALL_DONE;
    cfn_new_stack(call, name, &row);
    if (!cfn_take_acting(call, cfn_text(call, "RoleARN"), &row, err) ||
        !cfn_goal(call, &row, false, &goal, err) || !cfn_policy(call, false, &goal.policy, err))
        return CALL_FAILED;
    begin_creation(call, &goal, &row);
    answer_id(call, &row);
    return stack_answer(call, &row);
}

/* ---- update ---- */

static bool may_update(const StackRow *row, Error *err)
{
    static const char *const good[] = {
        "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_FAILED",   "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
        "CREATE_FAILED"};
    for (int i = 0; i < countof(good); i++)
        if (stack_status_is(row, good[i])) return true;
    return error_set(err, ERR_VALIDATION, "Stack:%.*s is in %.*s state and can not be updated.",
                     STR(row->id), STR(row->status));
}

static bool nothing_to_do(const StackChanges *c, const StackRow *row)
{
    return c->list.n == 0 && !c->outputs && !stack_status_is(row, "UPDATE_FAILED") &&
           !stack_status_is(row, "CREATE_FAILED");
}

CallResult cfn_update_stack(Call *call, Error *err)
{
    StackRow row;
    StackGoal g;
    StackChanges changes;
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    if (asked_before(call, &row)) return answer_id(call, &row), CALL_DONE;
    if (!may_update(&row, err) || !cfn_take_acting(call, cfn_text(call, "RoleARN"), &row, err) ||
        !cfn_goal(call, &row, false, &g, err) || !cfn_policy(call, false, &g.policy, err) ||
        !cfn_policy(call, true, &g.during, err) || !stack_diff(g.plan, &g.graph, &changes, err))
        return CALL_FAILED;
    if (nothing_to_do(&changes, &row)) {
        error_set(err, ERR_VALIDATION, "No updates are to be performed.");
        return CALL_FAILED;
    }
    if (str_absent(g.during)) g.during = row.policy;
    row.next = cfn_goal_next(call, &g);
    row.token = cfn_text(call, "ClientRequestToken");
    stacks_update(call->server, &row, &g.graph, &changes);
    answer_id(call, &row);
    return stack_answer(call, &row);
}

/* ---- delete ---- */

static StrVec names_of(const Call *call, const char *member)
{
    StrVec names = {0};
    const Json *list = json_get(&call->in, str_from(member));
    for (int32_t i = 0; i < json_count(list); i++)
        *vec_push(call->arena, &names) = json_text(&list->items[i]);
    return names;
}

static bool protected(const Call *call, const StackRow *row)
{
    Json facts;
    Error err = {0};
    return json_parse(row->facts, call->arena, &facts, &err) &&
           json_true(json_get(&facts, S("EnableTerminationProtection")));
}

static bool forced(const Call *call)
{
    return str_eq(cfn_text(call, "DeletionMode"), S("FORCE_DELETE_STACK"));
}

static bool may_delete(const Call *call, const StackRow *row, Error *err)
{
    bool parts = json_count(json_get(&call->in, S("RetainResources"))) > 0;
    if (protected(call, row))
        return error_set(err, ERR_VALIDATION,
                         "Stack [%.*s] cannot be deleted while TerminationProtection is enabled",
                         STR(row->name));
    if (parts && !stack_status_is(row, "DELETE_FAILED"))
        return error_set(err, ERR_VALIDATION,
                         "Invalid operation on stack [%.*s]. When you delete a stack, specify "
                         "which resources to retain only when the stack is in the DELETE_FAILED "
                         "state.",
                         STR(row->id));
    if (forced(call) && !stack_status_is(row, "DELETE_FAILED"))
        return error_set(err, ERR_VALIDATION,
                         "Invalid operation on stack [%.*s]. FORCE_DELETE_STACK is only valid for "
                         "stacks in the DELETE_FAILED state.",
                         STR(row->id));
    return stack_settled(row) || stack_status_is(row, "CREATE_IN_PROGRESS") ||
           error_set(err, ERR_VALIDATION, "Stack [%.*s] cannot be deleted while in status %.*s",
                     STR(row->name), STR(row->status));
}

CallResult cfn_delete_stack(Call *call, Error *err)
{
    StackRow row;
    Error used = {0};
    StrVec retain = names_of(call, "RetainResources");
    call->out = (Json){.type = JSON_OBJECT};
    /* A stack that is not there is deleted. */
    if (!stack_row_find(call->server->db, call->who.account, call->who.region,
                        cfn_text(call, "StackName"), call->arena, &row) ||
        row.deleted || stack_status_is(&row, "DELETE_IN_PROGRESS"))
        return CALL_DONE;
    if (!may_delete(call, &row, err) ||
        !cfn_take_acting(call, cfn_text(call, "RoleARN"), &row, err))
        return CALL_FAILED;
    row.token = cfn_text(call, "ClientRequestToken");
    if (!stack_exports_unused(call->server, &row, &used)) {
        stacks_set_status(call->server, &row, S("DELETE_FAILED"),
                          str_copy(call->arena, error_text(&used)));
        stack_row_set(call->server->db, &row);
        return CALL_DONE;
    }
    cfn_drop_sets(call, &row);
    stacks_delete(call->server, &row, &retain, forced(call));
    return stack_answer(call, &row);
}

/* ---- what is under way ---- */

CallResult cfn_cancel_update(Call *call, Error *err)
{
    StackRow row;
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    if (!stack_status_is(&row, "UPDATE_IN_PROGRESS")) {
        error_set(err, ERR_VALIDATION,
                  "CancelUpdateStack cannot be called from current stack status");
        return CALL_FAILED;
    }
    stacks_cancel(call->server, &row);
    return cfn_done(call);
}

CallResult cfn_continue_rollback(Call *call, Error *err)
{
    StackRow row;
    StrVec skip = names_of(call, "ResourcesToSkip");
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    if (!stack_status_is(&row, "UPDATE_ROLLBACK_FAILED")) {
        error_set(err, ERR_VALIDATION, "Stack:%.*s is in %.*s state and can not continue rollback.",
                  STR(row.id), STR(row.status));
        return CALL_FAILED;
    }
    if (!cfn_take_acting(call, cfn_text(call, "RoleARN"), &row, err) ||
        !stacks_continue(call->server, &row, &skip, err))
        return CALL_FAILED;
    return cfn_done(call);
}

CallResult cfn_roll_back(Call *call, Error *err)
{
    StackRow row;
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    if (asked_before(call, &row)) return answer_id(call, &row), CALL_DONE;
    if (!stack_status_is(&row, "CREATE_FAILED") && !stack_status_is(&row, "UPDATE_FAILED")) {
        error_set(err, ERR_VALIDATION, "Stack:%.*s is in %.*s state and can not be rolled back.",
                  STR(row.id), STR(row.status));
        return CALL_FAILED;
    }
    if (!cfn_take_acting(call, cfn_text(call, "RoleARN"), &row, err)) return CALL_FAILED;
    row.token = cfn_text(call, "ClientRequestToken");
    stacks_roll_back(call->server, &row, json_true(json_get(&call->in, S("RetainExceptOnCreate"))));
    answer_id(call, &row);
    return stack_answer(call, &row);
}
