/* s3.h - what the S3 API shares: reading inputs, naming errors, facts of objects; and its handlers. */
#pragma once
#include "app/call.h"
#include "store/buckets.h"

enum {
    S3_USER_METADATA_BYTES_MAX = 2048,
    S3_OBJECT_TAGS_MAX = 10,
    S3_BUCKET_TAGS_MAX = 50,
};

/* Input members by their names in the model. */
Str s3_text(const Call *c, Str name); /* absent: {NULL, 0} */
int64_t s3_int(const Call *c, Str name, int64_t otherwise);
bool s3_time(const Call *c, Str name, Millis *out); /* false: not given */
bool s3_time_of(const Json *v, Millis *out);

/* Ends a handler; on failure adds what S3 tells besides: BucketName, Key, UploadId, Condition, ...
 */
CallResult s3_end(Call *c, bool good, const Error *err);
void s3_explain(Call *c, const Error *err);
bool s3_malformed(Error *err); /* false, with MalformedXML's text */
bool s3_not_implemented(Error *err, const char *what);

/* The bucket's owner is who the request expects; asked only where it expects somebody. */
must_use bool s3_check_owner(Call *c, Error *err);
/* in.Bucket, of the expected owner. */
must_use bool s3_bucket(Call *c, Bucket *out, Error *err);
/* in.VersionId is none, or could be one. */
must_use bool s3_check_version(Call *c, Error *err);
/* The object that in.Bucket, in.Key and in.VersionId name; a delete marker is refused as S3 does.
 */
must_use bool s3_object(Call *c, Object *out, Error *err);
/* in.Key is one S3 would take. */
must_use bool s3_check_key(Str key, Error *err);
/* Headers whose meaning this server does not have and must not pretend: customer keys, object lock,
 * appending. */
must_use bool s3_check_headers(const Call *c, Error *err);

/* {"ContentType": .., "Metadata": {..}, "Tags": [..]} of in's headers. */
must_use bool s3_facts(Call *c, Json *out, Error *err);
must_use bool s3_tags_of_query(Call *c, Str text, Json *out, Error *err); /* "a=1&b=2" */
must_use bool s3_check_tags(const Json *tags, int max, Error *err);
/* The same facts with another value of one; NULL, or empty: without it. */
Json s3_facts_with(const Call *c, const Json *facts, Str name, const Json *value);

/* A bucket's configuration of a kind (s3_config.c), or what a new bucket has; false: none. */
bool s3_setting(const Call *c, int64_t bucket_id, const char *kind, Json *out);

/* The grants that in's headers ask for, allowed by the bucket; null: the owner alone has all. */
must_use bool s3_acl_of_object(Call *c, Json *grants, Error *err);
must_use bool s3_acl_of_new_bucket(Call *c, Json *grants, Error *err);
bool s3_acls_are_off(const Call *c, int64_t bucket_id);
bool s3_acl_allows_enforced(const Call *c,
                            int64_t bucket_id); /* its own list grants nothing else */

/* PutObject and UploadPart: what can be said against the request before its body is sent. */
must_use bool s3_before_body(Call *c, Error *err);
must_use bool s3_check_length(const Call *c, Error *err);

/* Facts, class and conditions of a new object from in's headers, all checked. */
must_use bool s3_object_new(Call *c, ObjectNew *out, Error *err);

/* Without an encryption of its own an object is kept as the bucket's configuration says. */
must_use bool s3_default_encryption(Call *c, Json *facts, Error *err);

/* Object lock (s3_lock.c). */
bool s3_bucket_locks(const Call *c, int64_t bucket_id);
must_use bool s3_check_lock_config(Call *c, Json *config, Error *err);
void s3_lock_new_bucket(Call *c, int64_t bucket_id);
/* Adds what the headers ask for, or the bucket's default. */
must_use bool s3_lock_new_object(Call *c, Json *facts, Error *err);
must_use bool s3_may_remove(Call *c, Str key, Str version, Error *err);
void s3_put_lock(JsonObject *o, const Json *facts);

/* Tells who asked to be notified (app/object_events.h); version absent: the object's own. */
void s3_event(Call *c, const char *name, const Object *object, Str version);

/* Outputs. */
Json s3_quoted(const Call *c, Str etag);
Json s3_seconds(const Call *c, Millis t);
Json s3_owner(const Call *c);
void s3_put_checksum(JsonObject *o, Str checksum,
                     bool with_type); /* "CRC32 FULL_OBJECT AAAAAA==" */
Str s3_checksum_value(Str checksum);
Str s3_checksum_type(Str checksum);
Str s3_checksum_name(Str checksum);
/* ChecksumCRC32 and its kin among members of `v`; false: none. *algorithm and *value tell. */
bool s3_checksum_given(const Json *v, DigestAlgorithm *algorithm, Str *value);
void s3_put_version(JsonObject *o, Str name, const Object *object); /* nothing without versioning */
void s3_put_encryption(JsonObject *o, const Json *facts);
void s3_put_expiration(JsonObject *o, const Call *c, const Object *object);
/* For encoding-type=url: as keys are written in listings then. */
Json s3_encoded(const Call *c, Str text, bool encode);

Json s3_common_prefix(const Call *c, Str prefix, bool encode);

/* RFC 9110 conditions of a read, or (copy) of a copy's source. */
must_use bool s3_check_conditions(Call *c, const Object *object, bool copy, Error *err);

typedef enum S3Range { S3_RANGE_NONE, S3_RANGE_OK, S3_RANGE_BAD } S3Range;
/* One "bytes=a-b"; S3_RANGE_NONE: absent, several, or no range at all, which S3 ignores. */
S3Range s3_range(Str header, int64_t size, int64_t *offset, int64_t *length);

CallHandler s3_create_bucket, s3_head_bucket, s3_list_buckets, s3_delete_bucket,
    s3_get_bucket_location, s3_get_bucket_versioning, s3_put_bucket_versioning, s3_get_bucket_acl,
    s3_put_bucket_acl, s3_get_bucket_policy_status;
CallHandler s3_put_config, s3_get_config, s3_delete_config, s3_list_configs;
CallHandler s3_put_object, s3_post_object, s3_get_object, s3_head_object, s3_delete_object,
    s3_delete_objects, s3_copy_object, s3_get_object_attributes, s3_get_object_acl,
    s3_put_object_acl, s3_get_object_tagging, s3_put_object_tagging, s3_delete_object_tagging,
    s3_get_object_retention, s3_put_object_retention, s3_get_object_legal_hold,
    s3_put_object_legal_hold;
CallHandler s3_list_objects, s3_list_objects_v2, s3_list_object_versions;
CallHandler s3_create_multipart_upload, s3_upload_part, s3_upload_part_copy,
    s3_complete_multipart_upload, s3_abort_multipart_upload, s3_list_parts,
    s3_list_multipart_uploads;
