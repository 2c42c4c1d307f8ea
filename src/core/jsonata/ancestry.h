/* ancestry.h - which step of a path each % means: found once, when the expression is compiled. */
#pragma once
#include "core/jsonata/ast.h"

/* `%` is what the step before was applied to, `%.%` one step further. Each use carries a slot whose
 * level counts the steps still to go back; seeking starts where the use is and moves outward as the
 * tree is resolved. Account.Order.Product.{ "id": %.OrderID }      % means what Product was applied
 * to: an Order */

/* What `value` seeks, `node` seeks as well, or is itself a %. */
void jn_ancestry_inherit(Compiler *c, Node *node, const Node *value);
/* A predicate was added to `step`: its uses of % begin at that step. */
must_use bool jn_ancestry_filter(Compiler *c, Node *step, Node *predicate);
/* The path has a new last step: what that seeks is looked for in the steps before it. */
must_use bool jn_ancestry_resolve(Compiler *c, Node *path);
