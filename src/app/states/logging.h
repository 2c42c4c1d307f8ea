/* logging.h - events of executions as events of a log group: which of them, where to, and in which form. */
#pragma once
#include "app/watch/cloudwatch_logs.h"
#include "store/executions.h"

/* https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and cloudwatch-log-level.html
 *
 * They are written in the transaction that records them in the history. A group that is no longer
 * there gets nothing, and nobody is disturbed by it. The stream of an execution is
 * states/MACHINE/YYYY-MM-DD-hh-mm/xxxxxxxx, by the minute of its start and a hash of its ARN. */
typedef enum StatesLogLevel {
    STATES_LOG_OFF,
    STATES_LOG_FATAL, /* the execution failed, timed out, was aborted */
    STATES_LOG_ERROR, /* and whatever else did, and Fail states */
    STATES_LOG_ALL,
} StatesLogLevel;

typedef struct StatesLogging {
    StatesLogLevel level;
    bool data; /* inputs and outputs are told */
    Str group; /* name */
} StatesLogging;

enum { STATES_LOG_DATA_BYTES_MAX = 248 * 1024 }; /* of one input or output; then it is cut */

/* Of a loggingConfiguration that was accepted; texts live in `a`. */
StatesLogging states_logging_read(Arena *a, Str configuration);
/* The log group's name in arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*; absent: it is no such ARN.
 */
Str states_logging_group(Str arn);
/* logging NULL: off. */
void states_logging_write(Server *s, const StatesLogging *logging, const ExecutionRow *row,
                          const AslHistory *events, int64_t n);
/* Details of an event without what states took and gave. */
Json states_logging_without_data(Arena *a, const Json *details);
