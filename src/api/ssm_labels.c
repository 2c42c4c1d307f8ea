/* ssm_labels.c - labels of a parameter's versions: put, moved from one version to another, taken away. */
#include "api/ssm.h"

enum { LABEL_BYTES_MAX = 100 };

static bool is_label(Str s)
{
    if (!s.n || s.n > LABEL_BYTES_MAX || (s.p[0] >= '0' && s.p[0] <= '9')) return false;
    if (str_eq_nocase(str_slice(s, 0, 3), S("aws")) || str_eq_nocase(str_slice(s, 0, 3), S("ssm")))
        return false;
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i] | 32;
        bool word = (c >= 'a' && c <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9');
        if (!word && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_') return false;
    }
    return true;
}

static bool contains(const Json *list, Str label)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(&list->items[i]), label)) return true;
    return false;
}

static Json labels_of(Call *call, const ParameterRow *row)
{
    Json labels;
    Error err = {0};
    check(json_parse(row->labels, call->arena, &labels, &err));
    return labels;
}

/* The version that the request means, with its labels. */
static bool version_of(Call *call, ParameterRow *row, Error *err)
{
    Str name = ssm_text(call, "Name");
    int64_t version = json_int_or(json_get(&call->in, S("ParameterVersion")), 0);
    if (!ssm_row(call, name, row, err)) return false;
    return parameter_row_find(call->server->db, call->who.account, call->who.region, name, version,
                              call->arena, row) ||
           error_set(err, ERR_SSM_NO_VERSION,
                     "Systems Manager could not find version %" PRId64
                     " of %.*s. Verify the version and try again.",
                     version, STR(name));
}

static void keep(Call *call, const ParameterRow *row, const JsonArray *labels)
{
    Json all = json_array(labels);
    parameter_row_set_labels(call->server->db, row->n, row->version,
                             json_to_str(call->arena, &all));
}

static JsonArray without(Call *call, const Json *have, const Json *taken)
{
    JsonArray left = {.a = call->arena};
    for (int32_t i = 0; i < json_count(have); i++)
        if (!contains(taken, json_text(&have->items[i]))) json_add(&left, have->items[i]);
    return left;
}

/* A label is on one version only. */
static void take_from_others(Call *call, const ParameterRow *row, const Json *labels)
{
    for (int32_t i = 0; i < labels->n; i++) {
        ParameterRow other;
        int64_t version =
            parameter_labelled(call->server, row, json_text(&labels->items[i]), call->arena);
        if (!version || version == row->version ||
            !parameter_row_find(call->server->db, row->account, row->region, row->name, version,
                                call->arena, &other))
            continue;
        Json have = labels_of(call, &other);
        JsonArray left = without(call, &have, labels);
        keep(call, &other, &left);
    }
}

CallResult ssm_label_version(Call *call, Error *err)
{
    ParameterRow row;
    JsonArray good = {.a = call->arena}, bad = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *asked = json_get(&call->in, S("Labels"));
    if (!version_of(call, &row, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(asked); i++)
        json_add(is_label(json_text(&asked->items[i])) ? &good : &bad, asked->items[i]);
    Json fresh = json_array(&good), have = labels_of(call, &row);
    JsonArray all = without(call, &have, &fresh);
    for (int64_t i = 0; i < good.n; i++) json_add(&all, good.p[i]);
    if (all.n > SSM_LABELS_MAX) {
        error_set(err, ERR_SSM_LABELS_MAX,
                  "An error occurred. A parameter version can have maximum %d labels. Move one or "
                  "more labels to another version and try again.",
                  SSM_LABELS_MAX);
        return CALL_FAILED;
    }
    take_from_others(call, &row, &fresh);
    keep(call, &row, &all);
    if (good.n) parameter_tell(call->server, &row, S("LabelParameterVersion"));
    json_put(&out, S("InvalidLabels"), json_array(&bad));
    json_put(&out, S("ParameterVersion"), json_int(call->arena, row.version));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult ssm_unlabel_version(Call *call, Error *err)
{
    ParameterRow row;
    JsonArray gone = {.a = call->arena}, unknown = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *asked = json_get(&call->in, S("Labels"));
    if (!version_of(call, &row, err)) return CALL_FAILED;
    Json have = labels_of(call, &row);
    for (int32_t i = 0; i < json_count(asked); i++)
        json_add(contains(&have, json_text(&asked->items[i])) ? &gone : &unknown, asked->items[i]);
    JsonArray left = without(call, &have, asked);
    keep(call, &row, &left);
    json_put(&out, S("RemovedLabels"), json_array(&gone));
    json_put(&out, S("InvalidLabels"), json_array(&unknown));
    call->out = json_object(&out);
    return CALL_DONE;
}
