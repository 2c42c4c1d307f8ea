/* map.c - Map states: their items, inline iterations, and the order of a distributed Map Run. */
#include "core/asl/work.h"

static bool not_an_array(AslVisit *v, const AslExpr *e, const Json *items)
{
    static const char *const names[] = {"null",   "boolean", "boolean", "number",
                                        "string", "array",   "object"};
    Arena *a = v->w->a;
    Str shown = json_to_str(a, items);
    if (!v->s->jsonata)
        return asl_failure(&v->fail, S("States.Runtime"),
                           str_printf(a, "Reference path \"%.*s\" must point to array.",
                                      STR(e ? e->text : S("$"))));
    if (!e)
        return asl_failure(
            &v->fail, S("States.QueryEvaluationError"),
            str_printf(a, "Map state input must be an array but was: %.*s", STR(shown)));
    asl_failure(&v->fail, S("States.QueryEvaluationError"),
                str_printf(a,
                           "The JSONata expression '%.*s' specified for the field '%.*s' returned "
                           "an unexpected result type. Expected "
                           "'array', but was '%s' for value: %.*s",
                           STR(e->text), STR(e->place), names[items->type], STR(shown)));
    v->fail.place = e->place;
    return false;
}

static bool map_items(AslVisit *v, Json *items)
{
    const AslExpr *e = v->s->field[v->s->jsonata ? F_ITEMS : F_ITEMS_PATH];
    *items = v->input;
    if (e && !asl_eval(e, &v->scope, items, &v->fail)) return false;
    if (v->s->distributed && json_is(items, JSON_OBJECT)) return true;
    return json_is(items, JSON_ARRAY) || not_an_array(v, e, items);
}

/* A distributed Map also goes over the members of an object. */
static AslItem item_at(const Json *items, int32_t i)
{
    if (json_is(items, JSON_ARRAY)) return (AslItem){.index = i, .value = items->items[i]};
    return (AslItem){.index = i, .value = items->members[i].value, .key = items->members[i].key};
}

/* What an item's expressions see besides: Map.Item in the context object. */
static Json with_item(Arena *a, const Json *context, const AslItem *item)
{
    JsonObject o = {.a = a}, map = {.a = a}, at = {.a = a};
    for (int32_t i = 0; i < json_count(context); i++)
        if (!str_eq(context->members[i].key, S("Map")))
            json_put(&o, context->members[i].key, context->members[i].value);
    json_put(&at, S("Index"), json_int(a, item->index));
    json_put_text(&at, S("Key"), item->key);
    json_put(&at, S("Value"), item->value);
    json_put_text(&at, S("Source"), item->source);
    json_put(&map, S("Item"), json_object(&at));
    json_put(&o, S("Map"), json_object(&map));
    return json_object(&o);
}

static bool selected(AslVisit *v, const AslItem *item, Json *out)
{
    const AslExpr *e =
        v->s->field[F_ITEM_SELECTOR] ? v->s->field[F_ITEM_SELECTOR] : v->s->field[F_PARAMETERS];
    if (!e) return *out = item->value, true;
    AslScope scope = v->scope;
    Json context = with_item(v->w->a, scope.context, item);
    scope.context = &context;
    return asl_eval(e, &scope, out, &v->fail);
}

static bool select_all(AslVisit *v, const Json *items, Json **out)
{
    *out = new_array(v->w->a, Json, items->n);
    for (int32_t i = 0; i < items->n; i++) {
        AslItem item = item_at(items, i);
        if (!selected(v, &item, &(*out)[i])) return false;
    }
    return true;
}

/* The text of an item that is a whole input keeps its bytes no more: it was cut out of an array. */
static void new_iteration(AslVisit *v, int32_t i, const Json *item, const Json *input)
{
    AslFrame *child = asl_work_new_frame(v->w, v->f, i, v->s->branches[0]);
    child->item = json_to_str(v->w->a, item);
    if (v->s->field[F_ITEM_SELECTOR] || v->s->field[F_PARAMETERS])
        child->input = json_to_str(v->w->a, input);
}

static void start_inline(AslVisit *v, const Json *items, int64_t concurrency)
{
    AslWork *w = v->w;
    AslFrame *f = v->f;
    Json *inputs;
    if (!select_all(v, items, &inputs)) {
        asl_visit_fail(v);
        return;
    }
    bool all = concurrency == 0 || concurrency > ASL_CONCURRENT_ITERATIONS_MAX;
    f->phase = ASL_CHILDREN;
    f->children_n = items->n;
    f->children_max = all ? ASL_CONCURRENT_ITERATIONS_MAX : (int32_t)concurrency;
    f->children_started = f->children_ended = 0;
    f->children_first = w->x->last_frame + 1;
    for (int32_t i = 0; i < items->n; i++) new_iteration(v, i, &items->items[i], &inputs[i]);
    for (int32_t i = 0; i < items->n && i < f->children_max; i++)
        asl_group_start_child(w, f, asl_work_frame(w, f->children_first + i), f->last_event);
    if (items->n) return;
    asl_record(w, ASL_H_MAP_SUCCEEDED, f->last_event, (Json){0});
    asl_visit_exit(v, S("[]"));
}

