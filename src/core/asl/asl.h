/* asl.h - Amazon States Language: a checked definition, and what an execution of it does next. */
#pragma once
#include "core/asl/diagnostic.h"
#include "core/asl/event.h"

/* A state machine execution is a value: one AslExecution (the row of the execution) and its
 * AslFrames (one row for the top level, one for each Parallel branch and each iteration of an
 * inline Map). One pure function takes it from one rest to the next:
 *
 *     AslDiagnostics found = {0};
 *     const AslDefinition *def;
 *     if (!asl_parse(text, &(AslRules){.express = false}, program, &found, &def))
 *         return refuse("InvalidDefinition", asl_diagnostics_text(a, &found));
 *
 *     AslExecution exec = {.id = {.arn = ..., .name = ..., ...}, .input = S("{}")};
 *     AslEvent start = {.kind = ASL_START, .now = now, .seed = seed};
 *     AslUpdate update;
 *     asl_step(def, &exec, &frames, &start, turn, &update);
 *
 * The caller then, in ONE transaction and in this order, unless update.ignored is set:
 *
 *  1. deletes, for each update.removed[i], all frames whose `group` is that one;
 *  2. stores update.next over the execution's row (input and identity never change);
 *  3. stores each update.frames[i], of which only the columns in `dirty` need writing;
 *  4. appends update.history (ids go on without a gap up to update.next.last_event);
 *  5. puts update.commands into the outbox.
 *
 * Only after the commit it carries the commands out. What comes of them comes back as events, each
 * with the token (frame, attempt) of its command. An event with an old token changes nothing:
 * update.ignored is set.
 *
 * Frames are read through AslFrames.load, one by one and only those an event concerns: an event in
 * one iteration of a Map over 1,000 items reads that iteration and its parent, not the other 999.
 * What load returns must stay valid and unchanged during the call; asl_step copies what it changes.
 *
 * Payloads (input, output, variables, results) are kept as JSON text: what passes through unchanged
 * keeps its exact bytes, as AWS does, and costs no parsing. Everything an update holds lives in
 * `a`, in what `load` gave, or in the event.
 *
 * The commands, and the events that answer them:
 *
 *  - ASL_COMMAND_TASK: ASL_TASK_STARTED, then for .sync and .waitForTaskToken ASL_TASK_SUBMITTED,
 *    at last ASL_TASK_SUCCEEDED or ASL_TASK_FAILED; ASL_TASK_HEARTBEAT at any time. The order is
 *    durable, so it may be carried out again after a crash.
 *
 *  - ASL_COMMAND_TIMER: ASL_TIMER with the same token and timer, at `due` or later. It replaces an
 *    earlier one of the same frame and kind.
 *
 *  - ASL_COMMAND_MAP_RUN: ASL_MAP_RUN_STARTED, then ASL_MAP_RUN_SUCCEEDED or ASL_MAP_RUN_FAILED.
 *    The children are executions of the same definition, with the command's `flow` in their
 *    identity; map_run.h decides about them. With map_run_arn it is the redrive of that run.
 *
 *  - ASL_COMMAND_CANCEL: no answer. The token is done with: its task or Map Run is ended if it
 *    still runs, its order and its timers are forgotten. Given for answered tasks too.
 *
 *  - ASL_COMMAND_CONTINUE: ASL_CONTINUE with the same token in a later event. The execution has
 *    more to do than one step may.
 *
 * An execution has ended when update.next.status is not ASL_RUNNING; update.next has its output,
 * or its error and cause. Its frames stay as they are, and ASL_REDRIVE goes on from them; only
 * success removes them.
 *
 * Time and chance come with the event: `now`, and `seed` (jitter, States.UUID, $random). No float
 * leaves this folder; inside, numbers are doubles where AWS's are. */
typedef struct AslDefinition AslDefinition;

/* asl_parse reports everything it finds, errors first found first; true: there is no error
 * (warnings may be). The definition borrows from `text` and lives in `program`. */
