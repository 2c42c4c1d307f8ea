/* secrets_write.c - secrets made and changed, versions put, stages moved; deleted, restored. */
#include "api/secrets.h"
#include "api/tags.h"
#include "base/encode.h"
#include "store/timers.h"

/* ---- values ---- */

typedef struct Value {
    bool given, binary;
    Str bytes;
} Value;

static bool read_value(Call *call, Value *out, Error *err)
{
    Str text = secrets_text(call, "SecretString"), blob = secrets_text(call, "SecretBinary");
    *out = (Value){.given = !str_absent(text) || !str_absent(blob),
                   .binary = !str_absent(blob),
                   .bytes = text};
    if (!str_absent(text) && !str_absent(blob))
        return error_set(err, ERR_SECRET_PARAMETER,
                         "You can't specify both a binary secret value and a string secret value "
                         "in the same secret.");
    if (!str_absent(blob)) check(base64_decode(call->arena, blob, &out->bytes));
    return true;
}

static Str version_asked(Call *call)
{
    Str token = secrets_text(call, "ClientRequestToken");
    return str_absent(token) ? server_new_uuid(call->server, call->arena) : token;
}

/* A version is never changed: the same request again is the same version, another one is refused.
 */
static bool add_version(Call *call, const SecretRow *row, Str version, const Value *v, Error *err)
{
    SecretVersionRow old;
    SecretValue have;
    if (!secret_version_find(call->server->db, row->n, version, call->arena, &old)) {
        secret_add_version(call->server, call->arena, row, version, v->bytes, v->binary);
        return true;
    }
    if (!secret_read(call->server, row->account, row->region, row->name, version, (Str){0},
                     call->arena, &have, err))
        return false;
    return (have.binary == v->binary && str_eq(have.value, v->bytes)) ||
           error_set(err, ERR_SECRET_EXISTS,
                     "You can't modify an existing version, you can only create a new version.");
}

static void put_stages(JsonObject *o, Call *call, const SecretRow *row, Str version)
{
    SecretStageRow *stages;
    JsonArray list = {.a = call->arena};
    int64_t n = secret_stage_list(call->server->db, row->n, call->arena, &stages);
    for (int64_t i = 0; i < n; i++)
        if (str_eq(stages[i].version, version)) json_add(&list, json_string(stages[i].stage));
    json_put(o, S("VersionStages"), json_array(&list));
}

/* ---- made ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           str_find_char(S("-/_+=.@!"), c) >= 0;
}

static bool check_name(Str name, Error *err)
{
    bool good = name.n > 0;
    for (int64_t i = 0; i < name.n; i++) good &= is_name_char(name.p[i]);
    return good || error_set(err, ERR_VALIDATION,
                             "Invalid name. Must be a valid name containing alphanumeric "
                             "characters, or any of the following: -/_+=.@!");
}

static bool check_new(Call *call, Str name, Error *err)
{
    SecretRow old;
    if (!check_name(name, err)) return false;
    if (json_count(json_get(&call->in, S("AddReplicaRegions"))))
        return error_set(err, ERR_SECRET_PARAMETER,
                         "Replication of secrets is not offered by this server.");
    if (!secret_row_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                         &old))
        return true;
    if (old.deletion)
        return error_set(err, ERR_INVALID_REQUEST,
                         "You can't create this secret because a secret with this name is already "
                         "scheduled for deletion.");
    return error_set(err, ERR_SECRET_EXISTS,
                     "The operation failed because the secret %.*s already exists.", STR(name));
}

static Str new_suffix(Call *call)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char random[SECRET_SUFFIX_BYTES];
    char *p = new_array(call->arena, char, SECRET_SUFFIX_BYTES);
    loop_random(call->server->loop, random, sizeof random);
    for (int i = 0; i < SECRET_SUFFIX_BYTES; i++)
        p[i] = letters[random[i] % (countof(letters) - 1)];
    return (Str){p, SECRET_SUFFIX_BYTES};
}

static Str tags_given(Call *call)
{
    Json all = tags_map(call->arena, json_get(&call->in, S("Tags")));
    return json_to_str(call->arena, &all);
}

CallResult secrets_create(Call *call, Error *err)
{
    Value v;
    SecretRow row = {.account = call->who.account,
                     .region = call->who.region,
                     .name = secrets_text(call, "Name"),
                     .suffix = new_suffix(call),
                     .description = secrets_text(call, "Description"),
                     .key_id = secrets_text(call, "KmsKeyId"),
                     .tags = tags_given(call),
                     .created = call->now,
                     .changed = call->now};
    if (!check_new(call, row.name, err) || !read_value(call, &v, err)) return CALL_FAILED;
    secret_row_add(call->server->db, &row);
    JsonObject o = secrets_answer(call, &row);
    if (v.given) {
        Str version = version_asked(call);
        secret_add_version(call->server, call->arena, &row, version, v.bytes, v.binary);
        secret_move_stage(call->server, call->arena, row.n, SECRET_CURRENT, version);
        json_put_text(&o, S("VersionId"), version);
    }
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- changed ---- */

