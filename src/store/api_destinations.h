/* api_destinations.h - rows of EventBridge API destinations: whose server a rule's event is sent to, and how fast. */
#pragma once
#include "store/db.h"

typedef struct ApiDestinationRow {
    int64_t n;
    Str account, region, name;
    Str id; /* the UUID at the end of its ARN */
    Str description;
    Str connection; /* ARN */
    Str endpoint, method;
    int64_t rate; /* invocations a second */
    Millis created, modified;
} ApiDestinationRow;

void api_destination_add(Db *db, ApiDestinationRow *row); /* fills row->n */
must_use bool api_destination_find(Db *db, Str account, Str region, Str name, Arena *a,
                                   ApiDestinationRow *out);
void api_destination_set(Db *db, const ApiDestinationRow *row); /* all but what names it */
void api_destination_remove(Db *db, int64_t n);
/* By name, after `after`; prefix and connection absent: any. */
int64_t api_destination_list(Db *db, Str account, Str region, Str prefix, Str connection, Str after,
                             int64_t max, Arena *a, ApiDestinationRow **out);
