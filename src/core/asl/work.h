/* work.h - private to this folder: what one step holds in its hands, and its parts. */
#pragma once
#include "core/asl/definition.h"

typedef struct AslInspection {
    JsonObject data;
    const Json *context; /* given with the test; NULL: made as for an execution */
    Str next_name;
    int32_t catcher, retrier; /* -1: none */
    Millis delay;
    int32_t retries;
} AslInspection;

typedef struct AslWork {
    const AslDefinition *def;
    const AslFrames *frames;
    const AslEvent *event;
    Arena *a;
    AslUpdate *out;
    AslExecution *x; /* &out->next */
    uint64_t seed;
    struct {
        AslFrame **p;
        int64_t n, cap;
    } held;         /* frames read or made in this step */
    int32_t *index; /* of `held`, by id: open addressing; -1: free */
    int64_t index_n;
    struct {
        AslFrame **p;
        int64_t n, cap;
    } ready;
    int64_t ready_head;
    int states; /* entered in this step */
    const AslFrame
        *catching; /* leaves its state through a catcher: if that fails, nothing catches it */
    struct AslInspection
        *inspect; /* a state tested on its own: what it did on its way; else NULL */
} AslWork;

/* One visit of a state: the frame, the state, what its expressions see. */
typedef struct AslVisit {
    AslWork *w;
    AslFrame *f;
    const AslState *s;
    AslScope scope;
    Json raw;   /* the state's input */
    Json input; /* after InputPath */
    AslFailure fail;
} AslVisit;

/* work.c: frames and commands */
AslFrame *asl_work_frame(AslWork *w, int64_t id);
AslFrame *asl_work_new_frame(AslWork *w, AslFrame *parent, int32_t index, int32_t flow);
const AslState *asl_work_state(const AslWork *w, const AslFrame *f);
void asl_work_ready(AslWork *w, AslFrame *f);
AslCommand *asl_work_order(AslWork *w, AslCommandKind kind, const AslFrame *f);
void asl_work_arm(AslWork *w, const AslFrame *f, AslTimer timer, Millis due);
bool asl_work_ended(const AslWork *w);
bool asl_work_parse(AslWork *w, Str text, Json *out);
void asl_work_stop_tree(AslWork *w, AslFrame *f,
                        bool history);   /* cancels what runs at and below f */
bool asl_work_active(const AslFrame *f); /* holds a task, a map run or a timer */

/* record.c: history. Each returns the event's id. */
int64_t asl_record(AslWork *w, AslHistoryType type, int64_t previous, Json details);
void asl_record_chain(AslWork *w, AslFrame *f, AslHistoryType type,
                      Json details);                                /* and advances f's chain */
Json asl_record_payload(AslWork *w, Str input_or_output, Str text); /* {input, inputDetails} */
void asl_record_put_payload(JsonObject *o, Str name, Str text);
Json asl_record_error(AslWork *w, Str error, Str cause);
void asl_record_evaluation_failed(AslWork *w, AslFrame *f, const AslState *s,
                                  const AslFailure *fail);

/* data.c: what a state sees and what it leaves */
bool asl_visit_begin(AslVisit *v, AslWork *w, AslFrame *f);
bool asl_visit_parameters(AslVisit *v, AslField jsonpath, AslField jsonata, Str *text, Json *value);
bool asl_visit_whole(AslVisit *v, AslField constant, AslField path, int64_t otherwise,
                     int64_t *out);
bool asl_visit_percentage(AslVisit *v, double *out);
void asl_visit_exit(AslVisit *v, Str result); /* result as text; absent: the input passes through */
void asl_visit_leave(AslVisit *v, Str output, const AslExpr *assign, int32_t next);
bool asl_visit_assign(AslVisit *v, const AslExpr *assign, Json *out);
void asl_visit_fail(AslVisit *v); /* v->fail happened here */
Str asl_visit_text(AslVisit *v, const Json *value);
bool asl_visit_too_large(AslVisit *v, Str text);

/* run.c: entering states, the end of frames */
void asl_inspect(AslWork *w, Str name, Str text); /* when inspected */
void asl_run_enter(AslWork *w, AslFrame *f);
void asl_run_ready(AslWork *w);
void asl_run_execute(AslWork *w, AslFrame *f); /* the state, also when it is tried again */
void asl_run_frame_done(AslWork *w, AslFrame *f, Str output);
void asl_run_end(AslWork *w, AslStatus status, int64_t previous, Str output, Str error, Str cause);

/* fail.c */
void asl_fail_state(AslWork *w, AslFrame *f, Str error, Str cause);
bool asl_fail_matches(const Json *names, Str error);

/* simple.c, task.c, group.c, map.c: execute_X for a state of that type */
void asl_execute_pass(AslVisit *v);
void asl_execute_wait(AslVisit *v);
void asl_execute_choice(AslVisit *v);
void asl_execute_succeed(AslVisit *v);
void asl_execute_fail(AslVisit *v);
void asl_execute_task(AslVisit *v);
void asl_execute_parallel(AslVisit *v);
void asl_execute_map(AslVisit *v);
void asl_task_event(AslWork *w, AslFrame *f);
void asl_task_timed_out(AslWork *w, AslFrame *f);
void asl_map_run_event(AslWork *w, AslFrame *f);
void asl_group_child_done(AslWork *w, AslFrame *child);
void asl_group_child_failed(AslWork *w, AslFrame *child, Str error, Str cause);
void asl_group_start_child(AslWork *w, AslFrame *parent, AslFrame *child, int64_t chain);

Json asl_context_object(AslWork *w, const AslFrame *f, const AslState *s);
Json asl_context_variables(AslWork *w, AslFrame *f);
void asl_redrive(AslWork *w);
void asl_arm_execution(AslWork *w); /* step.c: the state machine's TimeoutSeconds, from now on */