CallResult secrets_put_value(Call *call, Error *err)
{
    Value v;
    SecretRow row;
    Str version = version_asked(call);
    const Json *stages = json_get(&call->in, S("VersionStages"));
    if (!secrets_living(call, &row, err) || !read_value(call, &v, err)) return CALL_FAILED;
    if (!v.given) {
        error_set(err, ERR_INVALID_REQUEST,
                  "You must provide either SecretString or SecretBinary.");
        return CALL_FAILED;
    }
    bool first =
        str_absent(secret_stage_version(call->server->db, row.n, SECRET_CURRENT, call->arena));
    if (!add_version(call, &row, version, &v, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(stages); i++)
        secret_move_stage(call->server, call->arena, row.n, json_text(&stages->items[i]), version);
    if (!json_count(stages) || first)
        secret_move_stage(call->server, call->arena, row.n, SECRET_CURRENT, version);
    row.changed = call->now;
    secret_row_set(call->server->db, &row);
    JsonObject o = secrets_answer(call, &row);
    json_put_text(&o, S("VersionId"), version);
    put_stages(&o, call, &row, version);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_update(Call *call, Error *err)
{
    Value v;
    SecretRow row;
    Str description = secrets_text(call, "Description"), key = secrets_text(call, "KmsKeyId"),
        version = version_asked(call);
    if (!secrets_living(call, &row, err) || !read_value(call, &v, err)) return CALL_FAILED;
    JsonObject o = secrets_answer(call, &row);
    if (v.given) {
        if (!add_version(call, &row, version, &v, err)) return CALL_FAILED;
        secret_move_stage(call->server, call->arena, row.n, SECRET_CURRENT, version);
        json_put_text(&o, S("VersionId"), version);
    }
    if (!str_absent(description)) row.description = description;
    if (!str_absent(key)) row.key_id = key;
    row.changed = call->now;
    secret_row_set(call->server->db, &row);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_update_stage(Call *call, Error *err)
{
    SecretRow row;
    SecretVersionRow v;
    Db *db = call->server->db;
    Str stage = secrets_text(call, "VersionStage"), to = secrets_text(call, "MoveToVersionId"),
        from = secrets_text(call, "RemoveFromVersionId");
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    Str at = secret_stage_version(db, row.n, stage, call->arena);
    bool good = true;
    if (!str_absent(at) && !str_eq(at, to) && !str_eq(at, from))
        good = error_set(err, ERR_SECRET_PARAMETER,
                         "The parameter RemoveFromVersionId can't be empty. Staging label %.*s is "
                         "currently attached to version %.*s, so you must explicitly reference "
                         "that version in RemoveFromVersionId.",
                         STR(stage), STR(at));
    else if (str_absent(to) && str_eq(stage, SECRET_CURRENT))
        good = error_set(err, ERR_SECRET_PARAMETER,
                         "You can only move staging label AWSCURRENT to a different secret "
                         "version. It can't be completely removed.");
    else if (!str_absent(to) && !secret_version_find(db, row.n, to, call->arena, &v))
        good = error_set(err, ERR_RESOURCE_NOT_FOUND,
                         "Secrets Manager can't find the specified secret value for VersionId: "
                         "%.*s",
                         STR(to));
    if (!good) return CALL_FAILED;
    if (str_absent(to))
        secret_stage_remove(db, row.n, stage);
    else
        secret_move_stage(call->server, call->arena, row.n, stage, to);
    JsonObject o = secrets_answer(call, &row);
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- gone ---- */

static Str timer_subject(Call *call, const SecretRow *row)
{
    return str_printf(call->arena, "%" PRId64, row->n);
}

static bool check_window(Call *call, bool force, int64_t *days, Error *err)
{
    const Json *window = json_get(&call->in, S("RecoveryWindowInDays"));
    *days = json_int_or(window, SECRETS_WINDOW_DAYS_MAX);
    if (force && window)
        return error_set(err, ERR_SECRET_PARAMETER,
                         "You can't use ForceDeleteWithoutRecovery in conjunction with "
                         "RecoveryWindowInDays.");
    return (*days >= SECRETS_WINDOW_DAYS_MIN && *days <= SECRETS_WINDOW_DAYS_MAX) ||
           error_set(err, ERR_SECRET_PARAMETER,
                     "The RecoveryWindowInDays value must be between %d and %d days (inclusive).",
                     SECRETS_WINDOW_DAYS_MIN, SECRETS_WINDOW_DAYS_MAX);
}

/* Forced, a secret that is not there is as good as deleted. */
CallResult secrets_delete(Call *call, Error *err)
{
    SecretRow row;
    int64_t days;
    Db *db = call->server->db;
    bool force = json_true(json_get(&call->in, S("ForceDeleteWithoutRecovery")));
    if (!check_window(call, force, &days, err)) return CALL_FAILED;
    if (!(force ? secrets_row(call, &row, err) : secrets_living(call, &row, err))) {
        if (!force || err->code != ERR_RESOURCE_NOT_FOUND) return CALL_FAILED;
        row = (SecretRow){.name = secrets_text(call, "SecretId")};
    }
    JsonObject o = {.a = call->arena};
    if (row.n) o = secrets_answer(call, &row);
    row.deletion = call->now + (force ? 0 : days * 24 * 3600 * 1000);
    if (force && row.n) {
        timer_clear(db, S("secret"), timer_subject(call, &row));
        secret_row_remove(db, row.n);
    } else if (row.n) {
        secret_row_set(db, &row);
        timer_set(db, S("secret"), timer_subject(call, &row), row.deletion);
    } else {
        json_put_text(&o, S("Name"), row.name);
    }
    json_put(&o, S("DeletionDate"), json_millis_as_seconds(call->arena, row.deletion));
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_restore(Call *call, Error *err)
{
    SecretRow row;
    if (!secrets_row(call, &row, err)) return CALL_FAILED;
    row.deletion = 0;
    secret_row_set(call->server->db, &row);
    timer_clear(call->server->db, S("secret"), timer_subject(call, &row));
    JsonObject o = secrets_answer(call, &row);
    call->out = json_object(&o);
    return CALL_DONE;
}
