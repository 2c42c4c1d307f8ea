/* states_history.c - GetExecutionHistory: an execution's events, page by page, in either direction. */
#include "api/states.h"

#include "app/states/logging.h"

static Json event_json(Arena *a, AslHistory *h, bool data)
{
    JsonObject o = {.a = a};
    if (!data && h->details.type == JSON_OBJECT)
        h->details = states_logging_without_data(a, &h->details);
    Json event = asl_history_json(a, h);
    json_put(&o, S("timestamp"), states_time(a, h->at));
    for (int32_t i = 0; i < json_count(&event); i++)
        json_put(&o, event.members[i].key, event.members[i].value);
    return json_object(&o);
}

CallResult states_get_history(Call *call, Error *err)
{
    ExecutionRow row;
    AslHistory *events;
    int64_t from;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    const Json *data = json_get(&call->in, S("includeExecutionData"));
    bool down = json_true(json_get(&call->in, S("reverseOrder")));
    int64_t page = states_page(call);
    if (!states_execution(call, states_text(call, "executionArn"), &row, err) ||
        !states_token_number(call, &from, err))
        return CALL_FAILED;
    if (!from) from = down ? INT64_MAX : 1;
    int64_t n = execution_history_list(call->server->db, row.n, from, down, page + 1, a, &events);
    for (int64_t i = 0; i < n && i < page; i++)
        json_add(&list, event_json(a, &events[i], !data || json_true(data)));
    return states_listed_number(call, "events", &list, n > page ? events[page].id : 0);
}
