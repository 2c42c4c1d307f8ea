/* sort.c - stable merge sort by a comparison that may fail, and the order-by clause. */
#include "core/jsonata/eval.h"
#include "core/jsonata/text.h"

static bool merge(Ev *ev, int32_t *order, int32_t *scratch, int32_t middle, int32_t n,
                  JnAfter *after, void *ctx)
{
    int32_t x = 0, y = middle, to = 0;
    while (x < middle && y < n) {
        bool swap;
        if (!jn_step(ev) || !after(ctx, order[x], order[y], &swap)) return false;
        scratch[to++] = swap ? order[y++] : order[x++];
    }
    while (x < middle) scratch[to++] = order[x++];
    while (y < n) scratch[to++] = order[y++];
    memcpy(order, scratch, (size_t)n * sizeof *order);
    return true;
}

static bool sort_part(Ev *ev, int32_t *order, int32_t *scratch, int32_t n, JnAfter *after,
                      void *ctx)
{
    int32_t middle = n / 2;
    if (n < 2) return true;
    return sort_part(ev, order, scratch, middle, after, ctx) &&
           sort_part(ev, order + middle, scratch, n - middle, after, ctx) &&
           merge(ev, order, scratch, middle, n, after, ctx);
}

bool jn_sort(Ev *ev, int32_t n, int32_t *order, JnAfter *after, void *ctx)
{
    int64_t bytes = n * (int64_t)sizeof *order;
    if (!jn_room(ev, bytes)) return false;
    int32_t *scratch = new_array(ev->a, int32_t, n);
    for (int32_t i = 0; i < n; i++) order[i] = i;
    return sort_part(ev, order, scratch, n, after, ctx);
}

typedef struct OrderBy {
    Ev *ev;
    const Node *node;
    const Value *keys; /* one for each item and term */
} OrderBy;

static bool sortable(Value v)
{
    return is_string(v) || v.type == V_NUMBER;
}

/* <0, 0, >0 in *order; what is undefined goes last. */
static bool compare_keys(const OrderBy *by, Value x, Value y, int *order)
{
    *order = is_undefined(x) - is_undefined(y);
    if (is_undefined(x) || is_undefined(y)) return true;
    if (!sortable(x) || !sortable(y))
        return jn_fail_with(by->ev, (Failure){.code = "T2008",
                                              .value = sortable(x) ? y : x,
                                              .position = by->node->position,
                                              .token = by->node->text});
    if (x.type != y.type)
        return jn_fail_with(by->ev, (Failure){.code = "T2007",
                                              .value = x,
                                              .value2 = y,
                                              .position = by->node->position,
                                              .token = by->node->text});
    *order = is_string(x)          ? jn_compare(v_text(x), v_text(y))
             : x.number < y.number ? -1
                                   : x.number > y.number;
    return true;
}

static bool order_after(void *ctx, int32_t x, int32_t y, bool *after)
{
    const OrderBy *by = ctx;
    int32_t terms = by->node->items.n;
    int order = 0;
    for (int32_t t = 0; t < terms && order == 0; t++) {
        Value a = by->keys[(int64_t)x * terms + t], b = by->keys[(int64_t)y * terms + t];
        if (!compare_keys(by, a, b, &order)) return false;
        if (by->node->descending[t] && !is_undefined(a) && !is_undefined(b)) order = -order;
    }
    *after = order > 0;
    return true;
}

static bool keys_of(Ev *ev, const Node *node, Value item, Frame *frame, Value *keys)
{
    Value context = item;
    if (item.type == V_TUPLE) {
        context = item.tuple->at;
        frame = jn_frame_of(ev, frame, item.tuple);
    }
    for (int32_t t = 0; t < node->items.n; t++)
        if (!jn_eval(ev, node->items.p[t], context, frame, &keys[t])) return false;
    return true;
}

static bool sorted(Ev *ev, Value input, const int32_t *order, Value *out)
{
    Seq items = {.ev = ev};
    for (int32_t i = 0; i < input.n; i++) jn_push(&items, jn_v_at(input, order[i]));
    *out = jn_seq(&items, input.flags & TUPLES);
    return jn_step(ev);
}

bool jn_eval_sort(Ev *ev, const Node *node, Value input, Frame *frame, Value *out)
{
    int64_t count = (int64_t)input.n * node->items.n;
    *out = input;
    if (input.n < 2) return true;
    if (!jn_room(ev, count * (int64_t)sizeof(Value) + input.n * 4)) return false;
    Value *keys = new_array(ev->a, Value, count);
    int32_t *order = new_array(ev->a, int32_t, input.n);
    for (int32_t i = 0; i < input.n; i++)
        if (!keys_of(ev, node, jn_v_at(input, i), frame, keys + (int64_t)i * node->items.n))
            return false;
    OrderBy by = {.ev = ev, .node = node, .keys = keys};
    return jn_sort(ev, input.n, order, order_after, &by) && sorted(ev, input, order, out);
}
