/* executions_inner.h - between the files of executions: what is kept in memory, and the names of their rows. */
#pragma once
#include "app/states/executions.h"
#include "app/states/logging.h"

enum { DEFINITIONS_KEPT = 64 };

typedef struct Kept {
    int64_t revision, used;
    Arena arena;
    const AslDefinition *def;
    StatesLogging logging;
} Kept;

typedef struct Awaiting {
    Str arn; /* of the execution: its number may be another's when its event was undone */
    Call *call;
    void (*answer)(Call *call, const ExecutionRow *row);
    struct Awaiting *next;
} Awaiting;

struct Executions {
    Kept kept[DEFINITIONS_KEPT]; /* parsed ones */
    int64_t uses;
    Awaiting *awaiting;
    struct LaterCall *later; /* integrations_later.c */
    bool look;               /* changes may be there that this process has not followed */
    bool deleting;           /* a machine may be there whose executions are to stop */
};

/* executions.c. false: the database cannot be read, and the event will come again. */
must_use bool executions_row(Server *s, int64_t execution, ExecutionRow *out);

/* executions_definitions.c: of a revision whose definition has just been used. */
const StatesLogging *executions_logging(const Server *s, int64_t revision);

/* executions_orders.c. Timers are called "12/3/4/wait": execution, frame, attempt, which. */
extern const char *const executions_timer_names[ASL_TIMER_EXECUTION + 1];
extern const char *const executions_order_names[ORDER_WORK + 1];
Str executions_subject(Server *s, int64_t execution, AslToken t, const char *what);
Str executions_read_subject(Str rest, int64_t *execution, AslToken *t);
void executions_order(Server *s, int64_t execution, const AslCommand *c);
void executions_add_order(Server *s, const ExecutionOrder *o);
void executions_drop_order(Server *s, int64_t execution, OrderKind kind, AslToken t);

/* executions_deletion.c: the machine is being deleted, and this would be a transition. */
bool executions_must_stop(Server *s, const ExecutionRow *row, const AslEvent *e);
/* An execution has ended; it may have been the last that the machine waited for. */
void executions_last_ended(Server *s, int64_t machine);
