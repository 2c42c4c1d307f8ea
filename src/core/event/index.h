/* index.h - many event patterns asked at once: only those are matched whose rarest exact text the event has. */
#pragma once
#include "core/event/pattern.h"

/* A pattern with some field that takes exact texts alone can only match an event that has one of
 * them at that place. Each pattern is filed under such a field: the one whose texts the fewest
 * other patterns want. An event's own texts then lead to the few patterns worth matching; patterns
 * without such a field are always matched.
 *
 *     EventIndex *x = event_index_new(a, patterns, n);
 *     n = event_index_find(x, &event, turn, &found);     // numbers of patterns, ascending */
typedef struct EventIndex EventIndex;

/* The patterns were checked; they and the index live in `a`. */
EventIndex *event_index_new(Arena *a, const Json *patterns, int32_t n);
int32_t event_index_find(const EventIndex *x, const Json *event, Arena *a, int32_t **found);
