/* states.c - the table of Step Functions' operations, and what their handlers share. */
#include "api/states.h"

#include "api/api.h"
#include "base/encode.h"

static const CallEntry entries[] = {
    {"CreateActivity", states_create_activity},
    {"CreateStateMachine", states_create_machine},
    {"CreateStateMachineAlias", states_create_alias},
    {"DeleteActivity", states_delete_activity},
    {"DeleteStateMachine", states_delete_machine},
    {"DeleteStateMachineAlias", states_delete_alias},
    {"DeleteStateMachineVersion", states_delete_version},
    {"DescribeActivity", states_describe_activity},
    {"DescribeExecution", states_describe_execution},
    {"DescribeMapRun", states_describe_map_run},
    {"DescribeStateMachine", states_describe_machine},
    {"DescribeStateMachineAlias", states_describe_alias},
    {"DescribeStateMachineForExecution", states_describe_machine_for_execution},
    {"GetActivityTask", states_get_activity_task},
    {"GetExecutionHistory", states_get_history},
    {"ListActivities", states_list_activities},
    {"ListExecutions", states_list_executions},
    {"ListMapRuns", states_list_map_runs},
    {"ListStateMachineAliases", states_list_aliases},
    {"ListStateMachineVersions", states_list_versions},
    {"ListStateMachines", states_list_machines},
    {"ListTagsForResource", states_list_tags},
    {"PublishStateMachineVersion", states_publish_version},
    {"RedriveExecution", states_redrive_execution},
    {"SendTaskFailure", states_task_failure},
    {"SendTaskHeartbeat", states_task_heartbeat},
    {"SendTaskSuccess", states_task_success},
    {"StartExecution", states_start_execution},
    {"StartSyncExecution", states_start_sync_execution},
    {"StopExecution", states_stop_execution},
    {"TagResource", states_tag},
    {"TestState", states_test_state},
    {"UntagResource", states_untag},
    {"UpdateMapRun", states_update_map_run},
    {"UpdateStateMachine", states_update_machine},
    {"UpdateStateMachineAlias", states_update_alias},
    {"ValidateStateMachineDefinition", states_validate_definition},
};

const CallTable states_calls = {
    .service = "stepfunctions", .entries = entries, .n = countof(entries)};

/* ---- finding ---- */

Str states_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

bool states_check_arn(Str arn, Error *err)
{
    return str_starts(arn, S("arn:")) ||
           error_set(err, ERR_SFN_INVALID_ARN, "Invalid Arn: 'Invalid ARN prefix: %.*s'", STR(arn));
}

/* arn:p:states:region:account:TYPE:... */
bool states_check_type(Str arn, const char *type, Error *err)
{
    Str part = {0}, rest = arn;
    int parts = 0;
    if (!states_check_arn(arn, err)) return false;
    while (parts < 6 && str_cut(&rest, ':', &part)) parts++;
    if (parts < 6 || !part.n)
        return error_set(err, ERR_SFN_INVALID_ARN, "Invalid Arn: 'Invalid ARN prefix: %.*s'",
                         STR(arn));
    return str_eq(part, str_from(type)) ||
           error_set(err, ERR_SFN_INVALID_ARN,
                     "Invalid Arn: 'Resource type not valid in this context: %.*s'", STR(part));
}

int64_t states_end_of_name(Str arn)
{
    int colons = 0;
    for (int64_t i = 0; i < arn.n; i++)
        if (arn.p[i] == ':' && ++colons == 7) return i;
    return -1;
}

static bool use_version(Call *call, StatesMachine *m, Str number)
{
    MachineVersion v;
    Arena *a = call->arena;
    if (!str_to_int(number, &m->version) ||
        !machine_version_get(call->server->db, m->row.n, m->version, a, &v))
        return false;
    m->version_text = v.description;
    m->version_created = v.created;
    return machine_revision_get(call->server->db, v.revision, a, &m->revision);
}

bool states_machine(Call *call, Str arn, StatesMachine *out, Error *err)
{
    int64_t end = states_end_of_name(arn);
    Str plain = end < 0 ? arn : str_slice(arn, 0, end);
    *out = (StatesMachine){0};
    if (!states_check_type(arn, "stateMachine", err)) return false;
    if (str_find_char(plain, '/') >= 0)
        return error_set(err, ERR_VALIDATION,
                         "The ARN of a Distributed Map state cannot be used here: '%.*s'",
                         STR(arn));
    bool found = machine_row_find(call->server->db, plain, call->arena, &out->row);
    out->revision = out->row.revision;
    if (found && (end < 0 || use_version(call, out, str_slice(arn, end + 1, arn.n)))) return true;
    return error_set(err, ERR_SFN_NO_MACHINE, "State Machine Does Not Exist: '%.*s'", STR(arn));
}

