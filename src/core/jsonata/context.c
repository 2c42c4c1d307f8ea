/* context.c - the first name that an expression reads from what it is evaluated in, rather than from a variable. */
#include "core/jsonata/ast.h"
#include "core/jsonata/jsonata.h"

static Str name_in(const Node *n);

static Str name_in_all(const NodeVec *list)
{
    Str found = {0};
    for (int32_t i = 0; i < list->n && str_absent(found); i++) found = name_in(list->p[i]);
    return found;
}

static Str name_in_parts(const Node *n)
{
    const Node *const parts[] = {n->lhs, n->rhs, n->third};
    Str found = {0};
    for (int i = 0; i < countof(parts) && str_absent(found); i++) found = name_in(parts[i]);
    return str_absent(found) ? name_in_all(&n->items) : found;
}

/* Behind the first step of a path, in predicates and in groupings the context is another. What a
 * function's body reads is not looked at. */
static Str name_in(const Node *n)
{
    if (!n) return (Str){0};
    switch (n->type) {
    case NODE_NAME: return n->text;
    case NODE_PATH: return n->items.n ? name_in(n->items.p[0]) : (Str){0};
    case NODE_BINARY:
    case NODE_NEGATE:
    case NODE_ARRAY:
    case NODE_OBJECT:
    case NODE_BLOCK:
    case NODE_CONDITION:
    case NODE_ELSE:
    case NODE_COALESCE:
    case NODE_CALL:
    case NODE_PARTIAL:
    case NODE_APPLY: return name_in_parts(n);
    case NODE_BIND: return name_in(n->rhs);
    case NODE_STRING:
    case NODE_NUMBER:
    case NODE_VALUE:
    case NODE_VARIABLE:
    case NODE_REGEX:
    case NODE_WILDCARD:
    case NODE_DESCENDANT:
    case NODE_PARENT:
    case NODE_HOLE:
    case NODE_END:
    case NODE_LAMBDA:
    case NODE_TRANSFORM:
    case NODE_SORT:
    case NODE_DOT:
    case NODE_FILTER:
    case NODE_GROUP:
    case NODE_ORDER:
    case NODE_FOCUS:
    case NODE_INDEX:
    case NODE_TYPES: return (Str){0};
    }
    unreachable();
}

Str jsonata_context_name(const JsonataProgram *program)
{
    return name_in(program->root);
}
