/* graph.h - which resources of a template need which others: the order in which they are made and, backwards, removed. */
#pragma once
#include "core/stack/intrinsic.h"

/* Nodes are the resources that the conditions let exist, in the order of the template; a need is
 * what a resource refers to (Ref, GetAtt, Sub; of Fn::If both sides) or depends on, as far as it
 * exists. */
typedef struct StackNeeds {
    int32_t *p; /* other nodes, each once */
    int64_t n, cap;
} StackNeeds;

typedef struct StackGraph {
    int64_t n;
    const TemplateResource **resources;
    StackNeeds *needs;
    int32_t *order; /* all nodes, each after what it needs */
} StackGraph;

/* conditions: of conditions_resolve; NULL: every resource exists. ERR_VALIDATION: "Circular
 * dependency between resources: [A, B]". */
must_use bool stack_graph(const Template *t, const Json *conditions, Arena *a, StackGraph *out,
                          Error *err);
int32_t stack_graph_find(const StackGraph *g, Str name); /* -1 */
