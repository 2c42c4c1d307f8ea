/* protection.h - what a stack's policy lets an update do to its resources. */
#pragma once
#include "app/server.h"
#include "core/stack/update_policy.h"
#include "store/stacks.h"

/* By the policy that was in force when the update under way began. Why it may not be, in the words
 * of the resource's event; absent: it may. */
Str stack_protects(Server *s, const StackRow *row, UpdateAction action, Str logical, Str type);
/* After an update that went well: the policy that it brought. */
void stack_takes_policy(Server *s, StackRow *row, const Json *next);
