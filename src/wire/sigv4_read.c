/* sigv4_read.c - finds a Version 4 signature in a request's header or query string, and takes it apart. */
#include "base/encode.h"
#include "wire/sigv4_canonical.h"

static const Str algorithm = {"AWS4-HMAC-SHA256", 16};

/* The same mistake has another name in each dialect, and in S3 in each place. */
static bool malformed(SigDialect dialect, bool presigned, Error *err, const char *s3_text,
                      const char *text)
{
    if (dialect != SIG_DIALECT_S3)
        return error_set(err,
                         dialect == SIG_DIALECT_JSON ? ERR_INCOMPLETE_SIGNATURE
                                                     : ERR_QUERY_INCOMPLETE_SIGNATURE,
                         "%s", text);
    if (presigned) return error_set(err, ERR_S3_AUTHORIZATION_QUERY_PARAMETERS, "%s", s3_text);
    return error_set(err, ERR_S3_AUTHORIZATION_HEADER_MALFORMED,
                     "The authorization header is malformed; %s", s3_text);
}

/* Takes the part behind the last '/' off *s. */
static Str last_part(Str *s)
{
    int64_t at = str_rfind_char(*s, '/');
    Str part = str_slice(*s, at + 1, s->n);
    *s = str_slice(*s, 0, at < 0 ? 0 : at);
    return part;
}

static bool eight_digits(Str s)
{
    int64_t number;
    return s.n == 8 && s.p[0] != '-' && str_to_int(s, &number);
}

