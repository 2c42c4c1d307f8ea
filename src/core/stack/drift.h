/* drift.h - what of a resource is not any more as its template says: values compared, each difference with its place. */
#pragma once
#include "base/json.h"

/* A service tells what there is in its own terms. drift_like puts it in those of the template, so
 * that what is left differs indeed: names with their first letter in the template's case, documents
 * that came as text, numbers and booleans given as texts, times as ISO 8601, tags as a list or as
 * an object. Of a structure only what the template names is looked at: defaults are no drift. Of a
 * map, and of a document, everything is (`whole`).
 *
 * Lists are compared as sets, items of one Key, Id, Sid or name with each other. Paths are JSON
 * pointers ("/Tags/0/Value"): of what was added with the place it has now, else with the one it has
 * in the template. "Detect unmanaged configuration changes" in the CloudFormation User Guide. */

enum {
    DRIFT_DIFFERENCES_MAX = 1000,
    DRIFT_PAIRS_MAX = 1000000, /* of a list's items, compared; above that by their places alone */
};
#define DRIFT_SECONDS_MAX INT64_C(253402300799) /* a time's: the end of the year 9999 */

typedef enum DriftKind { DRIFT_ADD, DRIFT_REMOVE, DRIFT_NOT_EQUAL } DriftKind;

typedef struct DriftDifference {
    Str path;
    DriftKind kind;
    const Json *expected, *actual; /* NULL: DRIFT_ADD, DRIFT_REMOVE */
} DriftDifference;

typedef struct DriftDifferences {
    DriftDifference *p;
    int64_t n, cap;
} DriftDifferences;

Json drift_like(const Json *expected, const Json *actual, bool whole, Arena *a);
/* Both live as long as *out, which is added to. */
void drift_compare(const Json *expected, const Json *actual, Arena *a, DriftDifferences *out);
/* By what an item of a list is known; NULL: by nothing. */
const Json *drift_identity(const Json *item);
const char *drift_kind_text(DriftKind kind);
