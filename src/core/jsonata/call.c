/* call.c - functions: how they are made, called, partly called, chained, and called in tail position. */
#include "core/jsonata/eval.h"
#include "core/jsonata/functions.h"

int32_t jn_arity(Value fn)
{
    const Function *f = fn.function;
    return f->kind == FN_BUILTIN ? f->builtin->arity : f->arity;
}

static Value made(Ev *ev, Function f)
{
    Function *copy = jn_take(ev, 1, sizeof *copy);
    *copy = f;
    return v_function(copy);
}

bool jn_eval_lambda(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    *out = made(
        ev, (Function){
                .kind = FN_LAMBDA, .arity = n->items.n, .node = n, .frame = frame, .input = input});
    return true;
}

/* One kind of function each; *out may be V_TAIL. */

static bool fit_args(Ev *ev, Str signature, Value context, const Value **args, int32_t *n)
{
    Signature s;
    const char *code;
    int32_t offset;
    check(jn_parse_signature(signature, &s, &code, &offset));
    return jn_validate(ev, &s, *args, *n, context, args, n);
}

static bool run_builtin(Ev *ev, const Function *f, const Value *args, int32_t n, Value context,
                        Frame *frame, Value *out)
{
    if (!fit_args(ev, str_from(f->builtin->signature), context, &args, &n)) return false;
    Call call = {.ev = ev, .args = args, .n = n, .context = context, .frame = frame};
    *out = UNDEFINED;
    return f->builtin->run(&call, out);
}

static bool run_lambda(Ev *ev, const Function *f, const Value *args, int32_t n, Value context,
                       Value *out)
{
    const Node *node = f->node;
    if (node->signature && !jn_validate(ev, node->signature, args, n, context, &args, &n))
        return false;
    Frame *frame = jn_frame(ev, f->frame);
    for (int32_t i = 0; i < node->items.n; i++)
        jn_bind(ev, frame, node->items.p[i]->text, i < n ? args[i] : UNDEFINED);
    return jn_eval(ev, node->rhs, f->input, frame, out);
}

/* The holes take the arguments of this call, one after another. */
static bool run_partial(Ev *ev, const Function *f, const Value *args, int32_t n, Value context,
                        Frame *frame, Value *out)
{
    Seq all = {.ev = ev};
    int32_t next = 0;
    for (int32_t i = 0; i < f->args_n; i++) {
        Value given = f->args[i];
        if (given.type == V_TAIL) given = next < n ? args[next++] : UNDEFINED;
        jn_push(&all, given);
    }
    return jn_step(ev) && jn_apply(ev, f->first, all.p, all.n, context, frame, out);
}

static bool run_chain(Ev *ev, const Function *f, const Value *args, int32_t n, Frame *frame,
                      Value *out)
{
    Value between;
    return jn_apply(ev, f->first, args, n < 1 ? n : 1, v_null(), frame, &between) &&
           jn_apply(ev, f->then, &between, 1, v_null(), frame, out);
}

static bool run_regex(Ev *ev, const Function *f, const Value *args, int32_t n, Value *out)
{
    if (f->kind == FN_REGEX_NEXT) return jn_match_object(ev, f, f->subject, f->from, out);
    if (n < 1 || !is_string(args[0])) {
        *out = UNDEFINED;
        return true;
    }
    return jn_match_object(ev, f, v_text(args[0]), 0, out);
}

static bool run_transform(Ev *ev, const Function *f, const Value *args, int32_t n, Value context,
                          Value *out)
{
    return fit_args(ev, S("<(oa):o>"), context, &args, &n) && jn_transform(ev, f, args[0], out);
}

static bool run(Ev *ev, Value fn, const Value *args, int32_t n, Value context, Frame *frame,
                Value *out)
{
    if (!is_function(fn)) return jn_fail(ev, "T1006");
    const Function *f = fn.function;
    switch (f->kind) {
    case FN_BUILTIN: return run_builtin(ev, f, args, n, context, frame, out);
    case FN_LAMBDA: return run_lambda(ev, f, args, n, context, out);
    case FN_PARTIAL: return run_partial(ev, f, args, n, context, frame, out);
    case FN_CHAIN: return run_chain(ev, f, args, n, frame, out);
    case FN_TRANSFORM: return run_transform(ev, f, args, n, context, out);
    case FN_REGEX:
    case FN_REGEX_NEXT: return run_regex(ev, f, args, n, out);
    default: unreachable();
    }
}

static Str name_of(const Node *call)
{
    const Node *procedure = call->lhs;
    if (procedure->type == NODE_PATH) procedure = procedure->items.p[0];
    return procedure->type == NODE_NAME || procedure->type == NODE_VARIABLE ? procedure->text
                                                                            : (Str){0};
}

