/* route.h - which of an alias's versions an execution gets. */
#pragma once
#include "base/base.h"

/* The index of a weight, chosen with a probability in proportion to it by the chance that the event
 * brought. The weights sum to 100. */
int32_t asl_route(const int32_t *weights, int32_t n, uint64_t chance);
