/* transform.h - a template's transforms, one after the other: what CloudFormation then works with. */
#pragma once
#include "core/stack/intrinsic.h"

/* AWS::Include (of the whole template and, as Fn::Transform, of a place within it),
 * AWS::LanguageExtensions (language.h) and AWS::Serverless-2016-10-31 (sam.h), in this order
 * whatever order they are named in: what is included may have loops, and loops may make serverless
 * resources. A macro of one's own is refused by its name.
 *
 *     template_check_head(&root, a, &head, err); parameters_resolve(&head, ...);
 *     StackScope s = {.a = a, .t = &head, .parameters = ..., .pseudo = ..., .bytes_left = ...};
 *     template_transform(&s, include, state, &root, &made, err); template_check(&made, ...); */

enum { TRANSFORM_INCLUDES_MAX = 100 };

/* What lies at "s3://bucket/key", read as JSON or YAML. */
typedef bool TransformIncludeFn(void *state, Str location, Json *out, Error *err);

/* A template without transforms: *out is `root` itself when there are none. `include` NULL:
 * AWS::Include is refused. */
must_use bool template_transform(StackScope *s, TransformIncludeFn *include, void *state,
                                 const Json *root, Json *out, Error *err);
bool template_has_transforms(const Json *root); /* Fn::Transform counts */