typedef struct AslRules {
    bool express;      /* refuse what an Express workflow cannot do */
    bool single_state; /* TestState: `text` is one state, given the name below; transitions lead
                          nowhere */
    Str name;          /* of the single state; absent: "StateName" */
} AslRules;
must_use bool asl_parse(Str text, const AslRules *rules, Arena *program, AslDiagnostics *found,
                        const AslDefinition **out);
enum { ASL_DEFINITION_BYTES_MAX = 1 << 20, ASL_DEPTH_MAX = 20 };

/* A flow is a state machine in a definition: 0 the top level, others branches and processors. */
Str asl_comment(const AslDefinition *def);
int32_t asl_timeout_seconds(const AslDefinition *def); /* 0: none */
/* Of its processor; -1: no such Map state. ExecutionType of its ProcessorConfig. */
int32_t asl_flow_of(const AslDefinition *def, Str map_state_name);
bool asl_flow_express(const AslDefinition *def, int32_t flow);

void asl_step(const AslDefinition *def, const AslExecution *exec, const AslFrames *frames,
              const AslEvent *event, Arena *a, AslUpdate *update);

/* The inputs of Map Run children, for items that an ItemReader brought: ItemSelector, as seen by
 * the Map state of `frame`; without one the items themselves. (Items that are given in the
 * command's parameters have been through it.) `out` has room for n. */
typedef struct AslFault {
    Str error, cause;
} AslFault;
typedef struct AslItem {
    int64_t index;
    Json value;
    Str key, source; /* Map.Item.Key: of an object's member; Map.Item.Source: where a file lies */
} AslItem;
must_use bool asl_map_items(const AslDefinition *def, const AslExecution *exec,
                            const AslFrames *frames, int64_t frame, const AslEvent *event,
                            const AslItem *items, int64_t n, Arena *a, Json *out, AslFault *fault);

/* TestState: one state alone, of a definition parsed with or without single_state. Nothing is
 * ordered and nothing is kept. A Task, Parallel or Map without a mock gives ASL_TEST_NEEDED: for a
 * task `task` is the order, which the caller may carry out and come again with its result.
 * `inspection` has the texts of InspectionData that apply (the caller shows those of its level). */
typedef struct AslTest {
    AslIdentity id;
    Millis now;
    uint64_t seed;
    Str state;                     /* by name, in any flow; absent: the first */
    Str input, variables, context; /* JSON; context absent: made from id */
    Str result;                    /* the mock's; absent: none */
    bool failed;                   /* the mock's error and cause */
    Str error, cause;
    int32_t retries; /* tries that a retrier has had */
} AslTest;
typedef enum AslTestStatus {
    ASL_TEST_SUCCEEDED,
    ASL_TEST_FAILED,
    ASL_TEST_RETRIABLE,
    ASL_TEST_CAUGHT,
    ASL_TEST_NEEDED,
    ASL_TEST_NO_STATE
} AslTestStatus;
typedef struct AslTested {
    AslTestStatus status;
    Str output, error, cause, next_state; /* absent: none */
    Json inspection, variables;
    AslCommand task;
} AslTested;
/* What the state to be tested is. false: there is none of that name. */
typedef struct AslTestState {
    Str type;                     /* "Task" */
    Str service, action, pattern; /* of a Task's resource */
    bool activity;                /* a Task's resource */
    bool result_writer;           /* of a Map */
} AslTestState;
must_use bool asl_test_state(const AslDefinition *def, Str name, AslTestState *out);
void asl_test(const AslDefinition *def, const AslTest *test, Arena *a, AslTested *out);

/* Limits that an execution meets (AWS's quotas). */
enum {
    ASL_EVENTS_MAX = 25000,
    ASL_PAYLOAD_BYTES_MAX = 256 << 10,
    ASL_ERROR_BYTES_MAX = 256,
    ASL_CAUSE_BYTES_MAX = 32768,
    ASL_CONCURRENT_ITERATIONS_MAX = 40,
    ASL_STATES_PER_STEP_MAX = 2000, /* ours: then ASL_COMMAND_CONTINUE */
};
