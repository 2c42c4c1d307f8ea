/* operators.c - arithmetic, comparison, logic, concatenation, membership and ranges. */
#include "core/jsonata/eval.h"
#include "core/jsonata/number.h"
#include "core/jsonata/text.h"
#include <math.h>

enum { RANGE_MAX = 10 * 1000 * 1000, TRUTH_NESTING_MAX = 512 };

bool jn_numeric(Ev *ev, Value v, bool *out)
{
    *out = v.type == V_NUMBER && !isnan(v.number);
    return !*out || isfinite(v.number) || jn_fail_value(ev, "D1001", v);
}

static bool truth(Ev *ev, Value v, int depth);

static bool any_true(Ev *ev, Value array, int depth)
{
    for (int32_t i = 0; i < array.n && ev->steps <= ev->steps_max; i++)
        if (truth(ev, jn_v_at(array, i), depth + 1)) return true;
    return false;
}

static bool truth(Ev *ev, Value v, int depth)
{
    ev->steps++;
    switch ((ValueType)v.type) {
    case V_BOOLEAN: return v.truth;
    case V_NUMBER: return v.number != 0 && !isnan(v.number);
    case V_STRING: return v.n > 0;
    case V_ARRAY: return depth < TRUTH_NESTING_MAX && any_true(ev, v, depth);
    case V_OBJECT: return jn_v_members(v) > 0;
    case V_UNDEFINED:
    case V_NULL:
    case V_FUNCTION:
    case V_TUPLE:
    case V_TAIL: return false;
    default: unreachable();
    }
}

bool jn_truth(Ev *ev, Value v)
{
    return truth(ev, v, 0);
}

static bool same_function(const Function *x, const Function *y)
{
    return x == y || (x->kind == FN_BUILTIN && y->kind == FN_BUILTIN && x->builtin == y->builtin);
}

static bool equal(Ev *ev, Value x, Value y, int depth, bool *out);

static bool equal_arrays(Ev *ev, Value x, Value y, int depth, bool *out)
{
    *out = x.n == y.n;
    for (int32_t i = 0; i < x.n && *out; i++)
        if (!equal(ev, jn_v_at(x, i), jn_v_at(y, i), depth + 1, out)) return false;
    return true;
}

static bool equal_objects(Ev *ev, Value x, Value y, int depth, bool *out)
{
    Value other;
    *out = jn_v_members(x) == jn_v_members(y);
    for (int32_t i = 0; i < jn_v_members(x) && *out; i++) {
        *out = jn_v_get(y, jn_v_key(x, i), &other);
        if (*out && !equal(ev, jn_v_member(x, i), other, depth + 1, out)) return false;
    }
    return true;
}

static bool equal(Ev *ev, Value x, Value y, int depth, bool *out)
{
    *out = x.type == y.type;
    if (!jn_step(ev) || !jn_nesting(ev, depth)) return false;
    if (!*out) return true;
    if (is_array(x)) return equal_arrays(ev, x, y, depth, out);
    if (is_object(x)) return equal_objects(ev, x, y, depth, out);
    if (is_string(x)) jn_charge(ev, x.n), *out = str_eq(v_text(x), v_text(y));
    if (x.type == V_NUMBER) *out = x.number == y.number;
    if (x.type == V_BOOLEAN) *out = x.truth == y.truth;
    if (is_function(x)) *out = same_function(x.function, y.function);
    return true;
}

bool jn_equal(Ev *ev, Value x, Value y, bool *out)
{
    return equal(ev, x, y, 0, out);
}

static double calculate(Op op, double x, double y)
{
    return op == OP_ADD        ? x + y
           : op == OP_SUBTRACT ? x - y
           : op == OP_MULTIPLY ? x * y
           : op == OP_DIVIDE   ? x / y
                               : fmod(x, y);
}

static bool arithmetic(Ev *ev, Op op, Value x, Value y, Value *out)
{
    bool x_good, y_good;
    if (!jn_numeric(ev, x, &x_good) || !jn_numeric(ev, y, &y_good)) return false;
    if (!x_good && !is_undefined(x)) return jn_fail_value(ev, "T2001", x);
    if (!y_good && !is_undefined(y)) return jn_fail_value(ev, "T2002", y);
    *out = x_good && y_good ? v_number(calculate(op, x.number, y.number)) : UNDEFINED;
    return true;
}

static bool equality(Ev *ev, Op op, Value x, Value y, Value *out)
{
    bool same;
    *out = v_bool(false);
    if (is_undefined(x) || is_undefined(y)) return true;
    if (!jn_equal(ev, x, y, &same)) return false;
    *out = v_bool(same == (op == OP_EQUAL));
    return true;
}

static bool comparable(Value v)
{
    return is_undefined(v) || is_string(v) || v.type == V_NUMBER;
}

static bool ordered(Op op, bool less, bool same)
{
    return op == OP_LESS         ? less
           : op == OP_LESS_EQUAL ? less || same
           : op == OP_GREATER    ? !less && !same
                                 : !less;
}

