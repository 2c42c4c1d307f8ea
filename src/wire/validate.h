/* validate.h - inputs against the model's constraints, all violations at once, in the words of the service. */
#pragma once
#include "wire/fault.h"

enum {
    VALIDATE_VIOLATIONS_MAX = 100,  /* reported; more are counted in no request a person writes */
    VALIDATE_VALUE_BYTES_MAX = 512, /* of a value repeated in a message */
};

/* For a decoded input. JSON and query services answer
 *
 *     2 validation errors detected: Value null at 'instances' failed to satisfy constraint: Member
 *     must not be null; Value 'x' at 'steps.1.member.actionOnFailure' failed to satisfy constraint:
 *     Member must satisfy enum value set: [A, B]
 *
 * as ValidationException or ValidationError. S3 answers the first violation only, with the code of
 * the place: InvalidArgument for headers and query, MalformedXML for the body,
 * MissingRequestBodyError for a body that is not there. */
must_use bool validate_input(const Operation *op, const Json *in, Arena *a, Fault *fault);

/* For tests: what in a value the model does not know, or knows with another type; absent: all is
 * well. Nulls are well. */
Str validate_output(const Operation *op, const Json *out, Arena *a);
Str validate_types(const Service *s, const Shape *structure, const Json *v, Arena *a);

/* Whole-string match of a pattern of the model, compiled on first use and kept for the program's
 * life. One thread only. A match that would take too long (VALIDATE_MATCH_LIMIT) is no match. */
bool validate_pattern(const Service *s, const ModelLimit *limit, Str text);
