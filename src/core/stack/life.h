/* life.h - what an operation on a stack does next: which resources may start, what a failure means, when it is over. */
#pragma once
#include "base/json.h"

/* An operation creates, updates or deletes a stack. It goes through phases; in each, every resource
 * that has something to do waits for those it must not overtake, and all others run side by side:
 *
 *   forward  resources are added and changed, each after what it needs
 *   undo     an update failed: what was changed is changed back, each after what it needed before
 *   clean    what is not wanted any more is removed, each after all that need it: after an update
 *            what the new template lacks and what replacements left; after a failure what was added
 *
 *   create  forward -> CREATE_COMPLETE
 *           failed: ROLLBACK_IN_PROGRESS clean -> ROLLBACK_COMPLETE or ROLLBACK_FAILED,
 *           or CREATE_FAILED (DO_NOTHING), or DELETE_IN_PROGRESS clean -> DELETE_COMPLETE (DELETE)
 *   update  forward -> UPDATE_COMPLETE_CLEANUP_IN_PROGRESS clean -> UPDATE_COMPLETE
 *           failed: UPDATE_ROLLBACK_IN_PROGRESS undo ->
 *           UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS clean -> UPDATE_ROLLBACK_COMPLETE,
 *           or UPDATE_ROLLBACK_FAILED when undoing failed, or UPDATE_FAILED (DO_NOTHING)
 *   delete  clean -> DELETE_COMPLETE or DELETE_FAILED
 *   import  forward -> IMPORT_COMPLETE
 *           failed: IMPORT_ROLLBACK_IN_PROGRESS clean -> IMPORT_ROLLBACK_COMPLETE: nothing is
 * removed, what was there before is only not the stack's
 *
 * The words of statuses and reasons are those of the CloudFormation User Guide and its events. */

typedef enum LifeOperation { LIFE_CREATE, LIFE_UPDATE, LIFE_DELETE, LIFE_IMPORT } LifeOperation;
typedef enum LifeFailure { LIFE_ROLL_BACK, LIFE_DO_NOTHING, LIFE_TAKE_DOWN } LifeFailure;

typedef enum LifeAction {
    LIFE_KEEP,
    LIFE_ADD,
    LIFE_CHANGE, /* may turn out as a replacement, or as nothing */
    LIFE_DROP,
} LifeAction;

typedef enum LifeProgress {
    LIFE_IDLE,
    LIFE_RUNNING,
    LIFE_DONE,
    LIFE_FAILED,
    LIFE_CANCELLED, /* forward: another one failed meanwhile */
} LifeProgress;

typedef struct LifeItem {
    Str name;
    LifeAction action;
    bool retain;   /* what would be removed stays: DeletionPolicy */
    bool imported; /* it was there before: it stays whatever happens to this operation */
    struct {
        int32_t *p;
        int64_t n, cap;
    } needs,       /* other items, in the template gone to */
        old_needs; /* ... in the one come from; of a stack that is deleted: in its template */
    LifeProgress forward, undo, clean;
} LifeItem;

typedef enum LifePhase { LIFE_NEW, LIFE_FORWARD, LIFE_UNDO, LIFE_CLEAN, LIFE_ENDED } LifePhase;

typedef struct Life {
    LifeOperation operation;
    LifeFailure failure;
    LifePhase phase;
    bool force;   /* deleting: what cannot be removed is left */
    bool outputs; /* these are made */
    bool back;    /* it failed, or was cancelled, and goes back */
    struct {
        LifeItem *p;
        int64_t n, cap;
    } items;
} Life;

typedef enum LifeEventKind {
    LIFE_BEGINS,
    LIFE_ITEM_DONE,
    LIFE_ITEM_FAILED,
    LIFE_STOPPED,     /* by CancelUpdateStack, or its time is over; `reason` says which */
    LIFE_OUTPUTS,     /* LIFE_DO_OUTPUTS went well; else LIFE_STOPPED */
    LIFE_CONTINUED,   /* UPDATE_ROLLBACK_FAILED: what failed is undone again */
    LIFE_ROLLED_BACK, /* CREATE_FAILED, UPDATE_FAILED: what was left by DO_NOTHING is undone */
} LifeEventKind;

typedef struct LifeEvent {
    LifeEventKind kind;
    int32_t item;
    Str reason;
} LifeEvent;

typedef enum LifeDo {
    LIFE_DO_STATUS, /* the stack's */
    LIFE_DO_ADD,
    LIFE_DO_CHANGE,
    LIFE_DO_UNDO,
    LIFE_DO_REMOVE,  /* of a change: what the replacement left; going back: what it made */
    LIFE_DO_RETAIN,  /* is over at once: told only */
    LIFE_DO_OUTPUTS, /* of the stack: all resources are there; item 0 means nothing */
    LIFE_DO_CANCEL,  /* is over at once: it ran and is not looked at any more */
} LifeDo;

typedef struct LifeCommand {
    LifeDo what;
    int32_t item;
    Str status, reason; /* LIFE_DO_STATUS; reason absent: none */
} LifeCommand;

typedef struct LifeUpdate {
    Arena *a;
    struct {
        LifeCommand *p;
        int64_t n, cap;
    } commands; /* in the order in which they are to be told of */
} LifeUpdate;

/* Changes *life; an item's event counts only while it is running in this phase: false, and nothing
 * changed, when it is not. */
bool life_step(Life *life, const LifeEvent *event, LifeUpdate *update);

/* ContinueUpdateRollback skips an item: it counts as undone. Before LIFE_CONTINUED. */
void life_skip(Life *life, int32_t item);
bool life_failed_to_undo(const Life *life, int32_t item);
int32_t life_find(const Life *life, Str name); /* -1 */

/* As a value, to be kept. */
Json life_write(const Life *life, Arena *a);
Life life_read(const Json *v, Arena *a);
