/* auth.c - who a request comes from: the credential scope read, and with --auth enforce the signature checked. */
#include "app/access/auth.h"

#include "app/access/authorize.h"
#include "app/call.h"
#include "wire/digest.h"

/* Before the service is known only its style can be guessed: it decides in whose words a broken
 * signature is refused. */
static SigDialect guess_dialect(const HttpRequest *r)
{
    if (!str_absent(http1_header(r, S("X-Amz-Target")))) return SIG_DIALECT_JSON;
    if (str_starts(http1_header(r, S("Content-Type")), S("application/x-www-form-urlencoded")))
        return SIG_DIALECT_QUERY;
    return SIG_DIALECT_S3;
}

static SigDialect dialect_of(const Service *service)
{
    switch (service->protocol) {
    case PROTOCOL_REST_XML: return SIG_DIALECT_S3;
    case PROTOCOL_AWS_QUERY: return SIG_DIALECT_QUERY;
    case PROTOCOL_AWS_JSON_1_0:
    case PROTOCOL_AWS_JSON_1_1:
    case PROTOCOL_RPC_CBOR:
    case PROTOCOL_REST_JSON: return SIG_DIALECT_JSON;
    default: unreachable();
    }
}

bool auth_read(Call *call, Error *err)
{
    CallAuth *auth = &call->auth;
    auth->dialect = guess_dialect(call->http);
    switch (sigv4_read(call->http, auth->dialect, call->arena, &auth->sig, err)) {
    case SIGV4_MALFORMED: return false;
    case SIGV4_READ: auth->kind = AUTH_V4; return true;
    case SIGV4_ABSENT: break;
    default: unreachable();
    }
    switch (sigv2_read(call->http, call->arena, &auth->sig2, err)) {
    case SIGV4_MALFORMED: return false;
    case SIGV4_READ: auth->kind = AUTH_V2; return true;
    case SIGV4_ABSENT: return true;
    default: unreachable();
    }
}

static Str access_key_of(const CallAuth *auth)
{
    return auth->kind == AUTH_V4   ? auth->sig.access_key
           : auth->kind == AUTH_V2 ? auth->sig2.access_key
                                   : (Str){0};
}

static bool check_v4(Call *call, Str payload_sha256, Error *err)
{
    CallAuth *auth = &call->auth;
    SigV4Check check = {.request = call->http,
                        .sig = &auth->sig,
                        .dialect = auth->dialect,
                        .secret = auth->secret,
                        .now = call->now,
                        .service =
                            model_text(call->route.service, call->route.service->signing_name),
                        .payload_sha256 = payload_sha256,
                        .keys = &call->server->signing_keys};
    if (!sigv4_verify(&check, call->arena, err)) return false;
    if (auth->dialect == SIG_DIALECT_S3) {
        sigv4_chunk_key(&check, &auth->chunk_storage);
        auth->chunk_key = &auth->chunk_storage;
    }
    call->who.verified = true;
    return true;
}

static bool check_v2(Call *call, Error *err)
{
    const CallAuth *auth = &call->auth;
    Str bucket = route_bucket_of_host(call->http->host, S("localhost"));
    call->who.verified =
        sigv2_verify(call->http, &auth->sig2, bucket, auth->secret, call->now, call->arena, err);
    return call->who.verified;
}

/* ---- whose key it is ---- */

static bool expired(SigDialect dialect, Error *err)
{
    if (dialect == SIG_DIALECT_S3)
        return error_set(err, ERR_S3_EXPIRED_TOKEN, "The provided token has expired.");
    return error_set(err, dialect == SIG_DIALECT_JSON ? ERR_EXPIRED_TOKEN : ERR_QUERY_EXPIRED_TOKEN,
                     "The security token included in the request is expired");
}

/* A session's key is worth nothing without its token, nor after its end. */
static bool check_credential(const Call *call, const Credential *c, Str token, Error *err)
{
    SigDialect dialect = call->auth.dialect;
    if (c->inactive) return sigv4_unknown_key(dialect, err);
    if (c->expires && c->expires <= call->now) return expired(dialect, err);
    if (str_absent(c->token) || bytes_eq_constant_time(c->token, token)) return true;
    if (dialect != SIG_DIALECT_S3) return sigv4_unknown_key(dialect, err);
    return error_set(err, ERR_S3_INVALID_TOKEN,
                     "The provided token is malformed or otherwise invalid.");
}

bool auth_take_credential(Call *call, Str token, Error *err)
{
    Credential *c = new (call->arena, Credential);
    if (!credential_find(call->server->db, call->who.access_key, call->arena, c)) return true;
    call->who.credential = c;
    return check_credential(call, c, token, err);
}

static bool enforce(Call *call, Error *err)
{
    CallAuth *auth = &call->auth;
    AccessKey key;
    /* What a form asks for is known later (authorize.c): tokens of others need no key. */
    call->who.anonymous = auth->kind == AUTH_NONE && call->route.protocol == PROTOCOL_AWS_QUERY;
    if (call->who.anonymous) return true;
    if (auth->kind == AUTH_NONE) return sigv4_missing(auth->dialect, err);
    if (!key_find(call->server->db, call->who.access_key, call->arena, &key))
        return sigv4_unknown_key(auth->dialect, err);
    auth->secret = key.secret;
    call->who.account = key.account;
    Str token = route_header(&call->route, call->http, S("X-Amz-Security-Token"));
    if (!auth_take_credential(call, token, err)) return false;
    /* A child whose role is not there. */
    if (!call->who.credential && !str_eq(key.note, KEY_OF_ACCOUNT))
        return sigv4_unknown_key(auth->dialect, err);
    if (auth->kind == AUTH_V2) return check_v2(call, err);
    auth->verify_with_body = auth->dialect != SIG_DIALECT_S3;
    return auth->verify_with_body || check_v4(call, (Str){0}, err);
}

/* Whoever made a presigned address said until when it counts; no key is needed to read that. */
static bool still_valid(const Call *call, Error *err)
{
    const CallAuth *auth = &call->auth;
    Millis end = INT64_MAX;
    if (auth->kind == AUTH_V4 && auth->sig.presigned)
        end = auth->sig.at + auth->sig.expires_s * 1000;
    if (auth->kind == AUTH_V2 && auth->sig2.presigned) end = auth->sig2.at;
    return call->now <= end || error_set(err, ERR_S3_ACCESS_DENIED, "Request has expired");
}

bool auth_identify(Call *call, Error *err)
{
    CallAuth *auth = &call->auth;
    auth->dialect = dialect_of(call->route.service);
    Str region = auth->kind == AUTH_V4 ? auth->sig.region : (Str){0};
    call->who = (Identity){.access_key = access_key_of(auth),
                           .account = call->server->config.account,
                           .region = region.n ? region : S("us-east-1")};
    return call->server->config.enforce_auth ? enforce(call, err) : still_valid(call, err);
}

bool auth_verify_body(Call *call, Error *err)
{
    if (!call->auth.verify_with_body) return true;
    DigestValue sha256 = digest_of(DIGEST_SHA256, call->body);
    return check_v4(call, digest_hex(call->arena, &sha256), err);
}
