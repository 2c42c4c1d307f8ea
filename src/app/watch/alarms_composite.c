/* alarms_composite.c - alarms whose state follows from the states of others, by a rule. */
#include "app/watch/alarms.h"

bool alarms_composite_rule(const AlarmRow *row, Arena *a, Rule *out)
{
    Json request;
    Error err = {0};
    check(json_parse(row->request, a, &request, &err));
    return rule_parse(json_text(json_get(&request, S("AlarmRule"))), a, out, &err);
}

bool alarms_composite_names(const Rule *rule, Str alarm)
{
    for (int64_t i = 0; i < rule->alarms.n; i++)
        if (str_eq(rule->alarms.p[i], alarm)) return true;
    return false;
}

/* ---- checked ---- */

/* `name` is not below itself. */
static bool check_circle(Server *s, const AlarmRow *row, const Rule *rule, int depth, Arena *a,
                         Error *err)
{
    if (depth > ALARMS_DEPTH_MAX)
        return error_set(err, ERR_VALIDATION,
                         "AlarmRule: composite alarms are nested deeper than %d.",
                         ALARMS_DEPTH_MAX);
    for (int64_t i = 0; i < rule->alarms.n; i++) {
        AlarmRow child;
        Rule below;
        Str name = rule->alarms.p[i];
        if (str_eq(name, row->name))
            return error_set(err, ERR_VALIDATION,
                             "AlarmRule: the alarm %.*s would depend on itself.", STR(name));
        if (!alarm_row_find(s->db, row->account, row->region, name, a, &child)) {
            if (depth) continue;
            return error_set(err, ERR_VALIDATION, "AlarmRule: there is no alarm %.*s.", STR(name));
        }
        if (alarm_is_composite(&child) && alarms_composite_rule(&child, a, &below) &&
            !check_circle(s, row, &below, depth + 1, a, err))
            return false;
    }
    return true;
}

bool alarms_composite_check(Server *s, const AlarmRow *row, Str text, Arena *a, Error *err)
{
    Rule rule;
    return rule_parse(text, a, &rule, err) && check_circle(s, row, &rule, 0, a, err);
}

/* ---- evaluated ---- */

typedef struct Asking {
    Server *s;
    const AlarmRow *row;
} Asking;

static Str state_of(void *owner, Str alarm)
{
    Asking *asking = owner;
    AlarmRow row;
    if (!alarm_row_find(asking->s->db, asking->row->account, asking->row->region, alarm,
                        &asking->s->turn, &row))
        return (Str){0};
    return row.state;
}

void alarms_composite_evaluate(Server *s, AlarmRow *row)
{
    Rule rule;
    Asking asking = {.s = s, .row = row};
    if (!alarms_composite_rule(row, &s->turn, &rule)) return;
    bool holds = rule_holds(rule.root, state_of, &asking);
    Str state = holds ? S("ALARM") : S("OK");
    if (str_eq(state, row->state)) return;
    alarm_set_state(s, row, state,
                    str_printf(&s->turn, "%.*s is in state %.*s: its rule evaluates to %s.",
                               STR(alarm_arn(&s->turn, row)), STR(state),
                               holds ? "TRUE" : "FALSE"));
}

void alarms_composite_follow(Server *s, const AlarmRow *changed)
{
    AlarmRow *rows;
    int64_t n = alarm_row_composites(s->db, changed->account, changed->region, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++) {
        Rule rule;
        AlarmRow now;
        if (!alarms_composite_rule(&rows[i], &s->turn, &rule) ||
            !alarms_composite_names(&rule, changed->name))
            continue;
        if (alarm_row_get(s->db, rows[i].n, &s->turn, &now)) alarms_composite_evaluate(s, &now);
    }
}
