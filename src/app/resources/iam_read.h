/* iam_read.h - identities and policies of IAM as they are now, for drift. */
#pragma once
#include "app/resources/recipe.h"

/* What other resources of the same stack gave a role, user or group (AWS::IAM::Policy,
 * AWS::IAM::ManagedPolicy) is no drift of it. */
ResourceReadFn iam_read_role, iam_read_user, iam_read_group;
ResourceReadFn iam_read_policy;  /* AWS::IAM::Policy: of the first identity that has it */
ResourceReadFn iam_read_managed; /* AWS::IAM::ManagedPolicy: its default version */
