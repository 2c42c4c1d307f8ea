/* logs.c - the table of CloudWatch Logs' operations, and what their handlers share. */
#include "api/logs.h"

#include "api/api.h"
#include "base/encode.h"

static const CallEntry entries[] = {
    {"CreateLogGroup", logs_create_group},
    {"CreateLogStream", logs_create_stream},
    {"DeleteLogGroup", logs_delete_group},
    {"DeleteLogStream", logs_delete_stream},
    {"DeleteMetricFilter", logs_delete_metric_filter},
    {"DeleteResourcePolicy", logs_delete_policy},
    {"DeleteRetentionPolicy", logs_delete_retention},
    {"DeleteSubscriptionFilter", logs_delete_subscription},
    {"DescribeLogGroups", logs_describe_groups},
    {"DescribeLogStreams", logs_describe_streams},
    {"DescribeMetricFilters", logs_describe_metric_filters},
    {"DescribeResourcePolicies", logs_describe_policies},
    {"DescribeSubscriptionFilters", logs_describe_subscriptions},
    {"FilterLogEvents", logs_filter_events},
    {"GetLogEvents", logs_get_events},
    {"ListLogGroups", logs_list_groups},
    {"ListTagsForResource", logs_list_tags},
    {"ListTagsLogGroup", logs_list_tags_group},
    {"PutLogEvents", logs_put_events},
    {"PutLogGroupDeletionProtection", logs_protect_group},
    {"PutMetricFilter", logs_put_metric_filter},
    {"PutResourcePolicy", logs_put_policy},
    {"PutRetentionPolicy", logs_put_retention},
    {"PutSubscriptionFilter", logs_put_subscription},
    {"TagLogGroup", logs_tag_group},
    {"TagResource", logs_tag},
    {"UntagLogGroup", logs_untag_group},
    {"UntagResource", logs_untag},
};

const CallTable logs_calls = {.service = "logs", .entries = entries, .n = countof(entries)};

Str logs_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

int64_t logs_number(const Call *call, const char *member, int64_t otherwise)
{
    return json_int_or(json_get(&call->in, str_from(member)), otherwise);
}

/* ---- finding ---- */

/* arn:aws:logs:REGION:ACCOUNT:log-group:NAME[:*] */
static Str name_of(Str given)
{
    int64_t at = str_find(given, S(":log-group:"));
    if (!str_starts(given, S("arn:")) || at < 0) return given;
    Str name = str_slice(given, at + 11, given.n);
    return str_ends(name, S(":*")) ? str_slice(name, 0, name.n - 2) : name;
}

bool logs_group_named(Call *call, Str given, LogGroupRow *out, Error *err)
{
    return log_group_find(call->server->db, call->who.account, call->who.region, name_of(given),
                          call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND, "The specified log group does not exist.");
}

bool logs_group(Call *call, LogGroupRow *out, Error *err)
{
    Str name = logs_text(call, "logGroupName"), id = logs_text(call, "logGroupIdentifier");
    if (str_absent(name) == str_absent(id))
        return error_set(err, ERR_VALIDATION,
                         str_absent(id) ? "Either logGroupName or logGroupIdentifier is required."
                                        : "LogGroup name and LogGroup ARN are mutually exclusive "
                                          "parameters.");
    return logs_group_named(call, str_absent(id) ? name : id, out, err);
}

bool logs_stream(Call *call, const LogGroupRow *group, Str name, LogStreamRow *out, Error *err)
{
    return log_stream_find(call->server->db, group->n, name, call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND, "The specified log stream does not exist.");
}

/* ---- pages ---- */

bool logs_token(Call *call, Str *out, Error *err)
{
    Str token = logs_text(call, "nextToken");
    *out = (Str){0};
    if (str_absent(token)) return true;
    if (base64_decode(call->arena, token, out) && str_starts(*out, S("page "))) {
        *out = str_slice(*out, 5, out->n);
        return true;
    }
    return error_set(err, ERR_VALIDATION, "The specified nextToken is invalid.");
}

Json logs_new_token(Arena *a, Str place)
{
    return json_string(base64_encode(a, str_printf(a, "page %.*s", STR(place))));
}
