/* iam_roles.c - what only roles have over the API: trust, session length, boundaries; and roles linked to services. */
#include "api/iam.h"
#include "core/policy/document.h"

enum { LINKED_ID_CHARS = 17, LINKED_SESSION_S = 3600 };

/* ---- trust ---- */

/* A user or role of this account that is named must be there. */
static bool principal_exists(Call *call, Str arn)
{
    Str account, name;
    IamKind kind;
    IamEntity e;
    if (!iam_arn_parse(arn, &account, &kind, &name) || !str_eq(account, call->who.account))
        return true;
    return (kind == IAM_USER || kind == IAM_ROLE) &&
           iam_find(call->server->db, account, kind, name, call->arena, &e);
}

static bool principals_exist(Call *call, const Json *statement, Error *err)
{
    const Json *list = json_find(statement, "Principal.AWS");
    for (int32_t i = 0; i < policy_count(list); i++) {
        Str arn = json_text(policy_at(list, i));
        if (!principal_exists(call, arn))
            return error_set(err, ERR_IAM_MALFORMED_POLICY,
                             "Invalid principal in policy: \"AWS\":\"%.*s\"", STR(arn));
    }
    return true;
}

bool iam_trust_ok(Call *call, Str document, Error *err)
{
    Json policy;
    if (!policy_check(document, POLICY_TRUST, call->arena, &policy, err) ||
        !iam_quota(call, policy_size(document) - 1, IAM_TRUST_BYTES_MAX, "ACLSizePerRole", err))
        return false;
    const Json *statements = json_get(&policy, S("Statement"));
    for (int32_t i = 0; i < policy_count(statements); i++)
        if (!principals_exist(call, policy_at(statements, i), err)) return false;
    return true;
}

CallResult iam_update_trust(Call *call, Error *err)
{
    IamEntity e;
    if (!iam_get(call, IAM_ROLE, &e, err) || !iam_modifiable(&e, err) ||
        !iam_trust_ok(call, iam_in(call, "PolicyDocument"), err))
        return CALL_FAILED;
    e.trust = iam_in(call, "PolicyDocument");
    iam_put(call->server->db, &e);
    return CALL_DONE;
}

/* UpdateRole; UpdateRoleDescription tells the role. */
CallResult iam_update_role(Call *call, Error *err)
{
    IamEntity e;
    const Json *seconds = json_get(&call->in, S("MaxSessionDuration"));
    if (!iam_get(call, IAM_ROLE, &e, err) || !iam_modifiable(&e, err)) return CALL_FAILED;
    if (json_get(&call->in, S("Description"))) e.description = iam_in(call, "Description");
    e.session_s = json_int_or(seconds, e.session_s);
    iam_put(call->server->db, &e);
    if (str_eq(model_operation_name(call->route.operation), S("UpdateRoleDescription")))
        return iam_answer(call, &e);
    return CALL_DONE;
}

/* ---- boundaries ---- */

CallResult iam_put_boundary(Call *call, Error *err)
{
    IamEntity e;
    Str arn = iam_in(call, "PermissionsBoundary");
    if (!iam_get(call, iam_kind(call), &e, err) || !iam_modifiable(&e, err) ||
        !iam_boundary_ok(call, arn, err))
        return CALL_FAILED;
    e.boundary = arn;
    iam_put(call->server->db, &e);
    return CALL_DONE;
}

CallResult iam_delete_boundary(Call *call, Error *err)
{
    IamEntity e;
    if (!iam_get(call, iam_kind(call), &e, err) || !iam_modifiable(&e, err)) return CALL_FAILED;
    if (str_absent(e.boundary)) {
        error_set(err, ERR_IAM_NO_ENTITY, "%s %.*s does not have a permission boundary.",
                  iam_words[e.kind].word, STR(e.name));
        return CALL_FAILED;
    }
    e.boundary = (Str){0};
    iam_put(call->server->db, &e);
    return CALL_DONE;
}

/* ---- linked to services ---- */

/* How AWS calls the role of a service; for those that are not here, after the service's name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
 */
