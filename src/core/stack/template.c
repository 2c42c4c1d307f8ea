/* template.c - the sections of a template, one check each. */
#include "core/stack/template.h"

static bool format_error(Error *err, const char *fmt, ...) printf_like(2, 3);

static bool format_error(Error *err, const char *fmt, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return error_set(err, ERR_VALIDATION, "Template format error: %s", text);
}

/* ---- names ---- */

static bool alphanumeric(Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i], letter = c | 0x20;
        if (!((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9'))) return false;
    }
    return s.n > 0 && s.n <= 255;
}

static bool good_name(Str name, const char *section, Error *err)
{
    if (alphanumeric(name)) return true;
    return format_error(err, "%s name '%.*s' is non alphanumeric.", section, STR(name));
}

/* NULL when absent; *good false when it is no object. */
static const Json *section(const Json *root, Str name, bool *good, Error *err)
{
    const Json *v = json_get(root, name);
    if (!v || json_is(v, JSON_NULL)) return NULL;
    if (!json_is(v, JSON_OBJECT))
        *good = format_error(err, "[/%.*s] '%.*s' expected a map", STR(name), STR(name));
    return v;
}

static bool known_sections(const Json *root, Error *err)
{
    static const Str known[] = {
        STR_INIT("AWSTemplateFormatVersion"),
        STR_INIT("Description"),
        STR_INIT("Metadata"),
        STR_INIT("Parameters"),
        STR_INIT("Rules"),
        STR_INIT("Mappings"),
        STR_INIT("Conditions"),
        STR_INIT("Transform"),
        STR_INIT("Resources"),
        STR_INIT("Outputs"),
        STR_INIT("Globals"),
        STR_INIT("Hooks"),
    };
    for (int32_t i = 0; i < root->n; i++) {
        bool found = false;
        for (int k = 0; k < countof(known) && !found; k++)
            found = str_eq(root->members[i].key, known[k]);
        if (!found)
            return error_set(err, ERR_VALIDATION, "Invalid template property or properties [%.*s]",
                             STR(root->members[i].key));
    }
    return true;
}

static bool check_head(const Json *root, Template *t, Error *err)
{
    const Json *version = json_get(root, S("AWSTemplateFormatVersion"));
    const Json *description = json_get(root, S("Description"));
    if (version && !json_is(version, JSON_NULL) && !str_eq(json_text(version), S("2010-09-09")))
        return format_error(err,
                            "Unrecognized AWSTemplateFormatVersion: %.*s. Only 2010-09-09 is "
                            "supported.",
                            STR(json_text(version)));
    if (description && !json_is(description, JSON_STRING) && !json_is(description, JSON_NULL))
        return format_error(err, "[/Description] 'Description' expected a string");
    t->description = json_is(description, JSON_STRING) ? json_text(description) : (Str){0};
    if (t->description.n > TEMPLATE_DESCRIPTION_BYTES_MAX)
        return format_error(err, "'Description' length is greater than %d.",
                            TEMPLATE_DESCRIPTION_BYTES_MAX);
    return true;
}

static bool add_transform(const Json *v, Arena *a, Template *t, Error *err)
{
    Str name = json_is(v, JSON_OBJECT) ? json_text(json_get(v, S("Name"))) : json_text(v);
    if (str_absent(name)) return format_error(err, "[/Transform] a transform has no name");
    *vec_push(a, &t->transforms) = name;
    return true;
}

static bool check_transforms(const Json *root, Arena *a, Template *t, Error *err)
{
    const Json *v = json_get(root, S("Transform"));
    if (!v) return true;
    if (!json_is(v, JSON_ARRAY)) return add_transform(v, a, t, err);
    for (int32_t i = 0; i < v->n; i++)
        if (!add_transform(&v->items[i], a, t, err)) return false;
    return true;
}

/* ---- parameters ---- */

static bool check_parameter(const JsonMember *m, Arena *a, Template *t, Error *err)
{
    const Json *body = &m->value;
    if (!good_name(m->key, "Parameter", err)) return false;
    if (!json_is(body, JSON_OBJECT))
        return format_error(err, "Every Parameters object must contain a Type member.");
    Str type = json_text(json_get(body, S("Type")));
    if (str_absent(type))
        return format_error(err, "Every Parameters object must contain a Type member.");
    const Json *hidden = json_get(body, S("NoEcho"));
    *vec_push(a, &t->parameters) = (TemplateParameter){
        .name = m->key,
        .type = type,
        .description = json_text(json_get(body, S("Description"))),
        .no_echo = json_true(hidden) || str_eq_nocase(json_text(hidden), S("true")),
        .body = body,
    };
    return true;
}

static bool check_parameters(const Json *root, Arena *a, Template *t, Error *err)
{
    bool good = true;
    const Json *v = section(root, S("Parameters"), &good, err);
    if (good && json_count(v) > TEMPLATE_PARAMETERS_MAX)
        return format_error(err, "Number of parameters, %d, is greater than maximum allowed, %d",
                            json_count(v), TEMPLATE_PARAMETERS_MAX);
    for (int32_t i = 0; good && i < json_count(v); i++)
        good = check_parameter(&v->members[i], a, t, err);
    return good;
}

/* ---- resources ---- */

static bool deletion_policy(const TemplateResource *r, Str attribute, DeletionPolicy *out,
                            Error *err)
{
    static const Str names[] = {STR_INIT("Delete"), STR_INIT("Retain"),
                                STR_INIT("RetainExceptOnCreate"), STR_INIT("Snapshot")};
    const Json *v = json_get(r->body, attribute);
    *out = DELETION_DELETE;
    if (!v || json_is(v, JSON_OBJECT)) return true; /* a function: of LanguageExtensions */
    for (int i = 0; i < countof(names); i++)
        if (str_eq(json_text(v), names[i])) return *out = (DeletionPolicy)i, true;
    return format_error(err, "Unrecognized %.*s %.*s for resource %.*s", STR(attribute),
                        STR(json_text(v)), STR(r->name));
}

static bool add_dependency(TemplateResource *r, const Json *v, Arena *a, Error *err)
{
    if (!json_is(v, JSON_STRING))
        return format_error(err,
                            "[/Resources/%.*s/DependsOn] DependsOn must be a string or a list "
                            "of strings.",
                            STR(r->name));
    *vec_push(a, &r->depends_on) = json_text(v);
    return true;
}

static bool check_depends_on(TemplateResource *r, Arena *a, Error *err)
{
    const Json *v = json_get(r->body, S("DependsOn"));
    if (!v) return true;
    if (!json_is(v, JSON_ARRAY)) return add_dependency(r, v, a, err);
    for (int32_t i = 0; i < v->n; i++)
        if (!add_dependency(r, &v->items[i], a, err)) return false;
    return true;
}

static bool known_attributes(const TemplateResource *r, Error *err)
{
    static const Str known[] = {
        STR_INIT("Type"),       STR_INIT("Properties"),     STR_INIT("Condition"),
        STR_INIT("DependsOn"),  STR_INIT("DeletionPolicy"), STR_INIT("UpdateReplacePolicy"),
        STR_INIT("Metadata"),   STR_INIT("CreationPolicy"), STR_INIT("UpdatePolicy"),
        STR_INIT("Connectors"), STR_INIT("Version"),        STR_INIT("Description"),
    };
    for (int32_t i = 0; i < r->body->n; i++) {
        bool found = false;
        for (int k = 0; k < countof(known) && !found; k++)
            found = str_eq(r->body->members[i].key, known[k]);
        if (!found)
            return error_set(err, ERR_VALIDATION, "Invalid template resource property '%.*s'",
                             STR(r->body->members[i].key));
    }
    return true;
}

static bool check_resource(const JsonMember *m, Arena *a, Template *t, Error *err)
{
    TemplateResource r = {.name = m->key, .body = &m->value};
    if (!good_name(m->key, "Resource", err)) return false;
    if (!json_is(r.body, JSON_OBJECT) || !json_is(json_get(r.body, S("Type")), JSON_STRING))
        return format_error(err,
                            "[/Resources/%.*s] Every Resources object must contain a Type "
                            "member.",
                            STR(m->key));
    r.type = json_text(json_get(r.body, S("Type")));
    r.condition = json_text(json_get(r.body, S("Condition")));
    r.properties = json_get(r.body, S("Properties"));
    if (json_is(r.properties, JSON_NULL)) r.properties = NULL;
    if (r.properties && !json_is(r.properties, JSON_OBJECT))
        return format_error(err, "[/Resources/%.*s/Properties] 'Properties' expected a map",
                            STR(m->key));
    if (!known_attributes(&r, err) || !check_depends_on(&r, a, err) ||
        !deletion_policy(&r, S("DeletionPolicy"), &r.deletion, err) ||
        !deletion_policy(&r, S("UpdateReplacePolicy"), &r.update_replace, err))
        return false;
    *vec_push(a, &t->resources) = r;
    return true;
}

static bool check_resources(const Json *root, Arena *a, Template *t, Error *err)
{
    bool good = true;
    const Json *v = section(root, S("Resources"), &good, err);
    if (!good) return false;
    if (json_count(v) == 0)
        return format_error(err, "At least one Resources member must be defined.");
    if (json_count(v) > TEMPLATE_RESOURCES_MAX)
        return format_error(err, "Number of resources, %d, is greater than maximum allowed, %d",
                            json_count(v), TEMPLATE_RESOURCES_MAX);
    for (int32_t i = 0; i < v->n; i++)
        if (!check_resource(&v->members[i], a, t, err)) return false;
    return true;
}

/* ---- outputs ---- */

static bool check_output(const JsonMember *m, Arena *a, Template *t, Error *err)
{
    const Json *body = &m->value, *value = json_get(body, S("Value"));
    if (!good_name(m->key, "Output", err)) return false;
    if (!value)
        return format_error(err, "[/Outputs/%.*s] Every Outputs member must contain a Value object",
                            STR(m->key));
    const Json *export = json_get(body, S("Export"));
    const Json *name = json_get(export, S("Name"));
    if (export && !name)
        return format_error(err, "[/Outputs/%.*s/Export] Export must contain a Name", STR(m->key));
    *vec_push(a, &t->outputs) = (TemplateOutput){
        .name = m->key,
        .description = json_text(json_get(body, S("Description"))),
        .condition = json_text(json_get(body, S("Condition"))),
        .value = value,
        .export_name = name,
    };
    return true;
}

static bool check_outputs(const Json *root, Arena *a, Template *t, Error *err)
{
    bool good = true;
    const Json *v = section(root, S("Outputs"), &good, err);
    if (good && json_count(v) > TEMPLATE_OUTPUTS_MAX)
        return format_error(err, "Number of outputs, %d, is greater than maximum allowed, %d",
                            json_count(v), TEMPLATE_OUTPUTS_MAX);
    for (int32_t i = 0; good && i < json_count(v); i++)
        good = check_output(&v->members[i], a, t, err);
    return good;
}

/* Two levels of names, then strings or lists. */
static bool check_mappings(const Json *root, Template *t, Error *err)
{
    bool good = true;
    const Json *v = t->mappings = section(root, S("Mappings"), &good, err);
    if (good && json_count(v) > TEMPLATE_MAPPINGS_MAX)
        return format_error(err, "Number of mappings, %d, is greater than maximum allowed, %d",
                            json_count(v), TEMPLATE_MAPPINGS_MAX);
    for (int32_t i = 0; good && i < json_count(v); i++) {
        const JsonMember *m = &v->members[i];
        good =
            json_is(&m->value, JSON_OBJECT) ||
            format_error(err, "[/Mappings/%.*s] Every Mappings member must be a map", STR(m->key));
        for (int32_t k = 0; good && k < json_count(&m->value); k++)
            good =
                json_is(&m->value.members[k].value, JSON_OBJECT) ||
                format_error(err, "[/Mappings/%.*s/%.*s] Every Mappings member %.*s must be a map",
                             STR(m->key), STR(m->value.members[k].key), STR(m->key));
    }
    return good;
}

bool template_check_head(const Json *root, Arena *a, Template *out, Error *err)
{
    Template t = {.root = *root};
    if (!json_is(root, JSON_OBJECT)) return format_error(err, "unsupported structure.");
    if (!known_sections(root, err) || !check_head(root, &t, err) ||
        !check_transforms(root, a, &t, err) || !check_parameters(root, a, &t, err) ||
        !check_mappings(root, &t, err))
        return false;
    *out = t;
    return true;
}

bool template_check(const Json *root, Arena *a, Template *out, Error *err)
{
    Template t;
    bool good = true;
    if (!template_check_head(root, a, &t, err) || !check_resources(root, a, &t, err) ||
        !check_outputs(root, a, &t, err))
        return false;
    t.metadata = json_get(root, S("Metadata"));
    t.conditions = section(root, S("Conditions"), &good, err);
    if (good) t.rules = section(root, S("Rules"), &good, err);
    if (good) *out = t;
    return good;
}

const TemplateResource *template_resource(const Template *t, Str name)
{
    for (int64_t i = 0; i < t->resources.n; i++)
        if (str_eq(t->resources.p[i].name, name)) return &t->resources.p[i];
    return NULL;
}

const TemplateParameter *template_parameter(const Template *t, Str name)
{
    for (int64_t i = 0; i < t->parameters.n; i++)
        if (str_eq(t->parameters.p[i].name, name)) return &t->parameters.p[i];
    return NULL;
}
