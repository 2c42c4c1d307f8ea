/* path.c - a path: each step applied to every item the steps before it found, with or without bindings. */
#include "core/jsonata/eval.h"
#include <math.h>

/* Names, wildcards, descendants. */

static bool lookup_in_array(Ev *ev, Value array, Str key, int depth, Seq *out);

static bool lookup_item(Ev *ev, Value item, Str key, int depth, Seq *out)
{
    Value found = UNDEFINED;
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    if (is_array(item)) return lookup_in_array(ev, item, key, depth, out);
    if (!is_object(item)) return true;
    if (item.form == FORM_JSON) ev->steps += item.n >> 4;
    if (!jn_v_get(item, key, &found) || is_undefined(found)) return true;
    if (is_array(found)) return jn_push_all(out, found);
    jn_push(out, found);
    return true;
}

static bool lookup_in_array(Ev *ev, Value array, Str key, int depth, Seq *out)
{
    for (int32_t i = 0; i < array.n; i++)
        if (!lookup_item(ev, jn_v_at(array, i), key, depth + 1, out)) return false;
    return true;
}

bool jn_lookup_key(Ev *ev, Value input, Str key, Value *out)
{
    Seq found = {.ev = ev};
    *out = UNDEFINED;
    if (is_object(input)) {
        if (input.form == FORM_JSON) ev->steps += input.n >> 4;
        (void)jn_v_get(input, key, out);
        return true;
    }
    if (!is_array(input)) return true;
    if (!lookup_in_array(ev, input, key, 0, &found)) return false;
    *out = jn_seq(&found, SEQUENCE);
    return true;
}

bool jn_eval_name(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)frame;
    return jn_lookup_key(ev, input, n->text, out);
}

static bool flatten(Ev *ev, Value v, int depth, Seq *out)
{
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    if (!is_array(v)) {
        jn_push(out, v);
        return true;
    }
    for (int32_t i = 0; i < v.n; i++)
        if (!flatten(ev, jn_v_at(v, i), depth + 1, out)) return false;
    return true;
}

bool jn_eval_wildcard(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)n, (void)frame;
    Seq found = {.ev = ev};
    int flags = SEQUENCE;
    Value in = v_context(input);
    int32_t count = is_array(in) ? in.n : is_object(in) ? jn_v_members(in) : 0;
    for (int32_t i = 0; i < count; i++) {
        Value member = is_array(in) ? jn_v_at(in, i) : jn_v_member(in, i);
        if (is_array(member)) flags = 0; /* joined with an array, the result is one */
        if (!flatten(ev, member, 0, &found)) return false;
    }
    *out = jn_seq(&found, flags);
    return true;
}

static bool descend(Ev *ev, Value v, int depth, Seq *out)
{
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    if (!is_array(v)) jn_push(out, v);
    int32_t count = is_array(v) ? v.n : is_object(v) ? jn_v_members(v) : 0;
    for (int32_t i = 0; i < count; i++)
        if (!descend(ev, is_array(v) ? jn_v_at(v, i) : jn_v_member(v, i), depth + 1, out))
            return false;
    return true;
}

bool jn_eval_descendant(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    (void)n, (void)frame;
    Seq found = {.ev = ev};
    *out = UNDEFINED;
    if (is_undefined(input)) return true;
    if (!descend(ev, input, 0, &found)) return false;
    *out = found.n == 1 ? found.p[0] : jn_seq(&found, SEQUENCE);
    return true;
}

/* Predicates. */

static bool filter_by_index(Ev *ev, double position, Value input, Value *out)
{
    Seq found = {.ev = ev};
    double index = floor(position);
    if (index < 0) index += input.n;
    Value item = index >= 0 && index < input.n ? jn_v_at(input, (int32_t)index) : UNDEFINED;
    if (is_array(item)) {
        *out = item;
        return true;
    }
    if (!is_undefined(item)) jn_push(&found, item);
    *out = jn_seq(&found, SEQUENCE | (input.flags & TUPLES));
    return true;
}

static int32_t times_in(Value positions, int32_t index, int32_t n)
{
    int32_t times = 0;
    for (int32_t i = 0; i < positions.n; i++) {
        double position = floor(jn_v_at(positions, i).number);
        times += (position < 0 ? position + n : position) == index;
    }
    return times;
}

static bool all_numbers(Ev *ev, Value v, bool *out)
{
    *out = true;
    if (!jn_steps(ev, v.n)) return false;
    for (int32_t i = 0; i < v.n && *out; i++)
        if (!jn_numeric(ev, jn_v_at(v, i), out)) return false;
    return true;
}

/* A predicate that gives numbers selects by position, else by truth. */
static bool keeps(Ev *ev, Value result, int32_t index, int32_t n, int32_t *times)
{
    bool numbers = false;
    Value one = result;
    if (result.type == V_NUMBER) result = v_items(&one, 1, 0);
    if (is_array(result) && !all_numbers(ev, result, &numbers)) return false;
    *times = numbers ? times_in(result, index, n) : jn_truth(ev, result);
    return true;
}

