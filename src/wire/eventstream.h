/* eventstream.h - messages of application/vnd.amazon.eventstream, by which an operation answers with a stream of events. */
#pragma once
#include "base/str.h"

/* A message: length of all, length of the headers, check of both; headers (name, type 7, text); the
 * payload; check of all (CRC-32, big-endian). "Event stream encoding" in the reference of Amazon
 * Transcribe.
 *
 *     Buf b = {.a = a};
 *     eventstream_put(&b, S("PayloadChunk"), S("application/octet-stream"), bytes); */
void eventstream_put(Buf *b, Str event_type, Str content_type, Str payload);
/* With these headers instead, n of them. */
typedef struct EventStreamHeader {
    Str name, value;
} EventStreamHeader;
void eventstream_put_message(Buf *b, const EventStreamHeader *headers, int n, Str payload);