static bool given(const AslVisit *v, AslField constant, AslField path)
{
    return v->s->field[constant] || v->s->field[path];
}

static bool tolerances(AslVisit *v, int64_t *count, double *percentage)
{
    if (!asl_visit_whole(v, F_TOLERATED_COUNT, F_TOLERATED_COUNT_PATH, 0, count)) return false;
    if (*count < 0)
        return asl_failure(&v->fail, S("States.Runtime"),
                           S("ToleratedFailureCount cannot be negative."));
    return asl_visit_percentage(v, percentage);
}

/* "MaxItemsPath": "$.n" of ReaderConfig and ItemBatcher becomes "MaxItems": 5. */
static bool resolve_paths(AslVisit *v, const Json *object, Json *out)
{
    Arena *a = v->w->a;
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < object->n; i++) {
        const JsonMember *m = &object->members[i];
        AslExpr path;
        Str why;
        Json value = m->value;
        bool is_path = str_ends(m->key, S("Path")) && json_is(&value, JSON_STRING) &&
                       asl_path(json_text(&value), a, &path, &why);
        path.place = m->key;
        if (is_path && !asl_eval(&path, &v->scope, &value, &v->fail)) return false;
        json_put(&o, is_path ? str_slice(m->key, 0, m->key.n - 4) : m->key, value);
    }
    *out = json_object(&o);
    return true;
}

static bool resolve_below(AslVisit *v, Str below, Json *value)
{
    const Json *inner = json_get(value, below);
    JsonObject o = {.a = v->w->a};
    Json resolved;
    if (!json_is(inner, JSON_OBJECT)) return true;
    if (!resolve_paths(v, inner, &resolved)) return false;
    for (int32_t i = 0; i < value->n; i++)
        json_put(&o, value->members[i].key,
                 str_eq(value->members[i].key, below) ? resolved : value->members[i].value);
    *value = json_object(&o);
    return true;
}

static bool put_field(AslVisit *v, JsonObject *o, AslField field, Str name)
{
    Json value;
    if (!v->s->field[field]) return true;
    if (!asl_eval(v->s->field[field], &v->scope, &value, &v->fail)) return false;
    if (field == F_ITEM_READER && !resolve_below(v, S("ReaderConfig"), &value)) return false;
    if (field == F_ITEM_BATCHER && json_is(&value, JSON_OBJECT) &&
        !resolve_paths(v, &value, &value))
        return false;
    json_put(o, name, value);
    return true;
}

/* What the Map Run is to do, with every path and expression resolved. Items that come from a reader
 * are not known yet: asl_map_items makes inputs of them. */
static bool map_run_order(AslVisit *v, const Json *items, int64_t concurrency, Str *out)
{
    Arena *a = v->w->a;
    JsonObject o = {.a = a};
    int64_t count = 0;
    double percentage = 0;
    Json *inputs = NULL;
    if (!tolerances(v, &count, &percentage)) return false;
    if (items) {
        if (!select_all(v, items, &inputs)) return false;
        json_put(&o, S("Items"), (Json){.type = JSON_ARRAY, .n = items->n, .items = inputs});
    }
    if (!put_field(v, &o, F_ITEM_READER, S("ItemReader")) ||
        !put_field(v, &o, F_ITEM_BATCHER, S("ItemBatcher")) ||
        !put_field(v, &o, F_RESULT_WRITER, S("ResultWriter")))
        return false;
    json_put(&o, S("MaxConcurrency"), json_int(a, concurrency));
    if (given(v, F_TOLERATED_COUNT, F_TOLERATED_COUNT_PATH))
        json_put(&o, S("ToleratedFailureCount"), json_int(a, count));
    if (given(v, F_TOLERATED_PERCENTAGE, F_TOLERATED_PERCENTAGE_PATH))
        json_put(&o, S("ToleratedFailurePercentage"),
                 json_number(str_printf(a, "%.15g", percentage)));
    Json order = json_object(&o);
    *out = json_to_str(a, &order);
    return true;
}

static void start_distributed(AslVisit *v, const Json *items, int64_t concurrency)
{
    Str order;
    if (!map_run_order(v, items, concurrency, &order)) {
        asl_visit_fail(v);
        return;
    }
    v->f->map_run_arn = (Str){0};
    v->f->phase = ASL_MAP_RUN_ORDERED;
    v->f->attempt++;
    v->f->dirty |= ASL_DIRTY_STATE;
    AslCommand *c = asl_work_order(v->w, ASL_COMMAND_MAP_RUN, v->f);
    c->parameters = order;
    c->flow = v->s->branches[0];
    c->label = v->s->label;
}

