/* meter.c - AWS/Lambda: invocations, their errors and their duration as metrics. */
#include "app/watch/meter.h"

#include "app/functions/inner.h"

/* Counted for the account, for the function, and for what was named: it, a version or an alias. */
enum { METERS = 3 };

static void meters_of(Server *s, Str arn, Meter out[METERS])
{
    Str part[8] = {0}, rest = arn;
    for (int i = 0; i < countof(part) && str_cut(&rest, ':', &part[i]); i++) continue;
    Str function = part[6],
        resource =
            part[7].n ? str_printf(&s->turn, "%.*s:%.*s", STR(function), STR(part[7])) : function;
    for (int i = 0; i < METERS; i++)
        out[i] = (Meter){
            part[4],
            part[3],
            "AWS/Lambda",
            {{"FunctionName", i ? function : (Str){0}}, {"Resource", i > 1 ? resource : (Str){0}}}};
}

static void add(Server *s, Str arn, const char *name, const char *unit, double value)
{
    Meter m[METERS];
    meters_of(s, arn, m);
    for (int i = 0; i < METERS; i++) meter_add(s, &m[i], name, unit, value);
}

void functions_meter_throttled(Server *s, Str arn)
{
    Meter m[METERS];
    meters_of(s, arn, m);
    for (int i = 0; i < METERS; i++) meter_refused(s, &m[i], "Throttles");
}

void functions_meter_begun(Server *s, Str arn, int64_t concurrent)
{
    add(s, arn, "ConcurrentExecutions", "Count", (double)concurrent);
}

void functions_meter_ended(Server *s, const Invocation *i)
{
    Str arn = str_copy(&s->turn, i->ask.arn);
    add(s, arn, "Invocations", "Count", 1);
    add(s, arn, "Errors", "Count", i->end.failed);
    if (i->delivered) add(s, arn, "Duration", "Milliseconds", (double)(s->now - i->begun));
}
