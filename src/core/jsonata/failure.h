/* failure.h - the report about an evaluation, or a compilation, that failed. */
#pragma once
#include "core/jsonata/ast.h"

/* Makes the report from ev->failure, which must be set. */
void jn_failure_report(Ev *ev, JsonataError *err);
