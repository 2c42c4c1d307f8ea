/* states_logging.c - whether a request's loggingConfiguration can be carried out. */
#include "app/states/logging.h"

#include "api/states.h"

static bool refused(Error *err, const char *why)
{
    return error_set(err, ERR_SFN_INVALID_LOGGING, "Invalid Logging Configuration: %s", why);
}

static bool check_destination(Call *call, const Json *destination, Error *err)
{
    LogGroupRow group;
    Str arn = json_text(json_find(destination, "cloudWatchLogsLogGroup.logGroupArn"));
    Str place = str_printf(call->arena, ":logs:%.*s:%.*s:log-group:", STR(call->who.region),
                           STR(call->who.account));
    if (str_absent(arn)) return refused(err, "Must specify a Log Group ARN.");
    if (!str_ends(arn, S(":*")))
        return refused(err, "Log Group ARN must be provided with '*' qualifier.");
    if (!str_starts(arn, S("arn:")) || str_find(arn, place) < 0)
        return refused(err, "Log Group ARN must name a log group of this account and region.");
    return log_group_find(call->server->db, call->who.account, call->who.region,
                          states_logging_group(arn), call->arena, &group) ||
           refused(err, "The Log Group does not exist.");
}

bool states_check_logging(Call *call, Error *err)
{
    const Json *given = json_get(&call->in, S("loggingConfiguration")),
               *destinations = json_get(given, S("destinations"));
    Str level = json_text(json_get(given, S("level")));
    bool off = str_absent(level) || str_eq(level, S("OFF"));
    if (json_count(destinations) > 1 || (!off && !json_count(destinations)))
        return refused(err, "Must specify exactly one Log Destination.");
    return !json_count(destinations) || check_destination(call, json_at(destinations, 0), err);
}
