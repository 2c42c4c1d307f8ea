/* parameters.h - the values of a stack's parameters: given, kept from before or the default, each checked as CloudFormation does. */
#pragma once
#include "core/stack/template.h"

/* Types: String, Number, List<Number>, CommaDelimitedList, the AWS kinds (AWS::EC2::VPC::Id,
 * List<AWS::EC2::Subnet::Id>, ...) taken as texts, AWS::SSM::Parameter::Name, and
 * AWS::SSM::Parameter::Value<...>, whose text names a parameter of the parameter store. Errors are
 * ERR_VALIDATION with CloudFormation's own words ("Parameters: [X] must have values").
 *
 *     ParameterInputs in = {.given = ..., .n = ..., .previous = kept_of_the_last_operation};
 *     if (!parameters_resolve(&t, &in, a, &values, err)) return false;
 *     Json for_scope = parameters_values(&values, a);  StackScope s = {.parameters = &for_scope};
 *
 * The limits are those of the User Guide's "Quotas" and "Parameters syntax". */

enum {
    PARAMETER_VALUE_BYTES_MAX = 4096,
    PARAMETER_PATTERN_STEPS_MAX = 1000000, /* of PCRE2's matcher, for one value */
};

typedef struct GivenParameter { /* as a request has it */
    Str name, value;
    bool use_previous;
} GivenParameter;

/* What a name of the parameter store holds: its value and its type ("String", "StringList",
 * "SecureString"). *found false: nothing of that name. */
typedef bool ParameterLookupFn(void *state, Str name, bool *found, Str *value, Str *type,
                               Error *err);

typedef struct ParameterInputs {
    const GivenParameter *given;
    int64_t n;
    const Json *previous; /* name: text, of parameters_kept; NULL: a new stack */
    ParameterLookupFn *lookup;
    void *state;
} ParameterInputs;

typedef struct ParameterValue {
    const TemplateParameter *parameter;
    Str text;     /* as given */
    Str resolved; /* absent, but for a parameter of the parameter store's */
    Json value;   /* what Ref gives: a text or a list of texts */
} ParameterValue;

typedef struct ParameterValues { /* in the template's order */
    ParameterValue *p;
    int64_t n, cap;
} ParameterValues;

must_use bool parameters_resolve(const Template *t, const ParameterInputs *in, Arena *a,
                                 ParameterValues *out, Error *err);

Json parameters_values(const ParameterValues *v, Arena *a); /* name: value */
Json parameters_kept(const ParameterValues *v, Arena *a);   /* name: text; holds the secrets */
Str parameter_shown(const ParameterValue *v);               /* "****" where NoEcho says so */

/* Without values: every type is known, every default is a text that satisfies its constraints. For
 * ValidateTemplate. */
must_use bool parameters_check(const Template *t, Arena *a, Error *err);
Str parameter_default(const TemplateParameter *p, Arena *a); /* absent: none */
