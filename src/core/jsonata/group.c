/* group.c - array constructors, object constructors, and grouping of a sequence into an object. */
#include "core/jsonata/eval.h"

/* A range or a path as the only item is the array already. */
static bool add_item(Seq *s, const Node *item, Value v)
{
    if (is_array(v) && item->type != NODE_ARRAY) return jn_push_all(s, v);
    if (!is_undefined(v)) jn_push(s, v);
    return true;
}

bool jn_eval_array(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Seq items = {.ev = ev};
    int flags = n->cons ? CONS : 0;
    Value v;
    for (int32_t i = 0; i < n->items.n; i++) {
        if (!jn_eval(ev, n->items.p[i], input, frame, &v)) return false;
        if (n->items.n == 1 && is_array(v) && n->items.p[i]->type != NODE_ARRAY) {
            *out = with_flags(v, flags);
            return true;
        }
        if (!add_item(&items, n->items.p[i], v)) return false;
    }
    *out = jn_seq(&items, flags);
    return true;
}

/* A group: what has the same key, by the same pair of the constructor. */
typedef struct Group {
    Str key;
    int32_t pair;
    Value first;
    Seq items; /* from the second on */
} Group;

typedef struct Grouping {
    Ev *ev;
    const Node *object;
    Frame *frame;
    bool tuples;
    Object *index; /* key: the group's number */
    struct {
        Group *p;
        int32_t n, cap;
    } groups;
} Grouping;

static void open_item(Grouping *g, Value item, Value *context, Frame **frame)
{
    *context = item;
    *frame = g->frame;
    if (item.type != V_TUPLE) return;
    *context = item.tuple->at;
    *frame = jn_frame_of(g->ev, g->frame, item.tuple);
}

static bool add_spread(Seq *s, Value v)
{
    if (is_array(v)) return jn_push_all(s, v);
    if (!is_undefined(v)) jn_push(s, v);
    return true;
}

static bool extend(Group *group, Value item)
{
    if (group->items.n == 0 && !add_spread(&group->items, group->first)) return false;
    return add_spread(&group->items, item);
}

static Group *new_group(Grouping *g, Str key)
{
    if (!jn_room(g->ev, (int64_t)(sizeof(Group) + sizeof(Member)) * 3)) return NULL;
    jn_object_put(g->ev->a, g->index, key, v_number(g->groups.n));
    return vec_push(g->ev->a, &g->groups);
}

static bool put_in_group(Grouping *g, Str key, int32_t pair, Value item)
{
    int32_t at = jn_object_find(g->index, key);
    if (at < 0) {
        Group *group = new_group(g, key);
        if (group)
            *group = (Group){.key = key, .pair = pair, .first = item, .items = {.ev = g->ev}};
        return group != NULL;
    }
    check(at < g->groups.n);
    Group *group = &g->groups.p[at];
    if (group->pair == pair) return extend(group, item);
    return jn_fail_with(
        g->ev, (Failure){.code = "D1009", .value = v_string(key), .position = g->object->position});
}

static bool group_item(Grouping *g, Value item)
{
    Value context, key;
    Frame *frame;
    open_item(g, item, &context, &frame);
    for (int32_t i = 0; i < g->object->items.n; i += 2) {
        if (!jn_eval(g->ev, g->object->items.p[i], context, frame, &key)) return false;
        if (is_undefined(key)) continue;
        if (!is_string(key))
            return jn_fail_with(
                g->ev, (Failure){.code = "T1003", .value = key, .position = g->object->position});
        if (!put_in_group(g, v_text(key), i, item)) return false;
    }
    return true;
}

/* One tuple of many: what they carry is joined name by name. */
static bool reduce_tuples(Ev *ev, const Seq *items, Value *at, Frame *frame)
{
    *at = items->p[0].tuple->at;
    for (int32_t i = 1; i < items->n; i++) {
        const Tuple *t = items->p[i].tuple;
        if (!jn_append(ev, *at, t->at, at)) return false;
        for (int32_t k = 0; k < t->n; k++) {
            Value joined = UNDEFINED;
            for (int32_t b = 0; b < frame->n; b++)
                if (str_eq(frame->p[b].name, t->p[k].name)) joined = frame->p[b].value;
            if (!jn_append(ev, joined, t->p[k].value, &joined)) return false;
            jn_bind(ev, frame, t->p[k].name, joined);
        }
    }
    return true;
}

static bool open_group(Grouping *g, Group *group, Value *context, Frame **frame)
{
    open_item(g, group->first, context, frame);
    if (group->items.n == 0) return true;
    if (g->tuples) return reduce_tuples(g->ev, &group->items, context, *frame);
    *context = jn_seq(&group->items, 0);
    return true;
}

static bool reduce_groups(Grouping *g, Object *out)
{
    for (int32_t i = 0; i < g->groups.n; i++) {
        Group *group = &g->groups.p[i];
        Value context, value;
        Frame *frame;
        if (!open_group(g, group, &context, &frame)) return false;
        if (!jn_eval(g->ev, g->object->items.p[group->pair + 1], context, frame, &value))
            return false;
        if (is_undefined(value)) continue;
        if (!jn_room(g->ev, 2 * (int64_t)sizeof(Member))) return false;
        jn_object_put(g->ev->a, out, group->key, value);
    }
    return true;
}

bool jn_eval_group(Ev *ev, const Node *object, Value input, Frame *frame, Value *out)
{
    Grouping g = {.ev = ev, .object = object, .frame = frame, .tuples = has(input, TUPLES)};
    Value none = UNDEFINED;
    Value one = input;
    if (!is_array(input)) input = v_items(&one, 1, 0);
    if (input.n == 0 && !g.tuples) input = v_items(&none, 1, 0);
    g.index = jn_object_new(ev->a);
    for (int32_t i = 0; i < input.n; i++)
        if (!group_item(&g, jn_v_at(input, i))) return false;
    Object *result = jn_object_new(ev->a);
    if (!reduce_groups(&g, result)) return false;
    *out = v_object(result);
    return jn_room(ev, 2 * (int64_t)sizeof(Object));
}

bool jn_eval_object(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    return jn_eval_group(ev, n, input, frame, out);
}
