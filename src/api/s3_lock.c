/* s3_lock.c - object lock: the bucket's configuration, a version's retention and legal hold, asked and set. */
#include "api/s3.h"
#include "base/time.h"
#include "core/bucket/lock.h"

static bool lock_config(const Call *c, int64_t bucket_id, Json *out)
{
    return bucket_config(c->server->objects, bucket_id, S("object-lock"), S(""), c->arena, out) &&
           json_is(out, JSON_OBJECT);
}

bool s3_bucket_locks(const Call *c, int64_t bucket_id)
{
    Json config;
    return lock_config(c, bucket_id, &config);
}

static bool no_lock(Error *err)
{
    return error_set(err, ERR_S3_INVALID_REQUEST, "Bucket is missing Object Lock Configuration");
}

bool s3_check_lock_config(Call *c, Json *config, Error *err)
{
    Bucket b;
    if (!s3_bucket(c, &b, err) || !lock_check_config(config, err)) return false;
    return b.versioning == VERSIONING_ENABLED ||
           error_set(err, ERR_S3_INVALID_BUCKET_STATE,
                     "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
                     "configuration");
}

void s3_lock_new_bucket(Call *c, int64_t bucket_id)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("ObjectLockEnabled"), json_string(S("Enabled")));
    Json config = json_object(&o);
    bucket_set_config(c->server->objects, bucket_id, S("object-lock"), S(""), &config);
    bucket_set_versioning(c->server->objects, bucket_id, VERSIONING_ENABLED);
}

/* ---- of a new object ---- */

static bool in_future(const Call *c, Millis until, Error *err)
{
    return until > c->now ||
           error_set(err, ERR_S3_INVALID_ARGUMENT, "The retain until date must be in the future!");
}

static void put_retention(Call *c, Json *facts, const Lock *lock)
{
    Json mode = json_string(lock->mode), until = json_int(c->arena, lock->until / 1000),
         hold = json_string(lock->hold);
    if (lock->mode.n) {
        *facts = s3_facts_with(c, facts, S("LockMode"), &mode);
        *facts = s3_facts_with(c, facts, S("LockUntil"), &until);
    }
    if (lock->hold.n) *facts = s3_facts_with(c, facts, S("LegalHold"), &hold);
}

static bool asked_lock(Call *c, Lock *out, Error *err)
{
    *out = (Lock){.mode = s3_text(c, S("ObjectLockMode")),
                  .hold = s3_text(c, S("ObjectLockLegalHoldStatus"))};
    bool until = s3_time(c, S("ObjectLockRetainUntilDate"), &out->until);
    if ((out->mode.n > 0) != until)
        return error_set(err, ERR_S3_INVALID_ARGUMENT,
                         "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both "
                         "be supplied");
    return !until || in_future(c, out->until, err);
}

bool s3_lock_new_object(Call *c, Json *facts, Error *err)
{
    Lock asked;
    Json config;
    Bucket b;
    Error none;
    if (!asked_lock(c, &asked, err)) return false;
    bool wants = asked.mode.n || asked.hold.n;
    /* A bucket that is not there is told by what follows. */
    if (!bucket_find(c->server->objects, s3_text(c, S("Bucket")), c->arena, &b, &none)) return true;
    if (!lock_config(c, b.id, &config)) return !wants || no_lock(err);
    Lock lock = asked.mode.n ? asked : lock_default(&config, c->now);
    lock.hold = asked.hold;
    put_retention(c, facts, &lock);
    return true;
}

void s3_put_lock(JsonObject *o, const Json *facts)
{
    Lock lock = lock_of(facts);
    if (lock.mode.n) {
        json_put(o, S("ObjectLockMode"), json_string(lock.mode));
        json_put(o, S("ObjectLockRetainUntilDate"), *json_get(facts, S("LockUntil")));
    }
    if (lock.hold.n) json_put(o, S("ObjectLockLegalHoldStatus"), json_string(lock.hold));
}

