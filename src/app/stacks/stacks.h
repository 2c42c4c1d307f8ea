/* stacks.h - CloudFormation stacks at work: what a template asks for is made, changed and removed, whatever happens. */
#pragma once
#include "app/resources/resource.h"
#include "core/stack/change.h"
#include "core/stack/life.h"
#include "core/stack/mask.h"
#include "store/stacks.h"

/* An operation on a stack is a Life (core/stack/life.h), kept in the stack's row. Each of its
 * commands is a timer that is due at once, "stack-resource": its event does the one operation of
 * the one resource by the APIs here, records what came of it, and takes the next step of the life
 * in the same transaction. So a stack is never half-recorded, and after a crash it goes on with the
 * timers that are due. A resource that goes on elsewhere (a cluster that starts) is looked at when
 * the stream of changes has a record of it.
 *
 * A stack's `facts` are a JSON object: Parameters (as told), values (name: value), Tags,
 * Capabilities, NotificationARNs, RoleARN, Description, DisableRollback, OnFailure,
 * TimeoutInMinutes, EnableTerminationProtection, RetainExceptOnCreate, ParentId, RootId,
 * ChangeSetId, import. `next` is {"facts", "text", "body"}: what an update goes to, until it is
 * there. */
enum {
    STACK_TIMEOUT_MINUTES_MAX = 43200,
    STACK_EVENTS_PAGE = 100,
    STACK_PAGE = 100,
    STACKS_MAX = 2000,
};

/* A template with its parameters, in the place of a stack: ready to be evaluated. */
typedef struct StackPlan {
    Server *s;
    Arena *a;
    const StackRow *row;
    Json facts;
    Template t;
    Json body, values, pseudo, zones, conditions;
    StackScope scope; /* refers to the resources of the stack as they are */
    bool imports;     /* what is imported is recorded as such */
} StackPlan;

/* next: what an update goes to; else what the stack is. *out must not be moved: its scope refers to
 * it. */
must_use bool stack_plan_open(Server *s, Arena *a, const StackRow *row, bool next, StackPlan *out,
                              Error *err);
/* Of a body and facts that no row has yet. */
must_use bool stack_plan_of(Server *s, Arena *a, const StackRow *row, const Json *body,
                            const Json *facts, StackPlan *out, Error *err);
/* Dynamic references ({{resolve:ssm:...}}) become what they refer to. */
must_use bool stack_dynamic(StackPlan *p, const Json *value, Json *out, Error *err);

/* Fn::GetStackOutput, as the scope asks for it; state: a plan. */
bool stack_output_of(void *state, const Json *which, Json *out, Error *err);

/* What a new template and parameters would do. */
must_use bool stack_diff(StackPlan *next, StackGraph *graph, StackChanges *out, Error *err);

/* Under whose name the operation of a stack is done: whatever it calls is decided by it. */
Identity stack_identity(const StackRow *row, Arena *a);

/* Begins an operation, within an event. row->acting says under whose name. row->next (of a
 * creation: row itself) says to what; the row is written. */
void stacks_create(Server *s, StackRow *row, const StackGraph *graph);
/* Only resources that are there already, by facts.import: physical ids by logical names. */
void stacks_import(Server *s, StackRow *row, const StackGraph *graph);
void stacks_update(Server *s, StackRow *row, const StackGraph *graph, const StackChanges *changes);
/* force: what cannot be removed is left (FORCE_DELETE_STACK). */
void stacks_delete(Server *s, StackRow *row, const StrVec *retain, bool force);
void stacks_cancel(Server *s, StackRow *row); /* CancelUpdateStack */
/* RollbackStack: what CREATE_FAILED or UPDATE_FAILED left is undone. */
void stacks_roll_back(Server *s, StackRow *row, bool retain_except_on_create);
must_use bool stacks_continue(Server *s, StackRow *row, const StrVec *skip, Error *err);

/* In REVIEW_IN_PROGRESS, *_COMPLETE, *_FAILED: no operation is under way. */
bool stack_settled(const StackRow *row);
bool stack_status_is(const StackRow *row, const char *status);

void stacks_set_status(Server *s, StackRow *row, Str status, Str reason);
void stacks_tell(Server *s, const StackRow *row, const StackResourceRow *r, Str physical,
                 Str status, Str reason);
/* What must not be shown: values of NoEcho parameters; `data`: also of custom resources. */
StrVec stack_secrets(Server *s, const StackRow *row, bool data, Arena *a);
/* Properties, a JSON text, with secrets covered. */
Str stack_shown(Str properties, const StrVec *secrets, Arena *a);

/* Outputs and exports of the plan. ERR_VALIDATION: one cannot be made, or an export is in use. */
must_use bool stack_outputs(StackPlan *p, Json *out, Error *err);
/* ERR_VALIDATION: another stack imports what this one exports. */
must_use bool stack_exports_unused(Server *s, const StackRow *row, Error *err);

/* work.c: one operation of one resource, within its event. WAITS: it will be looked at. */
ResourceEnd stacks_work(Server *s, StackRow *row, const Life *life, int32_t item);

/* The parameter store, for parameters of its types (core/stack/parameters.h); state: a plan with s,
 * a, row. */
bool stack_parameter_of_store(void *state, Str name, bool *found, Str *value, Str *type,
                              Error *err);

void stacks_due(Server *s, Str subject);         /* timer kind "stack-resource" */
void stacks_timeout_due(Server *s, Str subject); /* timer kind "stack-timeout" */
void stacks_follow(Server *s);                   /* at the end of a turn: the stream of changes */
void stacks_recover(Server *s);
/* Whoever waits for this is looked at: a signal of a wait condition, a custom resource's answer. */
void stacks_look(Server *s, Str service, Str id);
