/* tags.h - tags of resources in the forms the services have: a map, a list of {Key, Value}, a list of keys. */
#pragma once
#include "base/json.h"

/* Services that write the members small ({key, value}) are understood too. NULL is an empty list.
 */

/* The tags that are `kept` (JSON text of a list or a map; absent: an empty list) and that `gone`
 * does not name, then those of `added`: in the form of `kept`. To tag is to give the new ones as
 * both; to untag, the keys alone. `gone`: any form. `added`: the form of `kept`, or a list for a
 * map. */
Json tags_change(Arena *a, Str kept, const Json *gone, const Json *added);

Json tags_map(Arena *a, const Json *list);
Json tags_list(Arena *a, const Json *map); /* of {Key, Value} */
