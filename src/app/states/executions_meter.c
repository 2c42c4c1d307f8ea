/* executions_meter.c - which metric each event of a history counts for, and how long a task took. */
#include "app/states/executions_meter.h"

#include "app/watch/meter.h"

enum { LINKS_MAX = 4, TASKS_REMEMBERED = 1024, ARN_BYTES_MAX = 256 };

/* ---- executions ---- */

static Meter machine_meter(const ExecutionRow *row)
{
    return (Meter){row->account,
                   row->asl.id.region,
                   "AWS/States",
                   {{"StateMachineArn", row->asl.id.machine_arn}}};
}

void executions_meter_started(Server *s, const ExecutionRow *row)
{
    Meter m = machine_meter(row);
    if (str_absent(row->asl.id.map_run_arn)) meter_count(s, &m, "ExecutionsStarted");
}

void executions_meter_ended(Server *s, const ExecutionRow *row)
{
    static const char *const names[] = {
        [ASL_RUNNING] = NULL,
        [ASL_SUCCEEDED] = "ExecutionsSucceeded",
        [ASL_FAILED] = "ExecutionsFailed",
        [ASL_TIMED_OUT] = "ExecutionsTimedOut",
        [ASL_ABORTED] = "ExecutionsAborted",
    };
    Meter m = machine_meter(row);
    if (!str_absent(row->asl.id.map_run_arn) || !names[row->asl.status]) return;
    meter_count(s, &m, names[row->asl.status]);
    meter_add(s, &m, "ExecutionTime", "Milliseconds",
              (double)(row->asl.stopped - row->asl.id.started));
}

/* ---- tasks ---- */

typedef enum TaskKind { KIND_NONE, KIND_LAMBDA, KIND_ACTIVITY, KIND_INTEGRATION } TaskKind;

static const struct {
    const char *dimension;
    const char *counts[5]; /* by Moment */
    const char *schedule_time, *run_time, *time;
} kinds[] = {
    [KIND_LAMBDA] = {"LambdaFunctionArn",
                     {"LambdaFunctionsScheduled", "LambdaFunctionsStarted",
                      "LambdaFunctionsSucceeded", "LambdaFunctionsFailed",
                      "LambdaFunctionsTimedOut"},
                     "LambdaFunctionScheduleTime",
                     "LambdaFunctionRunTime",
                     "LambdaFunctionTime"},
    [KIND_ACTIVITY] = {"ActivityArn",
                       {"ActivitiesScheduled", "ActivitiesStarted", "ActivitiesSucceeded",
                        "ActivitiesFailed", "ActivitiesTimedOut"},
                       "ActivityScheduleTime",
                       "ActivityRunTime",
                       "ActivityTime"},
    [KIND_INTEGRATION] = {"ServiceIntegrationResourceArn",
                          {"ServiceIntegrationsScheduled", "ServiceIntegrationsStarted",
                           "ServiceIntegrationsSucceeded", "ServiceIntegrationsFailed",
                           "ServiceIntegrationsTimedOut"},
                          "ServiceIntegrationScheduleTime",
                          "ServiceIntegrationRunTime",
                          "ServiceIntegrationTime"},
};

typedef enum Moment {
    MOMENT_SCHEDULED,
    MOMENT_STARTED,
    MOMENT_SUCCEEDED,
    MOMENT_FAILED,
    MOMENT_TIMED_OUT,
    MOMENT_OTHER, /* submitted: only a link */
} Moment;

static const struct {
    AslHistoryType type;
    TaskKind kind;
    Moment moment;
} moments[] = {
    {ASL_H_TASK_SCHEDULED, KIND_INTEGRATION, MOMENT_SCHEDULED},
    {ASL_H_TASK_STARTED, KIND_INTEGRATION, MOMENT_STARTED},
    {ASL_H_TASK_START_FAILED, KIND_INTEGRATION, MOMENT_FAILED},
    {ASL_H_TASK_SUBMITTED, KIND_INTEGRATION, MOMENT_OTHER},
    {ASL_H_TASK_SUBMIT_FAILED, KIND_INTEGRATION, MOMENT_FAILED},
    {ASL_H_TASK_SUCCEEDED, KIND_INTEGRATION, MOMENT_SUCCEEDED},
    {ASL_H_TASK_FAILED, KIND_INTEGRATION, MOMENT_FAILED},
    {ASL_H_TASK_TIMED_OUT, KIND_INTEGRATION, MOMENT_TIMED_OUT},
    {ASL_H_LAMBDA_SCHEDULED, KIND_LAMBDA, MOMENT_SCHEDULED},
    {ASL_H_LAMBDA_STARTED, KIND_LAMBDA, MOMENT_STARTED},
    {ASL_H_LAMBDA_START_FAILED, KIND_LAMBDA, MOMENT_FAILED},
    {ASL_H_LAMBDA_SUCCEEDED, KIND_LAMBDA, MOMENT_SUCCEEDED},
    {ASL_H_LAMBDA_FAILED, KIND_LAMBDA, MOMENT_FAILED},
    {ASL_H_LAMBDA_TIMED_OUT, KIND_LAMBDA, MOMENT_TIMED_OUT},
    {ASL_H_ACTIVITY_SCHEDULED, KIND_ACTIVITY, MOMENT_SCHEDULED},
    {ASL_H_ACTIVITY_STARTED, KIND_ACTIVITY, MOMENT_STARTED},
    {ASL_H_ACTIVITY_SUCCEEDED, KIND_ACTIVITY, MOMENT_SUCCEEDED},
    {ASL_H_ACTIVITY_FAILED, KIND_ACTIVITY, MOMENT_FAILED},
    {ASL_H_ACTIVITY_TIMED_OUT, KIND_ACTIVITY, MOMENT_TIMED_OUT},
};

