/* fault.h - an error as a service words it: code, status, message and further members, ready to be encoded. */
#pragma once
#include "base/json.h"
#include "wire/model.h"

/* Functions of wire/ that find a mistake of the client fill a Fault, since the code depends on the
 * service: what awsJson calls ValidationException, IAM calls ValidationError, and S3
 * InvalidArgument. Everything else returns Error and is translated by fault_from_error. Texts live
 * in the arena of the request. With S3, members that are named "x-amz-..." become headers instead
 * of elements; so do ETag, Last-Modified, Cache-Control, Expires and Allow. */
typedef struct Fault {
    Str code; /* as on the wire, "NoSuchKey" */
    int status;
    Str message;
    Json members; /* object: what the service adds, such as ArgumentName; null: nothing */
} Fault;

/* Borrows the text of *err. The general codes (ERR_VALIDATION, ERR_SERIALIZATION, ...) get the
 * service's names; a code that the model lists as an error gets the model's status. */
Fault fault_from_error(const Service *s, const Error *err);

/* Both return false. */
bool fault_set(Fault *f, const Service *s, ErrorCode code, Arena *a, const char *fmt, ...)
    printf_like(5, 6);
bool fault_named(Fault *f, Str code, int status, Str message);

/* Of a JSON service that spoke awsQuery once (SQS): what the error was called then, which clients
 * are told by x-amzn-query-error. Absent: the service never did. */
Str fault_query_code(const Service *s, Str code);
/* What __type says: with SQS behind the namespace of the error's shape. */
Str fault_type(const Service *s, Str code, Arena *a);

/* Adds a member to the error document: fault_add(f, a, S("ArgumentName"), S("max-keys")). */
void fault_add(Fault *f, Arena *a, Str key, Str value);