/* ---- removing ---- */

bool s3_may_remove(Call *c, Str key, Str version, Error *err)
{
    Object object;
    Error none;
    bool bypass = json_true(json_get(&c->in, S("BypassGovernanceRetention")));
    if (str_absent(version) || !object_find(c->server->objects, s3_text(c, S("Bucket")), key,
                                            version, c->arena, &object, &none))
        return true;
    Lock lock = lock_of(&object.facts);
    return lock_may_remove(&lock, bypass, c->now, err);
}

/* ---- operations ---- */

static bool find_locked(Call *c, Object *out, Error *err)
{
    return s3_object(c, out, err) && (s3_bucket_locks(c, out->bucket_id) || no_lock(err));
}

static bool no_such_lock(Error *err)
{
    return error_set(err, ERR_S3_NO_SUCH_LOCK,
                     "The specified object does not have a ObjectLock configuration");
}

CallResult s3_get_object_retention(Call *c, Error *err)
{
    Object object;
    JsonObject retention = {.a = c->arena}, out = {.a = c->arena};
    if (!find_locked(c, &object, err)) return s3_end(c, false, err);
    Lock lock = lock_of(&object.facts);
    if (!lock.mode.n) return s3_end(c, no_such_lock(err), err);
    json_put(&retention, S("Mode"), json_string(lock.mode));
    json_put(&retention, S("RetainUntilDate"), *json_get(&object.facts, S("LockUntil")));
    json_put(&out, S("Retention"), json_object(&retention));
    c->out = json_object(&out);
    return CALL_DONE;
}

/* An empty Retention takes it away. */
static bool asked_retention(Call *c, Lock *out, Error *err)
{
    const Json *r = json_get(&c->in, S("Retention")), *until = json_get(r, S("RetainUntilDate"));
    *out = (Lock){.mode = json_text(json_get(r, S("Mode")))};
    bool timed = s3_time_of(until, &out->until);
    if (!r || (out->mode.n > 0) != timed) return s3_malformed(err);
    return !timed || in_future(c, out->until, err);
}

CallResult s3_put_object_retention(Call *c, Error *err)
{
    Object object;
    Lock wanted;
    bool bypass = json_true(json_get(&c->in, S("BypassGovernanceRetention")));
    if (!find_locked(c, &object, err) || !asked_retention(c, &wanted, err))
        return s3_end(c, false, err);
    Lock lock = lock_of(&object.facts);
    if (!lock_may_change(&lock, wanted.mode, wanted.until, bypass, c->now, err))
        return s3_end(c, false, err);
    Json facts = s3_facts_with(c, &object.facts, S("LockMode"), NULL);
    facts = s3_facts_with(c, &facts, S("LockUntil"), NULL);
    put_retention(c, &facts, &wanted);
    object_set_facts(c->server->objects, &object, &facts);
    return CALL_DONE;
}

CallResult s3_get_object_legal_hold(Call *c, Error *err)
{
    Object object;
    JsonObject hold = {.a = c->arena}, out = {.a = c->arena};
    if (!find_locked(c, &object, err)) return s3_end(c, false, err);
    Lock lock = lock_of(&object.facts);
    if (!lock.hold.n) return s3_end(c, no_such_lock(err), err);
    json_put(&hold, S("Status"), json_string(lock.hold));
    json_put(&out, S("LegalHold"), json_object(&hold));
    c->out = json_object(&out);
    return CALL_DONE;
}

CallResult s3_put_object_legal_hold(Call *c, Error *err)
{
    Object object;
    Lock wanted = {.hold = json_text(json_find(&c->in, "LegalHold.Status"))};
    if (!find_locked(c, &object, err)) return s3_end(c, false, err);
    if (!wanted.hold.n) return s3_end(c, s3_malformed(err), err);
    Json facts = object.facts;
    put_retention(c, &facts, &wanted);
    object_set_facts(c->server->objects, &object, &facts);
    return CALL_DONE;
}
