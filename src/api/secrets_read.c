/* secrets_read.c - values of secrets, and secrets described and listed. */
#include "api/secrets.h"
#include "api/tags.h"
#include "base/encode.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* ---- values ---- */

static Json stages_of(Call *call, const SecretRow *row, Str version)
{
    SecretStageRow *stages;
    JsonArray list = {.a = call->arena};
    int64_t n = secret_stage_list(call->server->db, row->n, call->arena, &stages);
    for (int64_t i = 0; i < n; i++)
        if (str_eq(stages[i].version, version)) json_add(&list, json_string(stages[i].stage));
    return json_array(&list);
}

/* The day of the last access is kept, as the service keeps it: a day's further reads write nothing.
 */
static void note_access(Call *call, SecretRow *row)
{
    Millis today = call->now - call->now % DAY_MS;
    if (row->accessed == today) return;
    row->accessed = today;
    secret_row_set(call->server->db, row);
}

static bool read_value(Call *call, Str id, Str version, Str stage, JsonObject *o, Error *err)
{
    SecretValue v;
    if (!secret_read(call->server, call->who.account, call->who.region, id, version, stage,
                     call->arena, &v, err))
        return false;
    *o = secrets_answer(call, &v.secret);
    json_put_text(o, S("VersionId"), v.version);
    if (v.binary)
        json_put_text(o, S("SecretBinary"), base64_encode(call->arena, v.value));
    else
        json_put_text(o, S("SecretString"), v.value);
    json_put(o, S("VersionStages"), stages_of(call, &v.secret, v.version));
    json_put(o, S("CreatedDate"), json_millis_as_seconds(call->arena, v.created));
    note_access(call, &v.secret);
    return true;
}

