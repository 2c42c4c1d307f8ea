/* change.h - what an update does to a stack: resources added, changed in place or by replacement, removed. */
#pragma once
#include "core/stack/graph.h"

/* What is compared are the properties as a resource was last made with, and what the new template
 * and parameters say. References to what will be added or replaced are not known yet
 * (stack_unknown()): such a property counts as changed, its evaluation as Dynamic, and when it is
 * create-only the replacement as Conditional. */
typedef enum ChangeAction { CHANGE_ADD, CHANGE_MODIFY, CHANGE_REMOVE } ChangeAction;
typedef enum Replacement {
    REPLACEMENT_FALSE,
    REPLACEMENT_TRUE,
    REPLACEMENT_CONDITIONAL
} Replacement;
/* Whether a changed property makes a new resource necessary. */
typedef enum Recreation {
    RECREATION_NEVER,
    RECREATION_CONDITIONALLY,
    RECREATION_ALWAYS
} Recreation;

typedef struct PropertyChange {
    Str property;
    Recreation recreation;
    bool dynamic;               /* not known before it is done */
    const Json *before, *after; /* NULL: not given */
} PropertyChange;

typedef struct StackChange {
    ChangeAction action;
    const TemplateResource *resource; /* removed: of the old template */
    const TemplateResource *old;      /* modified: of the old template */
    Replacement replacement;
    bool metadata, tags, policies; /* these differ, too */
    bool inner;                    /* what it is made of differs: a nested stack's template */
    Json after;                    /* properties, with unknown values */
    struct {
        PropertyChange *p;
        int64_t n, cap;
    } properties;
} StackChange;

typedef struct StackChanges {
    struct {
        StackChange *p;
        int64_t n, cap;
    } list;       /* in the order of the new template, then what is removed */
    bool outputs; /* these differ */
} StackChanges;

typedef struct ChangeInput {
    const Template *old;     /* NULL: there is nothing yet */
    const StackGraph *graph; /* of the new template */
    StackScope scope;        /* of the new template; ref and attribute are asked about what stays */
    bool tags;               /* the stack's tags differ */
    /* Properties with which a resource of the stack was last made; NULL: it is not there. */
    const Json *(*before)(void *state, Str name);
    /* Whether what the properties lead to differs, though they are the same. NULL: never. */
    bool (*inner)(void *state, const TemplateResource *r, const Json *after);
    Recreation (*recreation)(void *state, Str type, Str property, const Json *before,
                             const Json *after);
} ChangeInput;

/* ERR_VALIDATION: a function's error, or a resource changes its type. */
must_use bool stack_change(ChangeInput *in, StackChanges *out, Error *err);
const StackChange *stack_change_of(const StackChanges *changes, Str name); /* NULL */
