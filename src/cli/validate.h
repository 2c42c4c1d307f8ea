/* validate.h - a definition's diagnostics, for `mayfly validate` and before `mayfly run`. */
#pragma once
#include "core/asl/asl.h"

/* Prints each diagnostic as "FILE:LINE:COLUMN: error: CODE: message (/pointer)". true: none of them
 * is an error. */
bool validate_print(FILE *to, Str file, Str text, bool express);
