/* turn.h - one turn of the loop: collect, decide in one transaction, commit, and only then act. */
#pragma once
#include "app/server.h"

/* The order of effects is the durability argument:
 *   1. wait; take `now` once
 *   2. each thing that happened is an event: its writes stand or fall alone (a savepoint)
 *   3. one commit, one fsync for all of them
 *   4. after it: actions (start processes, answer clients), in the order they were asked for
 *   5. free what the turn used
 * Nothing that another party can see is done before 3. */
void turn_run(Server *s);
/* Steps 3 to 5 alone, for what start-up did. false: the disk is full, and nothing of it happened.
 */
bool turn_finish(Server *s);
void turn_close(Server *s); /* frees what turn.c keeps in `s` */

/* What a due timer of a kind means. The table is in main.c's wiring (app/wiring.c): kinds are
 * listed once. */
typedef struct TimerHandler {
    const char *kind;
    void (*due)(Server *s, Str subject);
} TimerHandler;
extern const TimerHandler timer_handlers[]; /* ends with kind NULL */

/* An event within the turn: begin; write; end. With keep false, or when the database failed,
 * everything is undone, the actions asked for since begin are dropped, and false is returned (err
 * set only for the database). */
void event_begin(Server *s);
must_use bool event_end(Server *s, bool keep, Error *err);

/* A part of an event, which is undone alone, with the actions it asked for: what one of many
 * deliveries wrote before it was refused. Returned by event_part_begin: for event_part_end. */
AfterCommit **event_part_begin(Server *s);
bool event_part_end(Server *s, AfterCommit **part, bool keep);
