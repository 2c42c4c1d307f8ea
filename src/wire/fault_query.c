/* fault_query.c - the codes that errors of SQS had before it spoke JSON: clients of both kinds still go by them. */
#include "wire/fault.h"

/* The awsQueryError traits of SQS's Smithy model; errors that are not listed have the code they
 * are named by. The last two are of all services of that family. */
static const struct {
    const char *name, *code;
} codes[] = {
    {"BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
    {"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"},
    {"EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"},
    {"InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"},
    {"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"},
    {"PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"},
    {"QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"},
    {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
    {"QueueNameExists", "QueueAlreadyExists"},
    {"TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
    {"UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"},
    {"InvalidParameterValueException", "InvalidParameterValue"},
    {"MissingRequiredParameterException", "MissingParameter"},
};

Str fault_query_code(const Service *s, Str code)
{
    if (s->protocol == PROTOCOL_RPC_CBOR) return code; /* the model has it */
    if (!str_eq(model_text(s, s->name), S("sqs"))) return (Str){0};
    for (int i = 0; i < countof(codes); i++)
        if (str_eq(code, str_from(codes[i].name))) return str_from(codes[i].code);
    return code;
}

Str fault_type(const Service *s, Str code, Arena *a)
{
    if (str_absent(fault_query_code(s, code))) return code;
    if (s->protocol == PROTOCOL_RPC_CBOR) {
        const ModelError *known = model_error(s, code);
        return known ? str_printf(a, "com.amazonaws.%.*s#%.*s", STR(model_text(s, s->name)),
                                  STR(model_text(s, known->name)))
                     : code;
    }
    return str_printf(a, "%s#%.*s",
                      model_error(s, code) ? "com.amazonaws.sqs" : "com.amazon.coral.service",
                      STR(code));
}
