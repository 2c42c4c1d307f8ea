/* failure.h - FailureDetails of a step from the last lines that its process wrote. */
#pragma once
#include "base/str.h"

/* `reason` is one of EMR's documented reasons, `message` the line that names the error; both are
 * left absent when the lines tell nothing. Spark writes what a Python driver says to both of its
 * streams to standard output, so both are looked at. */
void failure_explain(Str err_tail, Str out_tail, Arena *a, Str *reason, Str *message);
