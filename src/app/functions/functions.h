/* functions.h - Lambda functions that run: instances (own processes, warm between calls), invocations, and their ends. */
#pragma once
#include "app/call.h"
#include "store/functions.h"
#include "store/invocations.h"

/* An invocation is in hand from functions_invoke until its end has been told: to the call that
 * waits for it, or to its row. It waits for an instance: a process of its version that is idle, or
 * a new one. Instances and invocations in hand are memory; they end with the server, at once. What
 * must survive is a row (store/invocations.h), and runs again after a restart.
 *
 *     lambda/zip/<sha256>         code as it was uploaded, durable
 *     lambda/code/<sha256>/       the same unpacked: a cache, made for the first instance
 *     lambda/code/opt-<sha256>/    the layers of a version, one over the other: a cache, too
 *     lambda/run/<instance>/      what its keeper writes (sys/child.h), and
 *     lambda/run/<instance>/box/  what the process sees: its log, its tmp/
 *
 * Everything that others see (an invocation given to a process, an answer) is asked for in
 * functions_tick and done after the commit; until then it stays to be asked for again. */
enum {
    FUNCTIONS_INVOCATIONS_MAX = 1000, /* in hand: AWS's default for an account */
    FUNCTIONS_INSTANCES_MAX = 64,     /* processes; further invocations wait for one */
    FUNCTIONS_IDLE_MS = 5 * 60 * 1000,
    FUNCTIONS_INIT_MS = 10 * 1000, /* from the start of the process to its first question for work,
                                      beside the function's own timeout */
    FUNCTIONS_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024,
    FUNCTIONS_ANSWER_BYTES_MAX = 6 * 1024 * 1024 + 100,
    FUNCTIONS_EVENT_BYTES_MAX = 256 * 1024,
    FUNCTIONS_DOOR_BYTES_MAX = 16 * 1024 * 1024,
    FUNCTIONS_TAIL_BYTES = 4096,
    FUNCTIONS_DEAD_KEPT = 100, /* of a function: what was given up */
};

/* Unpacked, the service's quota; members: what a zip without zip64 can have. */
#define FUNCTIONS_CODE_BYTES_MAX   ((int64_t)262144000)
#define FUNCTIONS_CODE_MEMBERS_MAX 65534
#define FUNCTIONS_ZIP_BYTES_MAX    ((int64_t)50 * 1024 * 1024)

struct Functions;
must_use bool functions_open(Server *s, Error *err);
void functions_close(Server *s);
/* In an event, before the first client: what ran when an earlier life ended is due again. */
must_use bool functions_recover(Server *s, Error *err);

/* find.c: what a name or an ARN, maybe with a qualifier, stands for. */
typedef struct FunctionTarget {
    FunctionRow row;
    Str qualifier; /* absent: none was named */
    Str arn;       /* with the qualifier */
    bool aliased;
    FunctionAlias alias;
    int64_t version; /* of the alias, before routing; 0: $LATEST */
    FunctionVersion v;
} FunctionTarget;
/* The function alone; `qualifier` may be absent or be named twice. ERR_LAMBDA_NOT_FOUND. */
must_use bool functions_find(Server *s, Str account, Str region, Str given, Str qualifier, Arena *a,
                             FunctionTarget *out, Error *err);
/* And its version, or the one its alias stands for. */
must_use bool functions_find_version(Server *s, FunctionTarget *t, Arena *a, Error *err);
/* An alias may send a share of its invocations to another version. */
int64_t functions_route(Server *s, const FunctionTarget *t);
must_use bool functions_check_payload(Str payload, bool event, Arena *a, Error *err);

/* Under which asynchronous settings of a qualifier are kept: "" for none, and for $LATEST. */
Str functions_setting_name(Str qualifier);

/* How an invocation ended. */
typedef struct InvocationEnd {
    bool failed; /* FunctionError: Unhandled */
    Str payload; /* JSON; of a failure the document with errorType and errorMessage */
    Str tail;    /* the last of its log, when it was asked for */
} InvocationEnd;

typedef struct InvocationAsk {
    int64_t function, version;
    Str arn; /* as asked for: with the qualifier */
    Str request_id, payload, client_context;
    bool tail;
    /* Who is told: the call, by answer, in the turn of the end ... */
    Call *call;
    void (*answer)(Call *call, const InvocationEnd *end);
    int64_t row;   /* ... or the row of this number */
    int64_t batch; /* ... or the batch of an event source (sources.h) */
} InvocationAsk;

/* Whether it would be throttled now. */
bool functions_busy(Server *s, const FunctionRow *f);
/* false: ERR_LAMBDA_THROTTLED, ERR_LAMBDA_NOT_FOUND; nothing will run. */
must_use bool functions_invoke(Server *s, const InvocationAsk *ask, Error *err);

/* find.c: what a service does for the function (taking messages, sending what it made on) it does
 * under the function's role; config: of its version. */
Identity functions_identity(const FunctionTarget *t, const Json *config);

/* events.c: an invocation that nobody's connection waits for. Adds the row, due now. */
void functions_invoke_later(Server *s, InvocationRow *row);
/* The errorType of a failure's document, by which Step Functions names the error; without one
 * "Lambda.Unknown". */
Str functions_error_type(Server *s, Str payload);
/* The service of the `changed` record that tells of a task's end; its id is the row's number. */
#define FUNCTIONS_TASK_SERVICE S("lambda-task")

/* code.c, for any thread: keeps a zip durably. The limits and the directory are checked. */
typedef struct FunctionCode {
    Str zip; /* its name: SHA-256 in hexadecimal */
    int64_t bytes, unpacked_bytes;
} FunctionCode;
must_use bool functions_code_put(Folder *data, Str zip, Arena *a, FunctionCode *out, Error *err);
/* After the commit: removes it when no version has it any more. */
void functions_code_drop(Server *s, Str hex);
Str functions_code_path(Arena *a, Str hex);
/* http://127.0.0.1:4566: where a process of this machine reaches the server. */
Str functions_endpoint(const Server *s, Arena *a);

/* The version changed or is gone: its idle instances end now, others after what they do. */
void functions_changed(Server *s, int64_t function);

/* What the turn does. */
Millis functions_next_due(const Server *s);
void functions_tick(Server *s);
void functions_timer_due(Server *s, Str subject); /* kind "lambda" */
bool functions_child(int64_t child);              /* of one of ours */
void functions_child_ended(Server *s, int64_t child, const ChildExit *exit);

/* runtime.c: a request of an instance, by its door: AWS's Lambda Runtime API. */
CallResult functions_door(Call *call);
