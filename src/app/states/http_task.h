/* http_task.h - Task states that call somebody else's HTTP API: arn:aws:states:::http:invoke. */
#pragma once
#include "app/events/connections.h"
#include "app/states/integrations.h"

/* https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 *
 * The request is sent after the commit that recorded its order, by a thread of its own, and again
 * when the server ended before the answer was recorded: at least once. The first answer to be
 * recorded counts.
 *
 * Errors: States.Http.StatusCode.NNN for a status of 300 and more, States.Http.Socket when nobody
 * answered in time, States.DataLimitExceeded for an answer that is too large,
 * Events.ConnectionResource.* when the connection cannot be used, States.Runtime for parameters
 * that make no request. */
enum {
    HTTP_TASK_MS_MAX = 60 * 1000,
    HTTP_TASK_ANSWER_BYTES_MAX = 256 * 1024,
    HTTP_TASK_DEPTH_MAX = 32, /* of a body that is URL-encoded */
};

/* What the parameters ask for, and what of it cannot be done; in the arena. */
typedef struct HttpTaskRequest {
    Str connection_arn, method, url, body;
    Str endpoint; /* as the task names it: url without the query */
    HttpFields headers;
} HttpTaskRequest;
typedef struct HttpTaskRefusal {
    Str error, cause;
} HttpTaskRefusal;

/* http_task_request.c. `use` may add to it; NULL: only looks whether a request can be made. */
must_use bool http_task_request(Arena *a, const Json *parameters, Str region,
                                const ConnectionUse *use, HttpTaskRequest *out,
                                HttpTaskRefusal *why);

/* Within the task's order: TASK_WORKS, or why it cannot. */
void http_task_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                     TaskOutcome *out);
/* Within the event of its work: TASK_WORKS, and it is sent after the commit; or why it cannot be.
 */
void http_task_work(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                    TaskOutcome *out);

/* http_trace.c: InspectionDataRequest and InspectionDataResponse of TestState. */
Json http_trace_request(Arena *a, Str method, Str url, const HttpFields *headers, Str body);
Json http_trace_response(Arena *a, const HttpExchange *x);
