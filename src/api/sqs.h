/* sqs.h - private to api/sqs*.c: finding what a request of SQS names, batches, and the handlers of all files. */
#pragma once
#include "app/call.h"
#include "app/messages/queues.h"

Str sqs_text(const Call *call, const char *member);
int64_t sqs_number(const Call *call, const char *member, int64_t otherwise);

/* The queue that QueueUrl names: http://HOST/ACCOUNT/NAME, whatever the host. */
must_use bool sqs_queue(Call *call, QueueRow *out, Error *err);
must_use bool sqs_find(Call *call, Str account, Str name, QueueRow *out, Error *err);
Str sqs_url(Call *call, const QueueRow *q);
/* Parses what the row keeps. */
Json sqs_parse(Arena *a, Str json);
void sqs_done(Call *call); /* an answer without members */

/* Lists with MaxResults and NextToken: rows beyond `page` are not told, but the token is. */
must_use bool sqs_page(Call *call, int64_t *page, Str *after, Error *err);
Json sqs_new_token(Arena *a, Str after);

/* Attributes of CreateQueue and SetQueueAttributes, put into what is set already. */
must_use bool sqs_set_attributes(Call *call, Str name, const Json *old, const Json *given,
                                 Json *out, Error *err);

/* Runs `each` on the entries of a batch, and tells which went well; *err only for a batch that is
 * refused as a whole. */
typedef bool SqsEntry(Call *call, const QueueRow *q, const Json *entry, JsonObject *out,
                      Error *err);
CallResult sqs_batch(Call *call, const QueueRow *q, SqsEntry *each, Error *err);

CallHandler sqs_create_queue, sqs_get_queue_url, sqs_list_queues, sqs_delete_queue, sqs_purge_queue,
    sqs_dead_letter_sources;
CallHandler sqs_get_attributes, sqs_put_attributes, sqs_add_permission, sqs_remove_permission;
CallHandler sqs_list_tags, sqs_tag, sqs_untag;
CallHandler sqs_start_move, sqs_list_moves, sqs_cancel_move;
CallHandler sqs_send_message, sqs_send_batch;
CallHandler sqs_receive_message, sqs_delete_message, sqs_delete_batch, sqs_change_visibility,
    sqs_change_visibility_batch;
