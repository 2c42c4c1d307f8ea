/* function.c - names of functions, their runtimes, weighted routing and the rule of retries. */
#include "core/function/function.h"

enum { RETRY_FIRST_MS = 60 * 1000 };

/* ---- names ---- */

/* "name" or "name:qualifier". */
static bool take_name(Str rest, FunctionName *out)
{
    int64_t colon = str_find_char(rest, ':');
    out->name = colon < 0 ? rest : str_slice(rest, 0, colon);
    if (colon >= 0) out->qualifier = str_slice(rest, colon + 1, rest.n);
    return out->name.n &&
           (colon < 0 || (out->qualifier.n && str_find_char(out->qualifier, ':') < 0));
}

bool function_name_parse(Str given, FunctionName *out)
{
    Str rest = given, part;
    FunctionName name = {0};
    if (str_starts(given, S("arn:"))) {
        Str *fields[] = {&part, &part, &part, &name.region, &name.account};
        for (int i = 0; i < countof(fields); i++)
            if (!str_cut(&rest, ':', fields[i])) return false;
        if (!str_starts(rest, S("function:"))) return false;
        rest = str_slice(rest, S("function:").n, rest.n);
    } else if (str_find(given, S(":function:")) >= 0) {
        int64_t at = str_find(given, S(":function:"));
        name.account = str_slice(given, 0, at);
        rest = str_slice(given, at + S(":function:").n, given.n);
    }
    if (!take_name(rest, &name)) return false;
    *out = name;
    return true;
}

Str function_arn(Arena *a, Str region, Str account, Str name, Str qualifier)
{
    Str arn = str_printf(a, "arn:aws:lambda:%.*s:%.*s:function:%.*s", STR(region), STR(account),
                         STR(name));
    return str_absent(qualifier) ? arn : str_printf(a, "%.*s:%.*s", STR(arn), STR(qualifier));
}

bool function_version_parse(Str qualifier, int64_t *number)
{
    if (str_eq(qualifier, S("$LATEST"))) return *number = 0, true;
    return str_to_int(qualifier, number) && *number > 0;
}

Str function_version_text(Arena *a, int64_t number)
{
    return number ? str_printf(a, "%" PRId64, number) : S("$LATEST");
}

/* ---- runtimes ---- */

FunctionRuntime function_runtime(Str name)
{
    static const struct {
        const char *prefix;
        FunctionRuntime runtime;
    } runtimes[] = {
        {"python3.", FUNCTION_PYTHON}, {"nodejs", FUNCTION_NODE}, {"provided", FUNCTION_CUSTOM}};
    for (int i = 0; i < countof(runtimes); i++)
        if (str_starts(name, str_from(runtimes[i].prefix))) return runtimes[i].runtime;
    return FUNCTION_OTHER;
}

/* ---- routing ---- */

/* A decimal fraction in millionths: "0.25" or "1", "1e-1" is not read and counts nothing. */
static int64_t millionths(Str text)
{
    Str whole, rest = text;
    int64_t n = 0, value = 0;
    if (!str_cut(&rest, '.', &whole) || !str_to_int(whole, &n)) return 0;
    for (int64_t i = 0; i < 6; i++) {
        char c = i < rest.n ? rest.p[i] : '0';
        if (c < '0' || c > '9') return 0;
        value = value * 10 + (c - '0');
    }
    return n * 1000000 + value;
}

int64_t function_route(int64_t version, const Json *weights, uint64_t chance)
{
    int64_t at = (int64_t)(chance % 1000000);
    for (int32_t i = 0; i < json_count(weights); i++) {
        int64_t other;
        at -= millionths(json_text(&weights->members[i].value));
        if (at < 0 && function_version_parse(weights->members[i].key, &other)) return other;
    }
    return version;
}

/* ---- retries ---- */

FunctionRetry function_retry(int64_t attempts, Millis asked, Millis now, int64_t retries,
                             int64_t age_seconds)
{
    int64_t most = retries < 0 ? FUNCTION_RETRIES : retries;
    int64_t age = age_seconds < 0 ? FUNCTION_EVENT_AGE_SECONDS : age_seconds;
    if (attempts > most) return (FunctionRetry){.reason = "RetriesExhausted"};
    Millis due = now + attempts * RETRY_FIRST_MS;
    if (due - asked > age * 1000) return (FunctionRetry){.reason = "EventAgeExceeded"};
    return (FunctionRetry){.again = true, .due = due};
}
