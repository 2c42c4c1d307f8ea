/* context.c - the context object and the variables that a state sees. */
#include "base/time.h"
#include "core/asl/work.h"

static Json execution_part(AslWork *w)
{
    const AslIdentity *id = &w->x->id;
    JsonObject o = {.a = w->a};
    Json input = {.type = JSON_OBJECT};
    if (!asl_work_parse(w, w->x->input, &input)) input = (Json){.type = JSON_OBJECT};
    json_put(&o, S("Id"), json_string(id->arn));
    json_put(&o, S("Input"), input);
    json_put(&o, S("StartTime"), json_string(time_iso8601(w->a, id->started)));
    json_put(&o, S("Name"), json_string(id->name));
    json_put(&o, S("RoleArn"), json_string(id->role_arn));
    if (!id->express) json_put(&o, S("RedriveCount"), json_int(w->a, w->x->redrives));
    if (w->x->redrives)
        json_put(&o, S("RedriveTime"), json_string(time_iso8601(w->a, w->x->redriven)));
    return json_object(&o);
}

static Json machine_part(AslWork *w)
{
    JsonObject o = {.a = w->a};
    json_put(&o, S("Id"), json_string(w->x->id.machine_arn));
    json_put(&o, S("Name"), json_string(w->x->id.machine_name));
    return json_object(&o);
}

static Json state_part(AslWork *w, const AslFrame *f, const AslState *s)
{
    JsonObject o = {.a = w->a};
    bool retries = s->type == ASL_TASK || s->type == ASL_PARALLEL || s->type == ASL_MAP;
    json_put(&o, S("Name"), json_string(s->name));
    json_put(&o, S("EnteredTime"), json_string(time_iso8601(w->a, f->entered)));
    if (retries) json_put(&o, S("RetryCount"), json_int(w->a, f->retry_count));
    return json_object(&o);
}

static Json item_part(AslWork *w, const AslFrame *f)
{
    JsonObject item = {.a = w->a}, map = {.a = w->a};
    Json value;
    json_put(&item, S("Index"), json_int(w->a, f->index));
    if (asl_work_parse(w, f->item, &value)) json_put(&item, S("Value"), value);
    json_put(&map, S("Item"), json_object(&item));
    return json_object(&map);
}

Json asl_context_object(AslWork *w, const AslFrame *f, const AslState *s)
{
    JsonObject o = {.a = w->a};
    if (w->inspect && w->inspect->context) return *w->inspect->context;
    json_put(&o, S("Execution"), execution_part(w));
    json_put(&o, S("StateMachine"), machine_part(w));
    json_put(&o, S("State"), state_part(w, f, s));
    for (const AslFrame *at = f; at; at = at->parent ? asl_work_frame(w, at->parent) : NULL) {
        if (str_absent(at->item)) continue;
        json_put(&o, S("Map"), item_part(w, at));
        break;
    }
    if (s->type == ASL_TASK &&
        s->pattern.n) { /* of a job or a callback; an activity's is told to its worker */
        JsonObject task = {.a = w->a};
        json_put(&task, S("Token"),
                 json_string(asl_token_text(w->a, w->x->id.arn, (AslToken){f->id, f->attempt})));
        json_put(&o, S("Task"), json_object(&task));
    }
    return json_object(&o);
}

/* Inner frames see the variables of outer ones; json_get finds the last, so the outer ones come
 * first. */
Json asl_context_variables(AslWork *w, AslFrame *f)
{
    AslFrame *chain[ASL_DEPTH_MAX + 2];
    int n = 0;
    for (AslFrame *at = f; at && n < countof(chain);
         at = at->parent ? asl_work_frame(w, at->parent) : NULL)
        chain[n++] = at;
    JsonObject o = {.a = w->a};
    while (n-- > 0) {
        Json own;
        if (!chain[n]->variables.n || !asl_work_parse(w, chain[n]->variables, &own)) continue;
        for (int32_t i = 0; i < own.n; i++) json_put(&o, own.members[i].key, own.members[i].value);
    }
    return json_object(&o);
}
