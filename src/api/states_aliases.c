/* states_aliases.c - aliases over the API: names that lead to one version of a machine, or to two by weight. */
#include "store/aliases.h"

#include "api/states.h"
#include "core/asl/route.h"

static bool not_found(Str arn, Error *err)
{
    return error_set(err, ERR_SFN_NO_RESOURCE,
                     "Request references a resource that does not exist: '%.*s'", STR(arn));
}

Str states_alias_arn(Arena *a, Str machine_arn, Str name)
{
    return str_printf(a, "%.*s:%.*s", STR(machine_arn), STR(name));
}

/* "arn:...:stateMachine:name:ALIAS", which names no version. */
bool states_find_alias(Call *call, Str arn, StatesMachine *m, MachineAlias *out)
{
    int64_t colon = states_end_of_name(arn);
    Db *db = call->server->db;
    if (colon < 0) return false;
    *m = (StatesMachine){0};
    if (!machine_row_find(db, str_slice(arn, 0, colon), call->arena, &m->row)) return false;
    m->revision = m->row.revision;
    return machine_alias_get(db, m->row.n, str_slice(arn, colon + 1, arn.n), call->arena, out);
}

static bool named(Call *call, StatesMachine *m, MachineAlias *out, Error *err)
{
    Str arn = states_text(call, "stateMachineAliasArn");
    return states_check_type(arn, "stateMachine", err) &&
           (states_find_alias(call, arn, m, out) || not_found(arn, err));
}

/* ---- starting by an alias ---- */

bool states_route(Call *call, Str arn, StatesMachine *m, Str *alias_arn, Error *err)
{
    MachineAlias alias;
    uint64_t chance;
    Error missing = {0};
    *alias_arn = (Str){0};
    if (states_machine(call, arn, m, &missing)) return true;
    if (!states_find_alias(call, arn, m, &alias)) return *err = missing, false;
    loop_random(call->server->loop, &chance, sizeof chance);
    int64_t version = alias.version[asl_route(alias.weight, alias.routes, chance)];
    *alias_arn = states_alias_arn(call->arena, m->row.arn, alias.name);
    return states_machine(call, states_version_arn(call->arena, m->row.arn, version), m, err);
}

/* ---- routing ---- */

static bool one_route(Call *call, const Json *given, StatesMachine *m, Error *err)
{
    Str arn = json_text(json_get(given, S("stateMachineVersionArn")));
    Error missing = {0};
    if (states_machine(call, arn, m, &missing) && m->version) return true;
    if (missing.code == ERR_SFN_NO_MACHINE) return not_found(arn, err);
    return error_set(err, ERR_SFN_INVALID_ARN, "Invalid Arn: '%.*s'", STR(arn));
}

/* Versions of one machine, and not the same twice; weights of 100 together. */
static bool read_routes(Call *call, StatesMachine *m, MachineAlias *out, Error *err)
{
    const Json *list = json_get(&call->in, S("routingConfiguration"));
    int64_t machine = out->machine, sum = 0;
    out->routes = json_count(list);
    memset(out->version, 0, sizeof out->version);
    memset(out->weight, 0, sizeof out->weight);
    for (int32_t i = 0; i < out->routes; i++) {
        if (!one_route(call, &list->items[i], m, err)) return false;
        if (machine && m->row.n != machine)
            return error_set(err, ERR_VALIDATION,
                             "The versions of a routing configuration must be of the alias's own "
                             "state machine.");
        machine = m->row.n;
        out->version[i] = m->version;
        out->weight[i] = (int32_t)json_int_or(json_get(&list->items[i], S("weight")), 0);
        sum += out->weight[i];
    }
    out->machine = machine;
    if (out->routes == 2 && out->version[0] == out->version[1])
        return error_set(err, ERR_VALIDATION,
                         "The versions of a routing configuration must be different.");
    return sum == 100 || error_set(err, ERR_VALIDATION,
                                   "The weights of a routing configuration must sum to 100.");
}

