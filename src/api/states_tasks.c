/* states_tasks.c - task tokens over the API: a worker outside tells of a task's success, failure, or that it is alive. */
#include "api/states.h"

static bool no_task(Error *err, bool was)
{
    return was ? error_set(err, ERR_SFN_TASK_TIMED_OUT,
                           "Task Timed Out: 'Provided task does not exist anymore'")
               : error_set(err, ERR_SFN_NO_TASK, "Task does not exist");
}

static CallResult tell(Call *call, AslEvent *e, Error *err)
{
    Str arn;
    ExecutionRow row;
    call->out = (Json){.type = JSON_OBJECT};
    if (!asl_token_parse(states_text(call, "taskToken"), call->arena, &arn, &e->token)) {
        error_set(err, ERR_SFN_INVALID_TOKEN, "Invalid Token: 'Invalid token'");
        return CALL_FAILED;
    }
    bool found = execution_row_find(call->server->db, arn, call->arena, &row);
    if (found && executions_event(call->server, row.n, e)) return CALL_DONE;
    no_task(err, found);
    return CALL_FAILED;
}

CallResult states_task_success(Call *call, Error *err)
{
    Json value;
    Error parse = {0};
    Str output = states_text(call, "output");
    if (json_parse(output, call->arena, &value, &parse))
        return tell(call, &(AslEvent){.kind = ASL_TASK_SUCCEEDED, .output = output}, err);
    error_set(err, ERR_SFN_INVALID_OUTPUT, "Invalid Output: '%.*s'",
              STR(states_explain(call->arena, output, &parse)));
    return CALL_FAILED;
}

CallResult states_task_failure(Call *call, Error *err)
{
    return tell(call,
                &(AslEvent){.kind = ASL_TASK_FAILED,
                            .error = states_text(call, "error"),
                            .cause = states_text(call, "cause")},
                err);
}

CallResult states_task_heartbeat(Call *call, Error *err)
{
    return tell(call, &(AslEvent){.kind = ASL_TASK_HEARTBEAT}, err);
}
