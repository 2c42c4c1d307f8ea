/* meter.h - what the services here measure of themselves: added up in memory by the minute, written with turns that write anyway. */
#pragma once
#include "app/server.h"

/* A value is counted once the turn that measured it has been committed. What is counted is written
 * as metrics of the services (AWS/States, AWS/SQS, ...; docs/metrics.md) with a turn that writes
 * anyway, METER_WRITE_MS after the last time; by a turn of its own after METER_WAIT_MS; when the
 * server stops; and when somebody reads metrics. A crash forgets at most what was counted since:
 * metrics are a convenience, the truth lies elsewhere. */
enum {
    METER_WRITE_MS = 1000,
    METER_WAIT_MS = 10 * 1000,
    METER_METRICS_MAX = 512, /* different ones in memory: then they are written at once */
    METER_DIMENSIONS_MAX = 3,
};

/* Whose a measurement is. Dimensions in the alphabet's order; one whose value is absent is left
 * out. */
typedef struct Meter {
    Str account, region;
    const char *name_space; /* "AWS/SQS" */
    struct {
        const char *name;
        Str value;
    } dimension[METER_DIMENSIONS_MAX];
} Meter;

void meter_open(Server *s);
void meter_close(Server *s);
/* unit: "Count", "Milliseconds", "Bytes", "Seconds", "None". Texts are borrowed until the turn
 * ends. */
void meter_add(Server *s, const Meter *m, const char *name, const char *unit, double value);
void meter_count(Server *s, const Meter *m, const char *name);
/* Of a call that is refused, and so undone: counted all the same. */
void meter_refused(Server *s, const Meter *m, const char *name);
/* At the end of each turn: writes what is due, and samples what is measured by the minute. */
void meter_turn(Server *s);
/* Within an event: all that waits. */
void meter_write(Server *s);

/* gauges.c: by the minute, of clusters that live and queues that were used; of buckets daily. */
struct Gauges;
void gauges_close(Server *s);
void gauges_turn(Server *s);
/* A queue of which something was asked: it is looked at for the next GAUGES_QUEUE_MS. */
#define GAUGES_QUEUE_MS ((Millis)6 * 3600 * 1000)
void gauges_queue(Server *s, int64_t queue);
