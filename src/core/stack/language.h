/* language.h - the transform AWS::LanguageExtensions: loops in a template, and references in its policies of deletion. */
#pragma once
#include "core/stack/intrinsic.h"

/* User Guide, "AWS::LanguageExtensions transform". Fn::ForEach::Name stands in Resources, Outputs,
 * Conditions and within a resource's properties as a member
 *     "Fn::ForEach::Topics": ["Topic", ["a", "b"] or {"Ref": "List"}, {"Topic${Topic}": {...}}]
 * and becomes one member for each item. Within, ${Topic}, {"Ref": "Topic"} and, without what is not
 * alphanumeric, &{Topic} are the item. Fn::Length, Fn::ToJsonString and the default of
 * Fn::FindInMap are intrinsic functions like the others (intrinsic.h).
 *
 * Errors are ERR_VALIDATION: "Transform AWS::LanguageExtensions failed with: ...". */

#define LANGUAGE_TRANSFORM "AWS::LanguageExtensions"

enum {
    LANGUAGE_VALUES_MAX = 200000, /* made by the loops of a template */
    LANGUAGE_MEMBERS_MAX = 2000,  /* of a section, loops unrolled */
    LANGUAGE_DEPTH_MAX = 5,       /* loops within loops */
};

/* `s` needs t (of template_check_head), parameters, pseudo and bytes_left. */
must_use bool language_transform(StackScope *s, const Json *root, Json *out, Error *err);
