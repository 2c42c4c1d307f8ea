/* event_buses.h - rows of EventBridge: buses, their rules, and the targets of rules. */
#pragma once
#include "store/db.h"

typedef struct EventBusRow {
    int64_t n;
    Str account, region, name;
    Str description, policy; /* absent: none */
    Str config;              /* JSON object: KmsKeyIdentifier, DeadLetterConfig, LogConfig */
    Str tags;                /* JSON array of {Key, Value} */
    Millis created, modified;
    int64_t revision; /* another number after each change of its rules; kept indexes go by it */
} EventBusRow;

void event_bus_add(Db *db, EventBusRow *row); /* fills row->n */
must_use bool event_bus_find(Db *db, Str account, Str region, Str name, Arena *a, EventBusRow *out);
must_use bool event_bus_get(Db *db, int64_t n, Arena *a, EventBusRow *out);
void event_bus_set(Db *db,
                   const EventBusRow *row); /* description, policy, config, tags, modified */
void event_bus_set_revision(Db *db, int64_t n, int64_t revision);
void event_bus_remove(Db *db, int64_t n);
int64_t event_bus_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                       Arena *a, EventBusRow **out);

typedef struct EventRuleRow {
    int64_t n, bus;
    Str name;
    Str pattern, expression; /* absent: none */
    Str state;               /* "ENABLED", ... */
    Str description, role;   /* absent: none */
    Str tags;
    Millis created;
    Millis slot; /* by its expression; -1: none */
} EventRuleRow;

void event_rule_add(Db *db, EventRuleRow *row); /* fills row->n */
must_use bool event_rule_find(Db *db, int64_t bus, Str name, Arena *a, EventRuleRow *out);
void event_rule_set(Db *db, const EventRuleRow *row);
void event_rule_set_slot(Db *db, int64_t n, Millis slot);
void event_rule_remove(Db *db, int64_t n);
int64_t event_rule_count(Db *db, int64_t bus);
bool event_rule_exists(Db *db); /* any, of any bus; or an archive */
int64_t event_rule_list(Db *db, int64_t bus, Str prefix, Str after, int64_t max, Arena *a,
                        EventRuleRow **out);
/* Those of a bus that have a target with this ARN. */
int64_t event_rule_list_by_target(Db *db, int64_t bus, Str arn, Str after, int64_t max, Arena *a,
                                  EventRuleRow **out);
Millis event_rule_next(Db *db); /* INT64_MAX: none is due */
int64_t event_rule_due(Db *db, Millis now, int64_t max, Arena *a, EventRuleRow **out);

typedef struct EventTargetRow {
    int64_t rule;
    Str id, arn;
    Str target; /* JSON, as given */
} EventTargetRow;

void event_target_set(Db *db, const EventTargetRow *row); /* replaces one of the same id */
bool event_target_remove(Db *db, int64_t rule, Str id);   /* false: there was none */
int64_t event_target_count(Db *db, int64_t rule);
int64_t event_target_list(Db *db, int64_t rule, Str after, int64_t max, Arena *a,
                          EventTargetRow **out);

/* How far the stream of changes has been told to the buses. */
int64_t event_seen(Db *db); /* -1: nothing has been said about it */
void event_set_seen(Db *db, int64_t change);
