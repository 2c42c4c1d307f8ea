/* event_sources.h - rows of event source mappings (queues that functions are invoked for), and of their batches under way. */
#pragma once
#include "store/db.h"

typedef struct EventSourceRow {
    int64_t n;
    Str id;              /* UUID */
    Str account, region; /* whose it is */
    Str function;        /* ARN, with the qualifier it was given */
    Str queue;           /* ARN */
    Str state;           /* "Creating", "Enabled", ...: sources.h */
    Str config, tags;    /* JSON objects: BatchSize, FilterCriteria, ... */
    Str result;          /* LastProcessingResult; absent: nothing was processed */
    Millis modified;
    Millis window_since; /* when a batch began to fill; 0: none does */
} EventSourceRow;

void event_source_add(Db *db, EventSourceRow *row); /* sets row->n */
must_use bool event_source_find(Db *db, Str account, Str region, Str id, Arena *a,
                                EventSourceRow *out);
must_use bool event_source_get(Db *db, int64_t n, Arena *a, EventSourceRow *out);
void event_source_set(Db *db, const EventSourceRow *row); /* all but what names it */
void event_source_remove(Db *db, int64_t n);
/* By number, after `after`; of a queue, of a function (with or without its qualifiers), or of any
 * (absent). */
typedef struct EventSourceFilter {
    Str account, region, queue, function;
} EventSourceFilter;
int64_t event_source_list(Db *db, const EventSourceFilter *f, int64_t after, int64_t max, Arena *a,
                          EventSourceRow **out);
/* Those that take from the queue of this number (queues.h). */
int64_t event_source_of_queue(Db *db, int64_t queue, Arena *a, int64_t **out);

/* Messages that were handed out to a source and are given to its function together. */
typedef struct SourceBatch {
    int64_t n, source;
    Str request_id; /* of the invocation */
    Str messages;   /* JSON: [[number, receives], ..] */
    Millis until;   /* then they are visible again */
} SourceBatch;
void source_batch_add(Db *db, SourceBatch *b); /* sets b->n */
must_use bool source_batch_get(Db *db, int64_t n, Arena *a, SourceBatch *out);
void source_batch_remove(Db *db, int64_t n);
int64_t source_batch_count(Db *db, int64_t source);
int64_t source_batch_list(Db *db, Arena *a, SourceBatch **out); /* all */
