/* logs_groups.c - log groups over the API: create, delete, describe, list, retention, protection. */
#include "api/logs.h"

/* The values the API reference of PutRetentionPolicy lists. */
static const int retentions[] = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

static CallResult done(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* ---- creating, deleting ---- */

static Str tags_of(Call *call)
{
    const Json *tags = json_get(&call->in, S("tags"));
    return tags ? json_to_str(call->arena, tags) : S("{}");
}

CallResult logs_create_group(Call *call, Error *err)
{
    LogGroupRow row;
    Str name = logs_text(call, "logGroupName"), class = logs_text(call, "logGroupClass");
    if (log_group_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                       &row)) {
        error_set(err, ERR_RESOURCE_EXISTS, "The specified log group already exists");
        return CALL_FAILED;
    }
    row = (LogGroupRow){
        .account = call->who.account,
        .region = call->who.region,
        .name = name,
        .created = call->now,
        .log_class = str_absent(class) ? S("STANDARD") : class,
        .kms_key = logs_text(call, "kmsKeyId"),
        .tags = tags_of(call),
        .protected = json_true(json_get(&call->in, S("deletionProtectionEnabled"))),
    };
    log_group_add(call->server->db, &row);
    return done(call);
}

CallResult logs_delete_group(Call *call, Error *err)
{
    LogGroupRow row;
    if (!logs_group(call, &row, err)) return CALL_FAILED;
    if (row.protected) {
        error_set(err, ERR_VALIDATION,
                  "Log group %.*s cannot be deleted: deletion protection is enabled.",
                  STR(row.name));
        return CALL_FAILED;
    }
    log_group_remove(call->server->db, row.n);
    log_sweep_soon(call->server);
    return done(call);
}

/* ---- settings ---- */

static bool check_retention(int64_t days, Error *err)
{
    char set[256];
    int n = 0;
    for (int i = 0; i < countof(retentions); i++) {
        if (retentions[i] == days) return true;
        n += snprintf(set + n, sizeof set - (size_t)n, i ? ", %d" : "%d", retentions[i]);
    }
    return error_set(err, ERR_VALIDATION,
                     "1 validation error detected: Value '%" PRId64 "' at 'retentionInDays' failed "
                     "to satisfy constraint: Member must satisfy enum value set: [%s]",
                     days, set);
}

static CallResult set(Call *call, const LogGroupRow *row)
{
    log_group_set(call->server->db, row);
    log_sweep_soon(call->server);
    return done(call);
}

CallResult logs_put_retention(Call *call, Error *err)
{
    LogGroupRow row;
    int64_t days = logs_number(call, "retentionInDays", 0);
    if (!check_retention(days, err) || !logs_group(call, &row, err)) return CALL_FAILED;
    row.retention_days = days;
    return set(call, &row);
}

CallResult logs_delete_retention(Call *call, Error *err)
{
    LogGroupRow row;
    if (!logs_group(call, &row, err)) return CALL_FAILED;
    row.retention_days = 0;
    return set(call, &row);
}

CallResult logs_protect_group(Call *call, Error *err)
{
    LogGroupRow row;
    if (!logs_group(call, &row, err)) return CALL_FAILED;
    row.protected = json_true(json_get(&call->in, S("deletionProtectionEnabled")));
    return set(call, &row);
}

/* ---- telling ---- */

static Json group_json(Arena *a, const LogGroupRow *g)
{
    JsonObject o = {.a = a};
    Str arn = log_group_arn(a, g);
    json_put_text(&o, S("logGroupName"), g->name);
    json_put(&o, S("creationTime"), json_int(a, g->created));
    if (g->retention_days) json_put(&o, S("retentionInDays"), json_int(a, g->retention_days));
    json_put(&o, S("metricFilterCount"), json_int(a, 0));
    json_put_text(&o, S("arn"), str_printf(a, "%.*s:*", STR(arn)));
    json_put(&o, S("storedBytes"), json_int(a, g->bytes));
    json_put_text(&o, S("kmsKeyId"), g->kms_key);
    json_put_text(&o, S("logGroupClass"), g->log_class);
    json_put_text(&o, S("logGroupArn"), arn);
    json_put(&o, S("deletionProtectionEnabled"), json_bool(g->protected));
    return json_object(&o);
}

static Json group_brief(Arena *a, const LogGroupRow *g)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("logGroupName"), g->name);
    json_put_text(&o, S("logGroupArn"), log_group_arn(a, g));
    json_put_text(&o, S("logGroupClass"), g->log_class);
    return json_object(&o);
}

static CallResult list(Call *call, const LogGroupFilter *given,
                       Json (*one)(Arena *a, const LogGroupRow *g), Error *err)
{
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    JsonArray groups = {.a = a};
    LogGroupFilter f = *given;
    LogGroupRow *rows;
    int64_t page = logs_number(call, "limit", LOGS_PAGE);
    if (!logs_token(call, &f.after, err)) return CALL_FAILED;
    f.max = page + 1;
    int64_t n = log_group_list(call->server->db, &f, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) json_add(&groups, one(a, &rows[i]));
    json_put(&out, S("logGroups"), json_array(&groups));
    if (n > page) json_put(&out, S("nextToken"), logs_new_token(a, rows[page - 1].name));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* The named ones that exist, in the order of the request. */
static CallResult describe_named(Call *call, const Json *names)
{
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    JsonArray groups = {.a = a};
    for (int32_t i = 0; i < json_count(names); i++) {
        LogGroupRow row;
        Error missing = {0};
        if (logs_group_named(call, json_text(json_at(names, i)), &row, &missing))
            json_add(&groups, group_json(a, &row));
    }
    json_put(&out, S("logGroups"), json_array(&groups));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult logs_describe_groups(Call *call, Error *err)
{
    LogGroupFilter f = {.account = call->who.account,
                        .region = call->who.region,
                        .prefix = logs_text(call, "logGroupNamePrefix"),
                        .part = logs_text(call, "logGroupNamePattern"),
                        .log_class = logs_text(call, "logGroupClass")};
    const Json *names = json_get(&call->in, S("logGroupIdentifiers"));
    if (names) return describe_named(call, names);
    if (str_absent(f.prefix) || str_absent(f.part)) return list(call, &f, group_json, err);
    error_set(err, ERR_VALIDATION,
              "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    return CALL_FAILED;
}

CallResult logs_list_groups(Call *call, Error *err)
{
    LogGroupFilter f = {.account = call->who.account,
                        .region = call->who.region,
                        .part = logs_text(call, "logGroupNamePattern"),
                        .log_class = logs_text(call, "logGroupClass")};
    bool begins = str_starts(f.part, S("^"));
    if (str_find_char(f.part, '|') >= 0) {
        error_set(err, ERR_VALIDATION,
                  "Alternatives in logGroupNamePattern are not offered by this server.");
        return CALL_FAILED;
    }
    if (begins) {
        f.prefix = str_slice(f.part, 1, f.part.n);
        f.part = (Str){0};
    }
    return list(call, &f, group_brief, err);
}
