/* logging.c - events of executions written to the log group that their machine names. */
#include "app/states/logging.h"

#include "base/time.h"

static StatesLogLevel level_of(Str name)
{
    static const char *const names[] = {
        [STATES_LOG_OFF] = "OFF",
        [STATES_LOG_FATAL] = "FATAL",
        [STATES_LOG_ERROR] = "ERROR",
        [STATES_LOG_ALL] = "ALL",
    };
    for (int i = 0; i < countof(names); i++)
        if (str_eq(name, str_from(names[i]))) return (StatesLogLevel)i;
    return STATES_LOG_OFF;
}

Str states_logging_group(Str arn)
{
    int64_t at = str_find(arn, S(":log-group:"));
    if (!str_starts(arn, S("arn:")) || at < 0 || !str_ends(arn, S(":*"))) return (Str){0};
    return str_slice(arn, at + 11, arn.n - 2);
}

StatesLogging states_logging_read(Arena *a, Str configuration)
{
    Json c;
    Error err = {0};
    check(json_parse(configuration, a, &c, &err));
    Str arn = json_text(json_find(json_at(json_get(&c, S("destinations")), 0),
                                  "cloudWatchLogsLogGroup.logGroupArn"));
    return (StatesLogging){
        .level = str_absent(arn) ? STATES_LOG_OFF : level_of(json_text(json_get(&c, S("level")))),
        .data = json_true(json_get(&c, S("includeExecutionData"))),
        .group = str_copy(a, states_logging_group(arn)),
    };
}

/* ---- which ---- */

static StatesLogLevel level_needed(Str type)
{
    bool bad = str_ends(type, S("Failed")) || str_ends(type, S("Aborted")) ||
               str_ends(type, S("TimedOut"));
    if (bad && str_starts(type, S("Execution"))) return STATES_LOG_FATAL;
    return bad || str_eq(type, S("FailStateEntered")) ? STATES_LOG_ERROR : STATES_LOG_ALL;
}

/* ---- how ---- */

static bool is_data(Str member)
{
    static const char *const names[] = {"input",
                                        "inputDetails",
                                        "output",
                                        "outputDetails",
                                        "parameters",
                                        "assignedVariables",
                                        "assignedVariablesDetails"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq(member, str_from(names[i]))) return true;
    return false;
}

Json states_logging_without_data(Arena *a, const Json *details)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(details); i++)
        if (!is_data(details->members[i].key))
            json_put(&o, details->members[i].key, details->members[i].value);
    return json_object(&o);
}

static bool too_long(const Json *details, Str member)
{
    return json_text(json_get(details, member)).n > STATES_LOG_DATA_BYTES_MAX;
}

/* Details with long texts cut on a character, and `truncated` beside them. */
static Json cut(Arena *a, const Json *details)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(details); i++) {
        const JsonMember *m = &details->members[i];
        Str text = json_text(&m->value);
        int64_t n = STATES_LOG_DATA_BYTES_MAX;
        while (text.n > n && ((unsigned char)text.p[n] & 0xc0) == 0x80) n--;
        bool about =
            str_ends(m->key, S("Details")) && too_long(details, str_slice(m->key, 0, m->key.n - 7));
        JsonObject truncated = {.a = a};
        if (about) json_put(&truncated, S("truncated"), json_bool(true));
        json_put(&o, m->key,
                 about        ? json_object(&truncated)
                 : text.n > n ? json_string(str_slice(text, 0, n))
                              : m->value);
    }
    return json_object(&o);
}

static Json details_of(Arena *a, const StatesLogging *l, const AslHistory *e)
{
    if (e->details.type != JSON_OBJECT) return (Json){.type = JSON_OBJECT};
    if (!l->data) return states_logging_without_data(a, &e->details);
    return cut(a, &e->details);
}

static void put_number(JsonObject *o, Str key, int64_t n)
{
    json_put_text(o, key, str_printf(o->a, "%" PRId64, n));
}

static Str message_of(Arena *a, const StatesLogging *l, const ExecutionRow *row,
                      const AslHistory *e)
{
    JsonObject o = {.a = a};
    put_number(&o, S("id"), e->id);
    json_put_text(&o, S("type"), asl_history_name(e->type));
    json_put(&o, S("details"), details_of(a, l, e));
    put_number(&o, S("previous_event_id"), e->previous);
    put_number(&o, S("event_timestamp"), e->at);
    json_put_text(&o, S("execution_arn"), row->asl.id.arn);
    put_number(&o, S("redrive_count"), row->asl.redrives);
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

static Str stream_of(Arena *a, const ExecutionRow *row)
{
    Civil c = civil_from_millis(row->asl.id.started);
    return str_printf(a, "states/%.*s/%04" PRId64 "-%02d-%02d-%02d-%02d/%08x",
                      STR(row->asl.id.machine_name), c.year, c.month, c.day, c.hour, c.minute,
                      (unsigned)(str_hash(row->asl.id.arn) & 0xffffffff));
}

void states_logging_write(Server *s, const StatesLogging *l, const ExecutionRow *row,
                          const AslHistory *events, int64_t n)
{
    LogGroupRow group;
    LogWriter w = {0};
    Str account = row->account, region = row->asl.id.region;
    if (!l || l->level == STATES_LOG_OFF) return;
    for (int64_t i = 0; i < n; i++) {
        if (level_needed(asl_history_name(events[i].type)) > l->level) continue;
        if (!w.s && !log_group_find(s->db, account, region, l->group, &s->turn, &group)) return;
        if (!w.s) w = log_writer(s, account, region, l->group, stream_of(&s->turn, row));
        log_writer_add(&w, events[i].at, message_of(&s->turn, l, row, &events[i]));
    }
}
