/* zone.h - time zones: a TZif file as a value, the offset of an instant, and the instants of a local time. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* The file is read elsewhere; its format is RFC 8536 (versions 2 to 4), with the POSIX rule of its
 * footer for the years after its last transition. */

enum {
    ZONE_FILE_BYTES_MAX = 64 * 1024,
    ZONE_TRANSITIONS_MAX = 2048,
    ZONE_TYPES_MAX = 256,
};

/* When summer time begins or ends, every year: `M3.2.0/2`, `J60` or `59`. */
typedef struct ZoneRule {
    enum ZoneRuleKind { ZONE_MONTH_WEEK_DAY, ZONE_JULIAN, ZONE_DAY_OF_YEAR } kind;
    int month, week, day; /* week 5: the last; day: 0 = Sunday, or of the year */
    int32_t time_s;       /* local seconds after that day's midnight; may be negative */
} ZoneRule;

typedef struct Zone {
    int64_t n;
    const int64_t *at_s;    /* n instants, ascending, seconds since 1970 */
    const int32_t *after_s; /* n offsets from UTC that hold from then on */
    int32_t before_s;       /* the offset before the first */
    /* After the last transition. */
    int32_t standard_s, summer_s;
    bool has_rule, has_summer;
    ZoneRule begin, end; /* of summer time; has_summer */
} Zone;

/* *out borrows from the arena only. ERR_VALIDATION: not such a file, or above a limit. */
must_use bool zone_parse(Str file, Arena *a, Zone *out, Error *err);
/* UTC, without a file. */
Zone zone_utc(void);
/* "Europe/Berlin": may name a file below a folder of zones. Whether it exists is not known here. */
bool zone_name_good(Str name);

/* Seconds east of UTC. */
int32_t zone_offset_s(const Zone *z, Millis t);
/* The instants at which clocks there show this local time (milliseconds as if it were UTC), in
 * order: none where clocks are put forward over it, two where they are put back. */
int zone_instants(const Zone *z, Millis local, Millis out[2]);
