/* drift.h - what of a stack's resources is not any more as its template says, found out in the background. */
#pragma once
#include "app/resources/resource.h"
#include "store/stack_drifts.h"
#include "store/stacks.h"

/* A detection is a row (store/stack_drifts.h) and a timer, "stack-drift", which looks at so many
 * resources in each event. What was found of a resource is in its row: StackResourceDriftStatus,
 * Timestamp, ExpectedProperties, ActualProperties, PropertyDifferences. It is forgotten when the
 * resource is changed by its stack. */
enum { STACK_DRIFT_AT_ONCE = 20 };
#define STACK_DRIFT_KEPT_MS ((Millis)90 * 24 * 3600 * 1000)

/* Of this type it can be found out. */
bool stack_drift_known(const ResourceType *type);
/* Read is under the name in row->acting, which is kept. names: JSON array; NULL: all. Within an
 * event. */
StackDriftRow stack_drift_begin(Server *s, StackRow *row, const Json *names);
/* One resource at once; its row is written. ERR_VALIDATION: it could not be read. */
must_use bool stack_drift_of(Server *s, const StackRow *row, StackResourceRow *r, Error *err);
void stack_drift_due(Server *s, Str subject); /* timer kind "stack-drift" */
