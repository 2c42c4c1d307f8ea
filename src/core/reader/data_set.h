/* data_set.h - what an ItemReader means: which objects hold the items, in what form, and how many are wanted. */
#pragma once
#include "core/reader/reader.h"

/* https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
enum { DATA_SET_MANIFEST_BYTES_MAX = 64 * 1024 * 1024 };
#define DATA_SET_ITEMS_MAX ((int64_t)100000000)

typedef enum DataSetKind {
    DATA_OBJECT,    /* one object's items */
    DATA_LIST,      /* the objects with a prefix are the items */
    DATA_FLATTENED, /* the items of all objects with a prefix */
    DATA_INVENTORY, /* an S3 inventory: a manifest names CSV files whose records are the items */
    DATA_ATHENA,    /* a manifest of Athena's UNLOAD names the files whose records are the items */
} DataSetKind;

typedef struct DataSet {
    DataSetKind kind;
    bool parquet; /* else as config has it */
    ReaderConfig config;
    Str bucket, key, version, prefix, start_after, owner; /* owner: ExpectedBucketOwner */
    int64_t items_max;
} DataSet;

/* ERR_VALIDATION: not what an ItemReader may be. *out borrows from `reader`. */
must_use bool data_set_parse(const Json *reader, Arena *a, DataSet *out, Error *err);

typedef struct DataObject {
    Str bucket, key;
} DataObject;
typedef struct DataObjects {
    DataObject *p;
    int64_t n, cap;
} DataObjects;
/* The objects that a manifest names; an inventory's also gives set->config its header. */
must_use bool data_set_manifest(DataSet *set, Str manifest, Arena *a, DataObjects *out, Error *err);
/* How a key's name says that it is compressed. */
typedef enum DataCompression { DATA_PLAIN, DATA_GZIP, DATA_ZSTD } DataCompression;
DataCompression data_set_compression(Str key);