static bool filter_item(Ev *ev, const Node *predicate, Value input, int32_t i, Frame *frame,
                        Seq *out)
{
    Value item = jn_v_at(input, i), context = item, result;
    int32_t times = 0;
    if (item.type == V_TUPLE) {
        frame = jn_frame_of(ev, frame, item.tuple);
        context = item.tuple->at;
    }
    if (!jn_eval(ev, predicate, context, frame, &result) || !keeps(ev, result, i, input.n, &times))
        return false;
    while (times-- > 0) jn_push(out, item);
    return true;
}

bool jn_eval_filter(Ev *ev, const Node *predicate, Value input, Frame *frame, Value *out)
{
    Seq found = {.ev = ev};
    Value one = input;
    if (!is_array(input)) input = v_items(&one, 1, SEQUENCE);
    if (predicate->type == NODE_NUMBER) return filter_by_index(ev, predicate->number, input, out);
    for (int32_t i = 0; i < input.n; i++)
        if (!filter_item(ev, predicate, input, i, frame, &found)) return false;
    *out = jn_seq(&found, SEQUENCE | (input.flags & TUPLES));
    return true;
}

/* Steps without bindings. */

static bool apply_filters(Ev *ev, const StageVec *stages, Frame *frame, Value *v)
{
    for (int32_t i = 0; i < stages->n; i++)
        if (!jn_eval_filter(ev, stages->p[i].filter, *v, frame, v)) return false;
    return true;
}

static bool flatten_results(const Seq *results, Seq *out)
{
    for (int32_t i = 0; i < results->n; i++) {
        Value v = results->p[i];
        if (!is_array(v) || has(v, CONS))
            jn_push(out, v);
        else if (!jn_push_all(out, v))
            return false;
    }
    return true;
}

static bool sort_step(Ev *ev, const Node *step, Value input, Frame *frame, Value *out)
{
    return jn_eval_sort(ev, step, input, frame, out) &&
           apply_filters(ev, &step->stages, frame, out);
}

static bool apply_step(Ev *ev, const Node *step, Value item, Frame *frame, Value *out)
{
    return jn_eval(ev, step, item, frame, out) &&
           (!step->stages.n || apply_filters(ev, &step->stages, frame, out));
}

/* An array that is the only result of the last step is the result. */
static bool is_whole(Value v, bool last)
{
    return last && is_array(v) && !has(v, SEQUENCE);
}

/* Most steps are applied to one item: nothing has to be joined. */
static bool step_of_one(Ev *ev, const Node *step, Value item, Frame *frame, bool last, Value *out)
{
    if (!apply_step(ev, step, item, frame, out)) return false;
    if (is_whole(*out, last)) return true;
    if (is_undefined(*out))
        *out = v_items(NULL, 0, SEQUENCE);
    else if (is_array(*out) && !has(*out, CONS))
        *out = with_flags(*out, SEQUENCE);
    else
        *out = jn_single(ev, *out, SEQUENCE);
    return true;
}

static bool eval_step(Ev *ev, const Node *step, Value input, Frame *frame, bool last, Value *out)
{
    Seq results = {.ev = ev}, flat = {.ev = ev};
    if (step->type == NODE_SORT) return sort_step(ev, step, input, frame, out);
    if (input.n == 1) return step_of_one(ev, step, jn_v_at(input, 0), frame, last, out);
    for (int32_t i = 0; i < input.n; i++) {
        Value result;
        if (!apply_step(ev, step, jn_v_at(input, i), frame, &result)) return false;
        if (!is_undefined(result)) jn_push(&results, result);
    }
    *out = results.n == 1 ? results.p[0] : UNDEFINED;
    if (is_whole(*out, last)) return true;
    if (!flatten_results(&results, &flat)) return false;
    *out = jn_seq(&flat, SEQUENCE);
    return true;
}

/* Steps with bindings: what goes from step to step are tuples. */

static void tuple_set(Ev *ev, Tuple *t, Str name, Value value)
{
    check(!t->n || t->p);
    for (int32_t i = 0; i < t->n; i++) {
        if (!str_eq(t->p[i].name, name)) continue;
        t->p[i].value = value;
        return;
    }
    Bind *p = jn_take(ev, t->n + 1, sizeof *p);
    if (t->n) memcpy(p, t->p, (size_t)t->n * sizeof *p);
    p[t->n] = (Bind){name, value};
    t->p = p;
    t->n++;
}

static Tuple *tuple_copy(Ev *ev, const Tuple *from)
{
    Tuple *t = jn_take(ev, 1, sizeof *t);
    *t = *from;
    t->p = from->n ? jn_take(ev, from->n, sizeof *t->p) : NULL;
    if (from->n) memcpy(t->p, from->p, (size_t)from->n * sizeof *t->p);
    return t;
}

static void push_tuple(Seq *out, const Tuple *t)
{
    jn_push(out, (Value){.type = V_TUPLE, .tuple = t});
}

/* Every item gets its position under the name. */
static void number_items(Ev *ev, Value tuples, Str name)
{
    for (int32_t i = 0; i < tuples.n; i++)
        tuple_set(ev, (Tuple *)jn_v_at(tuples, i).tuple, name, v_number(i));
}

