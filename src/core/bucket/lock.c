/* lock.c - retention and legal hold decided. */
#include "core/bucket/lock.h"

#define DAY_MS ((Millis)24 * 3600 * 1000)

Lock lock_of(const Json *facts)
{
    return (Lock){.mode = json_text(json_get(facts, S("LockMode"))),
                  .until = json_int_or(json_get(facts, S("LockUntil")), 0) * 1000,
                  .hold = json_text(json_get(facts, S("LegalHold")))};
}

static bool malformed(Error *err)
{
    return error_set(err, ERR_S3_MALFORMED_XML,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

bool lock_check_config(const Json *config, Error *err)
{
    const Json *rule = json_get(config, S("Rule")), *r = json_get(rule, S("DefaultRetention")),
               *days = json_get(r, S("Days")), *years = json_get(r, S("Years"));
    if (!str_eq(json_text(json_get(config, S("ObjectLockEnabled"))), S("Enabled")))
        return malformed(err);
    if (!rule) return true;
    if (!r || !json_get(r, S("Mode")) || !days == !years) return malformed(err);
    if (json_int_or(days ? days : years, 0) <= 0)
        return error_set(err, ERR_S3_INVALID_RETENTION,
                         "Default retention period must be a positive integer value.");
    return json_int_or(days, 0) <= LOCK_DAYS_MAX && json_int_or(years, 0) <= LOCK_YEARS_MAX
               ? true
               : error_set(err, ERR_S3_INVALID_RETENTION,
                           "Default retention period is too large. The maximum is 36500 days or "
                           "100 years.");
}

Lock lock_default(const Json *config, Millis now)
{
    enum { DAYS_OF_YEAR = 365 };
    const Json *r = json_find(config, "Rule.DefaultRetention");
    int64_t days = json_int_or(json_get(r, S("Days")), 0) +
                   json_int_or(json_get(r, S("Years")), 0) * DAYS_OF_YEAR;
    return (Lock){.mode = json_text(json_get(r, S("Mode"))), .until = now + days * DAY_MS};
}

static bool denied(Error *err)
{
    return error_set(err, ERR_S3_ACCESS_DENIED,
                     "Access Denied because object protected by object lock.");
}

static bool retained(const Lock *lock, Millis now)
{
    return !str_absent(lock->mode) && lock->until > now;
}

bool lock_may_remove(const Lock *lock, bool bypass, Millis now, Error *err)
{
    if (str_eq(lock->hold, S("ON"))) return denied(err);
    if (!retained(lock, now)) return true;
    return (bypass && str_eq(lock->mode, S("GOVERNANCE"))) || denied(err);
}

bool lock_may_change(const Lock *lock, Str mode, Millis until, bool bypass, Millis now, Error *err)
{
    if (!retained(lock, now)) return true;
    bool same = str_eq(mode, lock->mode), longer = until >= lock->until;
    if (same && longer) return true;
    return (bypass && str_eq(lock->mode, S("GOVERNANCE"))) || denied(err);
}
