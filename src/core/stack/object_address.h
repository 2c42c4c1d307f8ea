/* object_address.h - where a template lies, as its URL says: Amazon S3's own forms of address, and this server's. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* https://s3.REGION.amazonaws.com/BUCKET/KEY, https://s3-REGION..., https://s3.amazonaws.com/...,
 * https://BUCKET.s3.REGION.amazonaws.com/KEY, https://BUCKET.s3.amazonaws.com/KEY, and the same of
 * this server: http://HOST:PORT/BUCKET/KEY, http://BUCKET.localhost:PORT/KEY; with ?versionId=.
 * Hosts are not asked: all mean the store here. */
typedef struct ObjectAddress {
    Str bucket, key, version; /* version absent: the current one */
} ObjectAddress;
must_use bool object_address_parse(Str url, Arena *a, ObjectAddress *out, Error *err);
