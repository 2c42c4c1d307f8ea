/* fn_array.c - functions of arrays and sequences. */
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include <math.h>

bool jn_all_type(Value array, ValueType type)
{
    for (int32_t i = 0; i < array.n; i++)
        if (jn_v_at(array, i).type != type) return false;
    return true;
}

bool jn_fn_count(Call *c, Value *out)
{
    Value list = arg(c, 0);
    *out = v_number(is_undefined(list) ? 0 : list.n);
    return true;
}

bool jn_fn_append(Call *c, Value *out)
{
    return jn_append(c->ev, arg(c, 0), arg(c, 1), out);
}

bool jn_fn_exists(Call *c, Value *out)
{
    *out = v_bool(!is_undefined(arg(c, 0)));
    return true;
}

bool jn_fn_reverse(Call *c, Value *out)
{
    Seq reversed = {.ev = c->ev};
    Value list = arg(c, 0);
    *out = list;
    if (!is_array(list) || list.n < 2) return true;
    if (!jn_steps(c->ev, list.n)) return false;
    for (int32_t i = list.n - 1; i >= 0; i--) jn_push(&reversed, jn_v_at(list, i));
    *out = jn_seq(&reversed, 0);
    return true;
}

/* The shuffle of Fisher and Yates, from the inside out. */
bool jn_fn_shuffle(Call *c, Value *out)
{
    Value list = arg(c, 0);
    *out = list;
    if (!is_array(list) || list.n < 2) return true;
    if (!jn_steps(c->ev, list.n) || !jn_room(c->ev, list.n * (int64_t)sizeof(Value))) return false;
    Value *items = new_array(c->ev->a, Value, list.n);
    for (int32_t i = 0; i < list.n; i++) {
        int32_t k = (int32_t)(jn_chance_double(c->ev) * (i + 1));
        items[i] = items[k];
        items[k] = jn_v_at(list, i);
    }
    *out = v_items(items, list.n, 0);
    return true;
}

bool jn_fn_zip(Call *c, Value *out)
{
    Seq rows = {.ev = c->ev};
    int32_t shortest = c->n ? INT32_MAX : 0;
    for (int32_t k = 0; k < c->n; k++) {
        int32_t n = is_array(c->args[k]) ? c->args[k].n : 0;
        if (n < shortest) shortest = n;
    }
    for (int32_t i = 0; i < shortest; i++) {
        Seq row = {.ev = c->ev};
        if (!jn_steps(c->ev, c->n)) return false;
        for (int32_t k = 0; k < c->n; k++) jn_push(&row, jn_v_at(c->args[k], i));
        jn_push(&rows, jn_seq(&row, 0));
    }
    *out = jn_seq(&rows, 0);
    return true;
}

/* A number that equal values share: what makes $distinct cheap. Objects share one by their size
 * only. */
static uint64_t fingerprint(Ev *ev, Value v)
{
    if (is_string(v)) jn_charge(ev, v.n);
    uint64_t bits = 0;
    double number = v.number == 0 ? 0 : v.number;
    if (is_string(v)) return str_hash(v_text(v));
    if (v.type == V_NUMBER) memcpy(&bits, &number, sizeof bits);
    if (v.type == V_BOOLEAN) bits = v.truth;
    if (is_array(v)) bits = (uint64_t)v.n;
    if (is_object(v)) bits = (uint64_t)jn_v_members(v);
    return bits * 16 + v.type;
}

static bool seen(Ev *ev, const Seq *kept, const uint64_t *prints, Value v, bool *out)
{
    uint64_t print = prints[kept->n];
    *out = false;
    if (!jn_steps(ev, kept->n / 16)) return false;
    for (int32_t i = 0; i < kept->n && !*out; i++)
        if (prints[i] == print && !jn_equal(ev, kept->p[i], v, out)) return false;
    return true;
}

bool jn_fn_distinct(Call *c, Value *out)
{
    Seq kept = {.ev = c->ev};
    Value list = arg(c, 0);
    *out = list;
    if (!is_array(list) || list.n < 2) return true;
    if (!jn_room(c->ev, (int64_t)list.n * 8)) return false;
    uint64_t *prints = new_array(c->ev->a, uint64_t, list.n);
    for (int32_t i = 0; i < list.n; i++) {
        bool known;
        prints[kept.n] = fingerprint(c->ev, jn_v_at(list, i));
        if (!jn_step(c->ev) || !seen(c->ev, &kept, prints, jn_v_at(list, i), &known)) return false;
        if (!known) jn_push(&kept, jn_v_at(list, i));
    }
    *out = jn_seq(&kept, list.flags & SEQUENCE);
    return true;
}

/* Numbers. */

typedef double Fold(double sum, double x);

static double add(double sum, double x)
{
    return sum + x;
}
static double larger(double sum, double x)
{
    return x > sum ? x : sum;
}
static double smaller(double sum, double x)
{
    return x < sum ? x : sum;
}

static bool fold(Call *c, Fold *f, double first, Value *out)
{
    Value list = arg(c, 0);
    double sum = first;
    if (is_undefined(list)) return true;
    if (!jn_steps(c->ev, list.n)) return false;
    for (int32_t i = 0; i < list.n; i++) sum = f(sum, jn_v_at(list, i).number);
    *out = v_number(sum);
    return true;
}

static bool fold_some(Call *c, Fold *f, double first, Value *out)
{
    return arg(c, 0).n == 0 || fold(c, f, first, out);
}

bool jn_fn_sum(Call *c, Value *out)
{
    return fold(c, add, 0, out);
}

bool jn_fn_max(Call *c, Value *out)
{
    return fold_some(c, larger, -INFINITE, out);
}

bool jn_fn_min(Call *c, Value *out)
{
    return fold_some(c, smaller, INFINITE, out);
}

bool jn_fn_average(Call *c, Value *out)
{
    int32_t n = arg(c, 0).n;
    if (!fold_some(c, add, 0, out)) return false;
    if (out->type == V_NUMBER) out->number /= n;
    return true;
}
