/* server.h - everything one running server owns, and what a handler is given of it. */
#pragma once
#include "base/json.h"
#include "store/db.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "wire/sigv4.h"

/* One thread owns all of this. A fact that must survive lives in `db`; what is here besides can be
 * rebuilt from it. */
/* What becomes of times that schedules and rules missed (schedules.h). */
typedef enum CatchUp { CATCH_UP_LAST, CATCH_UP_ALL, CATCH_UP_NONE } CatchUp;

typedef struct ServerConfig {
    Str data_path; /* ./.mayfly */
    Str host;      /* 127.0.0.1 */
    int port;      /* 4566; 0: any */
    Str account;   /* 000000000000 */
    Str certificate_path, key_path;
    bool enforce_auth;             /* --auth enforce */
    bool quiet;                    /* no log */
    CatchUp catch_up;              /* --catch-up last|all|none */
    bool lift_quotas;              /* --quotas none: AWS's service limits are not applied */
    bool record_unknown_resources; /* --unknown-resources record: of templates */
    int child_session_seconds; /* of credentials that processes of clusters fetch (child_keys.h) */
    int64_t cluster_ms_max;    /* the longest life of a cluster; 0: no limit */
    Str spark_home, java_home, python; /* absent: looked for by the engine */
    Str home;                          /* the tree this program lies in: share/ and .deps/ */
    const char *db_vfs;                /* the simulator's disk; NULL: the file system */
} ServerConfig;

typedef struct AfterCommit AfterCommit;
struct CallTable; /* call.h */
typedef struct Server Server;
struct Server {
    ServerConfig config;
    struct Dispatch *dispatch; /* dispatch.h */
    Loop *loop;
    Folder *data; /* holds state.db, objects/, work/, logs/ */
    Db *db;
    struct Objects *objects;                               /* store/objects.h */
    struct Settler *settler;                               /* settle.c */
    struct Trail *trail;                                   /* trail.h */
    struct Metering *metering;                             /* meter.h */
    struct Gauges *gauges;                                 /* meter.h */
    struct Front *front;                                   /* front.h */
    struct Clusters *clusters;                             /* clusters.h */
    struct Executions *executions;                         /* executions.h */
    struct Trial *trials;                                  /* trials.h */
    struct Connections *connections;                       /* connections.h */
    struct Activities *activities;                         /* activities.h */
    struct StackAnswers *stack_answers;                    /* stacks_answer.h */
    struct Queues *queues;                                 /* queues.h */
    struct MapRuns *map_runs;                              /* map_runs.h */
    struct Functions *functions;                           /* functions.h */
    struct EventBuses *event_buses;                        /* event_bus.h */
    struct ApiPlaces *api_places;                          /* api_destinations.h */
    struct Zones *zones;                                   /* zones.h */
    struct Signing *signing;                               /* signing.h; its key is never logged */
    struct Vault *vault;                                   /* vault.h; never logged */
    int port;                                              /* as bound */
    SigV4Keys signing_keys;                                /* derived ones, kept; never logged */
    char admin_token[64];                                  /* admin.h; never logged */
    Millis now;                                            /* of this turn */
    Arena turn;                                            /* emptied at the end of each turn */
    AfterCommit *actions, **actions_tail, **event_actions; /* turn.c */
    int64_t undoable; /* another number wherever what follows may be undone apart from what was */
    Millis next_due;  /* earliest durable timer; turn.c keeps it */
    bool stopping;
    bool timer_failed;       /* turn.c: in this turn; a pause, then again */
    bool turns_lost;         /* turn.c: since the last one that could be written; said once */
    struct Backlog *backlog; /* turn.c: internal events not yet recorded */
};

/* Opens the data folder (one server at a time), the database, the store and the front door, and
 * goes on with what an earlier run left. On failure everything is closed again. */
must_use bool server_open(Server *s, const ServerConfig *config,
                          const struct CallTable *const *calls, Error *err);
void server_close(Server *s);

/* Runs fn(server, arg) after this turn has been committed, in the order of the calls; not at all
 * when the event that asked for it fails or the commit does. `arg` must live in server->turn or
 * longer. */
void after_commit(Server *s, void (*fn)(Server *s, void *arg), void *arg);

/* Blocking work of a handler: `work` runs on a pool thread, then `done` as an event of its own in a
 * later turn (inside its transaction). The struct is embedded as the first member of the caller's
 * own and owned by it. Start it after commit when it must not happen for an event that fails. */
typedef struct Job {
    void (*work)(struct Job *job); /* pool thread: only what the job owns, and file.h */
    void (*done)(
        Server *s,
        struct Job *job); /* main thread, within an event; again if that could not be recorded */
    void (*release)(struct Job *job); /* after the commit of what `done` wrote */
} Job;
void server_start_job(Server *s, Job *job);
/* The same for a job that waits for somebody else's server (http_client.h). */
void server_start_slow_job(Server *s, Job *job);

/* Ends the process at once: what is on the disk is the truth, and the next start begins from it. */
_Noreturn void server_die(const Server *s, const char *during, const Error *err);

/* Ids as AWS writes them: `prefix` and n characters of A-Z0-9; a request id is a lower-case UUID.
 */
Str server_new_id(Server *s, Arena *a, Str prefix, int n);
Str server_new_uuid(Server *s, Arena *a);

/* One line of log on standard error: time, level, event, key=value pairs. Never keys, tokens,
 * signatures or NoEcho values. log_info(s, "cluster-state", "cluster=%.*s from=%s to=%s", STR(id),
 * from, to); */
void log_info(const Server *s, const char *event, const char *fmt, ...) printf_like(3, 4);
/* What an event records is said when it is true: after the commit; not at all if it is undone. */
void log_recorded(Server *s, const char *event, const char *fmt, ...) printf_like(3, 4);
void log_error(const Server *s, const char *event, const char *fmt, ...) printf_like(3, 4);
