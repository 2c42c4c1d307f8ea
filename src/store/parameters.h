/* parameters.h - rows of Systems Manager parameters: one a parameter, one a version of it. */
#pragma once
#include "store/db.h"

/* A parameter as one of its versions has it. The value of a SecureString is sealed (app/vault.h).
 */
typedef struct ParameterRow {
    int64_t n;
    Str account, region, name;
    Str tags;       /* a JSON object */
    int64_t latest; /* the newest version */
    int64_t version;
    Str type; /* "String", "StringList", "SecureString" */
    Str value;
    Str key_id; /* of a SecureString, else absent */
    Str description, pattern;
    Str tier; /* "Standard", "Advanced" */
    Str data_type;
    Str user;   /* ARN of who wrote this version */
    Str labels; /* a JSON array */
    Millis modified;
} ParameterRow;

/* A parameter that is new, with its first version; fills n. */
void parameter_row_add(Db *db, ParameterRow *row);
/* A further version, which becomes the latest. */
void parameter_row_add_version(Db *db, const ParameterRow *row);
/* version 0: the latest. */
must_use bool parameter_row_find(Db *db, Str account, Str region, Str name, int64_t version,
                                 Arena *a, ParameterRow *out);
/* The latest versions by name: after `after`, and with the prefix; absent: from the first, any. */
int64_t parameter_row_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                           Arena *a, ParameterRow **out);
/* The versions after `after`, oldest first. */
int64_t parameter_row_versions(Db *db, int64_t n, int64_t after, int64_t max, Arena *a,
                               ParameterRow **out);
int64_t parameter_row_oldest(Db *db, int64_t n, int64_t *count); /* version; and how many */
void parameter_row_set_labels(Db *db, int64_t n, int64_t version, Str labels);
void parameter_row_set_tags(Db *db, int64_t n, Str tags);
void parameter_row_remove_version(Db *db, int64_t n, int64_t version);
void parameter_row_remove(Db *db, int64_t n);
