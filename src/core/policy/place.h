/* place.h - where in a policy's text a statement stands, as the policy simulator tells it. */
#pragma once
#include "base/str.h"

/* Lines and columns count from 1, columns in bytes; the end is behind the last. */
typedef struct PolicyPlace {
    int64_t line, column;
} PolicyPlace;

/* text: a JSON object, already parsed as one. false: it has no statement of that number (from 0).
 * Time: the text once. */
bool policy_place(Str text, int32_t statement, PolicyPlace *begin, PolicyPlace *end);
