/* watch.h - the events of an execution as they come, told as a story or written as JSON, one a line. */
#pragma once
#include "cli/client.h"
#include "cli/story.h"

typedef struct Watch {
    const Client *client;
    Str execution; /* ARN */
    FILE *to;
    bool json;
    Story story;
    Str token; /* of the page that was read last: it is read again, for what has been added to it */
    char token_room[512];
    int64_t told; /* events */
} Watch;

/* Tells what has happened since the last look. watch->story.ended: it was the end. */
must_use bool watch_look(Watch *w, Error *err);
/* Looks until the end; false: `stop` (NULL: nothing does) said so, or *err is set. */
must_use bool watch_to_the_end(Watch *w, bool (*stop)(void), Error *err);
