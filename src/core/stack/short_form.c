/* short_form.c - the names of YAML's short forms. */
#include "core/stack/short_form.h"

static bool is_function(Str name)
{
    static const Str functions[] = {
        STR_INIT("And"),
        STR_INIT("Base64"),
        STR_INIT("Cidr"),
        STR_INIT("Contains"),
        STR_INIT("EachMemberEquals"),
        STR_INIT("EachMemberIn"),
        STR_INIT("Equals"),
        STR_INIT("FindInMap"),
        STR_INIT("GetAZs"),
        STR_INIT("GetAtt"),
        STR_INIT("GetStackOutput"),
        STR_INIT("If"),
        STR_INIT("ImportValue"),
        STR_INIT("Join"),
        STR_INIT("Length"),
        STR_INIT("Not"),
        STR_INIT("Or"),
        STR_INIT("RefAll"),
        STR_INIT("Select"),
        STR_INIT("Split"),
        STR_INIT("Sub"),
        STR_INIT("ToJsonString"),
        STR_INIT("Transform"),
        STR_INIT("ValueOf"),
        STR_INIT("ValueOfAll"),
    };
    for (int i = 0; i < countof(functions); i++)
        if (str_eq(name, functions[i])) return true;
    return false;
}

/* The attribute keeps its further dots: Outputs.Name of a nested stack. */
static Json split_attribute(Arena *a, Json value)
{
    Str text = json_text(&value);
    int64_t dot = str_find_char(text, '.');
    if (!json_is(&value, JSON_STRING) || dot < 0) return value;
    JsonArray pair = {.a = a};
    json_add(&pair, json_string(str_slice(text, 0, dot)));
    json_add(&pair, json_string(str_slice(text, dot + 1, text.n)));
    return json_array(&pair);
}

bool short_form(Arena *a, Str name, Json value, Json *out, Error *err)
{
    JsonObject o = {.a = a};
    if (str_eq(name, S("Ref")) || str_eq(name, S("Condition"))) {
        json_put(&o, name, value);
    } else if (is_function(name)) {
        if (str_eq(name, S("GetAtt"))) value = split_attribute(a, value);
        json_put(&o, str_printf(a, "Fn::%.*s", STR(name)), value);
    } else {
        return error_set(err, ERR_VALIDATION, "!%.*s is no function of CloudFormation", STR(name));
    }
    *out = json_object(&o);
    return true;
}
