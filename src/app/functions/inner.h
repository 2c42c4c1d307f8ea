/* inner.h - private to functions*.c: instances, invocations in hand, and who does what with them. */
#pragma once
#include "app/functions/functions.h"
#include "app/turn.h"
#include "core/function/function.h"
#include "sys/child.h"
#include "sys/net.h"

#define FUNCTIONS_CHILD_BIT ((int64_t)1 << 62) /* of the names of our children */

enum {
    FUNCTIONS_LOG_BYTES_MAX = 1024 * 1024,      /* of one invocation: the rest is left out */
    FUNCTIONS_LOG_FILE_BYTES = 4 * 1024 * 1024, /* then it is emptied, between invocations */
    FUNCTIONS_LOG_FLUSH_MS = 200,
    FUNCTIONS_LOG_PENDING_MAX = 50000, /* events that are not written yet */
};

typedef struct Instance Instance;

typedef struct Invocation {
    struct Invocation *next; /* in order of asking */
    Arena a;
    InvocationAsk ask;  /* a copy */
    Str revision;       /* of the version it runs */
    Instance *instance; /* given to it; NULL: waits, or it has ended */
    bool delivered, ended, told;
    Millis begun, deadline; /* when delivered */
    InvocationEnd end;
} Invocation;

typedef enum InstanceLife {
    INSTANCE_NEW,     /* its code is being unpacked */
    INSTANCE_READY,   /* to be started */
    INSTANCE_INIT,    /* started; has not asked for work yet */
    INSTANCE_AT_WORK, /* has asked for work: idle when `next` is set and no invocation given */
    INSTANCE_ENDING,  /* killed */
} InstanceLife;

/* What a process of this version is. */
typedef struct InstancePlan {
    Str name, region, account, version; /* "$LATEST" */
    Str runtime, handler, group, zip, role;
    FunctionRuntime kind;
    int64_t timeout_ms, memory_mb;
    StrVec argv, env;
    StrVec layers; /* their zips, in order */
    Str opt;       /* what they are unpacked to, below the data folder; absent: none */
    Str missing;   /* why it cannot run on this machine; absent: it can */
} InstancePlan;

struct Instance {
    Instance *others;
    Arena a;
    int64_t id, function, number;
    Str revision, dir, stream;
    InstancePlan plan;
    InstanceLife life;
    bool retired; /* ends when it is idle */
    bool killed;
    Door *door;
    int port;
    Call *next; /* asks for work */
    Invocation *invocation;
    Millis started, used; /* of the process; last end of work */
    int64_t init_ms;      /* told with the first report; -1: told */
    int64_t log_read;     /* bytes of its log */
    Buf text;             /* of the invocation's log so far, in its arena */
    int64_t memory_max_bytes;
    Str init_error; /* what it said to init/error */
};

typedef struct LogEvent {
    Str group, stream, message;
    Str account, region;
    Str function, role; /* who writes, and as whom */
    Millis at;
} LogEvent;

struct Functions {
    Instance *instances;
    int64_t instances_n, next_id, life; /* life: of this process, in folder names */
    Invocation *first, **last;
    int64_t invocations_n;
    StrVec unpacked; /* zips, in `a` */
    Arena a;
    struct {
        Arena a;
        LogEvent *p;
        int64_t n, cap;
        int64_t writing, dropped; /* of the turn: being recorded */
        Millis due;
    } log;
};

/* plan.c: false: the version's code or handler cannot be run as asked. */
void instance_plan(Server *s, const FunctionRow *f, const FunctionVersion *v, int port, Str box,
                   Arena *a, InstancePlan *out);

/* instances.c */
Instance *instance_new(Server *s, const FunctionRow *f, const FunctionVersion *v);
/* Also one that has answered and will ask for work in a moment. */
bool instance_idle(const Instance *in);
void instance_give_back(Instance *in);
/* It is to be killed; its invocation has been ended. */
void instance_end(Instance *in);
/* Of each turn: after the commit those READY are started, those ENDING killed. */
void instance_act(Server *s);
Str instance_box(Arena *a, const Instance *in); /* below the data folder */
void functions_remove_folder(Server *s, Str dir);
/* code.c: once it is there, `in` becomes READY; if it cannot be, its invocation ends. */
void instance_unpack(Server *s, Instance *in);

/* invoke.c */
void invocation_end(Server *s, Invocation *i, bool failed, Str payload);
/* {"errorType": type, "errorMessage": "RequestId: .. Error: text"} */
void invocation_fail(Server *s, Invocation *i, const char *type, Str text);

/* log.c */
void instance_log_init(Server *s, Instance *in);
void instance_log_begin(Server *s, Instance *in, Invocation *i);
void instance_log_end(Server *s, Instance *in, Invocation *i);
void instance_log_line(Server *s, Instance *in, Str message);
void functions_log_flush(Server *s);

/* meter.c: what CloudWatch is told. */
void functions_meter_throttled(Server *s, Str arn);
void functions_meter_begun(Server *s, Str arn, int64_t concurrent);
void functions_meter_ended(Server *s, const Invocation *i);

/* events.c: true: recorded, the invocation may be forgotten. */
bool functions_row_ended(Server *s, const Invocation *i);
/* sources_batch.c: the same of a batch. */
bool sources_batch_ended(Server *s, const Invocation *i);
