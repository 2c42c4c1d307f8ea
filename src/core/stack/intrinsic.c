/* intrinsic.c - the walk over a value, and the functions that look things up. */
#include "core/stack/intrinsic.h"

#include "core/stack/intrinsic_inside.h"

void intrinsic_fill(Error *err, const char *fmt, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    error_fill(err, ERR_VALIDATION, "Template error: %s", text);
}

/* ---- values that are none ---- */

static const JsonMember unknown_member = {.key = STR_INIT("unknown")};
static const JsonMember no_value_member = {.key = STR_INIT("no value")};

Json stack_unknown(void)
{
    return (Json){.type = JSON_OBJECT, .n = 1, .members = &unknown_member};
}

bool stack_is_unknown(const Json *v)
{
    if (json_is(v, JSON_OBJECT) && v->members == &unknown_member) return true;
    bool found = false;
    for (int32_t i = 0; i < json_count(v) && !found; i++)
        found = stack_is_unknown(v->type == JSON_ARRAY ? &v->items[i] : &v->members[i].value);
    return found;
}

Json intrinsic_no_value(void)
{
    return (Json){.type = JSON_OBJECT, .n = 1, .members = &no_value_member};
}

bool intrinsic_is_no_value(const Json *v)
{
    return json_is(v, JSON_OBJECT) && v->members == &no_value_member;
}

/* ---- helpers ---- */

bool intrinsic_text(StackScope *s, const Json *v, Str *out)
{
    (void)s;
    if (json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER)) return *out = json_text(v), true;
    if (json_is(v, JSON_TRUE)) return *out = S("true"), true;
    if (json_is(v, JSON_FALSE)) return *out = S("false"), true;
    return false;
}

bool intrinsic_made(StackScope *s, Str text, Json *out, Error *err)
{
    s->bytes_left -= text.n;
    if (s->bytes_left < 0)
        return intrinsic_error(err, "functions make more than %d bytes of text",
                               STACK_VALUE_BYTES_MAX);
    *out = json_string(text);
    return true;
}

bool intrinsic_items(const Json *argument, int32_t n, const Json **out)
{
    if (!json_is(argument, JSON_ARRAY) || argument->n != n) return false;
    *out = argument->items;
    return true;
}

/* ---- Ref and GetAtt ---- */

bool intrinsic_ref(StackScope *s, Str name, Json *out, Error *err)
{
    if (str_eq(name, S("AWS::NoValue"))) return *out = intrinsic_no_value(), true;
    const Json *known = json_get(s->parameters, name);
    if (!known) known = json_get(s->pseudo, name);
    if (known) return *out = *known, true;
    if (s->ref && template_resource(s->t, name)) return s->ref(s->state, name, out, err);
    return error_set(err, ERR_VALIDATION,
                     "Template format error: Unresolved resource dependencies [%.*s] in the "
                     "Resources block of the template",
                     STR(name));
}

bool intrinsic_attribute(StackScope *s, Str resource, Str attribute, Json *out, Error *err)
{
    if (!s->attribute || !template_resource(s->t, resource))
        return intrinsic_error(err, "instance of Fn::GetAtt references undefined resource %.*s",
                               STR(resource));
    return s->attribute(s->state, resource, attribute, out, err);
}

static bool stack_fn_ref(StackScope *s, const Json *argument, Json *out, Error *err)
{
    if (!json_is(argument, JSON_STRING))
        return error_set(
            err, ERR_VALIDATION,
            "Template format error: Every Ref object must have a single String value.");
    return intrinsic_ref(s, json_text(argument), out, err);
}

static bool stack_fn_get_att(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair;
    Str text = json_text(argument), attribute;
    if (json_is(argument, JSON_STRING)) {
        int64_t dot = str_find_char(text, '.');
        if (dot > 0)
            return intrinsic_attribute(s, str_slice(text, 0, dot), str_slice(text, dot + 1, text.n),
                                       out, err);
    }
    Json second;
    if (!intrinsic_items(argument, 2, &pair) || json_text(&pair[0]).n == 0)
        return intrinsic_error(err,
                               "every Fn::GetAtt object requires two non-empty parameters, the "
                               "resource name and the resource attribute");
    if (!intrinsic_value(s, &pair[1], &second, err)) return false;
    if (!intrinsic_text(s, &second, &attribute) || attribute.n == 0)
        return intrinsic_error(err,
                               "every Fn::GetAtt object requires two non-empty parameters, the "
                               "resource name and the resource attribute");
    return intrinsic_attribute(s, json_text(&pair[0]), attribute, out, err);
}

