/* mask.h - secrets taken out of values that are shown. */
#pragma once
#include "base/json.h"

enum { MASK_PART_BYTES_MIN = 4 }; /* shorter ones only where they are the whole text */

/* Each text that is a secret, and each part of a text that is one, becomes "****". */
Json stack_mask(const Json *v, const StrVec *secrets, Arena *a);
