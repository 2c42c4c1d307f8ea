/* notification.h - notification configurations: which S3 takes, and which targets an event of an object is for. */
#pragma once
#include "base/json.h"

/* "Event notification types and destinations" in the user guide of S3. */
enum { NOTIFICATIONS_MAX = 100 };

/* S3's errors and words; *out: as it is kept, each configuration with an Id (of `ids`, at least
 * NOTIFICATIONS_MAX). */
must_use bool notification_check(const Json *config, const Str *ids, Arena *a, Json *out,
                                 Error *err);

/* Some target, or EventBridge, wants the event, named without "s3:": "ObjectCreated:Put". */
bool notification_wants(const Json *config, Str event, Str key);
/* One configuration of a list (TopicConfigurations, ..) wants it. */
bool notification_target_wants(const Json *target, Str event, Str key);