static void inspect_map(AslVisit *v, const Json *items, int64_t concurrency)
{
    JsonObject *data = &v->w->inspect->data;
    int64_t count = 0;
    AslFailure kept = v->fail;
    if (!v->s->jsonata) asl_inspect(v->w, S("afterInputPath"), asl_visit_text(v, &v->input));
    if (!v->s->jsonata && v->s->field[F_ITEMS_PATH])
        asl_inspect(v->w, S("afterItemsPath"), json_to_str(v->w->a, items));
    json_put(data, S("maxConcurrency"), json_int(data->a, concurrency));
    if (asl_visit_whole(v, F_TOLERATED_COUNT, F_TOLERATED_COUNT_PATH, 0, &count) && count)
        json_put(data, S("toleratedFailureCount"), json_int(data->a, count));
    v->fail = kept;
}

void asl_execute_map(AslVisit *v)
{
    AslWork *w = v->w;
    Json items = {.type = JSON_ARRAY};
    int64_t concurrency;
    bool reader = v->s->field[F_ITEM_READER] != NULL;
    if (!asl_visit_whole(v, F_MAX_CONCURRENCY, F_MAX_CONCURRENCY_PATH, 0, &concurrency) ||
        (!reader && !map_items(v, &items))) {
        asl_visit_fail(v);
        return;
    }
    if (concurrency < 0) {
        asl_failure(&v->fail, S("States.Runtime"), S("MaxConcurrency cannot be negative."));
        asl_visit_fail(v);
        return;
    }
    if (w->inspect) inspect_map(v, &items, concurrency);
    JsonObject o = {.a = w->a};
    json_put(&o, S("length"), json_int(w->a, items.n));
    asl_record_chain(w, v->f, ASL_H_MAP_STARTED, json_object(&o));
    if (v->s->distributed)
        start_distributed(v, reader ? NULL : &items, concurrency);
    else
        start_inline(v, &items, concurrency);
}

/* One that is known already was redriven. */
static void map_run_started(AslWork *w, AslFrame *f)
{
    JsonObject o = {.a = w->a};
    if (f->phase != ASL_MAP_RUN_ORDERED) return;
    bool redriven = f->map_run_arn.n > 0;
    f->phase = ASL_MAP_RUN_RUNNING;
    f->map_run_arn = w->event->arn;
    json_put(&o, S("mapRunArn"), json_string(w->event->arn));
    if (redriven) json_put(&o, S("redriveCount"), json_int(w->a, w->x->redrives));
    asl_record_chain(w, f, redriven ? ASL_H_MAP_RUN_REDRIVEN : ASL_H_MAP_RUN_STARTED,
                     json_object(&o));
}

static void close_map_run(AslWork *w, AslFrame *f)
{
    asl_work_order(w, ASL_COMMAND_CANCEL, f);
    f->attempt++;
    f->dirty |= ASL_DIRTY_STATE;
}

/* Observed twice over: machines with variables or JSONata do not chain on from the Map Run's
 * success, others do. */
static void map_run_succeeded(AslWork *w, AslFrame *f)
{
    AslVisit v;
    int64_t run = asl_record(w, ASL_H_MAP_RUN_SUCCEEDED, f->last_event, (Json){0});
    asl_record(w, ASL_H_MAP_SUCCEEDED, run, (Json){0});
    if (!w->def->modern) f->last_event = run;
    close_map_run(w, f);
    if (!asl_visit_begin(&v, w, f) || asl_visit_too_large(&v, w->event->output))
        asl_visit_fail(&v);
    else if (!asl_work_ended(w))
        asl_visit_exit(&v, w->event->output);
}

void asl_map_run_event(AslWork *w, AslFrame *f)
{
    f->dirty |= ASL_DIRTY_STATE;
    if (w->event->kind == ASL_MAP_RUN_STARTED) {
        map_run_started(w, f);
    } else if (w->event->kind == ASL_MAP_RUN_SUCCEEDED) {
        map_run_succeeded(w, f);
    } else {
        close_map_run(w, f);
        asl_record_chain(w, f, ASL_H_MAP_RUN_FAILED,
                         asl_record_error(w, w->event->error, w->event->cause));
        asl_fail_state(w, f, w->event->error, w->event->cause);
    }
}

bool asl_map_items(const AslDefinition *def, const AslExecution *exec, const AslFrames *frames,
                   int64_t frame, const AslEvent *event, const AslItem *items, int64_t n, Arena *a,
                   Json *out, AslFault *fault)
{
    AslUpdate unused = {.next = *exec};
    AslWork w = {.def = def,
                 .frames = frames,
                 .event = event,
                 .a = a,
                 .out = &unused,
                 .x = &unused.next,
                 .seed = event->seed};
    AslFrame *f = asl_work_frame(&w, frame);
    AslVisit v;
    check(f);
    bool good = asl_visit_begin(&v, &w, f);
    for (int64_t i = 0; i < n && good; i++) good = selected(&v, &items[i], &out[i]);
    if (!good) *fault = (AslFault){.error = v.fail.error, .cause = v.fail.cause};
    return good;
}
