/* deliveries.h - rows of inputs that a target has not taken yet: tried again when due, or given to a dead-letter queue. */
#pragma once
#include "store/db.h"

typedef struct DeliveryRow {
    int64_t n;
    Str kind;            /* "schedule", "rule" */
    Str account, region; /* of the resource that delivers */
    Str source_arn;      /* the rule's or the schedule's */
    Str target;          /* JSON: the target as given to the service (Arn, RoleArn, ...) */
    Str input;           /* JSON text, context attributes not replaced yet */
    Str execution;       /* a schedule's execution id */
    Millis at;           /* the slot, or the time of the event; ages count from here */
    int64_t attempts;    /* made */
} DeliveryRow;

void delivery_add(Db *db, DeliveryRow *row); /* fills row->n */
must_use bool delivery_get(Db *db, int64_t n, Arena *a, DeliveryRow *out);
void delivery_set_attempts(Db *db, int64_t n, int64_t attempts);
void delivery_remove(Db *db, int64_t n);
