/* states_machines.c - state machines over the API: create, update, describe, list, delete, validate. */
#include "api/states.h"

/* ---- what a request gives ---- */

/* Logging: level and includeExecutionData are always told. */
static Str logging_of(Call *call)
{
    JsonObject o = {.a = call->arena};
    const Json *given = json_get(&call->in, S("loggingConfiguration")),
               *level = json_get(given, S("level"));
    json_put(&o, S("level"), level ? *level : json_string(S("OFF")));
    json_put(&o, S("includeExecutionData"),
             json_bool(json_true(json_get(given, S("includeExecutionData")))));
    json_put_json(&o, S("destinations"), json_get(given, S("destinations")));
    Json all = json_object(&o);
    return json_to_str(call->arena, &all);
}

static bool check_definition(Call *call, Str text, bool express, Error *err)
{
    AslDiagnostics found = {0};
    const AslDefinition *def;
    if (asl_parse(text, &(AslRules){.express = express}, call->arena, &found, &def)) return true;
    return error_set(err, ERR_SFN_INVALID_DEFINITION, "Invalid State Machine Definition: '%.*s'",
                     STR(asl_diagnostics_text(call->arena, &found)));
}

static bool check_role(Str role, Error *err)
{
    return (str_starts(role, S("arn:")) && str_find(role, S(":iam::")) > 0 &&
            str_find(role, S(":role/")) > 0) ||
           error_set(err, ERR_SFN_INVALID_ARN, "Invalid Role Arn: '%.*s'", STR(role));
}

static bool check_version_text(const Call *call, Error *err)
{
    if (json_true(json_get(&call->in, S("publish"))) ||
        str_absent(states_text(call, "versionDescription")))
        return true;
    return error_set(err, ERR_VALIDATION,
                     "Version description can only be set when publish is true");
}

/* ---- creating ---- */

static MachineRow asked_row(Call *call)
{
    Arena *a = call->arena;
    Str name = states_text(call, "name");
    return (MachineRow){
        .account = call->who.account,
        .region = call->who.region,
        .name = name,
        .created = call->now,
        .arn = str_printf(a, "arn:aws:states:%.*s:%.*s:stateMachine:%.*s", STR(call->who.region),
                          STR(call->who.account), STR(name)),
        .express = str_eq(states_text(call, "type"), S("EXPRESS")),
        .tags = states_config(call, "tags", S("[]")),
        .revision = {.definition = states_text(call, "definition"),
                     .role_arn = states_text(call, "roleArn"),
                     .logging = logging_of(call),
                     .tracing =
                         states_config(call, "tracingConfiguration", S("{\"enabled\":false}")),
                     .encryption = states_config(call, "encryptionConfiguration", (Str){0}),
                     .created = call->now},
    };
}

/* Made before with the same words: the same again. The role and the tags do not count. */
static bool same(const MachineRow *x, const MachineRow *y)
{
    return x->express == y->express && str_eq(x->revision.definition, y->revision.definition) &&
           str_eq(x->revision.logging, y->revision.logging) &&
           str_eq(x->revision.tracing, y->revision.tracing) &&
           str_eq(x->revision.encryption, y->revision.encryption);
}

static bool add_or_find(Call *call, MachineRow *row, Error *err)
{
    MachineRow old;
    if (!machine_row_find(call->server->db, row->arn, call->arena, &old))
        return machine_row_add(call->server->db, row), true;
    if (!states_check_living(&old, err)) return false;
    if (!same(&old, row))
        return error_set(err, ERR_SFN_MACHINE_EXISTS, "State Machine Already Exists: '%.*s'",
                         STR(row->arn));
    *row = old;
    return true;
}

static bool put_published(Call *call, JsonObject *out, const MachineRow *row, Error *err)
{
    MachineVersion v;
    if (!json_true(json_get(&call->in, S("publish")))) return true;
    if (!states_publish(call, row, states_text(call, "versionDescription"), &v, err)) return false;
    json_put_text(out, S("stateMachineVersionArn"),
                  states_version_arn(call->arena, row->arn, v.number));
    return true;
}

