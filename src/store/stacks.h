/* stacks.h - rows of CloudFormation's stacks, their resources, events, exports and change sets. */
#pragma once
#include "base/json.h"
#include "store/db.h"

typedef struct StackRow {
    int64_t n;
    Str id; /* its ARN */
    Str account, region, name, status, reason;
    Millis created, updated, deleted; /* 0: not */
    Str facts;                        /* JSON object: what DescribeStacks tells besides */
    Str text;                         /* the template as given; absent: none yet */
    Str body;    /* JSON: the template after transforms, with which the stack was last made */
    Str outputs; /* JSON array, as DescribeStacks has it */
    Str policy;  /* absent: none */
    Str life;    /* JSON: the operation under way, or the last one; absent: none */
    Str next;    /* JSON: what an update goes to; absent: none */
    Str token;   /* ClientRequestToken of the operation */
    Str acting;  /* JSON: under whose name it is done (app/access/acting.h) */
} StackRow;

void stack_row_add(Db *db, StackRow *row); /* sets n */
must_use bool stack_row_get(Db *db, int64_t n, Arena *a, StackRow *out);
/* By name: one that is not deleted. By ARN: also a deleted one. */
must_use bool stack_row_find(Db *db, Str account, Str region, Str name_or_id, Arena *a,
                             StackRow *out);
int64_t stack_row_count(Db *db, Str account, Str region); /* those that are not deleted */
void stack_row_set(Db *db, const StackRow *row);
/* Status, reason and life alone. */
void stack_row_progress(Db *db, const StackRow *row);
/* Newest first, before `before` (0: from the newest); deleted ones, too, when `all`. */
int64_t stack_row_list(Db *db, Str account, Str region, bool all, int64_t before, int64_t max,
                       Arena *a, StackRow **out);

typedef struct StackResourceRow {
    int64_t stack;
    Str name, type, physical, status, reason;
    Millis at;
    Str properties, attributes; /* JSON objects, of the last time it was made or changed */
    Str kept;                   /* JSON: the type's own */
    Str old; /* JSON: what it was before the update under way; absent: the same */
    Str wait_service, wait_id;
    bool waiting;
    Str token; /* of the attempt under way */
    Str drift; /* JSON; absent: not looked */
} StackResourceRow;

/* It exists: not removed, and not only tried. */
static inline bool stack_resource_there(const StackResourceRow *r)
{
    return !str_absent(r->physical) && !str_eq(r->status, S("DELETE_COMPLETE")) &&
           !str_eq(r->status, S("DELETE_SKIPPED"));
}

/* It was begun and could not be made: an update makes another one in its place. */
static inline bool stack_resource_failed(const StackResourceRow *r)
{
    return str_eq(r->status, S("CREATE_FAILED"));
}

void stack_resource_set(Db *db, const StackResourceRow *row);
must_use bool stack_resource_get(Db *db, int64_t stack, Str name, Arena *a, StackResourceRow *out);
void stack_resource_remove(Db *db, int64_t stack, Str name);
int64_t stack_resource_list(Db *db, int64_t stack, Arena *a, StackResourceRow **out);
must_use bool stack_resource_of_physical(Db *db, Str account, Str region, Str physical, Arena *a,
                                         StackResourceRow *out);
/* Those that wait for a resource; service absent: all that wait. Only stack and name are read. */
int64_t stack_resource_waiting(Db *db, Str service, Str id, Arena *a, StackResourceRow **out);
bool stack_resource_waits(Db *db); /* there are some */

/* How far the stream of changes was read. */
int64_t stack_seen(Db *db);
void stack_set_seen(Db *db, int64_t n);

typedef struct StackEvent {
    int64_t n, stack;
    Str id, name, physical, type, status, reason, properties, token;
    Millis at;
} StackEvent;

void stack_event_add(Db *db, const StackEvent *event);
Millis stack_event_last(Db *db, int64_t stack); /* time of the last one; 0: none */
int64_t stack_event_list(Db *db, int64_t stack, int64_t before, int64_t max, Arena *a,
                         StackEvent **out); /* newest first */

typedef struct StackExport {
    Str account, region, name, value;
    int64_t stack;
} StackExport;

void stack_export_set(Db *db, const StackExport *x);
void stack_export_clear(Db *db, int64_t stack);
must_use bool stack_export_find(Db *db, Str account, Str region, Str name, Arena *a,
                                StackExport *out);
int64_t stack_export_list(Db *db, Str account, Str region, Str after, int64_t max, Arena *a,
                          StackExport **out);
/* Who imports what; set anew with each operation of a stack. */
void stack_import_add(Db *db, int64_t stack, Str account, Str region, Str name);
void stack_import_clear(Db *db, int64_t stack);
/* Names of the stacks that import it. */
StrVec stack_import_list(Db *db, Str account, Str region, Str name, Arena *a);

/* Tokens of addresses that were given out, and what came to them. */
void stack_token_add(Db *db, Str token);
bool stack_token_there(Db *db, Str token);
void stack_token_remove(Db *db, Str token); /* with what came to it */
void stack_answer_add(Db *db, Str token, Str json);
StrVec stack_answer_list(Db *db, Str token, Arena *a); /* oldest first */

typedef struct ChangeSetRow {
    int64_t n, stack;
    Str id, name, status, reason, execution;
    Millis created;
    Str facts; /* JSON: what DescribeChangeSet tells */
    Str next;  /* JSON: what the stack goes to */
} ChangeSetRow;

void change_set_add(Db *db, ChangeSetRow *row); /* sets n */
must_use bool change_set_find(Db *db, int64_t stack, Str name_or_id, Arena *a, ChangeSetRow *out);
must_use bool change_set_of_id(Db *db, Str id, Arena *a, ChangeSetRow *out);
int64_t change_set_list(Db *db, int64_t stack, Arena *a, ChangeSetRow **out); /* oldest first */
void change_set_set_facts(Db *db, int64_t n, Str facts);
void change_set_remove(Db *db, int64_t n);
void change_set_clear(Db *db, int64_t stack); /* all of the stack */
