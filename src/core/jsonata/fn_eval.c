/* fn_eval.c - $eval: an expression that is a text, compiled and evaluated within the same budget. */
#include "core/jsonata/failure.h"
#include "core/jsonata/functions.h"

/* The failure inside becomes the text of the failure outside; a spent budget stays what it is. */
static bool wrap(Ev *ev, const char *code)
{
    JsonataError inner = {0};
    if (!strcmp(ev->failure.code, "U1001")) return false;
    jn_failure_report(ev, &inner);
    Str text = str_copy(ev->a, str_from(inner.message));
    return jn_fail_with(ev, (Failure){.code = code, .text = text, .position = -1});
}

static bool compile(Ev *ev, Str source, Node **root)
{
    if (!jn_room(ev, 512 * source.n + 4096) || !jn_steps(ev, source.n)) return false;
    Compiler c = {.a = ev->a, .source = source, .dialect = ev->dialect};
    if (jn_compile(&c, root)) return true;
    ev->failure = c.failure;
    return wrap(ev, "D3120");
}

bool jn_fn_eval(Call *c, Value *out)
{
    Node *root;
    Value input = is_undefined(arg(c, 1)) ? c->context : arg(c, 1);
    if (is_undefined(arg(c, 0))) return true;
    if (!compile(c->ev, v_text(arg(c, 0)), &root)) return false;
    if (is_array(input) && !has(input, SEQUENCE)) input = jn_single(c->ev, input, SEQUENCE | OUTER);
    return jn_eval(c->ev, root, input, c->frame, out) || wrap(c->ev, "D3121");
}
