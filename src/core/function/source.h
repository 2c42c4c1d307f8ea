/* source.h - what an event source decides without doing it: filters, when a batch is full, which of its messages failed; pure. */
#pragma once
#include "base/json.h"

/* "Filtering" and "Using Lambda with Amazon SQS" in the developer guide. */
enum { SOURCE_FILTERS_MAX = 10 };

/* FilterCriteria: {"Filters": [{"Pattern": text}]}; none: all is wanted. ERR_LAMBDA_PARAMETER. */
must_use bool source_filter_check(const Json *criteria, Arena *a, Error *err);
/* A record as the function would see it. Its body is matched as JSON when it is JSON, else as a
 * text. */
bool source_wants(const Json *criteria, const Json *record, Arena *a);

/* When `ready` messages of at most `size` become a batch: now (due <= now), or when its window
 * ends. A window begins with the first message; since: when it began, or 0. */
typedef struct SourceWindow {
    Millis since; /* to be kept */
    Millis due;
} SourceWindow;
SourceWindow source_window(int64_t ready, int64_t size, Millis window_ms, Millis since, Millis now);

/* The answer of a function that reports its failures, {"batchItemFailures": [{"itemIdentifier":
 * id}]}, or nothing. false: it is not of that form, or names none of `ids`: all have failed.
 * *failed: one a message. */
must_use bool source_failures(Str answer, const Str *ids, int64_t n, Arena *a, bool **failed);
