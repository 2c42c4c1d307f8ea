/* cloudformation_changes.c - change sets: what would be done, told before it is done. */
#include "api/cloudformation_change.h"

static const char no_changes[] = "The submitted information didn't contain changes. Submit "
                                 "different information to create a change set.";

/* ---- creating ---- */

static bool find_or_review(Call *call, bool create, StackRow *row, Error *err)
{
    Str name = cfn_text(call, "StackName");
    Db *db = call->server->db;
    bool found = stack_row_find(db, call->who.account, call->who.region, name, call->arena, row) &&
                 !row->deleted;
    if (!create)
        return found || error_set(err, ERR_VALIDATION, "Stack [%.*s] does not exist", STR(name));
    if (found && !stack_status_is(row, "REVIEW_IN_PROGRESS"))
        return error_set(err, ERR_VALIDATION,
                         "Stack [%.*s] already exists and cannot be created again with the "
                         "changeSet [%.*s].",
                         STR(name), STR(cfn_text(call, "ChangeSetName")));
    if (found) return true;
    if (!cfn_good_name(name, err)) return false;
    cfn_new_stack(call, name, row);
    return true;
}

static bool may_change(const StackRow *row, bool create, Error *err)
{
    static const char *const bad[] = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED",
                                      "UPDATE_ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"};
    bool good = create || stack_settled(row);
    for (int i = 0; i < countof(bad); i++)
        if (!create && stack_status_is(row, bad[i])) good = false;
    return good ||
           error_set(err, ERR_VALIDATION, "Stack:%.*s is in %.*s state and can not be updated.",
                     STR(row->id), STR(row->status));
}

static Str new_id(Call *call, Str name)
{
    return str_printf(call->arena, "arn:aws:cloudformation:%.*s:%.*s:changeSet/%.*s/%.*s",
                      STR(call->who.region), STR(call->who.account), STR(name),
                      STR(server_new_uuid(call->server, call->arena)));
}

/* With the id of the change set of a nested stack. */
static Json with_set(Arena *a, const Json *change, const Json *ids)
{
    JsonObject o = {.a = a}, out = {.a = a};
    const Json *of = json_get(change, S("ResourceChange"));
    const Json *id = json_get(ids, json_text(json_get(of, S("LogicalResourceId"))));
    for (int32_t i = 0; i < of->n; i++) json_put(&o, of->members[i].key, of->members[i].value);
    json_put_json(&o, S("ChangeSetId"), id);
    json_put_json(&out, S("Type"), json_get(change, S("Type")));
    json_put(&out, S("ResourceChange"), json_object(&o));
    return json_object(&out);
}

static Str facts_of(Call *call, const StackRow *row, const StackGoal *g, const StackChanges *c,
                    bool create, const Json *nested)
{
    static const char *const told[] = {"Parameters", "Capabilities", "Tags", "NotificationARNs",
                                       "RollbackConfiguration"};
    JsonObject o = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    json_put_text(&o, S("Description"), cfn_text(call, "Description"));
    for (int i = 0; i < countof(told); i++)
        json_put_json(&o, str_from(told[i]), json_get(&g->facts, str_from(told[i])));
    for (int64_t i = 0; i < c->list.n; i++) {
        Json change = cfn_change(call, row, g, c, &c->list.p[i]);
        json_add(&list, with_set(call->arena, &change, nested));
    }
    json_put(&o, S("Changes"), json_array(&list));
    json_put_json(&o, S("OnStackFailure"), json_get(&call->in, S("OnStackFailure")));
    json_put(&o, S("IncludeNestedStacks"),
             json_bool(json_true(json_get(&call->in, S("IncludeNestedStacks")))));
    json_put(&o, S("create"), json_bool(create));
    json_put_json(&o, S("ImportExistingResources"),
                  json_get(&call->in, S("ImportExistingResources")));
    if (str_eq(cfn_text(call, "ChangeSetType"), S("IMPORT")))
        json_put(&o, S("import"), json_bool(true));
    if (json_count(nested)) json_put(&o, S("nested"), *nested);
    Json v = json_object(&o);
    return json_to_str(call->arena, &v);
}

