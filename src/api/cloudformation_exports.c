/* cloudformation_exports.c - exports and imports, termination protection. */
#include "api/cloudformation.h"

CallResult cfn_list_exports(Call *call, Error *err)
{
    StackRow owner;
    StackExport *rows;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    (void)err;
    int64_t n = stack_export_list(call->server->db, call->who.account, call->who.region,
                                  cfn_text(call, "NextToken"), STACK_PAGE + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < STACK_PAGE; i++) {
        JsonObject o = {.a = call->arena};
        if (stack_row_get(call->server->db, rows[i].stack, call->arena, &owner))
            json_put_text(&o, S("ExportingStackId"), owner.id);
        json_put_text(&o, S("Name"), rows[i].name);
        json_put_text(&o, S("Value"), rows[i].value);
        json_add(&list, json_object(&o));
    }
    json_put(&out, S("Exports"), json_array(&list));
    if (n > STACK_PAGE) json_put_text(&out, S("NextToken"), rows[STACK_PAGE - 1].name);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_list_imports(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    Str name = cfn_text(call, "ExportName");
    StrVec users =
        stack_import_list(call->server->db, call->who.account, call->who.region, name, call->arena);
    if (!users.n) {
        error_set(err, ERR_VALIDATION, "Export '%.*s' is not imported by any stack.", STR(name));
        return CALL_FAILED;
    }
    for (int64_t i = 0; i < users.n; i++) json_add(&list, json_string(users.p[i]));
    json_put(&out, S("Imports"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- termination protection ---- */

CallResult cfn_set_protection(Call *call, Error *err)
{
    Json facts;
    StackRow row;
    JsonObject o = {.a = call->arena}, out = {.a = call->arena};
    if (!cfn_stack_to_change(call, &row, err)) return CALL_FAILED;
    if (!json_parse(row.facts, call->arena, &facts, err)) return CALL_FAILED;
    Str name = S("EnableTerminationProtection");
    for (int32_t i = 0; i < facts.n; i++)
        if (!str_eq(facts.members[i].key, name))
            json_put(&o, facts.members[i].key, facts.members[i].value);
    json_put(&o, name, json_bool(json_true(json_get(&call->in, name))));
    facts = json_object(&o);
    row.facts = json_to_str(call->arena, &facts);
    stack_row_set(call->server->db, &row);
    json_put_text(&out, S("StackId"), row.id);
    call->out = json_object(&out);
    return CALL_DONE;
}
