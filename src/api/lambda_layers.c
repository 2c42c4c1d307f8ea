/* lambda_layers.c - layers over the API: versions published, told, listed and deleted; and the layers of a function. */
#include "api/lambda.h"

#include "app/events/targets.h"

/* ---- names ---- */

/* "name", "arn:aws:lambda:r:a:layer:name", with a version or without. false: none of these. */
static bool read_name(Call *call, Str given, LayerRow *out)
{
    TargetArn arn;
    int64_t colon;
    Str prefix = S("layer:");
    *out = (LayerRow){.account = call->who.account, .region = call->who.region, .name = given};
    if (!target_arn(given, &arn)) return str_find_char(given, ':') < 0;
    out->account = arn.account;
    out->region = arn.region;
    if (!str_starts(arn.resource, prefix)) return false;
    out->name = str_slice(arn.resource, prefix.n, arn.resource.n);
    colon = str_find_char(out->name, ':');
    if (colon < 0) return true;
    Str number = str_slice(out->name, colon + 1, out->name.n);
    out->name = str_slice(out->name, 0, colon);
    return str_to_int(number, &out->number);
}

static bool take_name(Call *call, LayerRow *out, Error *err)
{
    Str given = lambda_text(call, "LayerName");
    return read_name(call, given, out) ||
           error_set(err, ERR_LAMBDA_PARAMETER, "%.*s is not the name of a layer", STR(given));
}

static Str layer_arn(Arena *a, const LayerRow *row)
{
    return str_printf(a, "arn:aws:lambda:%.*s:%.*s:layer:%.*s", STR(row->region), STR(row->account),
                      STR(row->name));
}

Str lambda_layer_version_arn(Arena *a, const LayerRow *row)
{
    return str_printf(a, "%.*s:%" PRId64, STR(layer_arn(a, row)), row->number);
}

bool lambda_layer(Call *call, LayerRow *out, Error *err)
{
    LayerRow which;
    if (!take_name(call, &which, err)) return false;
    which.number = json_int_or(json_get(&call->in, S("VersionNumber")), 0);
    if (which.number < 1)
        return error_set(err, ERR_LAMBDA_PARAMETER, "Layer Version Cannot be less than 1.");
    return layer_get(call->server->db, &which, call->arena, out) ||
           error_set(err, ERR_LAMBDA_NOT_FOUND, "The resource you requested does not exist.");
}

/* ---- telling ---- */

static const char *const members[] = {"Description", "CompatibleRuntimes",
                                      "CompatibleArchitectures", "LicenseInfo"};

static void put_version(Call *call, const LayerRow *row, JsonObject *o)
{
    Arena *a = call->arena;
    Json config = lambda_parse(a, row->config);
    json_put_text(o, S("LayerVersionArn"), lambda_layer_version_arn(a, row));
    json_put(o, S("Version"), json_int(a, row->number));
    json_put_text(o, S("CreatedDate"), lambda_time(a, row->created));
    for (int i = 0; i < countof(members); i++)
        json_put_json(o, str_from(members[i]), json_get(&config, str_from(members[i])));
}

static void tell(Call *call, const LayerRow *row)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a}, content = {.a = a};
    json_put_text(&content, S("Location"), lambda_code_address(call, row->zip));
    json_put_text(&content, S("CodeSha256"), lambda_code_digest(a, row->zip));
    json_put(&content, S("CodeSize"), json_int(a, row->code_bytes));
    json_put(&o, S("Content"), json_object(&content));
    json_put_text(&o, S("LayerArn"), layer_arn(a, row));
    put_version(call, row, &o);
    call->out = json_object(&o);
}

/* ---- publish ---- */

static CallResult publish(Call *call, const FunctionCode *code, Error *err)
{
    LayerRow row;
    JsonObject config = {.a = call->arena};
    if (!take_name(call, &row, err)) return CALL_FAILED;
    for (int i = 0; i < countof(members); i++)
        json_put_json(&config, str_from(members[i]), json_get(&call->in, str_from(members[i])));
    Json all = json_object(&config);
    all.type = JSON_OBJECT;
    row.zip = str_copy(call->arena, code->zip);
    row.code_bytes = code->bytes;
    row.unpacked_bytes = code->unpacked_bytes;
    row.config = json_to_str(call->arena, &all);
    row.created = call->now;
    layer_publish(call->server->db, &row);
    log_recorded(call->server, "layer-published", "layer=%.*s version=%" PRId64, STR(row.name),
                 row.number);
    tell(call, &row);
    return CALL_DONE;
}