/* A new stack is there from now on, to be reviewed. */
static void put_in_review(Call *call, StackRow *row)
{
    if (row->n) return;
    stack_row_add(call->server->db, row);
    stacks_set_status(call->server, row, S("REVIEW_IN_PROGRESS"), S("User Initiated"));
    stack_row_set(call->server->db, row);
}

static bool record(Call *call, StackRow *row, const StackGoal *g, const StackChanges *c,
                   bool create, ChangeSetRow *set, Error *err)
{
    Str name = cfn_text(call, "ChangeSetName"), id = new_id(call, name);
    Json nested = {.type = JSON_OBJECT};
    bool empty = !create && c->list.n == 0 && !c->outputs;
    put_in_review(call, row);
    if (json_true(json_get(&call->in, S("IncludeNestedStacks"))) &&
        !cfn_nested_sets(call, row, c, id, &nested, err))
        return false;
    *set = (ChangeSetRow){
        .stack = row->n,
        .id = id,
        .name = name,
        .status = empty ? S("FAILED") : S("CREATE_COMPLETE"),
        .reason = empty ? str_from(no_changes) : (Str){0},
        .execution = empty ? S("UNAVAILABLE") : S("AVAILABLE"),
        .created = call->now,
        .facts = facts_of(call, row, g, c, create, &nested),
        .next = cfn_goal_next(call, g),
    };
    change_set_add(call->server->db, set);
    return true;
}

/* AWS deletes change sets when one of them is executed; here they stay to be looked at, and give
 * way to the next of their name: the AWS CLI names them by the second, and deploys faster. */
static bool name_is_free(Call *call, const StackRow *row, Str name, Error *err)
{
    ChangeSetRow old;
    Db *db = call->server->db;
    if (!row->n || !change_set_find(db, row->n, name, call->arena, &old)) return true;
    if (str_eq(old.execution, S("AVAILABLE")))
        return error_set(err, ERR_ALREADY_EXISTS, "ChangeSet [%.*s] already exists", STR(old.id));
    change_set_remove(db, old.n);
    return true;
}

/* An import makes its stack when there is none. */
static bool creates(Call *call)
{
    StackRow row;
    Str type = cfn_text(call, "ChangeSetType");
    if (!str_eq(type, S("IMPORT"))) return str_eq(type, S("CREATE"));
    return !stack_row_find(call->server->db, call->who.account, call->who.region,
                           cfn_text(call, "StackName"), call->arena, &row) ||
           row.deleted || stack_status_is(&row, "REVIEW_IN_PROGRESS");
}

