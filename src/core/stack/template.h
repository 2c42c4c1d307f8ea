/* template.h - a CloudFormation template: its sections, checked and at hand. */
#pragma once
#include "base/json.h"

/* Errors are ERR_VALIDATION with CloudFormation's own words ("Template format error: ...",
 * "Template error: ..."), the place in brackets as it writes it: [/Resources/Bucket]. The limits
 * are those of the CloudFormation User Guide, "Quotas".
 *
 * Values stay as the template has them: intrinsic functions in full form ({"Fn::Sub": ...}), also
 * where YAML's short form was used (short_form.h). intrinsic.h tells what they mean. */

enum {
    TEMPLATE_BYTES_MAX = 1024 * 1024, /* by URL; TEMPLATE_BODY_BYTES_MAX in the request */
    TEMPLATE_BODY_BYTES_MAX = 51200,
    TEMPLATE_PARAMETERS_MAX = 200,
    TEMPLATE_RESOURCES_MAX = 500,
    TEMPLATE_OUTPUTS_MAX = 200,
    TEMPLATE_MAPPINGS_MAX = 200,
    TEMPLATE_DESCRIPTION_BYTES_MAX = 1024,
};

typedef struct TemplateParameter {
    Str name, type, description;
    bool no_echo;
    const Json *body; /* with Default, AllowedValues, AllowedPattern, MinLength, ... */
} TemplateParameter;

typedef enum DeletionPolicy {
    DELETION_DELETE,
    DELETION_RETAIN,
    DELETION_RETAIN_EXCEPT_ON_CREATE,
    DELETION_SNAPSHOT,
} DeletionPolicy;

typedef struct TemplateResource {
    Str name, type;
    Str condition;          /* absent: always */
    const Json *properties; /* NULL: none */
    const Json *body;       /* all of it: Metadata, CreationPolicy, UpdatePolicy */
    StrVec depends_on;
    DeletionPolicy deletion, update_replace;
} TemplateResource;

typedef struct TemplateOutput {
    Str name, description, condition;
    const Json *value;
    const Json *export_name; /* NULL: not exported */
} TemplateOutput;

typedef struct Template {
    Json root;
    Str description;
    StrVec transforms; /* names; those with parameters ({"Name": ...}), too */
    const Json *metadata, *mappings, *conditions, *rules; /* NULL or an object */
    struct {
        TemplateParameter *p;
        int64_t n, cap;
    } parameters;
    struct {
        TemplateResource *p;
        int64_t n, cap;
    } resources; /* in the order of the text */
    struct {
        TemplateOutput *p;
        int64_t n, cap;
    } outputs;
} Template;

/* Borrows from `root`: the text as a value (app/template_text.h), or what a transform made of it.
 */
must_use bool template_check(const Json *root, Arena *a, Template *out, Error *err);

/* All but resources, outputs, conditions and rules, which a transform may still have to make. */
must_use bool template_check_head(const Json *root, Arena *a, Template *out, Error *err);

const TemplateResource *template_resource(const Template *t, Str name);   /* NULL */
const TemplateParameter *template_parameter(const Template *t, Str name); /* NULL */
