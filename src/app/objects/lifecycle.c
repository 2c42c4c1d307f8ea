/* lifecycle.c - the daily walk over a bucket with lifecycle rules, and the x-amz-expiration of its objects. */
#include "app/objects/lifecycle.h"

#include "app/events/object_events.h"
#include "base/encode.h"
#include "base/time.h"
#include "core/bucket/lifecycle.h"
#include "core/bucket/lock.h"
#include "store/objects_age.h"
#include "store/objects_multipart.h"
#include "store/timers.h"

/* Where a walk goes on: {"Uploads": true, "Key": .., "Seq": ..}, kept as a configuration. */
static const Str cursor_kind = STR_INIT("lifecycle-walk");

typedef struct Walk {
    Server *s;
    Bucket bucket;
    Json rules;
    bool uploads; /* the second half */
    Str key;
    int64_t seq, gone;
    bool ended;
} Walk;

static Str timer_subject(Server *s, int64_t bucket_id)
{
    return str_printf(&s->turn, "%" PRId64, bucket_id);
}

void lifecycle_begin(Server *s, int64_t bucket_id)
{
    bucket_clear_config(s->objects, bucket_id, cursor_kind, S(""));
    timer_set(s->db, S("lifecycle"), timer_subject(s, bucket_id), s->now);
}

bool lifecycle_rules(Server *s, int64_t bucket_id, Arena *a, Json *out)
{
    return bucket_config(s->objects, bucket_id, S("lifecycle"), S(""), a, out) &&
           json_is(out, JSON_OBJECT);
}

/* ---- the walk ---- */

static LifecycleSubject subject_of(const Aged *v)
{
    return (LifecycleSubject){.key = v->object.key,
                              .size = v->object.size,
                              .tags = json_get(&v->object.facts, S("Tags")),
                              .since = v->since};
}

static LifecycleDue due_of(const Walk *w, const Aged *v)
{
    LifecycleSubject x = subject_of(v);
    if (!v->current) return lifecycle_noncurrent_expires(&w->rules, &x, v->newer);
    if (!v->object.delete_marker) return lifecycle_expires(&w->rules, &x);
    return v->alone ? lifecycle_marker_expires(&w->rules, &x) : (LifecycleDue){.at = INT64_MAX};
}

/* A current object is deleted as a client would: with versioning it becomes noncurrent below a
 * marker. */
static void expire(Walk *w, const Aged *v)
{
    Server *s = w->s;
    bool plainly = v->current && !v->object.delete_marker;
    Lock lock = lock_of(&v->object.facts);
    ObjectGone gone;
    Error err = {0};
    bool kept = w->bucket.versioning != VERSIONING_NEVER && plainly;
    if (!kept && !lock_may_remove(&lock, false, s->now, &err)) return;
    if (object_delete(s->objects, w->bucket.name, v->object.key,
                      plainly ? (Str){0} : v->object.version, (Str){0}, s->now, &s->turn, &gone,
                      &err)) {
        Object told = v->object;
        told.versioning = w->bucket.versioning;
        object_event(s, &(ObjectEvent){.name = kept ? "LifecycleExpiration:DeleteMarkerCreated"
                                                    : "LifecycleExpiration:Delete",
                                       .object = &told,
                                       .version = gone.version});
        w->gone++;
    }
}

static void walk_objects(Walk *w)
{
    Server *s = w->s;
    Ages ages = object_ages(s->objects, w->bucket.id, w->bucket.name, w->key, w->seq, &s->turn);
    for (int64_t i = 0; i < ages.n; i++)
        if (due_of(w, &ages.p[i]).at <= s->now) expire(w, &ages.p[i]);
    w->uploads = ages.n < AGES_MAX;
    w->key = w->uploads ? S("") : ages.p[ages.n - 1].object.key;
    w->seq = w->uploads ? 0 : ages.p[ages.n - 1].object.seq;
}

static void walk_uploads(Walk *w)
{
    Server *s = w->s;
    Error err = {0};
    ListQuery q = {
        .bucket_id = w->bucket.id, .after = w->key, .after_seq = w->seq, .max = AGES_MAX};
    Listing list = multi_list(s->objects, &q, &s->turn);
    for (int64_t i = 0; i < list.n; i++) {
        const Object *u = &list.p[i].object;
        LifecycleSubject x = {.key = u->key, .since = u->modified};
        if (lifecycle_aborts(&w->rules, &x).at <= s->now &&
            multi_abort(s->objects, w->bucket.name, u->key, u->version, &err))
            w->gone++;
    }
    w->ended = !list.truncated;
    if (w->ended) return;
    w->key = list.p[list.n - 1].object.key;
    w->seq = list.p[list.n - 1].object.seq;
}

/* ---- portions ---- */

static void load_cursor(Walk *w)
{
    Json at;
    if (!bucket_config(w->s->objects, w->bucket.id, cursor_kind, S(""), &w->s->turn, &at)) return;
    w->uploads = json_true(json_get(&at, S("Uploads")));
    w->key = json_text(json_get(&at, S("Key")));
    w->seq = json_int_or(json_get(&at, S("Seq")), 0);
}

static void save_cursor(const Walk *w)
{
    Arena *a = &w->s->turn;
    JsonObject o = {.a = a};
    json_put(&o, S("Uploads"), json_bool(w->uploads));
    json_put(&o, S("Key"), json_string(w->key));
    json_put(&o, S("Seq"), json_int(a, w->seq));
    Json at = json_object(&o);
    bucket_set_config(w->s->objects, w->bucket.id, cursor_kind, S(""), &at);
}

static bool find_bucket(Server *s, Str subject, Walk *w)
{
    int64_t id;
    *w = (Walk){.s = s, .key = S("")};
    return str_to_int(subject, &id) && bucket_find_id(s->objects, id, &s->turn, &w->bucket) &&
           lifecycle_rules(s, id, &s->turn, &w->rules);
}

void lifecycle_due(Server *s, Str subject)
{
    Walk w;
    if (!find_bucket(s, subject, &w)) return;
    load_cursor(&w);
    if (w.uploads)
        walk_uploads(&w);
    else
        walk_objects(&w);
    if (w.gone)
        log_info(s, "lifecycle-expired", "bucket=%.*s what=%s count=%" PRId64, STR(w.bucket.name),
                 w.uploads && w.ended ? "uploads" : "objects", w.gone);
    if (w.ended)
        bucket_clear_config(s->objects, w.bucket.id, cursor_kind, S(""));
    else
        save_cursor(&w);
    timer_set(s->db, S("lifecycle"), subject,
              w.ended ? lifecycle_midnight_after(s->now + 1) : s->now);
}

/* ---- the header ---- */

Str lifecycle_expiration_header(Server *s, const Object *object, Arena *a)
{
    Json rules;
    LifecycleSubject x = {.key = object->key,
                          .size = object->size,
                          .tags = json_get(&object->facts, S("Tags")),
                          .since = object->modified};
    if (!lifecycle_rules(s, object->bucket_id, a, &rules)) return (Str){0};
    LifecycleDue due = lifecycle_expires(&rules, &x);
    if (due.at == INT64_MAX) return (Str){0};
    return str_printf(a, "expiry-date=\"%.*s\", rule-id=\"%.*s\"", STR(time_http(a, due.at)),
                      STR(percent_encode(a, due.rule, S(""))));
}
