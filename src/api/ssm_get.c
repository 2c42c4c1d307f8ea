/* ssm_get.c - parameters read: one, several, all below a path, the versions of one; and described. */
#include "api/ssm.h"

static bool decrypts(const Call *call)
{
    return json_true(json_get(&call->in, S("WithDecryption")));
}

static bool find(Call *call, Str reference, Parameter *out, Error *err)
{
    return parameter_find(call->server, call->who.account, call->who.region, reference,
                          decrypts(call), call->arena, out, err);
}

CallResult ssm_get_parameter(Call *call, Error *err)
{
    Parameter p;
    JsonObject out = {.a = call->arena};
    if (!find(call, ssm_text(call, "Name"), &p, err)) return CALL_FAILED;
    json_put(&out, S("Parameter"), ssm_parameter(call->arena, &p.row, p.selector));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* What is not there is told by name; a key that is lost is an error. */
CallResult ssm_get_parameters(Call *call, Error *err)
{
    JsonArray found = {.a = call->arena}, missing = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *names = json_get(&call->in, S("Names"));
    for (int32_t i = 0; i < json_count(names); i++) {
        Parameter p;
        Error why = {0};
        if (find(call, json_text(&names->items[i]), &p, &why))
            json_add(&found, ssm_parameter(call->arena, &p.row, p.selector));
        else if (why.code == ERR_INTERNAL)
            return *err = why, CALL_FAILED;
        else
            json_add(&missing, names->items[i]);
    }
    json_put(&out, S("Parameters"), json_array(&found));
    json_put(&out, S("InvalidParameters"), json_array(&missing));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- pages ---- */

/* Rows that pass, by name, until the page is full. */
typedef struct Page {
    Call *call;
    SsmFilters filters;
    Str prefix, path; /* path absent: any name */
    bool recursive;
    int64_t max;
    Json (*tell)(Call *call, ParameterRow *row, Error *err); /* null: failed */
    JsonArray list;
    Str last; /* the last of a page that others follow; absent: that was all */
} Page;

static bool belongs(const Page *p, const ParameterRow *row)
{
    return (str_absent(p->path) || ssm_is_below(p->path, row->name, p->recursive)) &&
           ssm_passes(p->call, &p->filters, row);
}

static bool page_fill(Page *p, Str after, Error *err)
{
    Call *c = p->call;
    Str last = {0};
    for (int64_t n = SSM_SCAN; n == SSM_SCAN;) {
        ParameterRow *rows;
        n = parameter_row_list(c->server->db, c->who.account, c->who.region, p->prefix, after,
                               SSM_SCAN, c->arena, &rows);
        for (int64_t i = 0; i < n; i++) {
            after = rows[i].name;
            if (!belongs(p, &rows[i])) continue;
            if (p->list.n == p->max) return p->last = last, true;
            Json told = p->tell(c, &rows[i], err);
            if (told.type == JSON_NULL) return false;
            json_add(&p->list, told);
            last = rows[i].name;
        }
    }
    return true;
}

static CallResult page_answer(Page *p, Error *err)
{
    Str after;
    JsonObject out = {.a = p->call->arena};
    p->list.a = p->call->arena;
    if (!ssm_check_filters(&p->filters, err) || !ssm_read_token(p->call, &after, err) ||
        !page_fill(p, after, err))
        return CALL_FAILED;
    json_put(&out, S("Parameters"), json_array(&p->list));
    if (!str_absent(p->last)) json_put(&out, S("NextToken"), ssm_token(p->call->arena, p->last));
    p->call->out = json_object(&out);
    return CALL_DONE;
}

static Json tell_value(Call *call, ParameterRow *row, Error *err)
{
    if (decrypts(call) && !parameter_decrypt(call->server, call->arena, row, err)) return (Json){0};
    return ssm_parameter(call->arena, row, (Str){0});
}

static bool check_path(Str path, Error *err)
{
    Error unused = {0};
    Str name = path.n > 1 && str_ends(path, S("/")) ? str_slice(path, 0, path.n - 1) : path;
    if (str_starts(path, S("/")) && (path.n == 1 || parameter_check_name(name, &unused)))
        return true;
    return error_set(
        err, ERR_VALIDATION,
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin "
        "with a forward slash \"/\". It can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" "
        "(case-insensitive). It must use only letters, numbers, or the following symbols: . "
        "(period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, "
        "if specified, must use the forward slash symbol \"/\". Valid example: "
        "/get/parameters2-/by1./path0_.");
}

CallResult ssm_get_by_path(Call *call, Error *err)
{
    Str path = ssm_text(call, "Path");
    Page p = {.call = call,
              .filters = {.filters = json_get(&call->in, S("ParameterFilters")), .of_path = true},
              .path = path,
              .prefix = path.n > 1 ? path : (Str){0},
              .recursive = json_true(json_get(&call->in, S("Recursive"))),
              .max = json_int_or(json_get(&call->in, S("MaxResults")), SSM_PATH_PAGE),
              .tell = tell_value};
    if (!check_path(path, err)) return CALL_FAILED;
    return page_answer(&p, err);
}

static Json tell_metadata(Call *call, ParameterRow *row, Error *err)
{
    (void)err;
    JsonObject o = ssm_metadata(call->arena, row);
    json_put_text(&o, S("ARN"), parameter_arn(call->arena, row));
    return json_object(&o);
}

CallResult ssm_describe_parameters(Call *call, Error *err)
{
    const Json *old = json_get(&call->in, S("Filters")),
               *filters = json_get(&call->in, S("ParameterFilters"));
    Page p = {.call = call,
              .filters = {.filters = old ? old : filters, .old = old != NULL},
              .max = json_int_or(json_get(&call->in, S("MaxResults")), SSM_PAGE),
              .tell = tell_metadata};
    if (json_count(old) && json_count(filters)) {
        error_set(err, ERR_VALIDATION,
                  "You can use either Filters or ParameterFilters in a single request.");
        return CALL_FAILED;
    }
    return page_answer(&p, err);
}

/* ---- the versions of one ---- */

static bool tell_version(Call *call, ParameterRow *row, JsonArray *list, Error *err)
{
    Json labels;
    if (decrypts(call) && !parameter_decrypt(call->server, call->arena, row, err)) return false;
    JsonObject o = ssm_metadata(call->arena, row);
    json_put_text(&o, S("Value"), row->value);
    if (!json_parse(row->labels, call->arena, &labels, err)) return false;
    json_put(&o, S("Labels"), labels);
    json_add(list, json_object(&o));
    return true;
}

CallResult ssm_get_history(Call *call, Error *err)
{
    Str after;
    int64_t from = 0, max = json_int_or(json_get(&call->in, S("MaxResults")), SSM_PAGE);
    ParameterRow row, *rows;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!ssm_row(call, ssm_text(call, "Name"), &row, err) || !ssm_read_token(call, &after, err))
        return CALL_FAILED;
    if (!str_absent(after) && !str_to_int(after, &from)) from = 0;
    int64_t n = parameter_row_versions(call->server->db, row.n, from, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++)
        if (!tell_version(call, &rows[i], &list, err)) return CALL_FAILED;
    json_put(&out, S("Parameters"), json_array(&list));
    if (n > max)
        json_put(
            &out, S("NextToken"),
            ssm_token(call->arena, str_printf(call->arena, "%" PRId64, rows[max - 1].version)));
    call->out = json_object(&out);
    return CALL_DONE;
}
