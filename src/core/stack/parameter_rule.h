/* parameter_rule.h - what a parameter's type and constraints allow; shared by the files of parameters. */
#pragma once
#include "core/stack/parameters.h"

typedef struct ParameterType {
    bool list;   /* its value is a list of texts */
    bool number; /* each of them is a number */
    bool stored; /* its text names a parameter of the parameter store */
} ParameterType;

/* ERR_VALIDATION: CloudFormation has no such type. */
must_use bool parameter_type(const TemplateParameter *p, ParameterType *out, Error *err);
/* AllowedValues, AllowedPattern, lengths and bounds; of a list each item; of a stored parameter its
 * name, as CloudFormation does. */
must_use bool parameter_satisfies(const TemplateParameter *p, const ParameterType *type, Str text,
                                  Arena *a, Error *err);
