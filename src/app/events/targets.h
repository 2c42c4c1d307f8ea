/* targets.h - what happens here and is for somebody: an input delivered to the target that an ARN names. */
#pragma once
#include "app/call.h"

/* The one way by which schedules, rules, notifications and dead letters reach their targets: an
 * operation of another service of this server, called within the caller's event
 * (dispatch_inside). What a refused target wrote before it refused is undone; the event goes on.
 *
 *     Target t = {.arn = arn, .input = text, .account = account, .region = region};
 *     TargetResult r = targets_deliver(s, &t);
 *     if (r.end == TARGET_RETRY) ... later, again
 *
 * Delivered means recorded in the transaction of the event: a message that waits, an execution
 * that begins, an invocation that is due. Targets by the service in their ARN:
 *
 * - states: StartExecution; lambda: an asynchronous invocation; sqs: SendMessage; sns: Publish;
 *   events (a bus): PutEvents; logs (a group that exists): one log event
 *
 * - scheduler with nobody's account, arn:aws:scheduler:::aws-sdk:SERVICE:ACTION: that operation,
 *   with the input as its request (the universal targets of EventBridge Scheduler)
 *
 * - any other is refused by name. */
typedef struct Target {
    Str arn;
    Str service;             /* that delivers: "events.amazonaws.com" */
    Str role;                /* that it assumes for it; absent: the target's own policy decides */
    const Identity *as;      /* it passes on who asked it, instead; NULL: it does not */
    Str account, region;     /* of the resource that delivers */
    Str source_arn;          /* the rule, schedule or topic; absent: none */
    Str input;               /* JSON text; to queues, topics and groups it goes as it is */
    Str subject;             /* sns; absent: none */
    Str name;                /* of the execution; absent: a new one */
    Str message_group;       /* sqs, FIFO; absent: none */
    Str deduplication;       /* sqs, FIFO; absent: none */
    Str source, detail_type; /* of the event on the other bus; absent: the input is one already */
    const Json *attributes;  /* sqs: MessageAttributes; NULL: none */
} Target;

typedef enum TargetEnd {
    TARGET_DELIVERED,
    TARGET_RETRY,   /* throttled, or the server's own fault: again later */
    TARGET_REFUSED, /* it would be refused again */
} TargetEnd;

typedef struct TargetResult {
    TargetEnd end;
    Str error, message; /* of a refusal, as the target's service words it; in the turn's arena */
} TargetResult;

/* Within an event. When the database fails the result is TARGET_RETRY and the event is undone. */
TargetResult targets_deliver(Server *s, const Target *t);

/* The parts of an ARN; what is missing is empty. */
typedef struct TargetArn {
    Str service, region, account, resource; /* resource: all that follows the account */
} TargetArn;
must_use bool target_arn(Str arn, TargetArn *out);

/* A universal target's service and operation, as they are called here. ERR_VALIDATION: not of that
 * form, or an operation that only reads, which schedules do not take. */
typedef struct UniversalTarget {
    Str service, action;        /* as written: "sfn", "startExecution" */
    const char *api;            /* "stepfunctions"; NULL: no service of this server */
    const Operation *operation; /* NULL: not in the service's model */
} UniversalTarget;
must_use bool target_universal(Str arn, Arena *a, UniversalTarget *out, Error *err);
bool target_is_universal(Str arn);