/* ---- lists and maps ---- */

static bool stack_fn_select(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair;
    Json at, list;
    int64_t index;
    Str text;
    if (!intrinsic_items(argument, 2, &pair))
        return intrinsic_error(err, "Fn::Select requires a list argument with two elements: an "
                                    "integer index and a list");
    if (!intrinsic_value(s, &pair[0], &at, err) || !intrinsic_value(s, &pair[1], &list, err))
        return false;
    if (stack_is_unknown(&at) || (!json_is(&list, JSON_ARRAY) && stack_is_unknown(&list)))
        return *out = stack_unknown(), true;
    if (!intrinsic_text(s, &at, &text) || !str_to_int(text, &index) || !json_is(&list, JSON_ARRAY))
        return intrinsic_error(err, "Fn::Select requires a list argument with two elements: an "
                                    "integer index and a list");
    if (index < 0 || index >= list.n)
        return intrinsic_error(err, "Fn::Select cannot select nonexistent value at index %" PRId64,
                               index);
    if (json_is(&list.items[index], JSON_NULL))
        return intrinsic_error(err, "Fn::Select cannot select null value at index %" PRId64, index);
    *out = list.items[index];
    return true;
}

static bool key_text(StackScope *s, const Json *v, Str *out, Error *err)
{
    Json resolved;
    if (!intrinsic_value(s, v, &resolved, err)) return false;
    if (intrinsic_text(s, &resolved, out)) return true;
    return intrinsic_error(err,
                           "every Fn::FindInMap object requires three parameters, the map name, "
                           "map key and the attribute for return value");
}

/* With AWS::LanguageExtensions a fourth item may give a default. */
static bool stack_fn_find_in_map(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Str key[3];
    int32_t n = json_count(argument);
    if (!json_is(argument, JSON_ARRAY) || n < 3 || n > 4)
        return intrinsic_error(err, "every Fn::FindInMap object requires three parameters, the map "
                                    "name, map key and the attribute for return value");
    for (int i = 0; i < 3; i++)
        if (!key_text(s, &argument->items[i], &key[i], err)) return false;
    const Json *map = json_get(s->t->mappings, key[0]);
    const Json *found = json_get(json_get(map, key[1]), key[2]);
    const Json *otherwise = n == 4 ? json_get(&argument->items[3], S("DefaultValue")) : NULL;
    if (found) return *out = *found, true;
    if (otherwise) return intrinsic_value(s, otherwise, out, err);
    if (!map)
        return intrinsic_error(err,
                               "Mapping named '%.*s' is not present in the 'Mappings' section of "
                               "template.",
                               STR(key[0]));
    return intrinsic_error(err, "Unable to get mapping for %.*s::%.*s::%.*s", STR(key[0]),
                           STR(key[1]), STR(key[2]));
}

static bool stack_fn_get_azs(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json region;
    if (!intrinsic_value(s, argument, &region, err)) return false;
    *out = s->zones ? *s->zones : (Json){.type = JSON_ARRAY};
    return true;
}

static bool stack_fn_length(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json list;
    if (!intrinsic_value(s, argument, &list, err)) return false;
    if (!json_is(&list, JSON_ARRAY)) return intrinsic_error(err, "Fn::Length requires a list");
    *out = json_int(s->a, list.n);
    return true;
}

static bool stack_fn_import_value(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json name;
    Str text;
    if (!intrinsic_value(s, argument, &name, err)) return false;
    if (stack_is_unknown(&name)) return *out = name, true;
    if (!intrinsic_text(s, &name, &text) || !s->imported)
        return intrinsic_error(err, "the attribute in Fn::ImportValue must be a text and must not "
                                    "depend on any resources");
    return s->imported(s->state, text, out, err);
}

/* Names and values of the members are texts that are known before. */
static bool stack_fn_get_stack_output(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json which;
    static const char *const names[] = {"StackName", "OutputName", "Region", "RoleArn"};
    if (!intrinsic_value(s, argument, &which, err)) return false;
    if (stack_is_unknown(&which)) return *out = stack_unknown(), true;
    int64_t found = 0, texts = 0;
    for (int i = 0; i < countof(names); i++) {
        const Json *v = json_get(&which, str_from(names[i]));
        found += v != NULL;
        texts += json_is(v, JSON_STRING);
        if (!v && i < 2) found = -1;
    }
    if (!json_is(&which, JSON_OBJECT) || found != json_count(&which) || texts != found ||
        !s->output)
        return intrinsic_error(err, "Fn::GetStackOutput requires an object with StackName and "
                                    "OutputName, and may have Region and RoleArn, all of them "
                                    "texts");
    return s->output(s->state, &which, out, err);
}