CallResult lambda_publish_layer(Call *call, Error *err)
{
    LayerRow row;
    if (!take_name(call, &row, err)) return CALL_FAILED;
    if (!str_eq(row.account, call->who.account) || row.number) {
        error_set(err, ERR_LAMBDA_PARAMETER, "%.*s is not a layer of this account",
                  STR(lambda_text(call, "LayerName")));
        return CALL_FAILED;
    }
    return lambda_code(call, json_get(&call->in, S("Content")), publish, err);
}

/* ---- get, delete ---- */

CallResult lambda_get_layer(Call *call, Error *err)
{
    LayerRow row;
    if (!lambda_layer(call, &row, err)) return CALL_FAILED;
    tell(call, &row);
    return CALL_DONE;
}

CallResult lambda_get_layer_by_arn(Call *call, Error *err)
{
    LayerRow which, row;
    Str arn = lambda_text(call, "Arn");
    if (!read_name(call, arn, &which) || !layer_get(call->server->db, &which, call->arena, &row)) {
        error_set(err, ERR_LAMBDA_NOT_FOUND, "The resource you requested does not exist.");
        return CALL_FAILED;
    }
    tell(call, &row);
    return CALL_DONE;
}

/* One that is not there is no error. Functions that have it keep it. */
CallResult lambda_delete_layer(Call *call, Error *err)
{
    LayerRow row;
    Error absent = {0};
    if (!lambda_layer(call, &row, &absent)) {
        if (absent.code == ERR_LAMBDA_PARAMETER) *err = absent;
        call->out = (Json){.type = JSON_OBJECT};
        return absent.code == ERR_LAMBDA_PARAMETER ? CALL_FAILED : CALL_DONE;
    }
    layer_remove(call->server->db, &row);
    functions_code_drop(call->server, row.zip);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* ---- lists ---- */

static bool in_list(const Json *list, Str wanted)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(&list->items[i]), wanted)) return true;
    return false;
}

static bool is_compatible(Call *call, const LayerRow *row)
{
    Str runtime = lambda_text(call, "CompatibleRuntime"),
        machine = lambda_text(call, "CompatibleArchitecture");
    Json config = lambda_parse(call->arena, row->config);
    return (str_absent(runtime) || in_list(json_get(&config, S("CompatibleRuntimes")), runtime)) &&
           (str_absent(machine) ||
            in_list(json_get(&config, S("CompatibleArchitectures")), machine));
}

static bool take_marker(Call *call, int64_t *before, Error *err)
{
    Str marker = lambda_text(call, "Marker");
    *before = INT64_MAX;
    return str_absent(marker) || str_to_int(marker, before) ||
           error_set(err, ERR_LAMBDA_PARAMETER, "Marker is not one of this list");
}

CallResult lambda_list_layer_versions(Call *call, Error *err)
{
    LayerRow of, *rows;
    int64_t before, max = lambda_page(call);
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!take_name(call, &of, err) || !take_marker(call, &before, err)) return CALL_FAILED;
    int64_t n = layer_list_versions(call->server->db, &of, before, max, call->arena, &rows);
    for (int64_t i = 0; i < n; i++) {
        JsonObject one = {.a = call->arena};
        if (!is_compatible(call, &rows[i])) continue;
        put_version(call, &rows[i], &one);
        json_add(&list, json_object(&one));
    }
    json_put(&out, S("LayerVersions"), json_array(&list));
    lambda_put_marker(&out, n, max,
                      n ? str_printf(call->arena, "%" PRId64, rows[n - 1].number) : (Str){0});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* A layer is told with the newest of its versions that fits; without one it is not told. */
static void add_layer(Call *call, Str name, JsonArray *list)
{
    LayerRow of = {.account = call->who.account, .region = call->who.region, .name = name}, *rows;
    JsonObject o = {.a = call->arena}, latest = {.a = call->arena};
    int64_t i = 0, n = layer_list_versions(call->server->db, &of, INT64_MAX, INT32_MAX, call->arena,
                                           &rows);
    while (i < n && !is_compatible(call, &rows[i])) i++;
    if (i == n) return;
    put_version(call, &rows[i], &latest);
    json_put_text(&o, S("LayerName"), name);
    json_put_text(&o, S("LayerArn"), layer_arn(call->arena, &of));
    json_put(&o, S("LatestMatchingVersion"), json_object(&latest));
    json_add(list, json_object(&o));
}

