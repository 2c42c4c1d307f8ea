/* scalar.h - strings, numbers, booleans, blobs and timestamps, as text and as typed Json. */
#pragma once
#include "base/json.h"
#include "wire/model.h"

/* From XML, forms, headers, labels. false: the text is not a value of the member's type; *rule then
 * says what it must be ("an integer"). */
must_use bool scalar_parse(const Service *s, const Member *m, Str text, Arena *a, Json *out,
                           const char **rule);
/* As the member's protocol writes it; a value of a wrong type is written as its own text. */
Str scalar_text(const Member *m, const Json *v, Arena *a);

/* "1700000000.5", "1.7e9" and "-3" to milliseconds, exactly; further digits are cut. */
must_use bool scalar_seconds_to_millis(Str text, Millis *out);
