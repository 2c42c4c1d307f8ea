/* secrets.h - secrets found by name or ARN, their values by version or stage, new versions, and their end. */
#pragma once
#include "app/server.h"
#include "store/secrets.h"

enum { SECRET_SUFFIX_BYTES = 6, SECRET_OLD_VERSIONS_MAX = 100 };
#define SECRET_CURRENT  S("AWSCURRENT")
#define SECRET_PREVIOUS S("AWSPREVIOUS")

/* A name, a whole ARN, or an ARN without its last six letters. ERR_RESOURCE_NOT_FOUND; a secret
 * that is to be deleted is found. */
must_use bool secret_find(Server *s, Str account, Str region, Str id, Arena *a, SecretRow *out,
                          Error *err);
Str secret_arn(Arena *a, const SecretRow *row);

/* The value decrypted, of a version, or of a stage (both absent: AWSCURRENT). CloudFormation's
 * dynamic references read by this. ERR_INVALID_REQUEST: the secret is to be deleted. */
typedef struct SecretValue {
    SecretRow secret;
    Str version;
    Str value; /* a text, or the bytes of a binary one */
    bool binary;
    Millis created;
} SecretValue;
must_use bool secret_read(Server *s, Str account, Str region, Str id, Str version, Str stage,
                          Arena *a, SecretValue *out, Error *err);

/* A new version's value, sealed; the caller gives it stages. */
void secret_add_version(Server *s, Arena *a, const SecretRow *row, Str version, Str value,
                        bool binary);
/* Moves a stage; with AWSCURRENT the version that had it becomes AWSPREVIOUS. */
void secret_move_stage(Server *s, Arena *a, int64_t secret, Str stage, Str version);
void secrets_due(Server *s, Str subject); /* timer kind "secret": the recovery window has ended */
