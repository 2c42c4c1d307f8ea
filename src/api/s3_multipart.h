/* s3_multipart.h - private to api/s3_multipart*.c: finding an upload, and what is told of each. */
#pragma once
#include "api/s3.h"
#include "store/objects_multipart.h"

/* The upload that in.Bucket, in.Key and in.UploadId name; `completed`: also one that became its
 * object a while ago. */
must_use bool s3_multi(Call *c, bool completed, Multi *out, Error *err);
void s3_put_checksum_kind(JsonObject *o, const Multi *m);