CallResult cfn_create_change_set(Call *call, Error *err)
{
    StackRow row;
    StackGoal g;
    StackChanges changes;
    ChangeSetRow set;
    JsonObject out = {.a = call->arena};
    bool create = creates(call);
    if (!find_or_review(call, create, &row, err) || !may_change(&row, create, err) ||
        !name_is_free(call, &row, cfn_text(call, "ChangeSetName"), err))
        return CALL_FAILED;
    if (!cfn_take_acting(call, cfn_text(call, "RoleARN"), &row, err) ||
        !cfn_goal(call, &row, true, &g, err) || !stack_diff(g.plan, &g.graph, &changes, err) ||
        !cfn_take_imports(call, &row, &g, &changes, err))
        return CALL_FAILED;
    if (!record(call, &row, &g, &changes, create, &set, err)) return CALL_FAILED;
    json_put_text(&out, S("Id"), set.id);
    json_put_text(&out, S("StackId"), row.id);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- finding ---- */

static bool no_set(Str name, Error *err)
{
    return error_set(err, ERR_CFN_CHANGE_SET, "ChangeSet [%.*s] does not exist", STR(name));
}

static bool find(Call *call, StackRow *row, ChangeSetRow *set, Error *err)
{
    Str name = cfn_text(call, "ChangeSetName");
    Db *db = call->server->db;
    if (str_absent(cfn_text(call, "StackName"))) {
        if (!str_starts(name, S("arn:")))
            return error_set(err, ERR_VALIDATION,
                             "StackName must be specified if ChangeSetName is not specified as an "
                             "ARN.");
        return (change_set_of_id(db, name, call->arena, set) &&
                stack_row_get(db, set->stack, call->arena, row)) ||
               no_set(name, err);
    }
    if (!cfn_stack_to_change(call, row, err)) return false;
    return change_set_find(db, row->n, name, call->arena, set) || no_set(name, err);
}

static Json facts_json(Call *call, const ChangeSetRow *set)
{
    Json v;
    Error err = {0};
    check(json_parse(set->facts, call->arena, &v, &err));
    return v;
}

static bool is_own(Str fact)
{
    return str_eq(fact, S("create")) || str_eq(fact, S("nested")) || str_eq(fact, S("import"));
}

CallResult cfn_describe_change_set(Call *call, Error *err)
{
    StackRow row;
    ChangeSetRow set;
    JsonObject out = {.a = call->arena};
    if (!find(call, &row, &set, err)) return CALL_FAILED;
    Json facts = facts_json(call, &set);
    json_put_text(&out, S("ChangeSetName"), set.name);
    json_put_text(&out, S("ChangeSetId"), set.id);
    json_put_text(&out, S("StackId"), row.id);
    json_put_text(&out, S("StackName"), row.name);
    json_put(&out, S("CreationTime"), json_millis_as_seconds(call->arena, set.created));
    json_put_text(&out, S("ExecutionStatus"), set.execution);
    json_put_text(&out, S("Status"), set.status);
    json_put_text(&out, S("StatusReason"), set.reason);
    bool values = json_true(json_get(&call->in, S("IncludePropertyValues")));
    for (int32_t i = 0; i < facts.n; i++)
        if (!is_own(facts.members[i].key))
            json_put(&out, facts.members[i].key,
                     str_eq(facts.members[i].key, S("Changes"))
                         ? cfn_change_shown(call->arena, &facts.members[i].value, values)
                         : facts.members[i].value);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* Hooks: there are none. */
CallResult cfn_describe_hooks(Call *call, Error *err)
{
    StackRow row;
    ChangeSetRow set;
    JsonObject out = {.a = call->arena};
    if (!find(call, &row, &set, err)) return CALL_FAILED;
    json_put_text(&out, S("ChangeSetId"), set.id);
    json_put_text(&out, S("ChangeSetName"), set.name);
    json_put(&out, S("Hooks"), (Json){.type = JSON_ARRAY});
    json_put_text(&out, S("Status"), S("PLANNED"));
    json_put_text(&out, S("StackId"), row.id);
    json_put_text(&out, S("StackName"), row.name);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_list_change_sets(Call *call, Error *err)
{
    StackRow row;
    ChangeSetRow *sets;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    static const char *const listed[] = {"Description", "IncludeNestedStacks", "ParentChangeSetId",
                                         "RootChangeSetId", "ImportExistingResources"};
    int64_t n = change_set_list(call->server->db, row.n, call->arena, &sets);
    for (int64_t i = 0; i < n; i++) {
        JsonObject o = {.a = call->arena};
        Json facts = facts_json(call, &sets[i]);
        json_put_text(&o, S("StackId"), row.id);
        json_put_text(&o, S("StackName"), row.name);
        json_put_text(&o, S("ChangeSetId"), sets[i].id);
        json_put_text(&o, S("ChangeSetName"), sets[i].name);
        json_put_text(&o, S("ExecutionStatus"), sets[i].execution);
        json_put_text(&o, S("Status"), sets[i].status);
        json_put_text(&o, S("StatusReason"), sets[i].reason);
        json_put(&o, S("CreationTime"), json_millis_as_seconds(call->arena, sets[i].created));
        for (int k = 0; k < countof(listed); k++)
            json_put_json(&o, str_from(listed[k]), json_get(&facts, str_from(listed[k])));
        json_add(&list, json_object(&o));
    }
    json_put(&out, S("Summaries"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_delete_change_set(Call *call, Error *err)
{
    StackRow row;
    ChangeSetRow set;
    Error gone = {0};
    if (!find(call, &row, &set, &gone)) {
        if (gone.code == ERR_CFN_CHANGE_SET) return cfn_done(call);
        *err = gone;
        return CALL_FAILED;
    }
    cfn_nested_drop(call, &set);
    change_set_remove(call->server->db, set.n);
    return cfn_done(call);
}

/* ---- executing ---- */

static void with_options(Call *call, const ChangeSetRow *set, Json *facts)
{
    JsonObject o = {.a = call->arena};
    Json told = facts_json(call, set);
    for (int32_t i = 0; i < facts->n; i++)
        if (!str_eq(facts->members[i].key, S("ChangeSetId")))
            json_put(&o, facts->members[i].key, facts->members[i].value);
    json_put_text(&o, S("ChangeSetId"), set->id);
    json_put_json(&o, S("DisableRollback"), json_get(&call->in, S("DisableRollback")));
    json_put_json(&o, S("OnFailure"), json_get(&told, S("OnStackFailure")));
    *facts = json_object(&o);
}

static bool open_next(Call *call, const StackRow *row, const ChangeSetRow *set, StackGoal *g,
                      Error *err)
{
    Json next;
    *g = (StackGoal){.plan = new (call->arena, StackPlan)};
    if (!json_parse(set->next, call->arena, &next, err)) return false;
    g->text = json_text(json_get(&next, S("text")));
    g->body = *json_get(&next, S("body"));
    g->facts = *json_get(&next, S("facts"));
    with_options(call, set, &g->facts);
    return stack_plan_of(call->server, call->arena, row, &g->body, &g->facts, g->plan, err) &&
           stack_graph(&g->plan->t, &g->plan->conditions, call->arena, &g->graph, err);
}

/* The role is that of the change set; who asked for it may pass it, whoever executes it. */
static Str role_of(Call *call, const ChangeSetRow *set)
{
    Json next;
    Error err = {0};
    check(json_parse(set->next, call->arena, &next, &err));
    return json_text(json_find(&next, "facts.RoleARN"));
}

static bool imports(Call *call, const ChangeSetRow *set)
{
    Json told = facts_json(call, set);
    return json_true(json_get(&told, S("import")));
}

static bool execute(Call *call, StackRow *row, const ChangeSetRow *set, Error *err)
{
    StackGoal g;
    StackChanges changes;
    if (!cfn_take_acting(call, role_of(call, set), row, err) || !open_next(call, row, set, &g, err))
        return false;
    row->token = cfn_text(call, "ClientRequestToken");
    if (stack_status_is(row, "REVIEW_IN_PROGRESS")) {
        row->text = g.text;
        row->body = json_to_str(call->arena, &g.body);
        row->facts = json_to_str(call->arena, &g.facts);
        if (imports(call, set))
            stacks_import(call->server, row, &g.graph);
        else
            stacks_create(call->server, row, &g.graph);
        return true;
    }
    if (!stack_diff(g.plan, &g.graph, &changes, err)) return false;
    g.during = row->policy;
    row->next = cfn_goal_next(call, &g);
    if (imports(call, set))
        stacks_import(call->server, row, &g.graph);
    else
        stacks_update(call->server, row, &g.graph, &changes);
    return true;
}

/* They were made of what the stack was. */
static void drop_others(Call *call, const StackRow *row, const ChangeSetRow *set)
{
    ChangeSetRow *sets;
    int64_t n = change_set_list(call->server->db, row->n, call->arena, &sets);
    for (int64_t i = 0; i < n; i++)
        if (sets[i].n != set->n) cfn_nested_drop(call, &sets[i]);
    change_set_clear(call->server->db, row->n);
}

CallResult cfn_execute_change_set(Call *call, Error *err)
{
    StackRow row;
    ChangeSetRow set;
    if (!find(call, &row, &set, err)) return CALL_FAILED;
    if (!str_eq(set.execution, S("AVAILABLE"))) {
        error_set(err, ERR_CFN_CHANGE_SET_STATUS,
                  "ChangeSet [%.*s] cannot be executed in its current execution status of "
                  "[%.*s]",
                  STR(set.id), STR(set.execution));
        return CALL_FAILED;
    }
    if (!stack_settled(&row)) {
        error_set(err, ERR_VALIDATION, "Stack:%.*s is in %.*s state and can not be updated.",
                  STR(row.id), STR(row.status));
        return CALL_FAILED;
    }
    if (!execute(call, &row, &set, err)) return CALL_FAILED;
    drop_others(call, &row, &set);
    set.execution = S("EXECUTE_COMPLETE");
    change_set_add(call->server->db, &set);
    call->out = (Json){.type = JSON_OBJECT};
    return stack_answer(call, &row);
}
