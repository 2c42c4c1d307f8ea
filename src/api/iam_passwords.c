/* iam_passwords.c - the account's password policy, and login profiles: kept, as nobody signs in to a console here. */
#include "api/iam_documents.h"

#define ONLY S("policy")

static CallResult done(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* ---- the password policy ---- */

/* "UpdateAccountPasswordPolicy" in the API reference: what is not given goes back to its default.
 */
CallResult iam_update_password_policy(Call *call, Error *err)
{
    static const char *const flags[] = {"RequireSymbols",
                                        "RequireNumbers",
                                        "RequireUppercaseCharacters",
                                        "RequireLowercaseCharacters",
                                        "AllowUsersToChangePassword",
                                        "HardExpiry"};
    static const char *const numbers[] = {"MaxPasswordAge", "PasswordReusePrevention"};
    JsonObject o = {.a = call->arena};
    (void)err;
    json_put(
        &o, S("MinimumPasswordLength"),
        json_int(call->arena, json_int_or(json_get(&call->in, S("MinimumPasswordLength")), 6)));
    for (int i = 0; i < countof(flags); i++)
        json_put(&o, str_from(flags[i]),
                 json_bool(json_true(json_get(&call->in, str_from(flags[i])))));
    for (int i = 0; i < countof(numbers); i++)
        json_put_json(&o, str_from(numbers[i]), json_get(&call->in, str_from(numbers[i])));
    json_put(&o, S("ExpirePasswords"),
             json_bool(json_int_or(json_get(&call->in, S("MaxPasswordAge")), 0) > 0));
    iam_document_put(
        call, "password-policy",
        &(IamDocument){.name = ONLY, .content = json_object(&o), .created = call->now});
    return done(call);
}

static bool find_policy(Call *call, IamDocument *d, Error *err)
{
    return iam_document(call, "password-policy", ONLY, d) ||
           error_set(err, ERR_IAM_NO_ENTITY,
                     "The Password Policy with domain name %.*s cannot be found.",
                     STR(call->who.account));
}

CallResult iam_get_password_policy(Call *call, Error *err)
{
    IamDocument d;
    JsonObject out = {.a = call->arena};
    if (!find_policy(call, &d, err)) return CALL_FAILED;
    json_put(&out, S("PasswordPolicy"), d.content);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_delete_password_policy(Call *call, Error *err)
{
    IamDocument d;
    if (!find_policy(call, &d, err)) return CALL_FAILED;
    iam_document_remove(call, "password-policy", ONLY);
    return done(call);
}

/* ---- login profiles: without their passwords ---- */

static bool find_login(Call *call, IamEntity *user, IamDocument *d, Error *err)
{
    if (!iam_get(call, IAM_USER, user, err)) return false;
    return iam_document(call, "login", user->name, d) ||
           error_set(err, ERR_IAM_NO_ENTITY, "Login Profile for User %.*s cannot be found.",
                     STR(user->name));
}

static CallResult tell(Call *call, const IamDocument *d)
{
    JsonObject o = {.a = call->arena}, out = {.a = call->arena};
    json_put_text(&o, S("UserName"), d->name);
    json_put(&o, S("CreateDate"), json_millis_as_seconds(call->arena, d->created));
    json_put_json(&o, S("PasswordResetRequired"),
                  json_get(&d->content, S("PasswordResetRequired")));
    json_put(&out, S("LoginProfile"), json_object(&o));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_create_login(Call *call, Error *err)
{
    IamEntity user;
    IamDocument d = {.content = {.type = JSON_OBJECT}, .created = call->now};
    if (!iam_get(call, IAM_USER, &user, err)) return CALL_FAILED;
    if (iam_document(call, "login", user.name, &d)) {
        error_set(err, ERR_IAM_ENTITY_EXISTS, "Login Profile for user %.*s already exists.",
                  STR(user.name));
        return CALL_FAILED;
    }
    d.name = user.name;
    iam_document_set(call, &d, "PasswordResetRequired",
                     json_bool(json_true(json_get(&call->in, S("PasswordResetRequired")))));
    iam_document_put(call, "login", &d);
    return tell(call, &d);
}

CallResult iam_get_login(Call *call, Error *err)
{
    IamEntity user;
    IamDocument d;
    return find_login(call, &user, &d, err) ? tell(call, &d) : CALL_FAILED;
}

CallResult iam_update_login(Call *call, Error *err)
{
    IamEntity user;
    IamDocument d;
    const Json *reset = json_get(&call->in, S("PasswordResetRequired"));
    if (!find_login(call, &user, &d, err)) return CALL_FAILED;
    if (reset) iam_document_set(call, &d, "PasswordResetRequired", *reset);
    iam_document_put(call, "login", &d);
    return done(call);
}

CallResult iam_delete_login(Call *call, Error *err)
{
    IamEntity user;
    IamDocument d;
    if (!find_login(call, &user, &d, err)) return CALL_FAILED;
    iam_document_remove(call, "login", user.name);
    return done(call);
}

bool iam_has_login(Call *call, Str user)
{
    IamDocument d;
    return iam_document(call, "login", user, &d);
}