CallResult lambda_list_layers(Call *call, Error *err)
{
    Str *names;
    int64_t max = lambda_page(call);
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    (void)err;
    int64_t n = layer_list_names(call->server->db, call->who.account, call->who.region,
                                 lambda_text(call, "Marker"), max, call->arena, &names);
    for (int64_t i = 0; i < n; i++) add_layer(call, names[i], &list);
    json_put(&out, S("Layers"), json_array(&list));
    lambda_put_marker(&out, n, max, n ? names[n - 1] : (Str){0});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- the layers of a function ---- */

static bool same_layer(const LayerRow *x, const LayerRow *y)
{
    return str_eq(x->account, y->account) && str_eq(x->region, y->region) &&
           str_eq(x->name, y->name);
}

static bool find_layer(Call *call, Str arn, LayerRow *row, Error *err)
{
    LayerRow which;
    if (!read_name(call, arn, &which) || which.number < 1 ||
        !layer_get(call->server->db, &which, call->arena, row))
        return error_set(err, ERR_LAMBDA_PARAMETER, "Layer version %.*s does not exist.", STR(arn));
    if (!str_eq(row->region, call->who.region))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Layers are not in the same region as the function. Layers are expected "
                         "to be in region %.*s.",
                         STR(call->who.region));
    return lambda_layer_may_be_used(call, row, err);
}

static Json stored_layer(Call *call, const LayerRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Arn"), lambda_layer_version_arn(call->arena, row));
    json_put(&o, S("CodeSize"), json_int(call->arena, row->code_bytes));
    json_put_text(&o, S("Zip"), row->zip);
    json_put(&o, S("Bytes"), json_int(call->arena, row->unpacked_bytes));
    return json_object(&o);
}

bool lambda_layers_stored(Call *call, const Json *given, Json *out, Error *err)
{
    LayerRow rows[LAMBDA_LAYERS_MAX];
    JsonArray list = {.a = call->arena};
    if (json_count(given) > LAMBDA_LAYERS_MAX)
        return error_set(err, ERR_LAMBDA_PARAMETER, "Cannot reference more than %d layers.",
                         LAMBDA_LAYERS_MAX);
    for (int32_t i = 0; i < json_count(given); i++) {
        if (!find_layer(call, json_text(&given->items[i]), &rows[i], err)) return false;
        for (int32_t k = 0; k < i; k++)
            if (same_layer(&rows[i], &rows[k]))
                return error_set(err, ERR_LAMBDA_PARAMETER,
                                 "Two different versions of the same layer are not allowed to be "
                                 "referenced in the same function. %.*s and %.*s are versions of "
                                 "the same layer",
                                 STR(lambda_layer_version_arn(call->arena, &rows[k])),
                                 STR(lambda_layer_version_arn(call->arena, &rows[i])));
        json_add(&list, stored_layer(call, &rows[i]));
    }
    *out = json_array(&list);
    return true;
}

/* As they are told: without what is ours. */
Json lambda_layers_told(Call *call, const Json *stored)
{
    JsonArray list = {.a = call->arena};
    for (int32_t i = 0; i < json_count(stored); i++) {
        JsonObject o = {.a = call->arena};
        json_put_json(&o, S("Arn"), json_get(&stored->items[i], S("Arn")));
        json_put_json(&o, S("CodeSize"), json_get(&stored->items[i], S("CodeSize")));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

bool lambda_check_size(Call *call, Str zip, const Json *config, Error *err)
{
    const Json *layers = json_get(config, S("Layers"));
    int64_t bytes = code_size(call->server->db, zip);
    for (int32_t i = 0; i < json_count(layers); i++)
        bytes += json_int_or(json_get(&layers->items[i], S("Bytes")), 0);
    if (bytes <= FUNCTIONS_CODE_BYTES_MAX) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "Function code combined with layers exceeds the maximum allowed size of "
                     "%" PRId64 " bytes. The actual size is %" PRId64 " bytes.",
                     FUNCTIONS_CODE_BYTES_MAX, bytes);
}