/* key/20130524/us-east-1/s3/aws4_request; the key itself may hold slashes. */
static bool credential(Str text, SigDialect dialect, SigV4 *sig, Arena *a, Error *err)
{
    Str rest = text, terminal = last_part(&rest);
    sig->service = last_part(&rest);
    sig->region = last_part(&rest);
    sig->date = last_part(&rest);
    sig->access_key = rest;
    sig->scope = str_slice(text, rest.n + 1, text.n);
    bool good = str_eq(terminal, S("aws4_request")) && sig->service.n && sig->region.n &&
                eight_digits(sig->date) && sig->access_key.n && sig->scope.n <= AWS_CHUNK_SCOPE_MAX;
    if (good) return true;
    Str shown = str_printf(a,
                           "Credential must have exactly 5 slash-delimited elements, e.g. "
                           "keyid/date/region/service/term, got '%.*s'",
                           STR(str_slice(text, 0, 200)));
    return malformed(
        dialect, sig->presigned, err,
        sig->presigned
            ? "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; "
              "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
            : "the Credential is mal-formed; expecting "
              "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        str_z(a, shown));
}

static bool date_of_time(SigDialect dialect, const SigV4 *sig, Arena *a, Error *err)
{
    if (str_eq(sig->date, str_slice(sig->time, 0, 8))) return true;
    Str s3 = str_printf(
        a, "Invalid credential date \"%.*s\". This date is not the same as X-Amz-Date: \"%.*s\".",
        STR(sig->date), STR(str_slice(sig->time, 0, 8)));
    Str other = str_printf(
        a,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP: '%.*s' != '%.*s', from '%.*s'.",
        STR(sig->date), STR(str_slice(sig->time, 0, 8)), STR(sig->time));
    return malformed(dialect, sig->presigned, err, str_z(a, s3), str_z(a, other));
}

static bool few_headers(SigDialect dialect, const SigV4 *sig, Error *err)
{
    int n = 1;
    for (int64_t i = 0; i < sig->signed_headers.n; i++) n += sig->signed_headers.p[i] == ';';
    return n <= HTTP_HEADERS_MAX ||
           malformed(dialect, sig->presigned, err, "too many SignedHeaders",
                     "Authorization names too many SignedHeaders.");
}

/* Credential=..., SignedHeaders=..., Signature=... in any order. */
static void fields(Str text, Str *cred, SigV4 *sig)
{
    Str field;
    while (str_cut(&text, ',', &field)) {
        Str value = str_trim(field), name;
        if (!str_cut(&value, '=', &name)) continue;
        Str *to = str_eq(name, S("Credential"))      ? cred
                  : str_eq(name, S("SignedHeaders")) ? &sig->signed_headers
                  : str_eq(name, S("Signature"))     ? &sig->signature
                                                     : NULL;
        if (to && !str_absent(value)) *to = value;
    }
}

static bool header_fields(const HttpRequest *r, SigDialect dialect, SigV4 *sig, Arena *a,
                          Error *err)
{
    Str all = http1_header(r, S("authorization")), cred = {0};
    fields(str_slice(all, algorithm.n, all.n), &cred, sig);
    if (cred.n && sig->signed_headers.n && sig->signature.n)
        return credential(cred, dialect, sig, a, err);
    Str text = str_printf(
        a, "%s%s%sAuthorization=%.*s",
        cred.n ? "" : "Authorization header requires 'Credential' parameter. ",
        sig->signature.n ? "" : "Authorization header requires 'Signature' parameter. ",
        sig->signed_headers.n ? "" : "Authorization header requires 'SignedHeaders' parameter. ",
        STR(str_slice(all, 0, 300)));
    return malformed(dialect, false, err,
                     "the authorization header requires three components: Credential, "
                     "SignedHeaders, and Signature.",
                     str_z(a, text));
}

/* X-Amz-Date, or the Date header in either form. */
static bool header_time(const HttpRequest *r, SigDialect dialect, SigV4 *sig, Arena *a, Error *err)
{
    sig->time = http1_header(r, S("x-amz-date"));
    if (time_parse_iso8601_basic(sig->time, &sig->at)) return true;
    Str date = http1_header(r, S("date"));
    if (str_absent(sig->time) && sigv4_parse_date(date, &sig->at))
        return sig->time = time_iso8601_basic(a, sig->at), true;
    if (dialect == SIG_DIALECT_S3)
        return error_set(err, ERR_S3_ACCESS_DENIED,
                         "AWS authentication requires a valid Date or x-amz-date header");
    if (str_absent(sig->time))
        return malformed(dialect, false, err, "",
                         "Authorization header requires existence of either a 'X-Amz-Date' "
                         "or a 'Date' header.");
    return malformed(dialect, false, err, "",
                     "Date must be in ISO-8601 'basic format', e.g. 20130524T000000Z.");
}

static SigV4Found read_header(const HttpRequest *r, SigDialect dialect, Arena *a, SigV4 *sig,
                              Error *err)
{
    sig->token = http1_header(r, S("x-amz-security-token"));
    bool good = header_fields(r, dialect, sig, a, err) && header_time(r, dialect, sig, a, err) &&
                date_of_time(dialect, sig, a, err) && few_headers(dialect, sig, err);
    return good ? SIGV4_READ : SIGV4_MALFORMED;
}

static Str parameter(const HttpRequest *r, Str name, Arena *a)
{
    Str value = http1_query(r, name), plain;
    return str_absent(value) || !percent_decode(a, value, true, &plain) ? (Str){0} : plain;
}

static bool query_expires(const HttpRequest *r, SigDialect dialect, SigV4 *sig, Arena *a,
                          Error *err)
{
    Str text = parameter(r, S("X-Amz-Expires"), a);
    if (str_absent(text) && dialect != SIG_DIALECT_S3)
        return sig->expires_s = SIG_SKEW_QUERY_MS / 1000, true;
    if (!str_to_int(text, &sig->expires_s))
        return malformed(dialect, true, err, "X-Amz-Expires should be a number",
                         "X-Amz-Expires should be a number");
    if (sig->expires_s < 0)
        return malformed(dialect, true, err, "X-Amz-Expires must be non-negative",
                         "X-Amz-Expires must be non-negative");
    static const char week[] =
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds";
    return sig->expires_s <= SIG_PRESIGNED_SECONDS_MAX || malformed(dialect, true, err, week, week);
}

static bool query_time(const HttpRequest *r, SigDialect dialect, SigV4 *sig, Arena *a, Error *err)
{
    static const char form[] =
        "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
    sig->time = parameter(r, S("X-Amz-Date"), a);
    return time_parse_iso8601_basic(sig->time, &sig->at) ||
           malformed(dialect, true, err, form, form);
}

static bool query_fields(const HttpRequest *r, SigDialect dialect, SigV4 *sig, Arena *a, Error *err)
{
    static const char all[] =
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
    Str cred = parameter(r, S("X-Amz-Credential"), a);
    sig->signed_headers = parameter(r, S("X-Amz-SignedHeaders"), a);
    sig->signature = parameter(r, S("X-Amz-Signature"), a);
    if (!cred.n || !sig->signed_headers.n || !sig->signature.n ||
        str_absent(http1_query(r, S("X-Amz-Date"))) ||
        (dialect == SIG_DIALECT_S3 && str_absent(http1_query(r, S("X-Amz-Expires")))))
        return malformed(dialect, true, err, all, all);
    return credential(cred, dialect, sig, a, err);
}

static SigV4Found read_query(const HttpRequest *r, SigDialect dialect, Arena *a, SigV4 *sig,
                             Error *err)
{
    static const char only[] = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";
    sig->presigned = true;
    if (!str_eq(parameter(r, S("X-Amz-Algorithm"), a), algorithm))
        return malformed(dialect, true, err, only, only), SIGV4_MALFORMED;
    sig->token = parameter(r, S("X-Amz-Security-Token"), a);
    bool good = query_fields(r, dialect, sig, a, err) && query_time(r, dialect, sig, a, err) &&
                query_expires(r, dialect, sig, a, err) && date_of_time(dialect, sig, a, err) &&
                few_headers(dialect, sig, err);
    return good ? SIGV4_READ : SIGV4_MALFORMED;
}

static bool unsupported(SigDialect dialect, Str header, Error *err)
{
    if (dialect == SIG_DIALECT_S3)
        return error_set(err, ERR_S3_INVALID_ARGUMENT, "Unsupported Authorization Type");
    return error_set(
        err,
        dialect == SIG_DIALECT_JSON ? ERR_INCOMPLETE_SIGNATURE : ERR_QUERY_INCOMPLETE_SIGNATURE,
        "Authorization header requires 'Credential' parameter. Authorization header requires "
        "'Signature' "
        "parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=%.*s",
        STR(str_slice(header, 0, 100)));
}

static SigV4Found read_any(const HttpRequest *r, SigDialect dialect, Arena *a, SigV4 *sig,
                           Error *err)
{
    Str header = http1_header(r, S("authorization"));
    bool query = !str_absent(http1_query(r, S("X-Amz-Algorithm")));
    if (str_absent(header)) return query ? read_query(r, dialect, a, sig, err) : SIGV4_ABSENT;
    if (query) {
        error_set(err, dialect == SIG_DIALECT_S3 ? ERR_S3_INVALID_ARGUMENT : ERR_INVALID_SIGNATURE,
                  "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                  "Signature query string "
                  "parameter or the Authorization header should be specified");
        return SIGV4_MALFORMED;
    }
    if (str_starts(header, S("AWS "))) return SIGV4_ABSENT;
    if (str_starts(header, algorithm) && header.n > algorithm.n && header.p[algorithm.n] == ' ')
        return read_header(r, dialect, a, sig, err);
    return unsupported(dialect, header, err), SIGV4_MALFORMED;
}

SigV4Found sigv4_read(const HttpRequest *r, SigDialect dialect, Arena *a, SigV4 *out, Error *err)
{
    SigV4 sig = {0};
    SigV4Found found = read_any(r, dialect, a, &sig, err);
    if (found == SIGV4_READ) *out = sig;
    return found;
}
