/* listing.h - what every command that lists things does: ask for all pages, then a table for people or JSON for programs. */
#pragma once
#include "cli/cli.h"
#include "cli/client.h"

typedef struct Listing {
    const char *command; /* "clusters" */
    ClientList ask;
    const char *none; /* what is said when there is nothing: "no clusters" */
    void (*print)(const Client *c, Arena *a, const Json *items);
} Listing;

/* `options` has CLI_JSON and CLI_PORT. Returns the exit code. */
int listing_run(const Listing *listing, const CliOption *options, const JsonObject *request);

void listing_print_json(Arena *a, const Json *v); /* indented */
/* "1700000000.123" -> milliseconds; false: no such time. */
must_use bool listing_millis(const Json *seconds, Millis *out);
Str listing_moment(Arena *a, const Json *seconds); /* "2026-01-02 03:04:05"; absent: none */
/* From one moment to another, or to now: "1.5 s", "2 min 03 s"; absent: it has not begun. */
Str listing_duration(Arena *a, const Json *from, const Json *to);
Str listing_span(Arena *a, int64_t ms); /* the same, of a duration */
