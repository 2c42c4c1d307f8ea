/* stacks_inside.h - what the files of operations on stacks share. */
#pragma once
#include "app/stacks/stacks.h"

Life stacks_life(Server *s, const StackRow *row); /* of the operation under way, or the last one */
/* Steps until nothing follows at once; the life is put into the row, which is to be written. */
void stacks_step(Server *s, StackRow *row, Life *life, LifeEvent e);
/* An event is published to the topics that the stack has. */
void stacks_notify(Server *s, const StackRow *row, const StackEvent *e);
/* The stack is what row->next says, from now on. */
void stacks_take_next(Server *s, StackRow *row);
/* What is under way of a resource is not looked at any more. */
void stacks_stop(Server *s, const StackRow *row, StackResourceRow *r);
