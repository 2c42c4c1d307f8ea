/* lifecycle.h - lifecycle rules carried out: each bucket with rules is walked once a day, a portion an event. */
#pragma once
#include "app/server.h"
#include "store/buckets.h"

/* A bucket's walk begins a moment after its rules were put, then at every midnight UTC, and after a
 * downtime at once: its timer is a durable row. An event looks at AGES_MAX versions (or uploads),
 * does what is due with them, and notes where the next one goes on; a crash in between repeats
 * nothing and forgets nothing. What is due but not yet walked over is still served. */
void lifecycle_begin(Server *s, int64_t bucket_id); /* the rules have changed */
void lifecycle_due(Server *s, Str subject);         /* timer "lifecycle" */

/* The rules of a bucket; false: it has none. */
bool lifecycle_rules(Server *s, int64_t bucket_id, Arena *a, Json *out);
/* x-amz-expiration of a current object; absent: no rule expires it. */
Str lifecycle_expiration_header(Server *s, const Object *object, Arena *a);
