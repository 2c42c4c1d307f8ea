/* types.c - the list of resource types that templates may use here. */
#include "app/resources/types.h"

const ResourceType *const resource_types[] = {
    &resource_s3_bucket,
    NULL,
};
