/* firings.h - clients that make schedules and rules while servers come and go for hours, and count what came of each slot. */
#pragma once
#include "aws.h"

struct ServerConfig;

void firings_open(struct ServerConfig *config);
void firings_close(void);
bool firings_done(void);
void firings_verify(void);
/* Without a server: each slot so far fired once, or is recorded as skipped. */
void firings_check(void);
void firings_check_open(int catch_up);

/* ---- firings_slots.c: when a schedule is due, told by scanning minutes with the C library's own
 * zones ---- */
typedef enum SpecKind { SPEC_AT, SPEC_RATE, SPEC_CRON, SPEC_KINDS } SpecKind;
typedef enum SpecTarget {
    TARGET_FIRED, /* a queue */
    TARGET_FLAKY, /* a queue that throttles for ten minutes now and then */
    TARGET_NONE,  /* is not there */
    TARGET_COUNT
} SpecTarget;

typedef struct Spec {
    SpecKind kind;
    int cron, zone;
    int64_t period_ms;
    Millis at, start, end; /* start, end 0: none; of a rate start is the anchor, due itself ... */
    bool after_anchor;     /* ... but not of a rule's */
    int window_minutes;
    bool disabled, delete_after;
    SpecTarget target;
    int retries, age_s;
} Spec;

void slots_open(void); /* the zones' files, onto the simulated disk */
Spec spec_draw(void);
/* Of a rule: a rate or a cron, in UTC. */
Spec spec_draw_rule(void);
Str spec_expression(const Spec *s, Arena *a);
const char *spec_zone(const Spec *s);
/* Times in from .. to, ascending; at most max. */
int64_t spec_slots(const Spec *s, Millis from, Millis to, Millis *out, int64_t max);
/* The queue that throttles does so now. */
bool flaky_throttles(Millis now);

/* ---- firings.c: what was asked for ---- */
enum { SCHEDULES = 5, SPECS_MAX = 200, RULES = 2, EVENTS_MAX = 120 };
const Spec *firings_spec(int64_t generation); /* NULL: nobody asked for it */
const Spec *firings_rule(int rule);
int64_t firings_generations(void);
Fate firings_fate(int64_t generation);
int64_t firings_events(void);
Fate firings_event(int64_t n);
