/* context.h - the context attributes in a schedule's input, replaced by what they stand for. */
#pragma once
#include "base/str.h"

/* "Adding context attributes" in the guide of EventBridge Scheduler:
 *
 *     <aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id>
 *     <aws.scheduler.attempt-number> */
typedef struct ScheduleContext {
    Str arn, execution;
    Millis slot;
    int64_t attempt; /* from 1 */
} ScheduleContext;

/* Without any of them: the text as it is. */
Str context_replace(Arena *a, Str input, const ScheduleContext *c);
Str context_time(Arena *a, Millis t); /* 2022-03-22T18:59:43Z */
