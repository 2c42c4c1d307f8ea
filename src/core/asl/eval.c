/* eval.c - the value of an expression in a scope, and AWS's words when there is none. */
#include "core/asl/intrinsic.h"
#include "core/jsonata/jsonata.h"

#define RUNTIME    S("States.Runtime")
#define EVALUATION S("States.QueryEvaluationError")

static const Json nothing = {.type = JSON_OBJECT};

static const Json *root_of(const AslExpr *e, const AslScope *s)
{
    const Json *found = e->root == ROOT_INPUT     ? s->input
                        : e->root == ROOT_CONTEXT ? s->context
                                                  : NULL;
    return e->root == ROOT_VARIABLE ? json_get(s->variables, e->variable) : found;
}

JsonPathFound asl_find(const AslExpr *e, const AslScope *s, Json *out)
{
    const Json *root = root_of(e, s);
    return root ? jsonpath_get(e->path, root, s->a, out) : JSONPATH_MISSING;
}

/* AWS shows what was searched: the input, also when the path is one of the context object. */
static Str searched(const AslExpr *e, const AslScope *s)
{
    const Json *root = root_of(e, s);
    return json_to_str(s->a, root ? root : &nothing);
}

static bool eval_path(const AslExpr *e, const AslScope *s, Json *out, AslFailure *f)
{
    JsonPathFound found = asl_find(e, s, out);
    if (found == JSONPATH_FOUND) return true;
    if (found == JSONPATH_TOO_MUCH)
        return asl_failure(
            f, RUNTIME,
            str_printf(s->a, "The JSONPath '%.*s' visits too many values.", STR(e->text)));
    return asl_failure(f, RUNTIME,
                       str_printf(s->a,
                                  "The JSONPath '%.*s' specified for the field '%.*s' could not be "
                                  "found in the input '%.*s'",
                                  STR(e->text), STR(e->place), STR(searched(e, s))));
}

static bool eval_argument(const AslExpr *call, const AslExpr *e, const AslScope *s, Json *out,
                          AslFailure *f)
{
    if (e->kind != EXPR_PATH) return asl_eval(e, s, out, f);
    if (asl_find(e, s, out) == JSONPATH_FOUND) return true;
    return asl_failure(f, RUNTIME,
                       str_printf(s->a,
                                  "The function '%.*s' had the following error: The JsonPath "
                                  "argument for the field '%.*s' could not "
                                  "be found in the input '%.*s'",
                                  STR(call->text), STR(e->text), STR(searched(e, s))));
}

static bool eval_call(const AslExpr *e, const AslScope *s, Json *out, AslFailure *f)
{
    Json *args = new_array(s->a, Json, e->n);
    for (int32_t i = 0; i < e->n; i++)
        if (!eval_argument(e, &e->parts[i], s, &args[i], f)) return false;
    Str why = {0};
    AslCallArgs c = {.call = e, .scope = s, .args = args, .n = e->n};
    if (e->function->run(&c, out, &why)) return true;
    return asl_failure(f, S("States.IntrinsicFailure"),
                       str_printf(s->a, "The function '%.*s' had the following error: %.*s",
                                  STR(e->text), STR(why)));
}

/* $states and all variables, as JSONata's bindings. */
static Json bindings(const AslScope *s)
{
    JsonObject states = {.a = s->a}, all = {.a = s->a};
    json_put_json(&states, S("input"), s->input);
    json_put_json(&states, S("context"), s->context);
    json_put_json(&states, S("result"), s->result);
    json_put_json(&states, S("errorOutput"), s->error_output);
    for (int32_t i = 0; i < json_count(s->variables); i++)
        json_put(&all, s->variables->members[i].key, s->variables->members[i].value);
    json_put(&all, S("states"), json_object(&states));
    return json_object(&all);
}

static bool refused(const AslExpr *e, const AslScope *s, AslFailure *f, Str what)
{
    asl_failure(f, EVALUATION,
                str_printf(s->a,
                           "The JSONata expression '%.*s' specified for the field '%.*s' %.*s",
                           STR(e->text), STR(e->place), STR(what)));
    f->place = e->place;
    return false;
}

static bool eval_jsonata(const AslExpr *e, const AslScope *s, Json *out, AslFailure *f)
{
    Json all = bindings(s);
    JsonataEnv env = {
        .now = s->now, .seed = asl_random(s->seed), .bindings = &all, .budget = JSONATA_BUDGET};
    JsonataResult result;
    JsonataError err;
    if (!jsonata_evaluate(e->program, NULL, &env, s->a, &result, &err))
        return refused(
            e, s, f,
            str_printf(s->a, "threw an error during evaluation. %s: %s", err.code, err.message));
    if (result.kind == JSONATA_UNDEFINED)
        return refused(e, s, f, S("returned nothing (undefined)."));
    if (result.kind == JSONATA_FUNCTION)
        return refused(e, s, f, S("returned an unsupported result type."));
    *out = result.value;
    return true;
}

static bool eval_object(const AslExpr *e, const AslScope *s, Json *out, AslFailure *f)
{
    JsonMember *members = new_array(s->a, JsonMember, e->n);
    for (int32_t i = 0; i < e->n; i++) {
        members[i].key = e->keys[i];
        if (!asl_eval(&e->parts[i], s, &members[i].value, f)) return false;
    }
    *out = (Json){.type = JSON_OBJECT, .n = e->n, .members = members};
    return true;
}

static bool eval_array(const AslExpr *e, const AslScope *s, Json *out, AslFailure *f)
{
    Json *items = new_array(s->a, Json, e->n);
    for (int32_t i = 0; i < e->n; i++)
        if (!asl_eval(&e->parts[i], s, &items[i], f)) return false;
    *out = (Json){.type = JSON_ARRAY, .n = e->n, .items = items};
    return true;
}

bool asl_eval(const AslExpr *e, const AslScope *s, Json *out, AslFailure *f)
{
    switch (e->kind) {
    case EXPR_CONST: *out = e->constant; return true;
    case EXPR_PATH: return eval_path(e, s, out, f);
    case EXPR_CALL: return eval_call(e, s, out, f);
    case EXPR_JSONATA: return eval_jsonata(e, s, out, f);
    case EXPR_OBJECT: return eval_object(e, s, out, f);
    case EXPR_ARRAY: return eval_array(e, s, out, f);
    }
    unreachable();
}
