/* lambda_policy.c - resource policies of functions: statements added and removed one by one. */
#include "api/lambda.h"

#define KIND S("policy")

/* The document {Version, Id, Statement, RevisionId}: the last is ours, and not told in it. */
typedef struct Policy {
    LambdaTarget t;
    Str qualifier; /* "" for none */
    Json statements;
    Str revision; /* absent: there is no policy */
} Policy;

static bool open_policy(Call *call, Policy *p, Error *err)
{
    *p = (Policy){0};
    if (!lambda_target(call, &p->t, err)) return false;
    p->qualifier = str_absent(p->t.qualifier) ? S("") : p->t.qualifier;
    Json stored = lambda_parse(call->arena, function_setting(call->server->db, p->t.row.n,
                                                             p->qualifier, KIND, call->arena));
    const Json *statements = json_get(&stored, S("Statement"));
    if (statements) p->statements = *statements;
    p->revision = json_text(json_get(&stored, S("RevisionId")));
    return true;
}

static Str document(Call *call, const Json *statements, Str revision)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("Version"), json_string(S("2012-10-17")));
    json_put(&o, S("Id"), json_string(S("default")));
    json_put(&o, S("Statement"), *statements);
    json_put_text(&o, S("RevisionId"), revision);
    Json all = json_object(&o);
    return json_to_str(call->arena, &all);
}

static bool save(Call *call, const Policy *p, const JsonArray *list, Error *err)
{
    Json statements = json_array(list);
    Db *db = call->server->db;
    if (!list->n) return function_setting_remove(db, p->t.row.n, p->qualifier, KIND), true;
    Str text = document(call, &statements, server_new_uuid(call->server, call->arena));
    if (text.n > LAMBDA_POLICY_BYTES_MAX)
        return error_set(err, ERR_LAMBDA_POLICY_LENGTH,
                         "The final policy size (%" PRId64 ") is bigger than the limit (%d).",
                         text.n, LAMBDA_POLICY_BYTES_MAX);
    function_setting_put(db, p->t.row.n, p->qualifier, KIND, text);
    return true;
}

/* ---- one statement ---- */

static Json one_member(Call *call, const char *name, Json value)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, str_from(name), value);
    return json_object(&o);
}

static bool is_account(Str s)
{
    int64_t n;
    return s.n == 12 && str_to_int(s, &n);
}

/* An account, an ARN, everybody, or a service by its domain. */
static bool check_principal(Call *call, Error *err)
{
    Str given = lambda_text(call, "Principal");
    if (str_eq(given, S("*")) || is_account(given) || str_starts(given, S("arn:")) ||
        str_find_char(given, '.') > 0)
        return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "The provided principal was invalid. Please check the principal and try "
                     "again.");
}

static Json principal(Call *call)
{
    Str given = lambda_text(call, "Principal");
    if (str_eq(given, S("*"))) return json_string(given);
    if (is_account(given)) given = str_printf(call->arena, "arn:aws:iam::%.*s:root", STR(given));
    bool aws = str_starts(given, S("arn:"));
    return one_member(call, aws ? "AWS" : "Service", json_string(given));
}

static void put_condition(Call *call, JsonObject *statement)
{
    JsonObject condition = {.a = call->arena}, equals = {.a = call->arena};
    Str arn = lambda_text(call, "SourceArn");
    json_put_text(&equals, S("AWS:SourceAccount"), lambda_text(call, "SourceAccount"));
    json_put_text(&equals, S("lambda:EventSourceToken"), lambda_text(call, "EventSourceToken"));
    json_put_text(&equals, S("aws:PrincipalOrgID"), lambda_text(call, "PrincipalOrgID"));
    json_put_text(&equals, S("lambda:FunctionUrlAuthType"),
                  lambda_text(call, "FunctionUrlAuthType"));
    if (equals.n) json_put(&condition, S("StringEquals"), json_object(&equals));
    if (!str_absent(arn))
        json_put(&condition, S("ArnLike"), one_member(call, "AWS:SourceArn", json_string(arn)));
    if (condition.n) json_put(statement, S("Condition"), json_object(&condition));
}

static Json statement_of(Call *call, const Policy *p)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Sid"), lambda_text(call, "StatementId"));
    json_put(&o, S("Effect"), json_string(S("Allow")));
    json_put(&o, S("Principal"), principal(call));
    json_put_text(&o, S("Action"), lambda_text(call, "Action"));
    json_put_text(&o, S("Resource"), p->t.arn);
    put_condition(call, &o);
    return json_object(&o);
}

static bool has_id(const Json *statement, Str id)
{
    return str_eq(json_text(json_get(statement, S("Sid"))), id);
}

CallResult lambda_add_permission(Call *call, Error *err)
{
    Policy p;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    Str id = lambda_text(call, "StatementId");
    if (!open_policy(call, &p, err) || !check_principal(call, err) ||
        !lambda_check_revision(lambda_text(call, "RevisionId"), p.revision, err))
        return CALL_FAILED;
    for (int32_t i = 0; i < json_count(&p.statements); i++) {
        if (has_id(&p.statements.items[i], id)) {
            error_set(err, ERR_LAMBDA_CONFLICT,
                      "The statement id (%.*s) provided already exists. Please provide a new "
                      "statement id, or remove the existing statement.",
                      STR(id));
            return CALL_FAILED;
        }
        json_add(&list, p.statements.items[i]);
    }
    Json statement = statement_of(call, &p);
    json_add(&list, statement);
    if (!save(call, &p, &list, err)) return CALL_FAILED;
    json_put_text(&out, S("Statement"), json_to_str(call->arena, &statement));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult lambda_remove_permission(Call *call, Error *err)
{
    Policy p;
    JsonArray list = {.a = call->arena};
    Str id = lambda_text(call, "StatementId");
    if (!open_policy(call, &p, err) ||
        !lambda_check_revision(lambda_text(call, "RevisionId"), p.revision, err))
        return CALL_FAILED;
    for (int32_t i = 0; i < json_count(&p.statements); i++)
        if (!has_id(&p.statements.items[i], id)) json_add(&list, p.statements.items[i]);
    if (list.n == json_count(&p.statements)) {
        error_set(err, ERR_LAMBDA_NOT_FOUND,
                  str_absent(p.revision) ? "No policy is associated with the given resource."
                                         : "Statement %.*s is not found in resource policy.",
                  STR(id));
        return CALL_FAILED;
    }
    call->out = (Json){.type = JSON_OBJECT};
    return save(call, &p, &list, err) ? CALL_DONE : CALL_FAILED;
}

CallResult lambda_get_policy(Call *call, Error *err)
{
    Policy p;
    JsonObject out = {.a = call->arena};
    if (!open_policy(call, &p, err)) return CALL_FAILED;
    if (str_absent(p.revision)) {
        error_set(err, ERR_LAMBDA_NOT_FOUND, "The resource you requested does not exist.");
        return CALL_FAILED;
    }
    json_put_text(&out, S("Policy"), document(call, &p.statements, (Str){0}));
    json_put_text(&out, S("RevisionId"), p.revision);
    call->out = json_object(&out);
    return CALL_DONE;
}
