/* emr_shape.h - properties of AWS::EMR types in the shapes of EMR's own requests; pure. */
#pragma once
#include "base/json.h"

/* Templates name instance groups and fleets by their role, where the API has a list; properties of
 * configurations have another name; steps have their properties as a list. */
Json emr_cluster_shape(const Json *properties, Arena *a);
Json emr_step_shape(const Json *properties, Arena *a); /* a StepConfig */
