/* objects_path.h - from keys to the paths of their files: pure, and no key leads out of its bucket's folder. */
#pragma once
#include "store/objects.h"

/* Whether the key can be a path below the bucket's folder as it is: no empty, "." or ".."
 * component, none over 255 bytes, no NUL, and not inside .mayfly/, which is ours. */
bool key_is_plain(Str key);

/* "objects/<bucket>/..." below the data folder. */
Str object_path(Arena *a, Str bucket, ObjectPath path, Str key, int64_t id);
Str staging_path(Arena *a, int64_t id); /* "staging/<id>" */

/* The next string in byte order after all that begin with `prefix`; absent when there is none
 * (empty, or all 0xff). */
Str key_after_prefix(Arena *a, Str prefix);
