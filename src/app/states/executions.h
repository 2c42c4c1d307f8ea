/* executions.h - living executions of state machines: what happens becomes decisions of core/asl, is recorded, and carried out. */
#pragma once
#include "app/call.h"
#include "core/asl/asl.h"
#include "store/executions.h"
#include "store/machines.h"

/* The one way in which an execution changes:
 *
 *     executions_event(s, execution, &event)
 *         loads the row, calls asl_step, and writes row, frames, history, timers and orders
 *
 * An order (a task to begin, a job to cancel) is a row and a timer that is due at once: it is
 * carried out in an event of its own, which also records what came of it. Everything a task begins
 * in this server is rows of the same database, so it happens together with its record or not at
 * all: nothing is done twice, whenever the server dies.
 *
 * A .sync task waits for its resource by a row, too. executions_follow reads the stream of
 * `changed` records at the end of the turn that wrote them, and lets those tasks go on in the same
 * transaction. */
struct Executions;
struct TaskOutcome; /* states/integrations.h */

must_use bool executions_open(Server *s, Error *err);
void executions_close(Server *s);
/* Work that was under way when the server ended is begun again. */
void executions_recover(Server *s);

/* A new execution: adds the row and takes it to its first rest, which may be its end. row->asl is
 * up to date after. */
void executions_start(Server *s, ExecutionRow *row);
/* true: it changed. `event` needs kind, token and payload; time and chance are added. */
bool executions_event(Server *s, int64_t execution, AslEvent *event);

/* The machine is to go: at once, or with the last of its executions, each of which is stopped at
 * its next transition (as DeleteStateMachine has it). */
void executions_delete_machine(Server *s, int64_t machine);

/* Events of the turn. */
void executions_timer_due(Server *s, Str subject);     /* kind "states" */
void executions_order_due(Server *s, Str subject);     /* kind "states-order" */
void executions_retention_due(Server *s, Str subject); /* kind "states-retention" */
void executions_retention_start(Server *s);
void executions_follow(Server *s);
/* Within the event that brings what came of a task's work; it may be told twice, and counts once.
 */
void executions_work_done(Server *s, int64_t execution, AslToken token,
                          const struct TaskOutcome *outcome);
/* Looks whether what a task waits for has come to its end. */
void executions_check(Server *s, const ExecutionWait *wait);

/* The call is answered, by `answer`, in the event that ends the execution. */
void executions_answer_at_end(Server *s, const ExecutionRow *row, Call *call,
                              void (*answer)(Call *call, const ExecutionRow *row));

/* The definition by which it runs; NULL: none that this program accepts. Valid in this event. */
const AslDefinition *executions_definition(Server *s, const ExecutionRow *row);
/* asl_map_items for the Map state of this frame. */
must_use bool executions_map_items(Server *s, int64_t execution, int64_t frame,
                                   const AslItem *items, int64_t n, Json *out, AslFault *fault);

Str executions_status_name(AslStatus status); /* as the API says it */
