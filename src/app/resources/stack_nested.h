/* stack_nested.h - what is asked of CloudFormation for a stack within a stack. */
#pragma once
#include "app/resources/resource.h"

enum { NESTED_NAME_BYTES_MAX = 128 };

/* As CreateStack and UpdateStack take it. */
Json stack_nested_request(Resource *r, Str name);
/* The child, r->physical, knows its parent. */
void stack_nested_parent(Resource *r);
