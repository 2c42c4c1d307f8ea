/* logs.h - private to api/logs*.c: finding what a request of CloudWatch Logs names, pages, and the handlers of all files. */
#pragma once
#include "app/call.h"
#include "app/watch/cloudwatch_logs.h"

enum {
    LOGS_PAGE = 50,
    LOGS_TAGS_MAX = 50,
    LOGS_PAGE_BYTES_MAX = 1024 * 1024, /* of messages in one answer, and in one PutLogEvents */
    LOGS_EVENTS_MAX = 10000,
    LOGS_SCANNED_MAX = 100000, /* events looked at by one FilterLogEvents; then a token goes on */
    LOGS_SCANNED_BYTES_MAX = 32 * 1024 * 1024,
};

Str logs_text(const Call *call, const char *member);
int64_t logs_number(const Call *call, const char *member, int64_t otherwise);

/* A name, or the ARN of a group with or without ":*" behind it. */
must_use bool logs_group_named(Call *call, Str name, LogGroupRow *out, Error *err);
/* Of the request: logGroupName or logGroupIdentifier, one of them. */
must_use bool logs_group(Call *call, LogGroupRow *out, Error *err);
must_use bool logs_stream(Call *call, const LogGroupRow *group, Str name, LogStreamRow *out,
                          Error *err);

/* nextToken of the lists: the place behind which the page begins; absent: there is none. */
must_use bool logs_token(Call *call, Str *out, Error *err);
Json logs_new_token(Arena *a, Str place);

CallHandler logs_create_group, logs_delete_group, logs_describe_groups, logs_list_groups,
    logs_put_retention, logs_delete_retention, logs_protect_group;
CallHandler logs_create_stream, logs_delete_stream, logs_describe_streams;
CallHandler logs_put_events, logs_get_events, logs_filter_events;
CallHandler logs_list_tags, logs_tag, logs_untag, logs_list_tags_group, logs_tag_group,
    logs_untag_group;
CallHandler logs_put_policy, logs_delete_policy, logs_describe_policies;
CallHandler logs_put_metric_filter, logs_describe_metric_filters, logs_delete_metric_filter,
    logs_put_subscription, logs_describe_subscriptions, logs_delete_subscription;
