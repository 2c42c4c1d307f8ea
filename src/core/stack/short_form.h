/* short_form.h - YAML's short forms of intrinsic functions (!Ref, !Sub, ...), made full. */
#pragma once
#include "base/json.h"

/* The value of `!name value`: !Ref and !Condition become {"Ref": ...} and {"Condition": ...}; every
 * other !X becomes {"Fn::X": ...}; !GetAtt a.b.c becomes {"Fn::GetAtt": ["a", "b.c"]}.
 * ERR_VALIDATION: no such function. Its type is wire/yaml.h's YamlTagFn. */
must_use bool short_form(Arena *a, Str name, Json value, Json *out, Error *err);
