/* substitute.h - ${Name} in a text, replaced by what an object says of Name. */
#pragma once
#include "base/json.h"

/* As DefinitionSubstitutions of a state machine: a name that the object does not have stays as it
 * is. Numbers and booleans stand as JSON writes them. */
Str substitute(Str text, const Json *names, Arena *a);
