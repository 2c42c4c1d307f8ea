/* causes.h - what a value of a template is made of: the parameters, resources and attributes that may change it. */
#pragma once
#include "core/stack/template.h"

/* Of Fn::If both sides count, as in graph.h. For ChangeSource and CausingEntity of change sets. */
typedef enum CauseKind { CAUSE_PARAMETER, CAUSE_RESOURCE, CAUSE_ATTRIBUTE } CauseKind;

typedef struct Cause {
    CauseKind kind;
    Str entity;   /* as it is told: "Key", "Bucket", "Bucket.Arn" */
    Str resource; /* "Bucket"; absent of a parameter */
} Cause;

typedef struct Causes {
    Cause *p;
    int64_t n, cap;
} Causes;

/* value NULL: none. Each once, in the order in which they are met; added to *out. */
void causes_of(const Template *t, const Json *value, Arena *a, Causes *out);
