/* secrets.h - private to api/secrets*.c: the handlers of Secrets Manager, and what they share. */
#pragma once
#include "app/call.h"
#include "app/vault/secrets.h"

enum {
    SECRETS_PAGE = 100,
    SECRETS_SCAN = 200,
    SECRETS_TAGS_MAX = 50,
    SECRETS_STAGES_MAX = 20, /* of one version */
    SECRETS_WINDOW_DAYS_MIN = 7,
    SECRETS_WINDOW_DAYS_MAX = 30,
    SECRETS_PASSWORD_BYTES = 32,
    SECRETS_BATCH_MAX = 20,
};

CallHandler secrets_create, secrets_put_value, secrets_update, secrets_get_value, secrets_batch_get,
    secrets_describe, secrets_list, secrets_list_versions, secrets_delete, secrets_restore,
    secrets_tag, secrets_untag, secrets_put_policy, secrets_get_policy, secrets_delete_policy,
    secrets_password, secrets_update_stage, secrets_rotate;

static inline Str secrets_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}
/* By SecretId. */
must_use bool secrets_row(Call *call, SecretRow *out, Error *err);
/* The same; one that is to be deleted is refused. */
must_use bool secrets_living(Call *call, SecretRow *out, Error *err);
/* {ARN, Name}, to be added to. */
JsonObject secrets_answer(Call *call, const SecretRow *row);
