/* transform.h - what a rule's target gets of an event: all of it, a part by a path, a constant, or a template. */
#pragma once
#include "base/json.h"

/* "Amazon EventBridge input transformation" in its guide. In a template `<name>` stands for what
 * InputPathsMap finds in the event, or for one of
 *
 *     <aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>
 *     <aws.events.event> <aws.events.event.json>
 *
 * Outside of quotes a value is written as JSON, within a JSON text without quotes of its own. A
 * path that finds nothing leaves an empty text. Paths are $.a.b, $['a'], $.a[0]. */
enum {
    TRANSFORM_PATHS_MAX = 100,
    TRANSFORM_PATH_BYTES_MAX = 256,
};

typedef struct TransformSource {
    const Json *event;
    Str rule_arn, rule_name;
    Millis ingested;
} TransformSource;

/* A target as PutTargets takes it: at most one of Input, InputPath, InputTransformer. false:
 * ERR_VALIDATION. */
must_use bool transform_check(const Json *target, Arena *a, Error *err);
/* Of a target that was checked. */
Str transform_input(Arena *a, const Json *target, const TransformSource *source);
