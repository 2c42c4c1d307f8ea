/* parameters.c - names and selectors of parameters, and their values sealed and unsealed. */
#include "app/vault/parameters.h"

#include "app/events/event_bus.h"
#include "app/vault/vault.h"
#include "base/json.h"

enum { PARAMETER_VERSIONS_MAX = 100 };

Str parameter_arn(Arena *a, const ParameterRow *row)
{
    return str_printf(a, "arn:aws:ssm:%.*s:%.*s:parameter%s%.*s", STR(row->region),
                      STR(row->account), str_starts(row->name, S("/")) ? "" : "/", STR(row->name));
}

bool parameter_is_secure(const ParameterRow *row)
{
    return str_eq(row->type, S("SecureString"));
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '/';
}

bool parameter_check_name(Str name, Error *err)
{
    bool good = name.n > 0;
    for (int64_t i = 0; i < name.n; i++) good &= is_name_char(name.p[i]);
    good &= str_find(name, S("//")) < 0;
    if (name.n > 1) good &= name.p[name.n - 1] != '/';
    if (!good)
        return error_set(err, ERR_VALIDATION,
                         "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If "
                         "formed as a path, it can consist of sub-paths divided by slash symbol; "
                         "each sub-path can be formed as a mix of letters, numbers and the "
                         "following 3 symbols .-_");
    if (str_find_char(name, '/') > 0)
        return error_set(err, ERR_VALIDATION, "Parameter name must be a fully qualified name.");
    return true;
}

/* What stands after arn:aws:ssm:REGION:ACCOUNT:parameter. */
static bool strip_arn(Str account, Str region, Str *reference, Error *err)
{
    Arena a = {0};
    Str given = *reference,
        prefix = str_printf(&a, "arn:aws:ssm:%.*s:%.*s:parameter/", STR(region), STR(account));
    bool ours = str_starts(given, prefix);
    if (ours) *reference = str_slice(given, prefix.n - 1, given.n);
    arena_free(&a);
    return ours || !str_starts(given, S("arn:")) ||
           error_set(err, ERR_SSM_NOT_FOUND, "Parameter %.*s not found.", STR(given));
}

/* A name without a slash and one with it have the same ARN: the one that is there is meant. */
static bool find_version(Server *s, Str account, Str region, Str name, bool arn, int64_t version,
                         Arena *a, ParameterRow *out)
{
    return parameter_row_find(s->db, account, region, name, version, a, out) ||
           (arn && parameter_row_find(s->db, account, region, str_slice(name, 1, name.n), version,
                                      a, out));
}

static bool no_version(Str name, Str selector, Error *err)
{
    return error_set(err, ERR_SSM_NO_VERSION,
                     "Systems Manager could not find version %.*s of %.*s. Verify the version and "
                     "try again.",
                     STR(selector), STR(name));
}

static bool has_label(const ParameterRow *row, Str label, Arena *a)
{
    Json labels;
    Error err = {0};
    check(json_parse(row->labels, a, &labels, &err));
    for (int32_t i = 0; i < labels.n; i++)
        if (str_eq(json_text(&labels.items[i]), label)) return true;
    return false;
}

int64_t parameter_labelled(Server *s, const ParameterRow *row, Str label, Arena *a)
{
    ParameterRow *rows;
    int64_t n = parameter_row_versions(s->db, row->n, 0, PARAMETER_VERSIONS_MAX + 1, a, &rows);
    for (int64_t i = 0; i < n; i++)
        if (has_label(&rows[i], label, a)) return rows[i].version;
    return 0;
}

/* By version, else by label: labels never begin with a digit. */
static bool select_version(Server *s, Str selector, Arena *a, ParameterRow *row, Error *err)
{
    int64_t version;
    ParameterRow latest = *row;
    if (!str_to_int(selector, &version)) version = parameter_labelled(s, row, selector, a);
    if (version > 0 &&
        parameter_row_find(s->db, latest.account, latest.region, latest.name, version, a, row))
        return true;
    return no_version(latest.name, selector, err);
}

bool parameter_find(Server *s, Str account, Str region, Str reference, bool decrypt, Arena *a,
                    Parameter *out, Error *err)
{
    Str name = reference;
    bool arn = str_starts(reference, S("arn:"));
    if (!strip_arn(account, region, &name, err)) return false;
    int64_t colon = str_find_char(name, ':');
    Str selector = colon < 0 ? (Str){0} : str_slice(name, colon + 1, name.n);
    if (colon >= 0) name = str_slice(name, 0, colon);
    if (!parameter_check_name(name, err)) return false;
    if (!find_version(s, account, region, name, arn, 0, a, &out->row))
        return error_set(err, ERR_SSM_NOT_FOUND, "Parameter %.*s not found.", STR(reference));
    if (colon >= 0 && !select_version(s, selector, a, &out->row, err)) return false;
    out->selector = colon < 0 ? (Str){0} : str_printf(a, ":%.*s", STR(selector));
    return !decrypt || parameter_decrypt(s, a, &out->row, err);
}

static Str about(Arena *a, const ParameterRow *row)
{
    return str_printf(a, "%.*s:%" PRId64, STR(parameter_arn(a, row)), row->version);
}

bool parameter_decrypt(Server *s, Arena *a, ParameterRow *row, Error *err)
{
    return !parameter_is_secure(row) ||
           vault_unseal(s, a, about(a, row), row->value, &row->value, err);
}

void parameter_encrypt(Server *s, Arena *a, ParameterRow *row)
{
    if (parameter_is_secure(row)) row->value = vault_seal(s, a, about(a, row), row->value);
}

void parameter_tell(Server *s, const ParameterRow *row, Str operation)
{
    JsonObject detail = {.a = &s->turn};
    JsonArray arns = {.a = &s->turn};
    json_put_text(&detail, S("operation"), operation);
    json_put_text(&detail, S("name"), row->name);
    json_put_text(&detail, S("type"), row->type);
    json_put_text(&detail, S("description"),
                  str_absent(row->description) ? S("") : row->description);
    json_add(&arns, json_string(parameter_arn(&s->turn, row)));
    Json d = json_object(&detail), resources = json_array(&arns);
    event_emit(s, &(EventEmit){.source = S("aws.ssm"),
                               .type = S("Parameter Store Change"),
                               .account = row->account,
                               .region = row->region,
                               .detail = &d,
                               .resources = &resources});
}
