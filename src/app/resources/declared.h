/* declared.h - resources that only a template knows: networks, keys and repositories have ids and attributes, nothing runs. */
#pragma once
#include "app/resources/recipe.h"

/* Whether who the stack acts for may make, change or remove one. */
must_use bool declared_may(Resource *r, ResourceDoing doing, Error *err);

/* So that whole templates deploy: clusters and functions here run on this machine and need no
 * subnet, but their templates have them. Nothing is made but the stack's own record; what Ref and
 * GetAtt give is of the form that AWS has. */
#define DECLARED(variable, name, text, given, replaced, all)                                       \
    static const Recipe variable##_recipe = {.physical = text, .attributes = given};               \
    const ResourceType resource_##variable = {                                                     \
        .type = name,                                                                              \
        RECIPE_TYPE,                                                                               \
        .read = recipe_read_declared,                                                              \
        .recipe = &variable##_recipe,                                                              \
        .replace = replaced,                                                                       \
        .properties = all,                                                                         \
    }
