/* alarms.h - CloudWatch alarms at work: evaluated when due, their state changed, their actions carried out. */
#pragma once
#include "app/server.h"
#include "core/metric/rule.h"
#include "store/alarms.h"

/* An alarm looks at its metric every period, ALARMS_EVERY_MS at the longest: the newest
 * EvaluationPeriods whole periods, and DatapointsToAlarm of them (all, unless said) must breach.
 * Periods without values count as TreatMissingData says: "breaching", "notBreaching", "ignore" (the
 * state stays), "missing" (as none; when all are missing the state is INSUFFICIENT_DATA). A change
 * of state sends the alarm's message to the ARNs of its actions (targets.h). */
#define ALARMS_EVERY_MS   ((Millis)60 * 1000)
#define ALARMS_HISTORY_MS ((Millis)30 * 24 * 3600 * 1000)
enum { ALARMS_PERIODS_MAX = 1440, ALARMS_DEPTH_MAX = 10 };

Str alarm_arn(Arena *a, const AlarmRow *row);
/* The first evaluation is due at once. Within an event. */
void alarms_watch(Server *s, const AlarmRow *row);
void alarms_forget(Server *s, const AlarmRow *row);
bool alarm_is_composite(const AlarmRow *row);
/* A line of the alarm's history. */
void alarm_note(Server *s, const AlarmRow *row, const char *type, Str summary, const Json *data);

/* alarms_composite.c. false: the rule cannot be read, names an alarm that is not there, or itself,
 * also by others. */
must_use bool alarms_composite_check(Server *s, const AlarmRow *row, Str rule, Arena *a,
                                     Error *err);
void alarms_composite_evaluate(Server *s, AlarmRow *row);
/* An alarm changed its state: composite ones that name it are looked at again. */
void alarms_composite_follow(Server *s, const AlarmRow *changed);
must_use bool alarms_composite_rule(const AlarmRow *row, Arena *a, Rule *out);
bool alarms_composite_names(const Rule *rule, Str alarm);

/* alarms_evaluate.c. */
void alarms_due(Server *s, Str subject); /* timer kind "alarm" */
/* Sets the state; a change carries out the actions of the new one. */
void alarm_set_state(Server *s, AlarmRow *row, Str state, Str reason);
