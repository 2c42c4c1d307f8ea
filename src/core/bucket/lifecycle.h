/* lifecycle.h - what a bucket's lifecycle rules ask of its objects, versions and uploads, and when. */
#pragma once
#include "base/json.h"

/* `config` is the input of PutBucketLifecycleConfiguration as it was taken: {"Rules": [..]}.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 *
 * Days are counted from an object's creation and end at the next midnight UTC; of several rules the
 * one that is due first counts. Transitions are kept with the rules, but nothing is moved: there is
 * one kind of storage here. */
enum {
    LIFECYCLE_RULES_MAX = 1000,
    LIFECYCLE_ID_CHARS_MAX = 255,
    LIFECYCLE_NEWER_MAX = 100, /* NewerNoncurrentVersions */
};
#define LIFECYCLE_DAY_MS ((Millis)24 * 3600 * 1000)

/* S3's errors and words. *out: the configuration as it is kept; rules without an ID have got one of
 * `ids` (as many as rules). */
must_use bool lifecycle_check(const Json *config, const Str *ids, Arena *a, Json *out, Error *err);

typedef struct LifecycleSubject {
    Str key;
    int64_t size;
    const Json *tags; /* [{"Key": .., "Value": ..}], or NULL */
    Millis since;     /* it was made, became noncurrent, or (upload) was begun */
} LifecycleSubject;

typedef struct LifecycleDue {
    Millis at; /* INT64_MAX: never */
    Str rule;  /* its ID; borrowed from config */
} LifecycleDue;

LifecycleDue lifecycle_expires(const Json *config, const LifecycleSubject *object); /* current */
/* newer: noncurrent versions of the key that are newer than this one. */
LifecycleDue lifecycle_noncurrent_expires(const Json *config, const LifecycleSubject *version,
                                          int64_t newer);
/* A delete marker under which nothing is left. */
LifecycleDue lifecycle_marker_expires(const Json *config, const LifecycleSubject *marker);
LifecycleDue lifecycle_aborts(const Json *config, const LifecycleSubject *upload);

Millis lifecycle_midnight_after(Millis t); /* the first midnight UTC that is not before t */
