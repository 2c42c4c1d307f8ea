/* ancestry.c - which step of a path each % means: found once, when the expression is compiled. */
#include "core/jsonata/ancestry.h"

void jn_ancestry_inherit(Compiler *c, Node *node, const Node *value)
{
    for (int32_t i = 0; i < value->seeking.n; i++)
        *vec_push(c->a, &node->seeking) = value->seeking.p[i];
    if (value->type == NODE_PARENT) *vec_push(c->a, &node->seeking) = value->slot;
}

/* A step that is meant by several uses of % stores what it was applied to under the label of the
 * first. */
static void found(Node *step, Slot *slot)
{
    if (step->ancestor) slot->label = step->ancestor->label;
    step->ancestor = slot;
    step->tuple = true;
}

static bool seek(Compiler *c, Node *step, Slot *slot);

static bool seek_in_path(Compiler *c, Node *path, Slot *slot)
{
    path->tuple = true;
    int32_t i = path->items.n - 1;
    if (!seek(c, path->items.p[i--], slot)) return false;
    while (slot->level > 0 && i >= 0)
        if (!seek(c, path->items.p[i--], slot)) return false;
    return true;
}

static bool seek_in_block(Compiler *c, Node *block, Slot *slot)
{
    if (!block->items.n) return true;
    block->tuple = true;
    return seek(c, block->items.p[block->items.n - 1], slot);
}

/* One step back. */
static bool seek(Compiler *c, Node *step, Slot *slot)
{
    if (step->type == NODE_NAME || step->type == NODE_WILDCARD) {
        if (--slot->level == 0) found(step, slot);
        return true;
    }
    if (step->type == NODE_PARENT) {
        slot->level++;
        return true;
    }
    if (step->type == NODE_BLOCK) return seek_in_block(c, step, slot);
    if (step->type == NODE_PATH) return seek_in_path(c, step, slot);
    return jn_refuse(c,
                     (Failure){.code = "S0217", .position = step->position, .token = step->text});
}

bool jn_ancestry_filter(Compiler *c, Node *step, Node *predicate)
{
    for (int32_t i = 0; i < predicate->seeking.n; i++) {
        Slot *slot = predicate->seeking.p[i];
        if (slot->level != 1)
            slot->level--;
        else if (!seek(c, step, slot))
            return false;
    }
    if (predicate->seeking.n) jn_ancestry_inherit(c, step, predicate);
    return true;
}

/* Steps that only give names to what they find (@) stand beside each other, not one above the
 * other. */
static bool seek_before(Compiler *c, Node *path, Slot *slot)
{
    int32_t i = path->items.n - 2;
    while (slot->level > 0) {
        if (i < 0) {
            *vec_push(c->a, &path->seeking) = slot;
            return true;
        }
        Node *step = path->items.p[i--];
        while (i >= 0 && step->focus.p && path->items.p[i]->focus.p) step = path->items.p[i--];
        if (!seek(c, step, slot)) return false;
    }
    return true;
}

bool jn_ancestry_resolve(Compiler *c, Node *path)
{
    const Node *last = path->items.p[path->items.n - 1];
    SlotVec slots = {0};
    for (int32_t i = 0; i < last->seeking.n; i++) *vec_push(c->a, &slots) = last->seeking.p[i];
    if (last->type == NODE_PARENT) *vec_push(c->a, &slots) = last->slot;
    for (int32_t i = 0; i < slots.n; i++)
        if (!seek_before(c, path, slots.p[i])) return false;
    return true;
}