static Json routing_json(Arena *a, const StatesMachine *m, const MachineAlias *alias)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < alias->routes; i++) {
        JsonObject o = {.a = a};
        json_put_text(&o, S("stateMachineVersionArn"),
                      states_version_arn(a, m->row.arn, alias->version[i]));
        json_put(&o, S("weight"), json_int(a, alias->weight[i]));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

/* ---- the operations ---- */

static bool same(const MachineAlias *x, const MachineAlias *y)
{
    bool good = str_eq(x->description, y->description) && x->routes == y->routes;
    for (int i = 0; i < ALIAS_ROUTES_MAX; i++)
        good &= x->version[i] == y->version[i] && x->weight[i] == y->weight[i];
    return good;
}

static bool add_or_find(Call *call, MachineAlias *alias, Error *err)
{
    MachineAlias old, *all;
    Db *db = call->server->db;
    if (machine_alias_get(db, alias->machine, alias->name, call->arena, &old)) {
        bool again = same(&old, alias);
        *alias = old;
        return again || error_set(err, ERR_SFN_CONFLICT,
                                  "Failed to create alias because an alias with the same name and "
                                  "a different routing configuration already exists.");
    }
    if (machine_alias_list(db, alias->machine, 0, (Str){0}, MACHINE_ALIASES_MAX, call->arena,
                           &all) == MACHINE_ALIASES_MAX)
        return error_set(err, ERR_SFN_QUOTA, "A state machine can have at most %d aliases.",
                         MACHINE_ALIASES_MAX);
    machine_alias_add(db, alias);
    return true;
}

CallResult states_create_alias(Call *call, Error *err)
{
    StatesMachine m;
    JsonObject out = {.a = call->arena};
    MachineAlias alias = {.name = states_text(call, "name"),
                          .description = states_text(call, "description"),
                          .created = call->now,
                          .updated = call->now};
    if (!read_routes(call, &m, &alias, err) || !add_or_find(call, &alias, err)) return CALL_FAILED;
    json_put_text(&out, S("stateMachineAliasArn"),
                  states_alias_arn(call->arena, m.row.arn, alias.name));
    json_put(&out, S("creationDate"), states_time(call->arena, alias.created));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_update_alias(Call *call, Error *err)
{
    StatesMachine m, of_version;
    MachineAlias alias;
    JsonObject out = {.a = call->arena};
    const Json *text = json_get(&call->in, S("description")),
               *routing = json_get(&call->in, S("routingConfiguration"));
    if (!named(call, &m, &alias, err)) return CALL_FAILED;
    if (!text && !routing) {
        error_set(err, ERR_VALIDATION,
                  "Either the description or the routingConfiguration must be specified");
        return CALL_FAILED;
    }
    if (routing && !read_routes(call, &of_version, &alias, err)) return CALL_FAILED;
    if (text) alias.description = json_text(text);
    alias.updated = call->now;
    machine_alias_set(call->server->db, &alias);
    json_put(&out, S("updateDate"), states_time(call->arena, alias.updated));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_describe_alias(Call *call, Error *err)
{
    StatesMachine m;
    MachineAlias alias;
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    if (!named(call, &m, &alias, err)) return CALL_FAILED;
    json_put_text(&out, S("stateMachineAliasArn"), states_alias_arn(a, m.row.arn, alias.name));
    json_put_text(&out, S("name"), alias.name);
    json_put_text(&out, S("description"), alias.description);
    json_put(&out, S("routingConfiguration"), routing_json(a, &m, &alias));
    json_put(&out, S("creationDate"), states_time(a, alias.created));
    json_put(&out, S("updateDate"), states_time(a, alias.updated));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_delete_alias(Call *call, Error *err)
{
    StatesMachine m;
    MachineAlias alias;
    Str arn = states_text(call, "stateMachineAliasArn");
    if (!states_check_type(arn, "stateMachine", err)) return CALL_FAILED;
    if (states_find_alias(call, arn, &m, &alias))
        machine_alias_remove(call->server->db, m.row.n, alias.name);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult states_list_aliases(Call *call, Error *err)
{
    Str after;
    StatesMachine m;
    MachineAlias *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    int64_t page = states_page(call);
    if (!states_machine(call, states_text(call, "stateMachineArn"), &m, err) ||
        !states_token(call, &after, err))
        return CALL_FAILED;
    int64_t n = machine_alias_list(call->server->db, m.row.n, m.version, after, page + 1, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) {
        JsonObject o = {.a = a};
        json_put_text(&o, S("stateMachineAliasArn"), states_alias_arn(a, m.row.arn, rows[i].name));
        json_put(&o, S("creationDate"), states_time(a, rows[i].created));
        json_add(&list, json_object(&o));
    }
    return states_listed(call, "stateMachineAliases", &list,
                         n > page ? rows[page - 1].name : (Str){0});
}
