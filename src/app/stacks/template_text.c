/* template_text.c - a template's text, by its first letter JSON or YAML. */
#include "app/stacks/template_text.h"

#include "core/stack/short_form.h"
#include "core/stack/template.h"
#include "wire/yaml.h"

bool template_text_read(Str text, Arena *a, Json *out, Error *err)
{
    Error why = {0};
    if (text.n > TEMPLATE_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "Template may not exceed %d bytes in size.",
                         TEMPLATE_BYTES_MAX);
    bool json = str_starts(str_trim(text), S("{"));
    if (json ? json_parse(text, a, out, &why) : yaml_parse(text, short_form, a, out, &why))
        return true;
    return error_set(err, ERR_VALIDATION, "Template format error: %s not well-formed. %.*s",
                     json ? "JSON" : "YAML", STR(error_text(&why)));
}