/* A function's last call is made here, after the function is left, however often that happens. */
static bool run_tails(Ev *ev, Value context, Frame *frame, Value *out)
{
    while (out->type == V_TAIL) {
        Tail tail = ev->tail;
        if (!jn_step(ev)) return false;
        if (run(ev, tail.fn, tail.args, tail.n, context, frame, out)) continue;
        jn_blame(ev, name_of(tail.node), tail.node->position);
        return false;
    }
    return true;
}

bool jn_apply(Ev *ev, Value fn, const Value *args, int32_t n, Value context, Frame *frame,
              Value *out)
{
    if (!jn_enter_call(ev)) return false;
    bool good = run(ev, fn, args, n, context, frame, out) && run_tails(ev, context, frame, out);
    jn_leave_call(ev);
    return good;
}

bool jn_apply3(Ev *ev, Frame *frame, Value fn, Value x, Value y, Value z, Value *out)
{
    Value args[3] = {x, y, z};
    int32_t n = jn_arity(fn);
    return jn_apply(ev, fn, args, n < 1 ? 1 : n > 3 ? 3 : n, v_null(), frame, out);
}

/* Whether a name without its $ was meant to be a function. */
static bool forgot_dollar(Ev *ev, const Node *call, Value procedure, const Frame *frame)
{
    Value other;
    if (!is_undefined(procedure) || call->lhs->type != NODE_PATH) return false;
    Str name = call->lhs->items.p[0]->text;
    return name.p && (jn_lookup(frame, name, &other) || jn_builtin(name, ev->dialect));
}

static bool fail_call(Ev *ev, const char *code, const Node *call)
{
    return jn_fail_with(
        ev, (Failure){.code = code, .token = name_of(call), .position = call->position});
}

static bool evaluate_args(Ev *ev, const Node *call, Value input, Frame *frame, Seq *args)
{
    Value v;
    for (int32_t i = 0; i < call->items.n; i++) {
        const Node *item = call->items.p[i];
        v = (Value){.type = V_TAIL};
        if (item->type != NODE_HOLE && !jn_eval(ev, item, input, frame, &v)) return false;
        jn_push(args, v);
    }
    return jn_step(ev);
}

static bool call(Ev *ev, const Node *n, Value input, Frame *frame, const Value *first, Value *out)
{
    Seq args = {.ev = ev};
    Value fn;
    if (!jn_eval(ev, n->lhs, input, frame, &fn)) return false;
    if (forgot_dollar(ev, n, fn, frame)) return fail_call(ev, "T1005", n);
    if (first) jn_push(&args, *first);
    if (!evaluate_args(ev, n, input, frame, &args)) return false;
    if (n->tail && !first) {
        ev->tail = (Tail){.fn = fn, .args = args.p, .n = args.n, .node = n};
        *out = (Value){.type = V_TAIL};
        return true;
    }
    if (jn_apply(ev, fn, args.p, args.n, input, frame, out)) return true;
    jn_blame(ev, name_of(n), n->position);
    return false;
}

bool jn_eval_call(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    return call(ev, n, input, frame, NULL, out);
}

static int32_t holes(const Seq *args)
{
    int32_t n = 0;
    for (int32_t i = 0; i < args->n; i++) n += args->p[i].type == V_TAIL;
    return n;
}

bool jn_eval_partial(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Seq args = {.ev = ev};
    Value fn;
    if (!evaluate_args(ev, n, input, frame, &args) || !jn_eval(ev, n->lhs, input, frame, &fn))
        return false;
    if (forgot_dollar(ev, n, fn, frame)) return fail_call(ev, "T1007", n);
    if (!is_function(fn)) return fail_call(ev, "T1008", n);
    *out = made(ev, (Function){.kind = FN_PARTIAL,
                               .arity = holes(&args),
                               .first = fn,
                               .args = args.p,
                               .args_n = args.n});
    return true;
}

static bool chain_or_apply(Ev *ev, const Node *n, Value left, Value fn, Frame *frame, Value *out)
{
    if (!is_function(fn))
        return jn_fail_with(
            ev, (Failure){.code = "T2006", .value = fn, .position = n->position, .token = n->text});
    if (!is_function(left)) return jn_apply(ev, fn, &left, 1, v_null(), frame, out);
    *out = made(ev, (Function){.kind = FN_CHAIN, .arity = 1, .first = left, .then = fn});
    return true;
}

/* x ~> $f(y) calls $f(x, y); x ~> $f calls $f(x); $f ~> $g is the function that does one after the
 * other. */
bool jn_eval_apply(Ev *ev, const Node *n, Value input, Frame *frame, Value *out)
{
    Value left, fn;
    if (!jn_eval(ev, n->lhs, input, frame, &left)) return false;
    if (n->rhs->type == NODE_CALL) return call(ev, n->rhs, input, frame, &left, out);
    return jn_eval(ev, n->rhs, input, frame, &fn) && chain_or_apply(ev, n, left, fn, frame, out);
}
