/* lock.h - object lock: retention and legal hold of a version, who may change them, and what they forbid. */
#pragma once
#include "base/json.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 * Kept among a version's facts: "LockMode" (GOVERNANCE, COMPLIANCE), "LockUntil" (seconds),
 * "LegalHold" (ON, OFF). */
enum { LOCK_DAYS_MAX = 36500, LOCK_YEARS_MAX = 100 };

typedef struct Lock {
    Str mode; /* absent: no retention */
    Millis until;
    Str hold; /* absent: never set */
} Lock;
Lock lock_of(const Json *facts);

/* The input of PutObjectLockConfiguration. */
must_use bool lock_check_config(const Json *config, Error *err);
/* What a new version gets by default; mode absent: nothing. */
Lock lock_default(const Json *config, Millis now);

/* ERR_S3_ACCESS_DENIED: the version must stay. */
must_use bool lock_may_remove(const Lock *lock, bool bypass, Millis now, Error *err);
/* A new retention (mode absent: none) in the place of the old one. */
must_use bool lock_may_change(const Lock *lock, Str mode, Millis until, bool bypass, Millis now,
                              Error *err);