CallResult secrets_get_value(Call *call, Error *err)
{
    JsonObject o;
    if (!read_value(call, secrets_text(call, "SecretId"), secrets_text(call, "VersionId"),
                    secrets_text(call, "VersionStage"), &o, err))
        return CALL_FAILED;
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_batch_get(Call *call, Error *err)
{
    JsonArray values = {.a = call->arena}, errors = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *ids = json_get(&call->in, S("SecretIdList"));
    if (!json_count(ids)) {
        error_set(err, ERR_SECRET_PARAMETER,
                  "This server gets secrets by SecretIdList, not by Filters.");
        return CALL_FAILED;
    }
    for (int32_t i = 0; i < json_count(ids); i++) {
        JsonObject o = {.a = call->arena};
        Error why = {0};
        if (read_value(call, json_text(&ids->items[i]), (Str){0}, (Str){0}, &o, &why)) {
            json_add(&values, json_object(&o));
            continue;
        }
        json_put(&o, S("SecretId"), ids->items[i]);
        json_put_text(&o, S("ErrorCode"), error_name(why.code));
        json_put_text(&o, S("Message"), str_copy(call->arena, str_from(why.text)));
        json_add(&errors, json_object(&o));
    }
    json_put(&out, S("SecretValues"), json_array(&values));
    json_put(&out, S("Errors"), json_array(&errors));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- described ---- */

static Json tags_of(Arena *a, const SecretRow *row)
{
    Json tags;
    Error err = {0};
    check(json_parse(row->tags, a, &tags, &err));
    return tags_list(a, &tags);
}

/* Version to its stages; the ones that no stage names are left out. */
static Json versions_of(Call *call, const SecretRow *row)
{
    SecretVersionRow *rows;
    JsonObject o = {.a = call->arena};
    int64_t n = secret_version_list(call->server->db, row->n, call->arena, &rows);
    for (int64_t i = 0; i < n; i++) {
        Json stages = stages_of(call, row, rows[i].id);
        if (stages.n) json_put(&o, rows[i].id, stages);
    }
    return json_object(&o);
}

static void put_date(JsonObject *o, Str key, Millis t)
{
    if (t) json_put(o, key, json_millis_as_seconds(o->a, t));
}

static JsonObject described(Call *call, const SecretRow *row)
{
    JsonObject o = secrets_answer(call, row);
    json_put_text(&o, S("Description"), row->description);
    json_put_text(&o, S("KmsKeyId"), row->key_id);
    put_date(&o, S("LastChangedDate"), row->changed);
    put_date(&o, S("LastAccessedDate"), row->accessed);
    put_date(&o, S("DeletedDate"), row->deletion);
    json_put(&o, S("Tags"), tags_of(call->arena, row));
    put_date(&o, S("CreatedDate"), row->created);
    return o;
}

CallResult secrets_describe(Call *call, Error *err)
{
    SecretRow row;
    if (!secrets_row(call, &row, err)) return CALL_FAILED;
    JsonObject o = described(call, &row);
    json_put(&o, S("VersionIdsToStages"), versions_of(call, &row));
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult secrets_list_versions(Call *call, Error *err)
{
    SecretRow row;
    SecretVersionRow *rows;
    JsonArray list = {.a = call->arena};
    bool all = json_true(json_get(&call->in, S("IncludeDeprecated")));
    if (!secrets_row(call, &row, err)) return CALL_FAILED;
    int64_t n = secret_version_list(call->server->db, row.n, call->arena, &rows);
    for (int64_t i = 0; i < n; i++) {
        JsonObject v = {.a = call->arena};
        Json stages = stages_of(call, &row, rows[i].id);
        if (!stages.n && !all) continue;
        json_put_text(&v, S("VersionId"), rows[i].id);
        json_put(&v, S("VersionStages"), stages);
        put_date(&v, S("CreatedDate"), rows[i].created);
        json_add(&list, json_object(&v));
    }
    JsonObject o = secrets_answer(call, &row);
    json_put(&o, S("Versions"), json_array(&list));
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- listed ---- */

static bool begins(Str have, Str want)
{
    return have.n >= want.n && str_eq_nocase(str_slice(have, 0, want.n), want);
}

static bool has_tag(const Json *tags, Str want, Str part)
{
    for (int32_t i = 0; i < json_count(tags); i++)
        if (begins(json_text(json_get(&tags->items[i], part)), want)) return true;
    return false;
}

static bool one_value(const SecretRow *row, const Json *tags, Str key, Str want)
{
    bool all = str_eq(key, S("all"));
    return ((all || str_eq(key, S("name"))) && begins(row->name, want)) ||
           ((all || str_eq(key, S("description"))) && begins(row->description, want)) ||
           ((all || str_eq(key, S("tag-key"))) && has_tag(tags, want, S("Key"))) ||
           ((all || str_eq(key, S("tag-value"))) && has_tag(tags, want, S("Value"))) ||
           (str_eq(key, S("primary-region")) && begins(row->region, want));
}

/* A value that begins with ! asks for what does not match. */
static bool passes(Call *call, const SecretRow *row)
{
    const Json *filters = json_get(&call->in, S("Filters"));
    Json tags = tags_of(call->arena, row);
    for (int32_t i = 0; i < json_count(filters); i++) {
        bool found = false;
        const Json *values = json_get(&filters->items[i], S("Values"));
        for (int32_t k = 0; k < json_count(values); k++) {
            Str want = json_text(&values->items[k]);
            bool not = str_starts(want, S("!"));
            if (not ) want = str_slice(want, 1, want.n);
            found |= one_value(row, &tags, json_text(json_get(&filters->items[i], S("Key"))),
                               want) != not ;
        }
        if (!found) return false;
    }
    return !row->deletion || json_true(json_get(&call->in, S("IncludePlannedDeletion")));
}

static Json listed(Call *call, const SecretRow *row)
{
    JsonObject o = described(call, row);
    json_put(&o, S("SecretVersionsToStages"), versions_of(call, row));
    return json_object(&o);
}

/* Fills the page; *next is the last of it when others follow, else 0. */
static void fill(Call *call, int64_t after, int64_t max, JsonArray *list, int64_t *next)
{
    int64_t last = 0;
    *next = 0;
    for (int64_t n = SECRETS_SCAN; n == SECRETS_SCAN;) {
        SecretRow *rows;
        n = secret_row_list(call->server->db, call->who.account, call->who.region, after,
                            SECRETS_SCAN, call->arena, &rows);
        for (int64_t i = 0; i < n; i++) {
            after = rows[i].n;
            if (!passes(call, &rows[i])) continue;
            if (list->n == max) {
                *next = last;
                return;
            }
            json_add(list, listed(call, &rows[i]));
            last = rows[i].n;
        }
    }
}

CallResult secrets_list(Call *call, Error *err)
{
    int64_t after = 0, next, max = json_int_or(json_get(&call->in, S("MaxResults")), SECRETS_PAGE);
    Str token = secrets_text(call, "NextToken"), by = secrets_text(call, "SortBy");
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if ((!str_absent(by) && !str_eq(by, S("created-date"))) ||
        str_eq(secrets_text(call, "SortOrder"), S("desc"))) {
        error_set(err, ERR_SECRET_PARAMETER,
                  "This server lists secrets by created-date, in ascending order.");
        return CALL_FAILED;
    }
    if (!str_absent(token) && !str_to_int(token, &after)) {
        error_set(err, ERR_SECRET_NEXT_TOKEN, "The NextToken is not valid.");
        return CALL_FAILED;
    }
    fill(call, after, max, &list, &next);
    json_put(&out, S("SecretList"), json_array(&list));
    if (next) json_put_text(&out, S("NextToken"), str_printf(call->arena, "%" PRId64, next));
    call->out = json_object(&out);
    return CALL_DONE;
}
