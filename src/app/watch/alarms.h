/* alarms.h - CloudWatch alarms at work: evaluated when due, their state changed, their actions carried out. */
#pragma once
#include "app/server.h"
#include "store/alarms.h"

/* An alarm looks at its metric every period, ALARMS_EVERY_MS at the longest: the newest
 * EvaluationPeriods whole periods, and DatapointsToAlarm of them (all, unless said) must breach.
 * Periods without values count as TreatMissingData says: "breaching", "notBreaching", "ignore" (the
 * state stays), "missing" (as none; when all are missing the state is INSUFFICIENT_DATA). A change
 * of state sends the alarm's message to the ARNs of its actions (targets.h). */
#define ALARMS_EVERY_MS ((Millis)60 * 1000)
enum { ALARMS_PERIODS_MAX = 1440 };

Str alarm_arn(Arena *a, const AlarmRow *row);
/* The first evaluation is due at once. Within an event. */
void alarms_watch(Server *s, const AlarmRow *row);
void alarms_forget(Server *s, const AlarmRow *row);
void alarms_due(Server *s, Str subject); /* timer kind "alarm" */
/* Sets the state; a change carries out the actions of the new one. */
void alarm_set_state(Server *s, AlarmRow *row, Str state, Str reason);
