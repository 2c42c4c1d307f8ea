/* old.h - what updates leave behind of a resource: as it was before, and what was replaced and is still to be removed. */
#pragma once
#include "store/stacks.h"

/* `old` of a resource's row, a JSON object or absent: {"physical", "properties", "attributes",
 * "kept", "status", "replaced"} ("status" only of one that could not be made), and "earlier", a
 * list of such. Without "replaced" the update under way has not touched the resource. Replaced: the
 * other thing, which is removed in the end; not replaced: the same thing as it was. Earlier ones
 * were replaced by updates that failed and were left so (DisableRollback): whichever operation
 * comes next removes them. */
Str old_with(Arena *a, Str old, const StackResourceRow *thing, bool replaced);
Json old_thing(Arena *a, Str old); /* JSON_NULL: not touched */
Str old_forget(Arena *a, Str old); /* earlier ones stay */
/* A new update begins. */
Str old_set_aside(Arena *a, Str old);

/* The next thing to be removed; false: none is left. */
bool old_next(Arena *a, Str old, Json *thing);
Str old_without_next(Arena *a, Str old);
/* With what the type must remember of it. */
Str old_keep_next(Arena *a, Str old, Str kept);
