/* documents.h - small named texts that are kept and given back: what a service stores without interpreting it. */
#pragma once
#include "store/db.h"

typedef struct Document {
    Str kind; /* "emr-security" */
    Str region, name;
    Str content; /* JSON */
    Millis created;
} Document;

void document_put(Db *db, const Document *d); /* replaces one of the same kind, region and name */
bool document_find(Db *db, Str kind, Str region, Str name, Arena *a,
                   Document *out); /* *out untouched when there is none */
void document_remove(Db *db, Str kind, Str region, Str name);
int64_t document_list(Db *db, Str kind, Str region, Arena *a, Document **out); /* by name */
