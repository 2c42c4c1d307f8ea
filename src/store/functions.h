/* functions.h - rows of Lambda functions, their versions, aliases, and what else is set on a qualifier. */
#pragma once
#include "store/db.h"

typedef struct FunctionRow {
    int64_t n;
    Str account, region, name;
    Millis created;
    int64_t reserved;     /* concurrent invocations; -1: none reserved */
    int64_t last_version; /* numbers are never used again */
    Str tags;             /* JSON object */
} FunctionRow;

/* Fills row->n. */
void function_add(Db *db, FunctionRow *row);
/* false: there is none; *out is untouched then. */
must_use bool function_find(Db *db, Str account, Str region, Str name, Arena *a, FunctionRow *out);
must_use bool function_get(Db *db, int64_t n, Arena *a, FunctionRow *out);
/* Its tags and reserved concurrency. */
void function_set(Db *db, const FunctionRow *row);
/* With its versions, aliases, settings and invocations that wait. */
void function_remove(Db *db, int64_t n);
/* By name, after `after_name` (absent: from the first). */
int64_t function_list(Db *db, Str account, Str region, Str after_name, int64_t max, Arena *a,
                      FunctionRow **out);
/* Concurrency reserved by all functions but `n`. */
int64_t function_reserved(Db *db, Str account, Str region, int64_t n);

/* What runs: $LATEST is number 0 and changes; a published one never does. */
typedef struct FunctionVersion {
    int64_t function, number;
    Str config; /* JSON: what CreateFunction gave, with the service's defaults */
    Str zip;    /* SHA-256 of the code in hexadecimal: lambda/zip/<that> */
    int64_t code_bytes;
    Str revision; /* changes with every change */
    Millis modified;
} FunctionVersion;

/* Adds it, or replaces the one with this number. */
void function_version_put(Db *db, const FunctionVersion *v);
/* The next number for v, and puts it. */
void function_version_publish(Db *db, FunctionVersion *v);
must_use bool function_version_get(Db *db, int64_t function, int64_t number, Arena *a,
                                   FunctionVersion *out);
void function_version_remove(Db *db, int64_t function, int64_t number);
/* Upwards, from number `from`. */
int64_t function_version_list(Db *db, int64_t function, int64_t from, int64_t max, Arena *a,
                              FunctionVersion **out);
/* Some version still runs this code, or some layer is made of it. */
bool function_zip_used(Db *db, Str zip);
typedef struct FunctionTotals {
    int64_t functions, code_bytes;
} FunctionTotals;
FunctionTotals function_totals(Db *db, Str account, Str region);

typedef struct FunctionAlias {
    int64_t function;
    Str name;
    int64_t version;
    Str description;
    Str weights; /* JSON object: version -> share; absent: none */
    Str revision;
} FunctionAlias;
void function_alias_put(Db *db, const FunctionAlias *alias);
must_use bool function_alias_get(Db *db, int64_t function, Str name, Arena *a, FunctionAlias *out);
bool function_alias_remove(Db *db, int64_t function, Str name);
/* By name, after `after` (absent: from the first); of one version, or of any (-1). */
int64_t function_alias_list(Db *db, int64_t function, int64_t version, Str after, int64_t max,
                            Arena *a, FunctionAlias **out);

/* Documents of a function's qualifier ("" for none): "policy", "invoke-config". */
void function_setting_put(Db *db, int64_t function, Str qualifier, Str kind, Str content);
Str function_setting(Db *db, int64_t function, Str qualifier, Str kind, Arena *a); /* or absent */
bool function_setting_remove(Db *db, int64_t function, Str qualifier, Str kind);
typedef struct FunctionSetting {
    Str qualifier, content;
} FunctionSetting;
int64_t function_setting_list(Db *db, int64_t function, Str kind, Arena *a, FunctionSetting **out);
