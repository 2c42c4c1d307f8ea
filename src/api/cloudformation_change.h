/* cloudformation_change.h - a change of a change set, as it is told. */
#pragma once
#include "api/cloudformation.h"

/* ResourceChange with all values in it; cfn_change_shown leaves out what only IncludePropertyValues
 * asks for. Values that come from NoEcho parameters are stars. */
Json cfn_change(Call *call, const StackRow *row, const StackGoal *goal, const StackChanges *all,
                const StackChange *change);
/* IncludeNestedStacks: for each nested stack of the changes a change set of its own; *ids: their
 * ids by logical name. One whose parameters are not known before has none. */
must_use bool cfn_nested_sets(Call *call, const StackRow *row, const StackChanges *all, Str parent,
                              Json *ids, Error *err);
/* All of them know who is at the top. */
void cfn_nested_root(Call *call, const Json *ids, Str parent, Str root);
/* A change set that will not be executed takes those of its nested stacks with it, and nested
 * stacks that were only there to be reviewed. */
void cfn_nested_drop(Call *call, const ChangeSetRow *set);
Json cfn_change_shown(Arena *a, const Json *change, bool values);