CallResult states_create_machine(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    MachineRow row = asked_row(call);
    if (!states_check_name(call->arena, row.name, err) || !check_version_text(call, err) ||
        !check_role(row.revision.role_arn, err) || !states_check_logging(call, err) ||
        !states_check_encryption(call, err) || !states_check_tags(call, err) ||
        !check_definition(call, row.revision.definition, row.express, err) ||
        !states_check_role(call, row.arn, &row.revision, err) || !add_or_find(call, &row, err))
        return CALL_FAILED;
    json_put_text(&out, S("stateMachineArn"), row.arn);
    json_put(&out, S("creationDate"), states_time(call->arena, row.created));
    if (!put_published(call, &out, &row, err)) return CALL_FAILED;
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- updating ---- */

static MachineRevision revised(Call *call, const MachineRow *row)
{
    MachineRevision r = row->revision;
    if (!str_absent(states_text(call, "definition")))
        r.definition = states_text(call, "definition");
    if (!str_absent(states_text(call, "roleArn"))) r.role_arn = states_text(call, "roleArn");
    if (json_get(&call->in, S("loggingConfiguration"))) r.logging = logging_of(call);
    r.tracing = states_config(call, "tracingConfiguration", r.tracing);
    r.encryption = states_config(call, "encryptionConfiguration", r.encryption);
    return r;
}

static bool unchanged(const MachineRevision *x, const MachineRevision *y)
{
    return str_eq(x->definition, y->definition) && str_eq(x->role_arn, y->role_arn) &&
           str_eq(x->logging, y->logging) && str_eq(x->tracing, y->tracing) &&
           str_eq(x->encryption, y->encryption);
}

static bool check_update(Call *call, Error *err)
{
    static const char *const members[] = {"definition", "roleArn", "loggingConfiguration",
                                          "tracingConfiguration", "encryptionConfiguration"};
    for (int i = 0; i < countof(members); i++)
        if (json_get(&call->in, str_from(members[i]))) return check_version_text(call, err);
    return error_set(err, ERR_SFN_MISSING_PARAMETER,
                     "Either the definition, the role ARN, the LoggingConfiguration, or the "
                     "TracingConfiguration must be specified");
}

/* A version does not change, and does not stand for its machine. */
static bool check_unqualified(const StatesMachine *m, Error *err)
{
    return !m->version || error_set(err, ERR_VALIDATION,
                                    "The ARN of a version cannot be used here: '%.*s:%" PRId64 "'",
                                    STR(m->row.arn), m->version);
}

CallResult states_update_machine(Call *call, Error *err)
{
    StatesMachine m;
    JsonObject out = {.a = call->arena};
    if (!states_living_machine(call, states_text(call, "stateMachineArn"), &m, err) ||
        !check_unqualified(&m, err) || !check_update(call, err))
        return CALL_FAILED;
    MachineRevision r = revised(call, &m.row);
    if (!check_role(r.role_arn, err) || !states_check_logging(call, err) ||
        !states_check_encryption(call, err) ||
        !check_definition(call, r.definition, m.row.express, err) ||
        !states_check_role(call, m.row.arn, &r, err))
        return CALL_FAILED;
    if (!unchanged(&r, &m.row.revision)) {
        r.id = server_new_uuid(call->server, call->arena);
        r.created = call->now;
        machine_row_revise(call->server->db, &r);
        m.row.revision = r;
    }
    json_put(&out, S("updateDate"), states_time(call->arena, call->now));
    json_put_text(&out, S("revisionId"), m.row.revision.id);
    if (!put_published(call, &out, &m.row, err)) return CALL_FAILED;
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- deleting ---- */

CallResult states_delete_machine(Call *call, Error *err)
{
    StatesMachine m;
    Error missing = {0};
    Str arn = states_text(call, "stateMachineArn");
    call->out = (Json){.type = JSON_OBJECT};
    bool found = states_machine(call, arn, &m, &missing);
    if (found && !check_unqualified(&m, err)) return CALL_FAILED;
    if (found) executions_delete_machine(call->server, m.row.n);
    if (found || missing.code == ERR_SFN_NO_MACHINE) return CALL_DONE;
    *err = missing;
    return CALL_FAILED;
}

/* ---- describing ---- */

static void put_revision(Arena *a, JsonObject *o, const MachineRevision *r, bool metadata_only)
{
    json_put_text(o, S("definition"), metadata_only ? S("") : r->definition);
    json_put_text(o, S("roleArn"), r->role_arn);
    json_put(o, S("loggingConfiguration"), states_parse(a, r->logging));
    json_put(o, S("tracingConfiguration"), states_parse(a, r->tracing));
    json_put(o, S("encryptionConfiguration"), states_parse(a, r->encryption));
    json_put_text(o, S("revisionId"), r->id);
}

static bool metadata_only(const Call *call)
{
    return str_eq(states_text(call, "includedData"), S("METADATA_ONLY"));
}

CallResult states_describe_machine(Call *call, Error *err)
{
    StatesMachine m;
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    if (!states_machine(call, states_text(call, "stateMachineArn"), &m, err)) return CALL_FAILED;
    json_put_text(&out, S("stateMachineArn"),
                  m.version ? states_version_arn(a, m.row.arn, m.version) : m.row.arn);
    json_put_text(&out, S("name"), m.row.name);
    json_put_text(&out, S("status"), m.row.deleting ? S("DELETING") : S("ACTIVE"));
    json_put_text(&out, S("type"), m.row.express ? S("EXPRESS") : S("STANDARD"));
    json_put(&out, S("creationDate"),
             states_time(a, m.version ? m.version_created : m.row.created));
    json_put_text(&out, S("description"), m.version_text);
    put_revision(a, &out, &m.revision, metadata_only(call));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_describe_machine_for_execution(Call *call, Error *err)
{
    ExecutionRow x;
    MachineRevision r;
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    if (!states_execution(call, states_text(call, "executionArn"), &x, err)) return CALL_FAILED;
    if (!machine_revision_get(call->server->db, x.revision, a, &r)) {
        error_set(err, ERR_IO, "state.db cannot be read");
        return CALL_FAILED;
    }
    json_put_text(&out, S("stateMachineArn"), x.asl.id.machine_arn);
    json_put_text(&out, S("name"), x.asl.id.machine_name);
    json_put(&out, S("updateDate"), states_time(a, r.created));
    json_put_text(&out, S("mapRunArn"), x.asl.id.map_run_arn);
    json_put_text(&out, S("label"), states_map_run_label(call, &x));
    put_revision(a, &out, &r, metadata_only(call));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult states_list_machines(Call *call, Error *err)
{
    Str after;
    MachineRow *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    int64_t page = states_page(call);
    if (!states_token(call, &after, err)) return CALL_FAILED;
    int64_t n = machine_row_list(call->server->db, call->who.account, call->who.region, after,
                                 page + 1, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) {
        JsonObject o = {.a = a};
        json_put_text(&o, S("stateMachineArn"), rows[i].arn);
        json_put_text(&o, S("name"), rows[i].name);
        json_put_text(&o, S("type"), rows[i].express ? S("EXPRESS") : S("STANDARD"));
        json_put(&o, S("creationDate"), states_time(a, rows[i].created));
        json_add(&list, json_object(&o));
    }
    return states_listed(call, "stateMachines", &list, n > page ? rows[page - 1].name : (Str){0});
}

/* ---- validating ---- */

static Json diagnostic(Arena *a, const AslDiagnostic *d)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("severity"), d->warning ? S("WARNING") : S("ERROR"));
    json_put_text(&o, S("code"), d->code);
    json_put_text(&o, S("message"), d->message);
    if (d->location.n) json_put_text(&o, S("location"), d->location);
    return json_object(&o);
}

CallResult states_validate_definition(Call *call, Error *err)
{
    (void)err;
    Arena *a = call->arena;
    AslDiagnostics found = {0};
    const AslDefinition *def;
    JsonArray list = {.a = a};
    JsonObject out = {.a = a};
    AslRules rules = {.express = str_eq(states_text(call, "type"), S("EXPRESS"))};
    bool warnings = str_eq(states_text(call, "severity"), S("WARNING"));
    int64_t max = json_int_or(json_get(&call->in, S("maxResults")), 0), seen = 0;
    if (!max) max = ASL_DIAGNOSTICS_MAX;
    bool good = asl_parse(states_text(call, "definition"), &rules, a, &found, &def);
    for (int64_t i = 0; i < found.n; i++)
        if (warnings || !found.p[i].warning)
            if (seen++ < max) json_add(&list, diagnostic(a, &found.p[i]));
    json_put_text(&out, S("result"), good ? S("OK") : S("FAIL"));
    json_put(&out, S("diagnostics"), json_array(&list));
    json_put(&out, S("truncated"), json_bool(found.truncated || seen > max));
    call->out = json_object(&out);
    return CALL_DONE;
}