/* ---- the walk ---- */

static const Intrinsic intrinsics[] = {
    {STR_INIT("Ref"), stack_fn_ref},
    {STR_INIT("Condition"), stack_fn_condition},
    {STR_INIT("Fn::GetAtt"), stack_fn_get_att},
    {STR_INIT("Fn::Sub"), stack_fn_sub},
    {STR_INIT("Fn::Join"), stack_fn_join},
    {STR_INIT("Fn::If"), stack_fn_if},
    {STR_INIT("Fn::Select"), stack_fn_select},
    {STR_INIT("Fn::Split"), stack_fn_split},
    {STR_INIT("Fn::FindInMap"), stack_fn_find_in_map},
    {STR_INIT("Fn::Equals"), stack_fn_equals},
    {STR_INIT("Fn::And"), stack_fn_and},
    {STR_INIT("Fn::Or"), stack_fn_or},
    {STR_INIT("Fn::Not"), stack_fn_not},
    {STR_INIT("Fn::GetAZs"), stack_fn_get_azs},
    {STR_INIT("Fn::Base64"), stack_fn_base64},
    {STR_INIT("Fn::Cidr"), stack_fn_cidr},
    {STR_INIT("Fn::ImportValue"), stack_fn_import_value},
    {STR_INIT("Fn::GetStackOutput"), stack_fn_get_stack_output},
    {STR_INIT("Fn::Length"), stack_fn_length},
    {STR_INIT("Fn::ToJsonString"), stack_fn_to_json_string},
    {STR_INIT("Fn::Contains"), stack_fn_contains},
    {STR_INIT("Fn::EachMemberEquals"), stack_fn_each_member_equals},
    {STR_INIT("Fn::EachMemberIn"), stack_fn_each_member_in},
    {STR_INIT("Fn::RefAll"), stack_fn_ref_all},
    {STR_INIT("Fn::ValueOf"), stack_fn_value_of},
    {STR_INIT("Fn::ValueOfAll"), stack_fn_value_of_all},
};

/* "Condition" is a function only beside nothing else and with a name: policies have such a member,
 * with an object. */
const Intrinsic *intrinsic_of(const Json *v)
{
    if (!json_is(v, JSON_OBJECT) || v->n != 1) return NULL;
    for (int i = 0; i < countof(intrinsics); i++) {
        if (!str_eq(v->members[0].key, intrinsics[i].name)) continue;
        bool shaped =
            intrinsics[i].run != stack_fn_condition || json_is(&v->members[0].value, JSON_STRING);
        return shaped ? &intrinsics[i] : NULL;
    }
    return NULL;
}

static bool resolve_array(StackScope *s, const Json *v, Json *out, Error *err)
{
    JsonArray array = {.a = s->a};
    for (int32_t i = 0; i < v->n; i++) {
        Json item;
        if (!intrinsic_value(s, &v->items[i], &item, err)) return false;
        if (!intrinsic_is_no_value(&item)) json_add(&array, item);
    }
    *out = json_array(&array);
    return true;
}

static bool resolve_object(StackScope *s, const Json *v, Json *out, Error *err)
{
    JsonObject object = {.a = s->a};
    for (int32_t i = 0; i < v->n; i++) {
        const JsonMember *m = &v->members[i];
        Json value;
        if (v->n == 1 && str_starts(m->key, S("Fn::")) && !str_starts(m->key, S("Fn::ForEach")))
            return intrinsic_error(err, "Unrecognized intrinsic function %.*s", STR(m->key));
        if (!intrinsic_value(s, &m->value, &value, err)) return false;
        if (!intrinsic_is_no_value(&value)) json_put(&object, m->key, value);
    }
    *out = json_object(&object);
    return true;
}

bool intrinsic_value(StackScope *s, const Json *v, Json *out, Error *err)
{
    const Intrinsic *f = intrinsic_of(v);
    if (f) return f->run(s, &v->members[0].value, out, err);
    if (json_is(v, JSON_ARRAY)) return resolve_array(s, v, out, err);
    if (json_is(v, JSON_OBJECT) && v->n) return resolve_object(s, v, out, err);
    *out = *v;
    return true;
}

bool intrinsic_resolve(StackScope *s, const Json *value, Json *out, Error *err)
{
    Json v;
    if (!intrinsic_value(s, value, &v, err)) return false;
    *out = intrinsic_is_no_value(&v) ? (Json){0} : v;
    return true;
}
