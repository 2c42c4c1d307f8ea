/* layers.h - rows of versions of Lambda layers, and how large each zip of code is when it is unpacked. */
#pragma once
#include "store/db.h"

typedef struct LayerRow {
    Str account, region, name;
    int64_t number; /* of the version; never given twice */
    Str zip;        /* SHA-256 in hexadecimal: lambda/zip/<that> */
    int64_t code_bytes, unpacked_bytes;
    Str config; /* JSON: Description, CompatibleRuntimes, ... */
    Str policy; /* JSON: {Statement: [..], RevisionId}; absent: none */
    Millis created;
} LayerRow;

void layer_publish(Db *db, LayerRow *row); /* sets row->number */
must_use bool layer_get(Db *db, const LayerRow *which, Arena *a, LayerRow *out);
void layer_set_policy(Db *db, const LayerRow *row);
void layer_remove(Db *db, const LayerRow *row);
/* Versions of one layer, newest first, below number `before`. */
int64_t layer_list_versions(Db *db, const LayerRow *of, int64_t before, int64_t max, Arena *a,
                            LayerRow **out);
/* The names of layers that have a version, after `after` (absent: from the first). */
int64_t layer_list_names(Db *db, Str account, Str region, Str after, int64_t max, Arena *a,
                         Str **out);

/* Of a zip of functions or layers; 0: not known. Those of zips that nothing uses are forgotten by
 * code_size_sweep. */
void code_size_put(Db *db, Str zip, int64_t unpacked_bytes);
int64_t code_size(Db *db, Str zip);
void code_size_sweep(Db *db);
