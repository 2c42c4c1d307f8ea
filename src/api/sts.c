/* sts.c - who am I, and credentials to be somebody: roles assumed, sessions, federated users. */
#include "api/api.h"
#include "api/iam.h"

#include "app/access/authorize.h"
#include "base/encode.h"
#include "base/time.h"
#include "core/policy/document.h"

enum {
    TOKEN_BYTES = 96,
    SECRET_BYTES = 30,
    SESSION_DEFAULT_S = 3600,
    SESSION_LONG_S = 43200, /* GetSessionToken, GetFederationToken */
    SESSION_CHAINED_S = 3600,
    POLICY_BYTES_MAX = 2048,
    POLICIES_MAX = 10,
    SESSIONS_SWEPT_MAX = 8, /* with each new one: those that ended, which so cannot pile up */
};
#define SESSION_KEPT_MS ((Millis)24 * 3600 * 1000) /* after its end: it is still called expired */

static Str text_of(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

/* Also without --auth enforce a key that is known tells whose it is. */
static void find_caller(Call *call, Credential *c, Caller *out)
{
    bool known = credential_find(call->server->db, call->who.access_key, call->arena, c);
    caller_of(call->server, call->arena, call->who.account, known ? c : NULL, out);
}

static CallResult get_caller_identity(Call *call, Error *err)
{
    Caller who;
    Credential c;
    JsonObject out = {.a = call->arena};
    (void)err;
    find_caller(call, &c, &who);
    json_put_text(&out, S("UserId"), who.principal.id);
    json_put_text(&out, S("Account"), who.principal.account);
    json_put_text(&out, S("Arn"), who.principal.arn);
    call->out = json_object(&out);
    return CALL_DONE;
}

static CallResult get_access_key_info(Call *call, Error *err)
{
    AccessKey key;
    JsonObject out = {.a = call->arena};
    (void)err;
    json_put_text(&out, S("Account"),
                  key_find(call->server->db, text_of(call, "AccessKeyId"), call->arena, &key)
                      ? key.account
                      : call->who.account);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- credentials ---- */

static Str random_text(Call *call, int bytes)
{
    unsigned char random[TOKEN_BYTES];
    check(bytes <= TOKEN_BYTES);
    loop_random(call->server->loop, random, bytes);
    return base64_encode(call->arena, (Str){(const char *)random, bytes});
}

/* A key with a token and an end, which only this server can have made: it keeps both. */
static Json new_credentials(Call *call, Credential *c, const char *note, int64_t otherwise_s)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    int64_t seconds = json_int_or(json_get(&call->in, S("DurationSeconds")), otherwise_s);
    AccessKey key = {.id = server_new_id(call->server, a, S("ASIA"), 16),
                     .secret = random_text(call, SECRET_BYTES),
                     .account = call->who.account,
                     .note = str_from(note),
                     .created_at = call->now};
    c->id = key.id;
    c->account = key.account;
    c->token = random_text(call, TOKEN_BYTES);
    c->expires = call->now + seconds * 1000;
    key_add(call->server->db, &key);
    credential_put(call->server->db, c);
    credential_expire(call->server->db, call->now - SESSION_KEPT_MS, SESSIONS_SWEPT_MAX);
    json_put_text(&o, S("AccessKeyId"), key.id);
    json_put_text(&o, S("SecretAccessKey"), key.secret);
    json_put_text(&o, S("SessionToken"), c->token);
    json_put(&o, S("Expiration"), json_millis_as_seconds(a, c->expires));
    return json_object(&o);
}

/* ---- session policies ---- */

static bool add_policy(Call *call, Str text, JsonArray *list, Error *err)
{
    Json parsed;
    if (!policy_check(text, POLICY_IDENTITY, call->arena, &parsed, err)) return false;
    json_add(list, json_string(text));
    return true;
}

static bool add_managed(Call *call, Str arn, JsonArray *list, Error *err)
{
    IamEntity policy;
    if (!identities_policy(call->server, call->arena, arn, &policy))
        return error_set(err, ERR_IAM_MALFORMED_POLICY, "The policy %.*s does not exist.",
                         STR(arn));
    json_add(list, json_string(identities_document(call->server, call->arena, &policy, 0)));
    return true;
}

/* Policy and PolicyArns together; absent: the session is not narrowed. */
static bool session_policies(Call *call, Str *out, Error *err)
{
    JsonArray list = {.a = call->arena};
    Str policy = text_of(call, "Policy");
    const Json *arns = json_get(&call->in, S("PolicyArns"));
    *out = (Str){0};
    if (policy_size(policy) > POLICY_BYTES_MAX || json_count(arns) > POLICIES_MAX)
        return error_set(err, ERR_STS_POLICY_TOO_LARGE,
                         "Packed size of session tags and session policies is over the limit.");
    if (!str_absent(policy) && !add_policy(call, policy, &list, err)) return false;
    for (int32_t i = 0; i < json_count(arns); i++)
        if (!add_managed(call, json_text(json_get(json_at(arns, i), S("arn"))), &list, err))
            return false;
    Json all = json_array(&list);
    if (all.n) *out = json_to_str(call->arena, &all);
    return true;
}

/* ---- sessions of users ---- */

static CallResult get_session_token(Call *call, Error *err)
{
    Credential of = {0}, c = {.kind = CREDENTIAL_SESSION};
    JsonObject out = {.a = call->arena};
    bool known = credential_find(call->server->db, call->who.access_key, call->arena, &of);
    if (known && of.kind != CREDENTIAL_USER) {
        error_set(err, ERR_ACCESS_DENIED, "Cannot call GetSessionToken with session credentials");
        return CALL_FAILED;
    }
    c.name = of.name;
    c.entity_id = of.entity_id;
    json_put(&out, S("Credentials"), new_credentials(call, &c, "GetSessionToken", SESSION_LONG_S));
    call->out = json_object(&out);
    return CALL_DONE;
}

static CallResult get_federation_token(Call *call, Error *err)
{
    Arena *a = call->arena;
    Str name = text_of(call, "Name");
    Credential of = {0}, c = {.kind = CREDENTIAL_FEDERATED, .session = name};
    JsonObject out = {.a = a}, user = {.a = a};
    bool known = credential_find(call->server->db, call->who.access_key, a, &of);
    if (known && of.kind != CREDENTIAL_USER) {
        error_set(err, ERR_ACCESS_DENIED,
                  "Cannot call GetFederationToken with session credentials");
        return CALL_FAILED;
    }
    if (!session_policies(call, &c.policy, err)) return CALL_FAILED;
    c.name = of.name;
    c.entity_id = of.entity_id;
    json_put(&out, S("Credentials"),
             new_credentials(call, &c, "GetFederationToken", SESSION_LONG_S));
    json_put_text(&user, S("FederatedUserId"),
                  str_printf(a, "%.*s:%.*s", STR(call->who.account), STR(name)));
    json_put_text(
        &user, S("Arn"),
        str_printf(a, "arn:aws:sts::%.*s:federated-user/%.*s", STR(call->who.account), STR(name)));
    json_put(&out, S("FederatedUser"), json_object(&user));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- roles ---- */

static bool refuse_role(Call *call, const Caller *who, Str arn, Error *err)
{
    (void)call;
    return error_set(err, ERR_ACCESS_DENIED,
                     "User: %.*s is not authorized to perform: sts:AssumeRole on resource: %.*s",
                     STR(who->principal.arn), STR(arn));
}

/* The role's trust policy names the caller, and a caller named only by its account needs a policy
 * of its own. The account itself needs no more than to be trusted, but that it does. */
static bool trusted(Call *call, const Caller *who, const IamEntity *role, Error *err)
{
    PolicyKey keys[2];
    int n = 0;
    Str external = text_of(call, "ExternalId"), session = text_of(call, "RoleSessionName");
    static const char everything[] =
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
        "\"Resource\":\"*\"}}";
    Json all;
    Caller asks = *who;
    PolicyDocument own = {S("root"), &all};
    check(json_parse(str_from(everything), call->arena, &all, err));
    if (who->root) {
        asks.sets.identity = &own;
        asks.sets.identity_n = 1;
    }
    if (!str_absent(external)) keys[n++] = (PolicyKey){S("sts:ExternalId"), &external, 1};
    keys[n++] = (PolicyKey){S("sts:RoleSessionName"), &session, 1};
    return authorize_trust(call->server, call->arena, role, &asks, S("sts:AssumeRole"), keys, n)
               .allowed ||
           refuse_role(call, who, iam_arn(call->arena, role), err);
}

static bool find_role(Call *call, Str arn, IamEntity *role, Error *err)
{
    Str account;
    IamKind kind;
    Str name;
    if (!iam_arn_parse(arn, &account, &kind, &name) || kind != IAM_ROLE)
        return error_set(err, ERR_VALIDATION, "%.*s is invalid", STR(arn));
    *role = (IamEntity){.account = call->who.account, .kind = IAM_ROLE, .name = name};
    return true;
}

static bool duration_ok(Call *call, const Caller *who, const IamEntity *role, Error *err)
{
    int64_t seconds = json_int_or(json_get(&call->in, S("DurationSeconds")), SESSION_DEFAULT_S);
    if (seconds > role->session_s)
        return error_set(err, ERR_VALIDATION,
                         "The requested DurationSeconds exceeds the MaxSessionDuration set for "
                         "this role.");
    return seconds <= SESSION_CHAINED_S || !str_eq(who->type, S("AssumedRole")) ||
           error_set(err, ERR_VALIDATION,
                     "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                     "assumed by role chaining.");
}

/* Without --auth enforce a role that nobody made can be assumed, too: its session may do what every
 * key may. One that was made is checked always. */
static bool may_assume(Call *call, IamEntity *role, Error *err)
{
    Caller who;
    Credential c;
    Str arn = text_of(call, "RoleArn");
    find_caller(call, &c, &who);
    if (!find_role(call, arn, role, err)) return false;
    Str account = role->account, name = role->name;
    if (iam_find(call->server->db, account, IAM_ROLE, name, call->arena, role) &&
        str_eq(iam_arn(call->arena, role), arn))
        return (!call->server->config.enforce_auth || trusted(call, &who, role, err)) &&
               duration_ok(call, &who, role, err);
    if (call->server->config.enforce_auth) return refuse_role(call, &who, arn, err);
    role->id = server_new_id(call->server, call->arena, S("AROA"), 17);
    return true;
}

static CallResult assume_role(Call *call, Error *err)
{
    Arena *a = call->arena;
    IamEntity role;
    Str session = text_of(call, "RoleSessionName");
    JsonObject out = {.a = a}, user = {.a = a};
    Credential c = {.kind = CREDENTIAL_ROLE, .session = session};
    if (!may_assume(call, &role, err) || !session_policies(call, &c.policy, err))
        return CALL_FAILED;
    c.name = role.name;
    c.entity_id = role.id;
    json_put_text(&user, S("AssumedRoleId"),
                  str_printf(a, "%.*s:%.*s", STR(role.id), STR(session)));
    json_put_text(&user, S("Arn"),
                  str_printf(a, "arn:aws:sts::%.*s:assumed-role/%.*s/%.*s", STR(call->who.account),
                             STR(role.name), STR(session)));
    json_put(&out, S("Credentials"), new_credentials(call, &c, "AssumeRole", SESSION_DEFAULT_S));
    json_put(&out, S("AssumedRoleUser"), json_object(&user));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- what comes from identity providers: nobody here can check their signatures ---- */

static bool no_token(Error *err, Str why)
{
    return error_set(err, ERR_STS_TOKEN, "%.*s", STR(why));
}

/* The payload of a JSON Web Token (RFC 7519), whose Base64 has other letters and no padding. */
static bool token_payload(Call *call, Str token, Json *out)
{
    Str head, body, bytes;
    Error err = {0};
    if (!str_cut(&token, '.', &head) || !str_cut(&token, '.', &body) || !token.n) return false;
    int64_t n = body.n + (4 - body.n % 4) % 4;
    char *p = new_array(call->arena, char, n + 1);
    for (int64_t i = 0; i < n; i++) {
        char c = i < body.n ? body.p[i] : '=';
        p[i] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    return base64_decode(call->arena, (Str){p, n}, &bytes) &&
           json_parse(bytes, call->arena, out, &err);
}

static CallResult with_web_identity(Call *call, Error *err)
{
    Json payload;
    if (!token_payload(call, text_of(call, "WebIdentityToken"), &payload)) {
        (void)no_token(err, S("The ID Token provided is not a valid JWT. (You may see this error "
                              "if you sent an Access Token)"));
        return CALL_FAILED;
    }
    Str issuer = json_text(json_get(&payload, S("iss"))), name = issuer;
    if (str_starts(issuer, S("https://"))) name = str_slice(issuer, 8, issuer.n);
    (void)no_token(err, iam_has_oidc(call, name)
                            ? S("Couldn't retrieve verification key from your identity provider,  "
                                "please reference AssumeRoleWithWebIdentity documentation for "
                                "requirements")
                            : str_printf(call->arena,
                                         "No OpenIDConnect provider found in your account for %.*s",
                                         STR(str_slice(issuer, 0, 200))));
    return CALL_FAILED;
}

static CallResult with_saml(Call *call, Error *err)
{
    (void)no_token(err, iam_has_saml(call, text_of(call, "PrincipalArn"))
                            ? S("Assertions of SAML providers are not verified by this server.")
                            : S("Specified provider doesn't exist"));
    return CALL_FAILED;
}

/* No service here encodes its refusals (in AWS it is EC2 that does): no message is one of ours. */
static CallResult decode_message(Call *call, Error *err)
{
    (void)call;
    error_set(err, ERR_STS_MESSAGE, "Message is not valid");
    return CALL_FAILED;
}

static const CallEntry entries[] = {
    {"AssumeRole", assume_role},
    {"AssumeRoleWithSAML", with_saml},
    {"AssumeRoleWithWebIdentity", with_web_identity},
    {"DecodeAuthorizationMessage", decode_message},
    {"GetAccessKeyInfo", get_access_key_info},
    {"GetCallerIdentity", get_caller_identity},
    {"GetFederationToken", get_federation_token},
    {"GetSessionToken", get_session_token},
};

const CallTable sts_calls = {.service = "sts", .entries = entries, .n = countof(entries)};
