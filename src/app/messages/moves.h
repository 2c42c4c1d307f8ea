/* moves.h - message move tasks at work: dead letters go back to where they came from, or elsewhere, a portion at a time. */
#pragma once
#include "app/server.h"
#include "store/move_tasks.h"

/* https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 *
 * Moved are the messages that were in the queue when the task began and can be received; those in
 * flight are waited for. A moved message is a new one: id, time of sending and count of receptions
 * begin anew. A task goes on after a restart: it is a row and a durable timer. */
enum {
    MOVES_AT_ONCE = 200,  /* in one event */
    MOVES_TICK_MS = 100,  /* between the portions of a task whose pace is limited */
    MOVES_WAIT_MS = 1000, /* for messages that are in flight */
    MOVES_PER_SECOND_MAX = 500,
    MOVES_LISTED_MAX = 10,
};

void moves_begin(Server *s, MoveTaskRow *row); /* adds it; within an event */
void moves_due(Server *s, Str subject);        /* timer kind "queue-move" */
