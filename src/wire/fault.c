/* fault.c - the names and statuses that each family of services uses for the errors all services have. */
#include "wire/fault.h"

typedef struct FaultName {
    ErrorCode code;
    const char *query, *s3;
    int query_status, s3_status;
} FaultName;

/* The "Common Errors" of the IAM, STS and S3 API references. The JSON services use the names of
 * base/error.h. */
static const FaultName names[] = {
    {ERR_INTERNAL, "InternalFailure", "InternalError", 500, 500},
    {ERR_UNAVAILABLE, "ServiceUnavailable", "ServiceUnavailable", 503, 503},
    {ERR_THROTTLED, "Throttling", "SlowDown", 400, 503},
    {ERR_VALIDATION, "ValidationError", "InvalidArgument", 400, 400},
    {ERR_SERIALIZATION, "MalformedInput", "MalformedXML", 400, 400},
    {ERR_UNKNOWN_OPERATION, "InvalidAction", "MethodNotAllowed", 400, 405},
    {ERR_ACCESS_DENIED, "AccessDenied", "AccessDenied", 403, 403},
    {ERR_MISSING_TOKEN, "MissingAuthenticationToken", "AccessDenied", 403, 403},
    {ERR_UNRECOGNIZED_CLIENT, "InvalidClientTokenId", "InvalidAccessKeyId", 403, 403},
    {ERR_INVALID_SIGNATURE, "SignatureDoesNotMatch", "SignatureDoesNotMatch", 403, 403},
    {ERR_REQUEST_TOO_LARGE, "RequestEntityTooLarge", "EntityTooLarge", 413, 400},
    {ERR_IO, "InternalFailure", "InternalError", 500, 500},
    {ERR_DISK_FULL, "ServiceUnavailable", "ServiceUnavailable", 503, 503},
};

/* Services whose own reference names a general error otherwise. */
static const struct {
    const char *service;
    ErrorCode code;
    const char *name;
} own_names[] = {
    {"logs", ERR_VALIDATION, "InvalidParameterException"},
    {"sns", ERR_VALIDATION, "InvalidParameter"},
    {"sqs", ERR_VALIDATION, "InvalidParameterValueException"},
};

static void set_own_name(Fault *f, const Service *s, ErrorCode code)
{
    for (int i = 0; i < countof(own_names); i++)
        if (own_names[i].code == code &&
            str_eq(model_text(s, s->name), str_from(own_names[i].service)))
            f->code = str_from(own_names[i].name);
}

static const FaultName *name_of(ErrorCode code)
{
    for (int i = 0; i < countof(names); i++)
        if (names[i].code == code) return &names[i];
    return NULL;
}

static void set_code(Fault *f, const Service *s, ErrorCode code)
{
    const FaultName *row = name_of(code);
    *f = (Fault){.code = error_name(code), .status = error_status(code)};
    if (row && s->protocol == PROTOCOL_AWS_QUERY) {
        f->code = str_from(row->query);
        f->status = row->query_status;
    } else if (row && s->protocol == PROTOCOL_REST_XML) {
        f->code = str_from(row->s3);
        f->status = row->s3_status;
    }
    set_own_name(f, s, code);
    const ModelError *known = model_error(s, f->code);
    if (!known) return;
    f->code = model_text(s, known->code);
    f->status = known->status;
}

Fault fault_from_error(const Service *s, const Error *err)
{
    Fault f;
    set_code(&f, s, err->code);
    f.message = error_text(err);
    return f;
}

bool fault_set(Fault *f, const Service *s, ErrorCode code, Arena *a, const char *fmt, ...)
{
    va_list ap;
    set_code(f, s, code);
    va_start(ap, fmt);
    f->message = str_vprintf(a, fmt, ap);
    va_end(ap);
    return false;
}

bool fault_named(Fault *f, Str code, int status, Str message)
{
    *f = (Fault){.code = code, .status = status, .message = message};
    return false;
}

void fault_add(Fault *f, Arena *a, Str key, Str value)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(&f->members); i++)
        json_put(&o, f->members.members[i].key, f->members.members[i].value);
    json_put_text(&o, key, value);
    f->members = json_object(&o);
}
