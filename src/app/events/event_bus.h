/* event_bus.h - events on buses: matched by rules, delivered to their targets; the services here emit by event_emit. */
#pragma once
#include "app/events/deliveries.h"
#include "store/event_buses.h"

/* An event that is put is matched at once, within the event of the turn that puts it, and the first
 * attempt at each target of each rule that matches is made then (deliveries.h). The rules of a bus
 * are kept parsed and indexed (core/event/index.h) until they change.
 *
 *     JsonObject detail = {.a = &s->turn};
 *     ...
 *     Json d = json_object(&detail);
 *     event_emit(s, &(EventEmit){.source = S("aws.emr"), .type = S("EMR Cluster State Change"),
 *                                .account = account, .region = region, .detail = &d,
 *                                .resources = &arns});
 */
enum {
    EVENT_BUSES_KEPT = 16,      /* with their rules in memory */
    EVENT_RULE_TARGETS_MAX = 5, /* AWS's quota */
    EVENT_RULES_MAX = 10000,    /* of a bus, in memory as on disk */
    EVENT_CHANGES_AT_ONCE = 256,
    EVENT_SLOTS_AT_ONCE = 64,
    EVENT_RULE_LATE_MS = 60 * 1000, /* by a time of the clock: later was missed (schedules.h) */
    EVENT_RULE_MISSED_MAX = 10000,  /* counted one by one; before those, only of ... */
    EVENT_RULE_MISSED_MS = 24 * 3600 * 1000, /* ... this time before now */
};
#define EVENT_RULE_TIMER   S("event-rules")
#define EVENT_FOLLOW_TIMER S("event-follow")

typedef struct EventEmit {
    Str source, type;      /* "aws.emr", "EMR Step Status Change" */
    Str account, region;   /* absent: the server's account, us-east-1 */
    const Json *detail;    /* an object */
    const Json *resources; /* an array of ARNs; NULL: none */
    Millis at;             /* 0: now */
} EventEmit;
/* Onto the default bus. Within an event. Without a rule there: one look-up. */
void event_emit(Server *s, const EventEmit *e);

/* A whole event onto a bus. Within an event. */
void event_put(Server *s, const EventBusRow *bus, const Json *event);
/* Only to the rules of these ARNs; NULL: to all. */
void event_put_to(Server *s, const EventBusRow *bus, const Json *event, const Json *rules);
/* As it goes to rules; *id is its new id. */
Json event_build(Server *s, const EventEmit *e, Str *id);

/* The default bus of a place, made when it is first needed. */
void event_bus_default(Server *s, Str account, Str region, EventBusRow *out);
/* After the rules or targets of a bus changed, within the same event. */
void event_bus_changed(Server *s, int64_t bus);

Str event_bus_arn(Arena *a, const EventBusRow *bus);
Str event_rule_arn(Arena *a, const EventBusRow *bus, Str rule);
/* Sets row->slot to what follows now; not enabled or without an expression: -1. */
void event_rule_plan(Server *s, EventRuleRow *row);
void event_rules_set_timer(Server *s);
/* Before a rule is changed: what is due by now comes first. */
void event_rule_fire_due(Server *s, EventRuleRow *row);

void event_rules_due(Server *s, Str subject);
void event_follow_due(Server *s, Str subject);
/* At the end of a turn: what changed becomes events (event_sources.c). */
void event_bus_follow(Server *s);
void event_bus_recover(Server *s); /* in an event, at the start */
void event_bus_close(Server *s);
