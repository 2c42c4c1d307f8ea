/* auth.h - who a request comes from: the credential scope read, and with --auth enforce the signature checked. */
#pragma once
#include "base/error.h"
#include "wire/formdata.h"
#include "wire/sigv2.h"
#include "wire/sigv4.h"

typedef struct Call Call;

/* What is known of a call's signature between head and body. Part of the Call. */
typedef struct CallAuth {
    enum { AUTH_NONE, AUTH_V4, AUTH_V2 } kind;
    SigDialect dialect;
    SigV4 sig;             /* AUTH_V4 */
    SigV2 sig2;            /* AUTH_V2 */
    bool verify_with_body; /* the signature covers a body whose digest no header tells */
    Str secret;            /* only with --auth enforce */
    AwsChunkKey chunk_storage;
    const AwsChunkKey *chunk_key; /* chunk signatures are to be checked with it; NULL: not */
} CallAuth;

/* In this order. auth_read: before routing, reads the signature. auth_identify: after it, sets
 * call->who, and checks what can be checked of the head. auth_verify_body: when the body is there,
 * checks the rest. Without --auth enforce nothing is refused but a signature that cannot be read
 * and a presigned address whose time is over. */
must_use bool auth_read(Call *call, Error *err);
must_use bool auth_identify(Call *call, Error *err);
must_use bool auth_verify_body(Call *call, Error *err);
/* A browser's form carries a signature of its policy alone, of either version. With --auth enforce
 * it is verified, and tells who sends it. auth_form.c */
/* Sets call->who.credential from call->who.access_key: expired and inactive keys, and sessions
 * without their token, are refused. */
must_use bool auth_take_credential(Call *call, Str token, Error *err);
must_use bool auth_verify_form(Call *call, const FormData *form, Error *err);
