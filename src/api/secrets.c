/* secrets.c - the table of Secrets Manager's operations; policies, and what is not offered. */
#include "api/secrets.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"BatchGetSecretValue", secrets_batch_get},
    {"CancelRotateSecret", secrets_rotate},
    {"CreateSecret", secrets_create},
    {"DeleteResourcePolicy", secrets_delete_policy},
    {"DeleteSecret", secrets_delete},
    {"DescribeSecret", secrets_describe},
    {"GetRandomPassword", secrets_password},
    {"GetResourcePolicy", secrets_get_policy},
    {"GetSecretValue", secrets_get_value},
    {"ListSecretVersionIds", secrets_list_versions},
    {"ListSecrets", secrets_list},
    {"PutResourcePolicy", secrets_put_policy},
    {"PutSecretValue", secrets_put_value},
    {"RestoreSecret", secrets_restore},
    {"RotateSecret", secrets_rotate},
    {"TagResource", secrets_tag},
    {"UntagResource", secrets_untag},
    {"UpdateSecret", secrets_update},
    {"UpdateSecretVersionStage", secrets_update_stage},
};

const CallTable secrets_calls = {
    .service = "secretsmanager", .entries = entries, .n = countof(entries)};

bool secrets_row(Call *call, SecretRow *out, Error *err)
{
    return secret_find(call->server, call->who.account, call->who.region,
                       secrets_text(call, "SecretId"), call->arena, out, err);
}

bool secrets_living(Call *call, SecretRow *out, Error *err)
{
    return secrets_row(call, out, err) &&
           (!out->deletion || error_set(err, ERR_INVALID_REQUEST,
                                        "You can't perform this operation on the secret because it "
                                        "was marked for deletion."));
}

JsonObject secrets_answer(Call *call, const SecretRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ARN"), secret_arn(call->arena, row));
    json_put_text(&o, S("Name"), row->name);
    return o;
}

static CallResult answer(Call *call, const SecretRow *row)
{
    JsonObject o = secrets_answer(call, row);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_put_policy(Call *call, Error *err)
{
    SecretRow row;
    Json policy;
    Error why = {0};
    Str text = secrets_text(call, "ResourcePolicy");
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    if (!json_parse(text, call->arena, &policy, &why) || policy.type != JSON_OBJECT) {
        error_set(err, ERR_SECRET_POLICY, "This resource policy contains invalid Json.");
        return CALL_FAILED;
    }
    row.policy = text;
    secret_row_set(call->server->db, &row);
    return answer(call, &row);
}

CallResult secrets_get_policy(Call *call, Error *err)
{
    SecretRow row;
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    JsonObject o = secrets_answer(call, &row);
    json_put_text(&o, S("ResourcePolicy"), row.policy);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_delete_policy(Call *call, Error *err)
{
    SecretRow row;
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    row.policy = (Str){0};
    secret_row_set(call->server->db, &row);
    return answer(call, &row);
}

CallResult secrets_rotate(Call *call, Error *err)
{
    SecretRow row;
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    error_set(err, ERR_INVALID_REQUEST,
              "Rotation of secrets is not offered by this server: put a new version instead.");
    return CALL_FAILED;
}
