/* when.h - schedule expressions: at(...), rate(...), cron(...), and when one is due next. */
#pragma once
#include "core/when/cron.h"

/*     When w;
 *     if (!when_parse(S("cron(0 9 ? * MON-FRI *)"), WHEN_SCHEDULER, &w, err)) ...
 *     while (when_next(&w, &zone, anchor, t, &t)) fire(t);
 *
 * Two dialects: rules of EventBridge have no at(), and want the unit of a rate to agree with its
 * number (rate(1 day), rate(2 days)); schedules of EventBridge Scheduler take either. Minutes are
 * the precision of both. */

typedef enum WhenDialect { WHEN_RULE, WHEN_SCHEDULER } WhenDialect;
typedef enum WhenKind { WHEN_AT, WHEN_RATE, WHEN_CRON } WhenKind;

enum { WHEN_RATE_VALUE_MAX = 999999 };

typedef struct When {
    WhenKind kind;
    Millis at_local;   /* WHEN_AT: as if it were UTC */
    int64_t period_ms; /* WHEN_RATE: a day is 24 hours, also where clocks are put forward or back */
    Cron cron;
} When;

/* ERR_VALIDATION says what is wrong with which part. */
must_use bool when_parse(Str text, WhenDialect dialect, When *out, Error *err);

/* The first instant after `after` that is due. A rate counts from `anchor` (its creation, or its
 * start date), which is itself not due. at(...) in a local time that clocks are put forward over is
 * never due. false: none follows. */
must_use bool when_next(const When *w, const Zone *z, Millis anchor, Millis after, Millis *out);