static Moment moment_of(AslHistoryType type, TaskKind *kind)
{
    *kind = KIND_NONE;
    for (int i = 0; i < countof(moments); i++)
        if (moments[i].type == type) return *kind = moments[i].kind, moments[i].moment;
    return MOMENT_OTHER;
}

/* What is known of a task after one of its events. */
typedef struct Known {
    int64_t execution, event;
    Millis scheduled, started; /* started 0: not yet */
    char arn[ARN_BYTES_MAX];
} Known;

/* A hint that any process may begin without: what is not in it is read from the history. */
static _Thread_local Known remembered[TASKS_REMEMBERED];

static Known *slot_of(int64_t execution, int64_t event)
{
    return &remembered[(uint64_t)(execution * 31 + event) % TASKS_REMEMBERED];
}

static bool scheduled(Server *s, const AslHistory *h, TaskKind kind, Known *out)
{
    Str resource = json_text(json_get(&h->details, S("resource")));
    if (kind == KIND_INTEGRATION)
        resource =
            str_printf(&s->turn, "arn:aws:states:::%.*s:%.*s",
                       STR(json_text(json_get(&h->details, S("resourceType")))), STR(resource));
    out->scheduled = h->at;
    out->started = 0;
    if (!resource.n || resource.n >= ARN_BYTES_MAX) return false;
    memcpy(out->arn, resource.p, (size_t)resource.n);
    out->arn[resource.n] = 0;
    return true;
}

/* From event to event back to the one by which the task was scheduled. */
static bool look_up(Server *s, const ExecutionRow *row, int64_t event, Known *out)
{
    Millis started = 0;
    for (int i = 0; i < LINKS_MAX && event > 0; i++) {
        AslHistory *h;
        TaskKind kind;
        if (execution_history_list(s->db, row->n, event, false, 1, &s->turn, &h) != 1 ||
            h->id != event)
            return false;
        Moment moment = moment_of(h->type, &kind);
        if (moment == MOMENT_STARTED) started = h->at;
        if (moment == MOMENT_SCHEDULED) {
            bool good = scheduled(s, h, kind, out);
            out->started = started;
            return good;
        }
        event = h->previous;
    }
    return false;
}

static bool known_after(Server *s, const ExecutionRow *row, int64_t event, Known *out)
{
    const Known *k = slot_of(row->n, event);
    if (k->execution != row->n || k->event != event) return look_up(s, row, event, out);
    *out = *k;
    return true;
}

static void remember(const ExecutionRow *row, int64_t event, const Known *k)
{
    Known *slot = slot_of(row->n, event);
    *slot = *k;
    slot->execution = row->n;
    slot->event = event;
}

static void count(Server *s, const ExecutionRow *row, const AslHistory *h, TaskKind kind,
                  Moment moment, const Known *k)
{
    Meter m = {row->account,
               row->asl.id.region,
               "AWS/States",
               {{kinds[kind].dimension, str_copy(&s->turn, str_from(k->arn))}}};
    if (moment == MOMENT_OTHER) return;
    meter_count(s, &m, kinds[kind].counts[moment]);
    if (moment == MOMENT_STARTED)
        meter_add(s, &m, kinds[kind].schedule_time, "Milliseconds", (double)(h->at - k->scheduled));
    if (moment <= MOMENT_STARTED) return;
    meter_add(s, &m, kinds[kind].time, "Milliseconds", (double)(h->at - k->scheduled));
    if (k->started)
        meter_add(s, &m, kinds[kind].run_time, "Milliseconds", (double)(h->at - k->started));
}

void executions_meter_history(Server *s, const ExecutionRow *row, const AslHistory *events,
                              int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        TaskKind kind;
        Known k = {0};
        const AslHistory *h = &events[i];
        Moment moment = moment_of(h->type, &kind);
        if (!kind) continue;
        bool known = moment == MOMENT_SCHEDULED ? scheduled(s, h, kind, &k)
                                                : known_after(s, row, h->previous, &k);
        if (!known) continue;
        count(s, row, h, kind, moment, &k);
        if (moment == MOMENT_STARTED) k.started = h->at;
        remember(row, h->id, &k);
    }
}
