/* record.c - history events: their ids, chains and details, as AWS writes them. */
#include "core/asl/work.h"

static bool is_end(AslHistoryType type)
{
    return type >= ASL_H_EXECUTION_SUCCEEDED && type <= ASL_H_EXECUTION_TIMED_OUT;
}

/* The event that would be number 25,000 is the execution's failure instead. */
static bool limit_reached(AslWork *w, AslHistoryType type, int64_t previous)
{
    if (w->x->id.no_quotas || w->x->id.express || is_end(type) ||
        w->x->last_event + 1 < ASL_EVENTS_MAX)
        return false;
    asl_run_end(w, ASL_FAILED, previous, (Str){0}, S("States.Runtime"),
                S("The execution reached the maximum number of history events (25000)."));
    return true;
}

int64_t asl_record(AslWork *w, AslHistoryType type, int64_t previous, Json details)
{
    if (asl_work_ended(w) && !is_end(type)) return w->x->last_event;
    if (limit_reached(w, type, previous)) return w->x->last_event;
    AslHistory *h = vec_push(w->a, &w->out->history);
    *h = (AslHistory){.id = ++w->x->last_event,
                      .previous = previous,
                      .at = w->event->now,
                      .type = type,
                      .details = details};
    return h->id;
}

void asl_record_chain(AslWork *w, AslFrame *f, AslHistoryType type, Json details)
{
    f->last_event = asl_record(w, type, f->last_event, details);
    f->dirty |= ASL_DIRTY_STATE;
}

static Json not_truncated(Arena *a)
{
    JsonObject o = {.a = a};
    json_put(&o, S("truncated"), json_bool(false));
    return json_object(&o);
}

void asl_record_put_payload(JsonObject *o, Str name, Str text)
{
    json_put(o, name, json_string(text));
    json_put(o, str_printf(o->a, "%.*sDetails", STR(name)), not_truncated(o->a));
}

Json asl_record_payload(AslWork *w, Str name, Str text)
{
    JsonObject o = {.a = w->a};
    asl_record_put_payload(&o, name, text);
    return json_object(&o);
}

Json asl_record_error(AslWork *w, Str error, Str cause)
{
    JsonObject o = {.a = w->a};
    json_put_text(&o, S("cause"), cause);
    json_put_text(&o, S("error"), error);
    Json details = json_object(&o);
    details.type = JSON_OBJECT; /* also when there is neither */
    return details;
}

/* AWS chains it to what was before the state was entered, when nothing else happened since. */
void asl_record_evaluation_failed(AslWork *w, AslFrame *f, const AslState *s,
                                  const AslFailure *fail)
{
    JsonObject o = {.a = w->a};
    json_put_text(&o, S("cause"), fail->cause);
    json_put_text(&o, S("error"), fail->error);
    json_put_text(&o, S("location"), fail->place);
    json_put_text(&o, S("state"), s->name);
    if (f->last_event == f->entered_event) f->last_event = f->before_event;
    asl_record_chain(w, f, ASL_H_EVALUATION_FAILED, json_object(&o));
}
