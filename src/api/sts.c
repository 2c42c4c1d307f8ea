/* sts.c - who am I, and credentials to be that: the calls with which clients begin. */
#include "api/api.h"

#include "base/encode.h"
#include "base/time.h"
#include "store/keys.h"

enum { TOKEN_BYTES = 96, SESSION_DEFAULT_S = 3600, SESSION_MAX_S = 129600 };

static Str root_arn(const Call *call)
{
    return str_printf(call->arena, "arn:aws:iam::%.*s:root", STR(call->who.account));
}

static CallResult get_caller_identity(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    (void)err;
    json_put_text(&out, S("UserId"), call->who.account);
    json_put_text(&out, S("Account"), call->who.account);
    json_put_text(&out, S("Arn"), root_arn(call));
    call->out = json_object(&out);
    return CALL_DONE;
}

static CallResult get_access_key_info(Call *call, Error *err)
{
    AccessKey key;
    JsonObject out = {.a = call->arena};
    (void)err;
    Str id = json_text(json_get(&call->in, S("AccessKeyId")));
    json_put_text(&out, S("Account"),
                  key_find(call->server->db, id, call->arena, &key) ? key.account
                                                                    : call->who.account);
    call->out = json_object(&out);
    return CALL_DONE;
}

static Str new_secret(Call *call, int bytes)
{
    unsigned char random[TOKEN_BYTES];
    check(bytes <= TOKEN_BYTES);
    loop_random(call->server->loop, random, bytes);
    return base64_encode(call->arena, (Str){(const char *)random, bytes});
}

/* A key of the caller's account that the signature check knows. It does not end by itself: a
 * session's length only says how long the client will use it. */
static Json new_credentials(Call *call, Str note)
{
    int64_t seconds = json_int_or(json_get(&call->in, S("DurationSeconds")), SESSION_DEFAULT_S);
    JsonObject o = {.a = call->arena};
    AccessKey key = {.id = server_new_id(call->server, call->arena, S("ASIA"), 16),
                     .secret = new_secret(call, 30),
                     .account = call->who.account,
                     .note = note,
                     .created_at = call->now};
    if (seconds > SESSION_MAX_S) seconds = SESSION_MAX_S;
    key_add(call->server->db, &key);
    json_put_text(&o, S("AccessKeyId"), key.id);
    json_put_text(&o, S("SecretAccessKey"), key.secret);
    json_put_text(&o, S("SessionToken"), new_secret(call, TOKEN_BYTES));
    json_put(&o, S("Expiration"), json_millis_as_seconds(call->arena, call->now + seconds * 1000));
    return json_object(&o);
}

static CallResult get_session_token(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    (void)err;
    json_put(&out, S("Credentials"), new_credentials(call, S("GetSessionToken")));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* arn:aws:iam::123456789012:role/path/Name */
static bool role_name(Str arn, Str *name, Error *err)
{
    int64_t at = str_find(arn, S(":role/"));
    *name = str_slice(arn, str_rfind_char(arn, '/') + 1, arn.n);
    if (str_starts(arn, S("arn:")) && at > 0 && name->n) return true;
    return error_set(err, ERR_VALIDATION, "%.*s is invalid", STR(arn));
}

static CallResult assume_role(Call *call, Error *err)
{
    Arena *a = call->arena;
    Str session = json_text(json_get(&call->in, S("RoleSessionName"))), name;
    JsonObject out = {.a = a}, user = {.a = a};
    if (!role_name(json_text(json_get(&call->in, S("RoleArn"))), &name, err)) return CALL_FAILED;
    json_put_text(&user, S("AssumedRoleId"),
                  str_printf(a, "%.*s:%.*s", STR(server_new_id(call->server, a, S("AROA"), 17)),
                             STR(session)));
    json_put_text(&user, S("Arn"),
                  str_printf(a, "arn:aws:sts::%.*s:assumed-role/%.*s/%.*s", STR(call->who.account),
                             STR(name), STR(session)));
    json_put(&out, S("Credentials"), new_credentials(call, S("AssumeRole")));
    json_put(&out, S("AssumedRoleUser"), json_object(&user));
    call->out = json_object(&out);
    return CALL_DONE;
}

static const CallEntry entries[] = {
    {"AssumeRole", assume_role},
    {"GetAccessKeyInfo", get_access_key_info},
    {"GetCallerIdentity", get_caller_identity},
    {"GetSessionToken", get_session_token},
};

const CallTable sts_calls = {.service = "sts", .entries = entries, .n = countof(entries)};
