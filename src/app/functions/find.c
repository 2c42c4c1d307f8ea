/* find.c - what a function's name or ARN, with a qualifier, stands for: the function, its alias, its version. */
#include "app/functions/functions.h"
#include "core/function/function.h"

static bool not_found(Str arn, Error *err)
{
    return error_set(err, ERR_LAMBDA_NOT_FOUND, "Function not found: %.*s", STR(arn));
}

static bool read_name(Str given, Str qualifier, FunctionName *name, Error *err)
{
    if (!function_name_parse(given, name))
        return error_set(err, ERR_LAMBDA_PARAMETER, "%.*s is not the name of a function",
                         STR(given));
    if (!str_absent(qualifier) && !str_absent(name->qualifier) &&
        !str_eq(qualifier, name->qualifier))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "The derived qualifier from the function name does not match the "
                         "specified qualifier.");
    if (!str_absent(qualifier)) name->qualifier = qualifier;
    return true;
}

bool functions_find(Server *s, Str account, Str region, Str given, Str qualifier, Arena *a,
                    FunctionTarget *out, Error *err)
{
    FunctionName name;
    *out = (FunctionTarget){0};
    if (!read_name(given, qualifier, &name, err)) return false;
    if (name.account.n) account = name.account;
    if (name.region.n) region = name.region;
    out->qualifier = name.qualifier;
    out->arn = function_arn(a, region, account, name.name, name.qualifier);
    return function_find(s->db, account, region, name.name, a, &out->row) ||
           not_found(out->arn, err);
}

bool functions_find_version(Server *s, FunctionTarget *t, Arena *a, Error *err)
{
    bool numbered = str_absent(t->qualifier) || function_version_parse(t->qualifier, &t->version);
    if (!numbered) {
        t->aliased = function_alias_get(s->db, t->row.n, t->qualifier, a, &t->alias);
        if (!t->aliased) return not_found(t->arn, err);
        t->version = t->alias.version;
    }
    return function_version_get(s->db, t->row.n, t->version, a, &t->v) || not_found(t->arn, err);
}

int64_t functions_route(Server *s, const FunctionTarget *t)
{
    uint64_t chance;
    Json weights;
    Error err = {0};
    if (!t->aliased || str_absent(t->alias.weights)) return t->version;
    check(json_parse(t->alias.weights, &s->turn, &weights, &err));
    loop_random(s->loop, &chance, sizeof chance);
    return function_route(t->version, &weights, chance);
}

bool functions_check_payload(Str payload, bool event, Arena *a, Error *err)
{
    Json v;
    Error why = {0};
    int64_t max = event ? FUNCTIONS_EVENT_BYTES_MAX : FUNCTIONS_PAYLOAD_BYTES_MAX;
    if (payload.n > max)
        return error_set(err, ERR_LAMBDA_TOO_LARGE,
                         "%" PRId64 " byte payload is too large for the %s invocation type (limit "
                         "%" PRId64 " bytes)",
                         payload.n, event ? "Event" : "RequestResponse", max);
    if (json_parse(payload, a, &v, &why)) return true;
    return error_set(err, ERR_LAMBDA_CONTENT, "Could not parse request body into json: %s",
                     why.text);
}

Identity functions_identity(const FunctionTarget *t, const Json *config)
{
    return (Identity){.account = t->row.account,
                      .region = t->row.region,
                      .verified = true,
                      .role = json_text(json_get(config, S("Role"))),
                      .session = t->row.name,
                      .service = S("lambda.amazonaws.com"),
                      .source_arn = t->arn};
}

Str functions_setting_name(Str qualifier)
{
    return str_absent(qualifier) || str_eq(qualifier, S("$LATEST")) ? S("") : qualifier;
}
