/* yaml.h - one YAML document into a JSON value: scalars by the core schema, local tags by the caller, no aliases. */
#pragma once
#include "base/json.h"

/* Plain scalars: `true`, `false` (also True, TRUE), `null`, `~` and nothing are what they say; a
 * number is one only if JSON would write it so (012 and 0x1f and 1_000 stay text, as account
 * numbers must); all else is text, dates too. Keys are text. Keys are kept in order; a key given
 * twice is an error. */

enum {
    YAML_DEPTH_MAX = 128,
    YAML_NODES_MAX = 500000,
    YAML_KEYS_MAX = 2000, /* of one mapping */
};

/* The value of `!name value`; `name` without the exclamation mark. */
typedef bool YamlTagFn(Arena *a, Str name, Json value, Json *out, Error *err);

/* ERR_VALIDATION names line and column. *out owns its bytes. */
must_use bool yaml_parse(Str in, YamlTagFn *tag, Arena *a, Json *out, Error *err);
