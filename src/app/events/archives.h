/* archives.h - archives of buses: events kept as they come, for a time, and replayed. */
#pragma once
#include "app/events/event_bus.h"
#include "store/event_archives.h"

/* An event that an archive's pattern matches is written in the event that puts it on the bus. A
 * replay reads portions in the order of time and puts each on the bus again, with "replay-name", in
 * one event with how far it is: each archived event is replayed once, whenever the server ends.
 * What was replayed is not archived again. Events of rules by time go to their rules alone, and
 * into no archive. */
enum {
    ARCHIVES_MAX = 100, /* of an account in a region, AWS's quota */
    REPLAYS_MAX = 10,   /* at once, AWS's quota */
    REPLAY_PORTION = 32,
    ARCHIVE_SWEEP_MS = 60 * 60 * 1000,
    ARCHIVE_SWEEP_SOON_MS = 20,
    ARCHIVE_SWEEP_ROWS = 500,
};

Str archive_arn(Arena *a, const EventArchiveRow *row);
Str replay_arn(Arena *a, const EventReplayRow *row);
/* Within an event: keeps it. */
void archive_event(Server *s, const EventArchiveRow *row, const Json *event);
void replays_begin(Server *s, const EventReplayRow *row);
void replays_due(Server *s, Str subject);  /* timer kind "event-replay" */
void archives_due(Server *s, Str subject); /* timer kind "event-archive": the sweep */
void archives_sweep_soon(Server *s);
