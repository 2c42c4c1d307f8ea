/* signing.h - the key by which notifications are signed, and its certificate, which anybody may read. */
#pragma once
#include "app/server.h"

/* One RSA key of 2048 bits and a self-signed certificate a data folder, made when the first is
 * signed; kept in its file sns-signing, sealed by the vault. The certificate is served below the
 * name that SNS gives its own: /SimpleNotificationService-<hash>.pem.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
typedef enum SigningHash { SIGNING_SHA1, SIGNING_SHA256 } SigningHash;
enum { SIGNING_KEY_BITS = 2048, SIGNING_YEARS = 10, SIGNING_FILE_BYTES_MAX = 16 * 1024 };

struct Signing;
/* RSA with PKCS #1 v1.5 padding, in Base64. The same text again costs nothing. */
Str signing_sign(Server *s, Arena *a, SigningHash hash, Str text);
Str signing_path(Server *s); /* of the certificate: "/SimpleNotificationService-...pem" */
bool signing_is(Str path);   /* may be one of those */
/* false: it is not the one of this server. */
must_use bool signing_certificate(Server *s, Str path, Str *pem);
void signing_close(Server *s);