bool states_check_living(const MachineRow *row, Error *err)
{
    return !row->deleting || error_set(err, ERR_SFN_MACHINE_DELETING,
                                       "State Machine is being deleted: '%.*s'", STR(row->arn));
}

bool states_living_machine(Call *call, Str arn, StatesMachine *out, Error *err)
{
    return states_machine(call, arn, out, err) && states_check_living(&out->row, err);
}

bool states_execution(Call *call, Str arn, ExecutionRow *out, Error *err)
{
    if (!states_check_type(arn, "execution", err)) return false;
    if (execution_row_find(call->server->db, arn, call->arena, out) && !out->asl.id.express)
        return true;
    return error_set(err, ERR_SFN_NO_EXECUTION, "Execution Does Not Exist: '%.*s'", STR(arn));
}

Str states_version_arn(Arena *a, Str machine_arn, int64_t number)
{
    return str_printf(a, "%.*s:%" PRId64, STR(machine_arn), number);
}

/* Control characters beyond ASCII (U+0080 to U+009F), and what is no character. */
static bool has_no_character(Str name)
{
    static const char *const none[] = {"\xef\xbf\xbe", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"};
    for (int i = 0; i < countof(none); i++)
        if (str_find(name, str_from(none[i])) >= 0) return true;
    for (int64_t i = 0; i + 1 < name.n; i++)
        if ((unsigned char)name.p[i] == 0xc2 && (unsigned char)name.p[i + 1] < 0xa0) return true;
    return false;
}

bool states_check_name(Arena *a, Str name, Error *err)
{
    static const char forbidden[] = " <>{}[]?*\"#%\\^|~`$&,;:/";
    bool good = name.n > 0 && utf8_count(name) <= 80 && !has_no_character(name);
    for (int64_t i = 0; i < name.n; i++)
        good &=
            (unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f && !strchr(forbidden, name.p[i]);
    if (good) return true;
    Buf b = {.a = a};
    buf_put(&b, S("Invalid Name: '"));
    buf_put(&b, name);
    buf_putc(&b, '\'');
    return error_set_text(err, ERR_SFN_INVALID_NAME, buf_str(&b));
}

/* ---- pages ---- */

int64_t states_page(const Call *call)
{
    int64_t n = json_int_or(json_get(&call->in, S("maxResults")), 0);
    return n > 0 ? n : STATES_PAGE;
}

/* Of this operation, and of the last day. */
static bool read_token(const Call *call, Str text, Str *place)
{
    Str operation, time, rest = text;
    Millis made;
    bool good = str_cut(&rest, ' ', &operation) && str_cut(&rest, ' ', &time) &&
                str_eq(operation, model_operation_name(call->route.operation)) &&
                str_to_int(time, &made) && call->now - made <= STATES_TOKEN_MS;
    *place = rest;
    return good;
}

bool states_token(Call *call, Str *out, Error *err)
{
    Str text, token = states_text(call, "nextToken");
    *out = (Str){0};
    if (str_absent(token)) return true;
    if (base64_decode(call->arena, token, &text) && read_token(call, text, out)) return true;
    return error_set(err, ERR_SFN_INVALID_TOKEN, "Invalid Token: 'Invalid token'");
}

bool states_token_number(Call *call, int64_t *out, Error *err)
{
    Str place;
    *out = 0;
    if (!states_token(call, &place, err)) return false;
    if (str_absent(place) || str_to_int(place, out)) return true;
    return error_set(err, ERR_SFN_INVALID_TOKEN, "Invalid Token: 'Invalid token'");
}

static Str new_token(Call *call, Str place)
{
    Arena *a = call->arena;
    Str operation = model_operation_name(call->route.operation);
    return base64_encode(
        a, str_printf(a, "%.*s %" PRId64 " %.*s", STR(operation), call->now, STR(place)));
}

CallResult states_listed(Call *call, const char *member, const JsonArray *list, Str place)
{
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    json_put(&out, str_from(member), json_array(list));
    if (!str_absent(place)) json_put_text(&out, S("nextToken"), new_token(call, place));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_listed_number(Call *call, const char *member, const JsonArray *list,
                                int64_t place)
{
    Str text = place ? str_printf(call->arena, "%" PRId64, place) : (Str){0};
    return states_listed(call, member, list, text);
}

Json states_parse(Arena *a, Str json)
{
    Error err = {0};
    Json value = {0};
    if (!str_absent(json)) check(json_parse(json, a, &value, &err));
    return value;
}

Str states_config(Call *call, const char *member, Str otherwise)
{
    const Json *given = json_get(&call->in, str_from(member));
    return given ? json_to_str(call->arena, given) : otherwise;
}

Json states_time(Arena *a, Millis t)
{
    return json_millis_as_seconds(a, t);
}
