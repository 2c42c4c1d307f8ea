/* lambda_layer_policy.c - who else may use a version of a layer: statements added, removed and told. */
#include "api/lambda.h"

/* ---- the document: {Statement: [..], RevisionId} ---- */

static Json statements_of(Call *call, const LayerRow *row, Str *revision)
{
    Json stored = lambda_parse(call->arena, row->policy), none = {.type = JSON_ARRAY};
    const Json *list = json_get(&stored, S("Statement"));
    *revision = json_text(json_get(&stored, S("RevisionId")));
    return list ? *list : none;
}

static Str document(Call *call, const Json *statements)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("Version"), json_string(S("2012-10-17")));
    json_put(&o, S("Id"), json_string(S("default")));
    json_put(&o, S("Statement"), *statements);
    Json all = json_object(&o);
    return json_to_str(call->arena, &all);
}

static bool save(Call *call, LayerRow *row, const JsonArray *list, Str *revision, Error *err)
{
    Json statements = json_array(list);
    JsonObject o = {.a = call->arena};
    *revision = server_new_uuid(call->server, call->arena);
    if (document(call, &statements).n > LAMBDA_POLICY_BYTES_MAX)
        return error_set(err, ERR_LAMBDA_POLICY_LENGTH,
                         "The final policy size is bigger than the limit (%d).",
                         LAMBDA_POLICY_BYTES_MAX);
    json_put(&o, S("Statement"), statements);
    json_put_text(&o, S("RevisionId"), *revision);
    Json all = json_object(&o);
    row->policy = list->n ? json_to_str(call->arena, &all) : (Str){0};
    layer_set_policy(call->server->db, row);
    return true;
}

static Json principal(Call *call, Str given)
{
    JsonObject o = {.a = call->arena};
    if (str_eq(given, S("*"))) return json_string(given);
    if (!str_starts(given, S("arn:")))
        given = str_printf(call->arena, "arn:aws:iam::%.*s:root", STR(given));
    json_put_text(&o, S("AWS"), given);
    return json_object(&o);
}

static Json statement_of(Call *call, const LayerRow *row)
{
    Arena *a = call->arena;
    Str organization = lambda_text(call, "OrganizationId");
    JsonObject o = {.a = a}, condition = {.a = a}, equals = {.a = a};
    json_put_text(&o, S("Sid"), lambda_text(call, "StatementId"));
    json_put_text(&o, S("Effect"), S("Allow"));
    json_put(&o, S("Principal"), principal(call, lambda_text(call, "Principal")));
    json_put_text(&o, S("Action"), lambda_text(call, "Action"));
    json_put_text(&o, S("Resource"), lambda_layer_version_arn(a, row));
    if (!str_absent(organization)) {
        json_put_text(&equals, S("aws:PrincipalOrgID"), organization);
        json_put(&condition, S("StringEquals"), json_object(&equals));
        json_put(&o, S("Condition"), json_object(&condition));
    }
    return json_object(&o);
}

/* ---- add, remove, get ---- */

/* The statements but the one of this id, which *found tells of. */
static JsonArray others(Call *call, const Json *statements, Str id, bool *found)
{
    JsonArray list = {.a = call->arena};
    *found = false;
    for (int32_t i = 0; i < json_count(statements); i++) {
        bool it = str_eq(json_text(json_get(&statements->items[i], S("Sid"))), id);
        *found |= it;
        if (!it) json_add(&list, statements->items[i]);
    }
    return list;
}

CallResult lambda_add_layer_permission(Call *call, Error *err)
{
    bool found;
    LayerRow row;
    Str revision, id = lambda_text(call, "StatementId");
    JsonObject out = {.a = call->arena};
    if (!lambda_layer(call, &row, err)) return CALL_FAILED;
    Json statements = statements_of(call, &row, &revision);
    if (!lambda_check_revision(lambda_text(call, "RevisionId"), revision, err)) return CALL_FAILED;
    JsonArray list = others(call, &statements, id, &found);
    if (found) {
        error_set(err, ERR_LAMBDA_CONFLICT,
                  "The statement id (%.*s) provided already exists. Please provide a new statement "
                  "id, or remove the existing statement.",
                  STR(id));
        return CALL_FAILED;
    }
    Json statement = statement_of(call, &row);
    json_add(&list, statement);
    if (!save(call, &row, &list, &revision, err)) return CALL_FAILED;
    json_put_text(&out, S("Statement"), json_to_str(call->arena, &statement));
    json_put_text(&out, S("RevisionId"), revision);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult lambda_remove_layer_permission(Call *call, Error *err)
{
    bool found;
    LayerRow row;
    Str revision, id = lambda_text(call, "StatementId");
    if (!lambda_layer(call, &row, err)) return CALL_FAILED;
    Json statements = statements_of(call, &row, &revision);
    if (!lambda_check_revision(lambda_text(call, "RevisionId"), revision, err)) return CALL_FAILED;
    JsonArray list = others(call, &statements, id, &found);
    if (!found) {
        error_set(err, ERR_LAMBDA_NOT_FOUND, "Statement %.*s is not found in resource policy.",
                  STR(id));
        return CALL_FAILED;
    }
    call->out = (Json){.type = JSON_OBJECT};
    return save(call, &row, &list, &revision, err) ? CALL_DONE : CALL_FAILED;
}

CallResult lambda_get_layer_policy(Call *call, Error *err)
{
    LayerRow row;
    Str revision;
    JsonObject out = {.a = call->arena};
    if (!lambda_layer(call, &row, err)) return CALL_FAILED;
    Json statements = statements_of(call, &row, &revision);
    if (!statements.n) {
        error_set(err, ERR_LAMBDA_NOT_FOUND, "No policy is associated with the given resource.");
        return CALL_FAILED;
    }
    json_put_text(&out, S("Policy"), document(call, &statements));
    json_put_text(&out, S("RevisionId"), revision);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- use ---- */

static bool names_account(const Json *statement, Str account)
{
    Str who = json_text(json_get(statement, S("Principal"))),
        arn = json_text(json_find(statement, "Principal.AWS"));
    return !json_get(statement, S("Condition")) &&
           (str_eq(who, S("*")) || str_find(arn, account) >= 0);
}

/* Another account's, with --auth enforce: when the layer's policy names this one. */
bool lambda_layer_may_be_used(Call *call, const LayerRow *row, Error *err)
{
    Str revision, account = call->who.account;
    if (!call->server->config.enforce_auth || str_eq(row->account, account)) return true;
    Json statements = statements_of(call, row, &revision);
    for (int32_t i = 0; i < json_count(&statements); i++)
        if (names_account(&statements.items[i], account)) return true;
    return error_set(err, ERR_ACCESS_DENIED,
                     "User: arn:aws:iam::%.*s:root is not authorized to perform: "
                     "lambda:GetLayerVersion on resource: %.*s because no resource-based policy "
                     "allows the lambda:GetLayerVersion action",
                     STR(account), STR(lambda_layer_version_arn(call->arena, row)));
}
