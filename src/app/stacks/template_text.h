/* template_text.h - a template's text, JSON or YAML, as a value. */
#pragma once
#include "base/json.h"

/* JSON when it begins with a brace, else YAML with short forms. ERR_VALIDATION in CloudFormation's
 * words, with line and column; above TEMPLATE_BYTES_MAX it is not read. *out may borrow from
 * `text`. */
must_use bool template_text_read(Str text, Arena *a, Json *out, Error *err);
