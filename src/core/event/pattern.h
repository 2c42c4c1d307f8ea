/* pattern.h - event patterns of EventBridge: checked once, matched against events. */
#pragma once
#include "base/json.h"

/* The language of "Creating Amazon EventBridge event patterns": a pattern has the shape of the
 * event; its leaves are lists of alternatives: a text, a number, true, false, null, or one of
 *
 *     {"prefix": s} {"suffix": s} {"equals-ignore-case": s} {"wildcard": s}
 *     {"prefix": {"equals-ignore-case": s}}, {"suffix": {"equals-ignore-case": s}}
 *     {"anything-but": value, list of values, or {operator above: text or list of texts}}
 *     {"numeric": ["<", 5, ">=", -1]} {"cidr": "10.0.0.0/24"} {"exists": true or false}
 *
 * and `$or` a list of patterns of which one matches. A list in the event matches when one of its
 * items does; fields of one object in a list are matched together, not across its objects. Numbers
 * are compared by value. */

enum {
    PATTERN_BYTES_MAX = 4096,
    PATTERN_DEPTH_MAX = 32,
    PATTERN_OR_MAX = 1000, /* alternatives of $or, multiplied along a path */
};

/* ERR_INVALID_EVENT_PATTERN, "Event pattern is not valid. Reason: ..." with the path of the field.
 */
must_use bool pattern_check(const Json *pattern, Arena *a, Error *err);
/* A pattern that was checked. `a` is for what is thrown away. */
bool pattern_matches(const Json *pattern, const Json *event, Arena *a);
