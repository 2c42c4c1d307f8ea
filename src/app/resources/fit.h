/* fit.h - a template's values as an operation's input: members checked by name, texts for numbers and the reverse taken. */
#pragma once
#include "base/json.h"
#include "wire/model.h"

/* Templates give numbers and booleans as texts, documents as objects and times as ISO 8601; the
 * APIs want them typed. What does not fit is refused as CloudFormation does, with the place below
 * the resource's properties:
 *
 *     #/LoggingConfiguration: extraneous key [Levle] is not permitted
 *     #/RetentionInDays: expected type: Integer, found: String
 *
 * Member names may have their first letter in either case. */
typedef struct Fit {
    Arena *a;
    Str logical; /* the resource, for the error */
    const Service *service;
} Fit;

enum { FIT_DEPTH_MAX = 32 };

/* One member of an operation's input. `place` is "#/VersioningConfiguration". */
must_use bool fit_member(const Fit *f, const Shape *structure, Str member, const Json *given,
                         Str place, Json *out, Error *err);

/* "Properties validation failed for resource X with message:\n<place>: <what>". */
bool fit_refused(Str logical, Str place, Str what, Error *err);
