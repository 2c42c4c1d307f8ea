/* auth_form.c - the signature of a browser's form: of its policy, by Version 4 or by Version 2. */
#include "app/call.h"
#include "base/encode.h"
#include "store/keys.h"
#include "wire/digest.h"

/* "AKIA../20260101/us-east-1/s3/aws4_request" */
typedef struct Credential {
    Str key, date, region, service;
} Credential;

static Credential credential_of(const FormData *form)
{
    Str rest = formdata_value(form, S("x-amz-credential")), part[5] = {{0}};
    for (int i = 0; i < countof(part); i++)
        if (!str_cut(&rest, '/', &part[i])) break;
    return (Credential){part[0], part[1], part[2], part[3]};
}

static Str v4_signature(Arena *a, Str secret, const Credential *c, Str policy)
{
    const Str steps[] = {c->date, c->region, c->service, S("aws4_request"), policy};
    unsigned char mac[SHA256_BYTES];
    Str key = str_printf(a, "AWS4%.*s", STR(secret));
    for (int i = 0; i < countof(steps); i++) {
        hmac_sha256(key, steps[i], mac);
        key = str_copy(a, (Str){(const char *)mac, SHA256_BYTES});
    }
    return hex_encode(a, mac, SHA256_BYTES);
}

static Str v2_signature(Arena *a, Str secret, Str policy)
{
    unsigned char mac[SHA1_BYTES];
    hmac_sha1(secret, policy, mac);
    return base64_encode(a, (Str){(const char *)mac, SHA1_BYTES});
}

bool auth_verify_form(Call *call, const FormData *form, Error *err)
{
    AccessKey key;
    Credential c = credential_of(form);
    Str policy = formdata_value(form, S("policy")), v4 = formdata_value(form, S("x-amz-signature"));
    Str given = str_absent(v4) ? formdata_value(form, S("signature")) : v4;
    if (str_absent(v4)) c.key = formdata_value(form, S("AWSAccessKeyId"));
    if (c.region.n) call->who.region = c.region;
    if (!str_absent(c.key)) call->who.access_key = c.key;
    if (!call->server->config.enforce_auth) return true;
    if (str_absent(policy) || str_absent(given) || str_absent(c.key))
        return error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
    if (!key_find(call->server->db, c.key, call->arena, &key))
        return sigv4_unknown_key(SIG_DIALECT_S3, err);
    Str right = str_absent(v4) ? v2_signature(call->arena, key.secret, policy)
                               : v4_signature(call->arena, key.secret, &c, policy);
    call->who.account = key.account;
    if (!auth_take_credential(call, formdata_value(form, S("x-amz-security-token")), err))
        return false;
    call->who.verified = bytes_eq_constant_time(right, given);
    return call->who.verified ||
           error_set(err, ERR_S3_SIGNATURE_DOES_NOT_MATCH,
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method.");
}
