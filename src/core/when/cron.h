/* cron.h - cron expressions as EventBridge has them: minutes hours day-of-month month day-of-week year. */
#pragma once
#include "core/when/zone.h"

/* The six fields and their wildcards, by the guides of EventBridge and EventBridge Scheduler:
 *
 * - minutes: 0-59, with commas, ranges, steps and `*`; hours: 0-23
 *
 * - day-of-month: 1-31; also `?`, `L` (the last), `15W` (the weekday nearest to the 15th), `LW`
 *
 * - month: 1-12 or JAN-DEC
 *
 * - day-of-week: 1-7 or SUN-SAT; also `?`, `L` (Saturday), `6L` (the last Friday), `3#2` (the
 * second Tuesday)
 *
 * - year: 1970-2199
 *
 * One of the two day fields is `?`, and only one. A range may run over the end (FRI-MON). */

enum {
    CRON_YEAR_MIN = 1970,
    CRON_YEAR_MAX = 2199,
    CRON_TEXT_BYTES_MAX = 256,
    CRON_YEAR_WORDS = (CRON_YEAR_MAX - CRON_YEAR_MIN) / 64 + 1,
};

typedef struct Cron {
    uint64_t minutes, hours, months; /* bit n: n */
    uint64_t years[CRON_YEAR_WORDS]; /* bit n: CRON_YEAR_MIN + n */
    bool by_weekday;                 /* day-of-month is ? */
    uint64_t days;                   /* !by_weekday: bit n: the nth */
    uint64_t near;                   /* bit n: nW */
    bool last, near_last;            /* L, LW */
    uint64_t weekdays;               /* by_weekday: bit n: n, 1 = Sunday */
    uint64_t last_weekdays;          /* bit n: nL */
    uint64_t nth_weekdays;           /* bit 8 * w + n: w#n */
} Cron;

/* `text` is what stands between the brackets of cron(...). ERR_VALIDATION names the field and the
 * rule. */
must_use bool cron_parse(Str text, Cron *out, Error *err);

/* The first instant after `after` that is due; seconds are zero. A local time that clocks are put
 * forward over is left out; one that they show twice is due the first time only (EventBridge
 * Scheduler's guide, "Daylight saving time"). false: none up to CRON_YEAR_MAX. */
must_use bool cron_next(const Cron *c, const Zone *z, Millis after, Millis *out);
