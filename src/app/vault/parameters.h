/* parameters.h - Systems Manager parameters found by name, by version, by label, by ARN, and their values decrypted. */
#pragma once
#include "app/server.h"
#include "store/parameters.h"

/* What a client calls a parameter by:
 *
 *     /app/db        app      /app/db:3     /app/db:prod
 *     arn:aws:ssm:REGION:ACCOUNT:parameter/app/db:3
 *
 * The value comes decrypted on request; else a SecureString's is its sealed text. CloudFormation's
 * SSM-typed parameters and dynamic references read by this. Within an event, or outside. */
typedef struct Parameter {
    ParameterRow row;
    Str selector; /* ":3", ":prod"; absent: the latest */
} Parameter;

/* ERR_SSM_NOT_FOUND; ERR_SSM_NO_VERSION: the parameter is there, the version or label is not;
 * ERR_VALIDATION: no name of a parameter. */
must_use bool parameter_find(Server *s, Str account, Str region, Str reference, bool decrypt,
                             Arena *a, Parameter *out, Error *err);
/* Replaces row->value of a SecureString by its text. */
must_use bool parameter_decrypt(Server *s, Arena *a, ParameterRow *row, Error *err);
/* Replaces row->value by its sealed form; the version must be set. */
void parameter_encrypt(Server *s, Arena *a, ParameterRow *row);

Str parameter_arn(Arena *a, const ParameterRow *row);
bool parameter_is_secure(const ParameterRow *row);
/* The version that carries the label; 0: none. */
int64_t parameter_labelled(Server *s, const ParameterRow *row, Str label, Arena *a);
/* A name's form, without a selector. ERR_VALIDATION. */
must_use bool parameter_check_name(Str name, Error *err);
/* The event "Parameter Store Change" of EventBridge's reference, `operation` Create, Update, Delete
 * or LabelParameterVersion. Within an event. */
void parameter_tell(Server *s, const ParameterRow *row, Str operation);