static Str linked_name(Arena *a, Str service)
{
    static const char *const names[][2] = {
        {"elasticmapreduce.amazonaws.com", "EMRCleanup"},
        {"scheduler.amazonaws.com", "Scheduler"},
        {"events.amazonaws.com", "CloudWatchEvents"},
        {"apidestinations.events.amazonaws.com", "AmazonEventBridgeApiDestinations"},
        {"spot.amazonaws.com", "EC2Spot"},
        {"spotfleet.amazonaws.com", "EC2SpotFleet"},
        {"autoscaling.amazonaws.com", "AutoScaling"},
        {"ops.emr-serverless.amazonaws.com", "AmazonEMRServerless"},
        {"airflow.amazonaws.com", "AmazonMWAA"},
        {"lakeformation.amazonaws.com", "LakeFormationDataAccess"},
        {"redshift.amazonaws.com", "Redshift"},
        {"rds.amazonaws.com", "RDS"},
        {"ecs.amazonaws.com", "ECS"},
    };
    for (int i = 0; i < countof(names); i++)
        if (str_eq(service, str_from(names[i][0]))) return str_from(names[i][1]);
    char *word = new_array(a, char, service.n + 1);
    int64_t n = 0, end = str_find_char(service, '.');
    for (int64_t i = 0; i < end; i++) {
        char c = service.p[i];
        if (c == '-') continue;
        bool first = !n || service.p[i - 1] == '-';
        word[n++] = first && c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return (Str){word, n};
}

static Str linked_trust(Arena *a, Str service)
{
    return str_printf(a,
                      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                      "\"Principal\":{\"Service\":\"%.*s\"},\"Action\":\"sts:AssumeRole\"}]}",
                      STR(service));
}

CallResult iam_create_linked_role(Call *call, Error *err)
{
    Arena *a = call->arena;
    IamEntity old;
    Str service = iam_in(call, "AWSServiceName"), suffix = iam_in(call, "CustomSuffix");
    if (!str_ends(service, S(".amazonaws.com"))) {
        error_set(err, ERR_IAM_INVALID_INPUT, "Service %.*s is not valid.", STR(service));
        return CALL_FAILED;
    }
    IamEntity e = {.account = call->who.account,
                   .kind = IAM_ROLE,
                   .path = str_printf(a, "/aws-service-role/%.*s/", STR(service)),
                   .id = server_new_id(call->server, a, S("AROA"), LINKED_ID_CHARS),
                   .description = iam_in(call, "Description"),
                   .trust = linked_trust(a, service),
                   .session_s = LINKED_SESSION_S,
                   .created = call->now,
                   .updated = call->now};
    e.name = str_printf(a, "AWSServiceRoleFor%.*s%s%.*s", STR(linked_name(a, service)),
                        suffix.n ? "_" : "", STR(suffix));
    if (iam_find(call->server->db, e.account, IAM_ROLE, e.name, a, &old)) {
        error_set(err, ERR_IAM_INVALID_INPUT,
                  "Service role name %.*s has been taken in this account, please try a different "
                  "suffix.",
                  STR(e.name));
        return CALL_FAILED;
    }
    iam_put(call->server->db, &e);
    return iam_answer(call, &e);
}

CallResult iam_delete_linked_role(Call *call, Error *err)
{
    IamEntity e;
    JsonObject out = {.a = call->arena};
    if (!iam_get(call, IAM_ROLE, &e, err)) return CALL_FAILED;
    if (!str_starts(e.path, S("/aws-service-role/"))) {
        error_set(err, ERR_IAM_INVALID_INPUT,
                  "Role %.*s is not a service-linked role and cannot be deleted by this operation.",
                  STR(e.name));
        return CALL_FAILED;
    }
    iam_remove(call->server->db, &e);
    json_put_text(&out, S("DeletionTaskId"),
                  str_printf(call->arena, "task%.*s%.*s/%.*s", STR(e.path), STR(e.name),
                             STR(server_new_uuid(call->server, call->arena))));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* Nothing here holds on to such a role: its deletion is over when it was asked for. */
CallResult iam_linked_role_status(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    Str task = iam_in(call, "DeletionTaskId");
    if (!str_starts(task, S("task/aws-service-role/"))) {
        error_set(err, ERR_IAM_NO_ENTITY, "The deletion task %.*s cannot be found.", STR(task));
        return CALL_FAILED;
    }
    json_put_text(&out, S("Status"), S("SUCCEEDED"));
    call->out = json_object(&out);
    return CALL_DONE;
}
