/* work.h - private to this folder: what one step holds in its hands, and its parts. */
#pragma once
#include "core/asl/definition.h"

typedef struct Work {
    const AslDefinition *def;
    const AslFrames *frames;
    const AslEvent *event;
    Arena *a;
    AslUpdate *out;
    AslExecution *x; /* &out->next */
    uint64_t seed;
    struct { AslFrame **p; int64_t n, cap; } held; /* frames read or made in this step */
    int32_t *index;                                /* of `held`, by id: open addressing; -1: free */
    int64_t index_n;
    struct { AslFrame **p; int64_t n, cap; } ready;
    int64_t ready_head;
    int states; /* entered in this step */
} Work;

/* One visit of a state: the frame, the state, what its expressions see. */
typedef struct Visit {
    Work *w;
    AslFrame *f;
    const AslState *s;
    AslScope scope;
    Json raw;   /* the state's input */
    Json input; /* after InputPath */
    AslFailure fail;
} Visit;

/* work.c: frames and commands */
AslFrame *work_frame(Work *w, int64_t id);
AslFrame *work_new_frame(Work *w, AslFrame *parent, int32_t index, int32_t flow);
const AslState *work_state(const Work *w, const AslFrame *f);
void work_ready(Work *w, AslFrame *f);
AslCommand *work_order(Work *w, AslCommandKind kind, const AslFrame *f);
void work_arm(Work *w, const AslFrame *f, AslTimer timer, Millis due);
bool work_ended(const Work *w);
bool work_parse(Work *w, Str text, Json *out);
void work_stop_tree(Work *w, AslFrame *f, bool history); /* cancels what runs at and below f */
bool work_active(const AslFrame *f);                     /* holds a task, a map run or a timer */

/* record.c: history. Each returns the event's id. */
int64_t record(Work *w, AslHistoryType type, int64_t previous, Json details);
void record_chain(Work *w, AslFrame *f, AslHistoryType type, Json details); /* and advances f's chain */
Json record_payload(Work *w, Str input_or_output, Str text);                /* {input, inputDetails} */
void record_put_payload(JsonObject *o, Str name, Str text);
Json record_error(Work *w, Str error, Str cause);
void record_evaluation_failed(Work *w, AslFrame *f, const AslState *s, const AslFailure *fail);

/* data.c: what a state sees and what it leaves */
bool visit_begin(Visit *v, Work *w, AslFrame *f);
bool visit_parameters(Visit *v, AslField jsonpath, AslField jsonata, Str *text, Json *value);
bool visit_whole(Visit *v, AslField constant, AslField path, int64_t otherwise, int64_t *out);
bool visit_percentage(Visit *v, double *out);
void visit_exit(Visit *v, Str result); /* result as text; absent: the input passes through */
void visit_leave(Visit *v, Str output, const AslExpr *assign, int32_t next);
bool visit_assign(Visit *v, const AslExpr *assign, Json *out);
void visit_fail(Visit *v);             /* v->fail happened here */
Str visit_text(Visit *v, const Json *value);
bool visit_too_large(Visit *v, Str text);

/* run.c: entering states, the end of frames */
void run_ready(Work *w);
void run_execute(Work *w, AslFrame *f); /* the state, also when it is tried again */
void run_frame_done(Work *w, AslFrame *f, Str output);
void run_end(Work *w, AslStatus status, int64_t previous, Str output, Str error, Str cause);

/* fail.c */
void fail_state(Work *w, AslFrame *f, Str error, Str cause);
bool fail_matches(const Json *names, Str error);

/* simple.c, task.c, group.c, map.c: execute_X for a state of that type */
void execute_pass(Visit *v);
void execute_wait(Visit *v);
void execute_choice(Visit *v);
void execute_succeed(Visit *v);
void execute_fail(Visit *v);
void execute_task(Visit *v);
void execute_parallel(Visit *v);
void execute_map(Visit *v);
void task_event(Work *w, AslFrame *f);
void task_timed_out(Work *w, AslFrame *f);
void map_run_event(Work *w, AslFrame *f);
void group_child_done(Work *w, AslFrame *child);
void group_child_failed(Work *w, AslFrame *child, Str error, Str cause);
void group_start_child(Work *w, AslFrame *parent, AslFrame *child, int64_t chain);

Json context_object(Work *w, const AslFrame *f, const AslState *s);
Json context_variables(Work *w, AslFrame *f);
void redrive(Work *w);