static bool apply_stages(Ev *ev, const StageVec *stages, Frame *frame, Value *tuples)
{
    for (int32_t i = 0; i < stages->n; i++) {
        if (!stages->p[i].filter)
            number_items(ev, *tuples, stages->p[i].index);
        else if (!jn_eval_filter(ev, stages->p[i].filter, *tuples, frame, tuples))
            return false;
    }
    return jn_step(ev);
}

/* Items into tuples that carry nothing yet. */
static Value tuples_of(Ev *ev, Value items)
{
    Seq out = {.ev = ev};
    if (has(items, TUPLES)) return items;
    for (int32_t i = 0; i < items.n; i++) {
        Tuple *t = jn_take(ev, 1, sizeof *t);
        t->at = jn_v_at(items, i);
        push_tuple(&out, t);
    }
    return jn_seq(&out, SEQUENCE | TUPLES);
}

static void merge(Ev *ev, Tuple *t, const Tuple *other)
{
    t->at = other->at;
    for (int32_t i = 0; i < other->n; i++) tuple_set(ev, t, other->p[i].name, other->p[i].value);
}

/* The tuple of one of the items that `step` found from where `from` stands. */
static const Tuple *next_tuple(Ev *ev, const Node *step, const Tuple *from, Value item,
                               int32_t position)
{
    Tuple *t = tuple_copy(ev, from);
    if (item.type == V_TUPLE) {
        merge(ev, t, item.tuple);
        return t;
    }
    if (step->focus.p)
        tuple_set(ev, t, step->focus, item);
    else
        t->at = item;
    if (step->index.p) tuple_set(ev, t, step->index, v_number(position));
    if (step->ancestor) tuple_set(ev, t, step->ancestor->label, from->at);
    return t;
}

static bool tuple_sort(Ev *ev, const Node *step, Value input, Frame *frame, Value *out)
{
    if (!jn_eval_sort(ev, step, input, frame, out)) return false;
    *out = tuples_of(ev, *out);
    if (step->index.p) number_items(ev, *out, step->index);
    return apply_stages(ev, &step->stages, frame, out);
}

static bool tuple_step(Ev *ev, const Node *step, Value input, Frame *frame, Value *out)
{
    Seq found = {.ev = ev};
    if (step->type == NODE_SORT) return tuple_sort(ev, step, input, frame, out);
    input = tuples_of(ev, input);
    for (int32_t i = 0; i < input.n; i++) {
        const Tuple *from = jn_v_at(input, i).tuple;
        Value result;
        if (!jn_eval(ev, step, from->at, jn_frame_of(ev, frame, from), &result)) return false;
        Value items = jn_array_of(ev, result);
        for (int32_t k = 0; k < items.n; k++) {
            if (!jn_step(ev)) return false;
            push_tuple(&found, next_tuple(ev, step, from, jn_v_at(items, k), k));
        }
    }
    *out = jn_seq(&found, SEQUENCE | TUPLES);
    return apply_stages(ev, &step->stages, frame, out);
}

static Value without_tuples(Ev *ev, Value tuples)
{
    Seq items = {.ev = ev};
    for (int32_t i = 0; i < tuples.n; i++) jn_push(&items, jn_v_at(tuples, i).tuple->at);
    return jn_seq(&items, SEQUENCE);
}

/* The steps one after another; *tuples is set when they carried bindings. */
static bool walk(Ev *ev, const Node *n, Value in, Frame *frame, Value *out, bool *tuples)
{
    *tuples = false;
    for (int32_t i = 0; i < n->items.n; i++) {
        const Node *step = n->items.p[i];
        bool good, whole = i == 0 && step->cons;
        if (step->tuple) *tuples = true;
        if (whole)
            good = jn_eval(ev, step, in, frame, out);
        else if (*tuples)
            good = tuple_step(ev, step, in, frame, out);
        else
            good = eval_step(ev, step, in, frame, i == n->items.n - 1, out);
        if (!good) return false;
        if (!*tuples && (is_undefined(*out) || (is_array(*out) && out->n == 0))) break;
        if (!whole || !step->focus.p) in = is_array(*out) ? *out : v_items(NULL, 0, SEQUENCE);
    }
    return jn_step(ev);
}

/* path[]: one item stays an array of one. */
static Value keep(Ev *ev, Value v)
{
    if (is_undefined(v)) return v;
    if (!is_array(v)) v = jn_single(ev, v, SEQUENCE);
    if (has(v, CONS) && !has(v, SEQUENCE)) v = jn_single(ev, v, SEQUENCE);
    v.flags |= KEEP;
    return v;
}

bool jn_eval_path(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    bool tuples, absolute = n->items.p[0]->type == NODE_VARIABLE;
    Value in = is_array(input) && !absolute ? input : jn_single(ev, input, SEQUENCE);
    if (!walk(ev, n, in, frame, out, &tuples)) return false;
    Value carried = *out;
    if (tuples && !n->tuple) *out = without_tuples(ev, carried);
    if (n->keep_singleton) *out = keep(ev, *out);
    return !n->group || jn_eval_group(ev, n->group, tuples ? carried : *out, frame, out);
}