static bool comparison(Ev *ev, Op op, Value x, Value y, Value *out)
{
    if (!comparable(x) || !comparable(y)) return jn_fail_value(ev, "T2010", comparable(x) ? y : x);
    *out = UNDEFINED;
    if (is_undefined(x) || is_undefined(y)) return true;
    if (x.type != y.type)
        return jn_fail_with(ev,
                            (Failure){.code = "T2009", .value = x, .value2 = y, .position = -1});
    if (is_string(x)) jn_charge(ev, x.n);
    int order = is_string(x)          ? jn_compare(v_text(x), v_text(y))
                : x.number < y.number ? -1
                                      : x.number > y.number;
    bool number = x.type == V_NUMBER && (isnan(x.number) || isnan(y.number));
    *out = v_bool(!number && ordered(op, order < 0, order == 0));
    return true;
}

static bool concat(Ev *ev, Op op, Value x, Value y, Value *out)
{
    (void)op;
    Text text = {.ev = ev};
    if (!jn_to_string(ev, x, &x) || !jn_to_string(ev, y, &y)) return false;
    if (is_string(x)) jn_put(&text, v_text(x));
    if (is_string(y)) jn_put(&text, v_text(y));
    return jn_text(&text, out);
}

/* As JavaScript's ===: arrays and objects are what they are, not what they hold. */
static bool identical(Ev *ev, Value x, Value y)
{
    if (x.type != y.type) return false;
    if (is_string(x)) jn_charge(ev, x.n);
    if (is_string(x)) return str_eq(v_text(x), v_text(y));
    if (x.type == V_NUMBER) return x.number == y.number;
    if (x.type == V_BOOLEAN) return x.truth == y.truth;
    if (is_array(x)) return x.form == y.form && x.n == y.n && x.items == y.items;
    if (is_object(x)) return x.form == y.form && x.object == y.object;
    return x.type == V_NULL || same_function(x.function, y.function);
}

static bool membership(Ev *ev, Op op, Value x, Value y, Value *out)
{
    (void)op;
    bool same = false;
    if (is_undefined(x)) y = UNDEFINED;
    Value list = jn_array_of(ev, y);
    if (!jn_steps(ev, list.n / 4)) return false;
    for (int32_t i = 0; i < list.n && !same; i++) same = identical(ev, x, jn_v_at(list, i));
    *out = v_bool(same);
    return true;
}

static bool integer(Value v)
{
    return v.type == V_NUMBER && jn_is_integer(v.number);
}

static bool range(Ev *ev, Op op, Value x, Value y, Value *out)
{
    (void)op;
    if (!is_undefined(x) && !integer(x)) return jn_fail_value(ev, "T2003", x);
    if (!is_undefined(y) && !integer(y)) return jn_fail_value(ev, "T2004", y);
    *out = UNDEFINED;
    if (is_undefined(x) || is_undefined(y) || x.number > y.number) return true;
    double size = y.number - x.number + 1;
    if (size > RANGE_MAX) return jn_fail_value(ev, "D2014", v_number(size));
    if (fabs(x.number) > 9e15) return jn_fail_value(ev, "D1001", x);
    *out = v_range((int64_t)x.number, (int32_t)size);
    return true;
}

typedef bool Operate(Ev *ev, Op op, Value x, Value y, Value *out);
static Operate *const by_op[OP_COUNT] = {
    [OP_ADD] = arithmetic,
    [OP_SUBTRACT] = arithmetic,
    [OP_MULTIPLY] = arithmetic,
    [OP_DIVIDE] = arithmetic,
    [OP_MODULO] = arithmetic,
    [OP_EQUAL] = equality,
    [OP_NOT_EQUAL] = equality,
    [OP_LESS] = comparison,
    [OP_LESS_EQUAL] = comparison,
    [OP_GREATER] = comparison,
    [OP_GREATER_EQUAL] = comparison,
    [OP_CONCAT] = concat,
    [OP_IN] = membership,
    [OP_RANGE] = range,
};

/* The right side is evaluated only when the left one leaves it open. */
static bool logic(Ev *ev, const Node *n, Value left, Value input, Frame *frame, Value *out)
{
    Value right;
    *out = v_bool(n->op == OP_OR);
    if (jn_truth(ev, left) == (n->op == OP_OR)) return true;
    if (!jn_eval(ev, n->rhs, input, frame, &right)) return false;
    *out = v_bool(jn_truth(ev, right));
    return true;
}

bool jn_eval_binary(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Value left, right;
    if (!jn_eval(ev, n->lhs, input, frame, &left)) return false;
    if (n->op == OP_AND || n->op == OP_OR) return logic(ev, n, left, input, frame, out);
    if (!jn_eval(ev, n->rhs, input, frame, &right)) return false;
    if (by_op[n->op](ev, n->op, left, right, out)) return true;
    ev->failure.position = n->position;
    ev->failure.token = n->text;
    return false;
}

bool jn_eval_negate(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    bool good;
    if (!jn_eval(ev, n->lhs, input, frame, out)) return false;
    if (is_undefined(*out)) return true;
    if (!jn_numeric(ev, *out, &good)) return false;
    if (good) {
        *out = v_number(-out->number);
        return true;
    }
    return jn_fail_with(
        ev, (Failure){.code = "D1002", .value = *out, .position = n->position, .token = n->text});
}
