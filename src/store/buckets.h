/* buckets.h - buckets: their rows, their names' rules, and the configurations that are stored beside them. */
#pragma once
#include "store/objects.h"

/* A bucket is a row; its folder under objects/ comes with the first file in it and goes when the
 * bucket is deleted. */
typedef struct Bucket {
    int64_t id;
    Str name, account, region;
    Millis created;
    Versioning versioning;
} Bucket;

enum { BUCKETS_MAX = 10000, BUCKET_NAME_BYTES_MIN = 3, BUCKET_NAME_BYTES_MAX = 63 };

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
bool bucket_name_ok(Str name);

/* ERR_S3_INVALID_BUCKET_NAME, ERR_S3_BUCKET_OWNED or ERR_S3_BUCKET_EXISTS (somebody else's). */
must_use bool bucket_create(Objects *o, const Bucket *bucket, Error *err);
must_use bool bucket_find(Objects *o, Str name, Arena *a, Bucket *out,
                          Error *err); /* ERR_S3_NO_SUCH_BUCKET */
must_use bool bucket_find_id(Objects *o, int64_t id, Arena *a, Bucket *out);
/* With its configurations; ERR_S3_BUCKET_NOT_EMPTY: objects, versions, delete markers or unfinished
 * uploads are left. */
must_use bool bucket_delete(Objects *o, Str name, Error *err);
void bucket_set_versioning(Objects *o, int64_t bucket_id, Versioning versioning);

typedef struct BucketList {
    Bucket *p;
    int64_t n, cap;
    bool truncated;
} BucketList;
/* By name, beginning after `after`, those of `account` with the prefix and (unless absent) in the
 * region. */
BucketList bucket_list(Objects *o, Str account, Str prefix, Str region, Str after, int64_t max,
                       Arena *a);

/* A configuration: any JSON under a kind ("cors", "tagging", ...) and, where there may be several,
 * an id. */
must_use bool bucket_config(Objects *o, int64_t bucket_id, Str kind, Str id, Arena *a,
                            Json *out); /* false: none */
void bucket_set_config(Objects *o, int64_t bucket_id, Str kind, Str id, const Json *config);
bool bucket_clear_config(Objects *o, int64_t bucket_id, Str kind,
                         Str id); /* false: there was none */
