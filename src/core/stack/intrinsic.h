/* intrinsic.h - CloudFormation's intrinsic functions: what a value of a template means, and what it refers to. */
#pragma once
#include "core/stack/template.h"

/* A scope says what names mean. Where it cannot tell yet (a resource that does not exist while a
 * change is only planned) its functions may give stack_unknown(); whatever is made of an unknown
 * value is unknown. Errors are ERR_VALIDATION, "Template error: ...".
 *
 *     StackScope s = {.a = a, .t = &t, .parameters = ..., .pseudo = ..., .bytes_left =
 * STACK_VALUE_BYTES_MAX}; if (!conditions_resolve(&s, &conditions, err)) ...;  s.conditions =
 * &conditions; if (!intrinsic_resolve(&s, resource->properties, &properties, err)) ... */

enum { STACK_VALUE_BYTES_MAX = 16 * 1024 * 1024 }; /* texts made by functions, of one operation */

typedef struct StackScope {
    Arena *a;
    const Template *t;
    const Json *parameters; /* name: text, or list of texts */
    const Json *pseudo;     /* "AWS::Region": text; without AWS::NoValue */
    const Json *conditions; /* name: true or false; of conditions_resolve */
    const Json *zones;      /* names of the region's availability zones */
    /* Of a resource that is there. NULL: resources may not be referred to. */
    bool (*ref)(void *state, Str resource, Json *out, Error *err);
    bool (*attribute)(void *state, Str resource, Str attribute, Json *out, Error *err);
    bool (*imported)(void *state, Str export_name, Json *out, Error *err); /* NULL: none */
    /* Fn::GetStackOutput: {StackName, OutputName, Region, RoleArn}, the first two given. NULL: none
     */
    bool (*output)(void *state, const Json *which, Json *out, Error *err);
    void *state;
    int64_t bytes_left;
    const struct StackFacts
        *facts; /* rules.h: functions of rules; NULL: elsewhere there are none */
    /* While conditions_resolve is at work; NULL else. */
    JsonObject *conditions_found;
    Json *conditions_view;
} StackScope;

/* Members and items that are AWS::NoValue are left out; at the top it gives null. */
must_use bool intrinsic_resolve(StackScope *s, const Json *value, Json *out, Error *err);
/* All of the template's conditions: name: true or false. */
must_use bool conditions_resolve(StackScope *s, Json *out, Error *err);
/* absent: true. ERR_VALIDATION: no such condition. */
must_use bool condition_holds(const StackScope *s, Str name, bool *out, Error *err);

/* A value that will be known only when something has been created. */
Json stack_unknown(void);
bool stack_is_unknown(const Json *v); /* also one that has an unknown part */

/* The resources that a value refers to (Ref, GetAtt, Sub; of Fn::If both sides), each once, added
 * to *out. */
void intrinsic_references(const Template *t, const Json *value, Arena *a, StrVec *out);
/* Every Ref, GetAtt and Sub of the template leads somewhere; conditions refer to no resource and
 * not in circles; DependsOn and Condition name what is there. For ValidateTemplate and before
 * anything is made. */
must_use bool intrinsic_check(const Template *t, Arena *a, Error *err);
