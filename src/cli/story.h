/* story.h - an execution's history as lines for people: states entered and left, tasks, retries, errors, durations. */
#pragma once
#include "base/json.h"

/* One line an event that a reader cares about, indented by the depth of Parallel and Map:
 *
 *      0.00 s  started
 *      0.01 s  entered    Load                 Task
 *      0.02 s  scheduled  Load                 elasticmapreduce:addStep.sync
 *      9.80 s  failed     Load                 States.TaskFailed: ...
 *     10.81 s  retry 1    Load                 elasticmapreduce:addStep.sync
 *     21.30 s  exited     Load                 21.3 s
 *     21.30 s  SUCCEEDED                       21.3 s
 *
 * Which state an event belongs to, how deep it is and how often it was tried follows from the
 * chain of previousEventId. */
typedef struct StoryNote {
    Str type, state;
    Millis at;
    int64_t previous;
    int32_t depth, retries;
} StoryNote;

typedef struct Story {
    FILE *to; /* NULL: nothing is printed, only `ended` is kept */
    Arena kept;
    struct {
        StoryNote *p;
        int64_t n, cap;
    } notes; /* by event id, from 1 */
    bool ended;
} Story;

/* Events as GetExecutionHistory gives them, each id after the one before. */
void story_tell(Story *s, const Json *event);
void story_close(Story *s);
