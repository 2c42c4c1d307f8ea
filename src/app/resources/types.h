/* types.h - the names of the resource types, each defined in a file of its own. */
#pragma once
#include "app/resources/resource.h"

extern const ResourceType resource_s3_bucket;
