/* sam.h - the transform AWS::Serverless-2016-10-31: short serverless resources become CloudFormation's own. */
#pragma once
#include "base/json.h"

/* AWS SAM specification and developer guide: AWS::Serverless::Function, StateMachine, SimpleTable
 * and LayerVersion with their events, policies and roles, the Globals section, and references to
 * what is generated (MyFunction.Alias). The logical ids of generated resources are those of
 * "Generated AWS CloudFormation resources". docs/sam.md lists what is offered and what is refused.
 *
 * Everything wrong with the document is told at once, as ERR_VALIDATION: "Transform
 * AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document.
 * Number of errors found: 1. Resource with id [X] is invalid. ..." */

#define SAM_TRANSFORM "AWS::Serverless-2016-10-31"

/* A template without the transform, Globals and serverless resources; the rest is borrowed.
 * `parameters` are the stack's values (parameters_values), for what must be known by name; NULL:
 * their defaults. */
must_use bool sam_transform(const Json *root, const Json *parameters, Arena *a, Json *out,
                            Error *err);
