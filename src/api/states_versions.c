/* states_versions.c - published versions over the API: publish, list, delete. */
#include "api/states.h"
#include "store/aliases.h"

bool states_publish(Call *call, const MachineRow *row, Str description, MachineVersion *v,
                    Error *err)
{
    Db *db = call->server->db;
    if (machine_version_of_revision(db, row->n, row->revision.n, call->arena, v)) return true;
    if (machine_version_count(db, row->n) >= MACHINE_VERSIONS_MAX &&
        !call->server->config.lift_quotas)
        return error_set(err, ERR_SFN_QUOTA, "A state machine can have at most %d versions.",
                         MACHINE_VERSIONS_MAX);
    *v = (MachineVersion){.machine = row->n,
                          .revision = row->revision.n,
                          .description = description,
                          .created = call->now};
    machine_version_add(db, v);
    return true;
}

CallResult states_publish_version(Call *call, Error *err)
{
    StatesMachine m;
    JsonObject out = {.a = call->arena};
    Str wanted = states_text(call, "revisionId"), now = S("INITIAL");
    if (!states_living_machine(call, states_text(call, "stateMachineArn"), &m, err))
        return CALL_FAILED;
    if (m.row.revision.id.n) now = m.row.revision.id;
    if (!str_absent(wanted) && !str_eq(wanted, now)) {
        error_set(err, ERR_SFN_CONFLICT,
                  "Failed to publish the State Machine version for revision %.*s. The current "
                  "State Machine revision is %.*s.",
                  STR(wanted), STR(now));
        return CALL_FAILED;
    }
    MachineVersion v;
    if (!states_publish(call, &m.row, states_text(call, "description"), &v, err))
        return CALL_FAILED;
    json_put(&out, S("creationDate"), states_time(call->arena, v.created));
    json_put_text(&out, S("stateMachineVersionArn"),
                  states_version_arn(call->arena, m.row.arn, v.number));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_list_versions(Call *call, Error *err)
{
    StatesMachine m;
    int64_t before;
    MachineVersion *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    int64_t page = states_page(call);
    Error missing = {0};
    if (!states_machine(call, states_text(call, "stateMachineArn"), &m, &missing) &&
        missing.code != ERR_SFN_NO_MACHINE) { /* which has no versions: an error that is not told */
        *err = missing;
        return CALL_FAILED;
    }
    if (!states_token_number(call, &before, err)) return CALL_FAILED;
    int64_t n = machine_version_list(call->server->db, m.row.n, before, page + 1, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) {
        JsonObject o = {.a = a};
        json_put_text(&o, S("stateMachineVersionArn"),
                      states_version_arn(a, m.row.arn, rows[i].number));
        json_put(&o, S("creationDate"), states_time(a, rows[i].created));
        json_add(&list, json_object(&o));
    }
    return states_listed_number(call, "stateMachineVersions", &list,
                                n > page ? rows[page - 1].number : 0);
}

static bool unreferenced(Call *call, const StatesMachine *m, Error *err)
{
    MachineAlias *aliases;
    Buf names = {.a = call->arena};
    int64_t n = machine_alias_list(call->server->db, m->row.n, m->version, (Str){0},
                                   MACHINE_ALIASES_MAX, call->arena, &aliases);
    for (int64_t i = 0; i < n; i++)
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR(aliases[i].name));
    return !n || error_set(err, ERR_SFN_CONFLICT,
                           "Version to be deleted must not be referenced by an alias. Current list "
                           "of aliases referencing this version: [%.*s]",
                           STR(buf_str(&names)));
}

CallResult states_delete_version(Call *call, Error *err)
{
    StatesMachine m;
    Error missing = {0};
    call->out = (Json){.type = JSON_OBJECT};
    bool found = states_machine(call, states_text(call, "stateMachineVersionArn"), &m, &missing);
    if (found && m.version) {
        if (!unreferenced(call, &m, err)) return CALL_FAILED;
        machine_version_remove(call->server->db, m.row.n, m.version);
    }
    if ((found || missing.code == ERR_SFN_NO_MACHINE) && (!found || m.version)) return CALL_DONE;
    error_set(err, ERR_SFN_INVALID_ARN, "Invalid Arn: 'Invalid ARN prefix: %.*s'",
              STR(states_text(call, "stateMachineVersionArn")));
    return CALL_FAILED;
}
