/* queues_inner.h - what the files of app/queues*.c share among themselves. */
#pragma once
#include "app/messages/queues.h"

MessageView queues_view(Server *s, const QueueRow *q, const QueueSettings *set);
/* Hands out what there is, at most ask->messages_max: a list, maybe empty. Within an event. */
Json queues_take(Server *s, const QueueRow *q, const QueueAsk *ask, Arena *a);
