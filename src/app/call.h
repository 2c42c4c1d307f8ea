/* call.h - one API call: who asks, what was decoded, and the answer under way; the interface between front and api/. */
#pragma once
#include "app/access/auth.h"
#include "app/server.h"
#include "wire/protocol.h"

typedef struct Identity {
    Str access_key, account, region; /* region and account always set */
    bool verified;                   /* the signature was checked */
    bool anonymous;                  /* with --auth enforce: may only ask what needs no key */
    /* With --auth enforce, of keys of users and sessions; NULL: the account itself. */
    const struct Credential *credential;
    /* Of calls from inside; a call without any of these is the server's own and may everything. */
    Str role;       /* a service calls under this role; absent: none */
    Str session;    /* of the role; absent: "mayfly" */
    Str service;    /* "sns.amazonaws.com": has to be trusted by the role; without one it calls as
                       itself, and the resource's own policy decides */
    Str source_arn; /* aws:SourceArn: for what it calls */
    Str via;        /* this service passes on who asked it: aws:CalledVia */
} Identity;

/* A file as the body of the answer. */
typedef struct ReplyFile {
    int fd; /* -1: none; taken over by the connection */
    int64_t offset, length;
} ReplyFile;

/* Lives from the head of the request until its answer has been queued: `arena` with it. */
typedef struct Call Call;
struct Call {
    Server *server;
    Arena *arena;
    Millis now; /* of the turn in which the handler runs */
    CallAuth auth;
    Identity who;
    const HttpRequest *http;
    Route route; /* service and operation */
    Str request_id;
    Str decided_by, decided_sid; /* authorize.h: the policy and statement that allowed it */
    Json in;                     /* decoded and validated input */
    Str body;                    /* raw body of operations with a payload member (small ones) */
    struct Upload
        *upload; /* body of streaming operations (store/objects.h); NULL when none was sent */

    /* The answer. */
    bool inside; /* asked by a Task state: no client waits, so it cannot be answered later */
    int status;  /* 0: the operation's own; S3: 206 for a part of an object */
    Json out;
    Str out_body; /* payload member's bytes, when it is not a file */
    ReplyFile out_file;
    int door; /* port of an instance's own door (functions.h); 0: the main one */
    /* admin.h, and doors: no AWS service is called. */
    bool admin, preflight; /* preflight: cors.h */
    bool form;             /* a browser's POST of a file: answered in admin_reply, too */
    bool url;              /* of a function (urls.h): admin is set, too */
    Form admin_query;
    HttpReply admin_reply;
    /* Of a call from inside that is answered later (dispatch_inside): told within the event that
     * brings the answer, again when that was undone. NULL: a client is. */
    void (*answered)(Call *call, const Error *err);
    JsonObject error_members; /* extra members of the service's error document (S3: Key, BucketName,
                                 ...) */
};

/* What a handler says. CALL_LATER: the answer comes from a job or an event by call_answer; the Call
 * stays alive. */
typedef enum CallResult { CALL_DONE, CALL_FAILED, CALL_LATER } CallResult;
typedef CallResult CallHandler(Call *call, Error *err);

/* Finishes a CALL_LATER call, inside the event that brought the result; err NULL: success with
 * call->out. */
void call_answer(Call *call, const Error *err);

typedef struct CallEntry {
    const char *operation; /* "RunJobFlow" */
    CallHandler *handler;
} CallEntry;
/* api/<service>.c each define one; api/api.c lists them and checks them against the model at start.
 * An operation of the model without an entry answers the service's own "not implemented" error. */
typedef struct CallTable {
    const char *service; /* "emr" */
    const CallEntry *entries;
    int n;
    /* Asked when the head of a streaming operation has come, call->in being decoded: what is
     * refused here need not send its body. Not within an event: reads only. NULL: nothing is. */
    bool (*before_body)(Call *call, Error *err);
    /* A browser's form in call->upload, for the bucket in call->in. NULL: the service takes none.
     */
    CallHandler *form;
} CallTable;
