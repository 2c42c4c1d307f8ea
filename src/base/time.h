/* time.h - civil time from milliseconds and back, in the formats the protocols use; pure arithmetic, UTC only. */
#pragma once
#include "base/str.h"

typedef struct Civil {
    int64_t year;
    int month, day, hour, minute, second, ms; /* month 1..12, day 1..31 */
    int weekday;                              /* 0 = Sunday */
} Civil;

Civil civil_from_millis(Millis t);
Millis millis_from_civil(const Civil *c); /* weekday is ignored; fields are taken as given */

Str time_iso8601(Arena *a, Millis t);       /* 2023-11-14T22:13:20.000Z */
Str time_iso8601_basic(Arena *a, Millis t); /* 20231114T221320Z, as SigV4 writes it */
Str time_http(Arena *a, Millis t);          /* Tue, 14 Nov 2023 22:13:20 GMT */
must_use bool time_parse_iso8601(Str s,
                                 Millis *out); /* date, or date T time [.fraction] Z|+hh:mm */
must_use bool time_parse_iso8601_basic(Str s, Millis *out);
must_use bool time_parse_http(Str s, Millis *out); /* RFC 9110 IMF-fixdate */
