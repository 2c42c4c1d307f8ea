/* template_url.h - the text of a template by its address: an object of the store here, also by Amazon S3's own addresses. */
#pragma once
#include "app/server.h"

/* https://s3.REGION.amazonaws.com/BUCKET/KEY, https://s3-REGION..., https://s3.amazonaws.com/...,
 * https://BUCKET.s3.REGION.amazonaws.com/KEY, https://BUCKET.s3.amazonaws.com/KEY, and the same of
 * this server: http://HOST:PORT/BUCKET/KEY, http://BUCKET.localhost:PORT/KEY; with ?versionId=.
 * Hosts are not asked: all mean the store here. */
typedef struct ObjectAddress {
    Str bucket, key, version; /* version absent: the current one */
} ObjectAddress;
must_use bool template_url_parse(Str url, Arena *a, ObjectAddress *out, Error *err);

/* Within an event. ERR_VALIDATION in CloudFormation's words. */
must_use bool template_url_read(Server *s, Str account, Str region, Str url, Arena *a, Str *out,
                                Error *err);
