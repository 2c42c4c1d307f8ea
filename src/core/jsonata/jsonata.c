/* jsonata.c - the library's door: compile and evaluate. */
#include "core/jsonata/jsonata.h"
#include "base/encode.h"
#include "core/jsonata/failure.h"

bool jn_compile(Compiler *c, Node **root)
{
    Node *raw;
    if (c->source.n > JSONATA_TEXT_MAX)
        return jn_refuse(c, (Failure){.code = "U1001", .text = S("length"), .position = -1});
    if (!utf8_valid(c->source))
        return jn_refuse(c, (Failure){.code = "S0205", .token = S("not UTF-8"), .position = -1});
    return jn_parse(c, &raw) && jn_resolve(c, raw, root);
}

bool jsonata_compile(Str expression, JsonataDialect dialect, Arena *a, const JsonataProgram **out,
                     JsonataError *err)
{
    Compiler c = {.a = a, .source = str_copy(a, expression), .dialect = dialect};
    Node *root;
    if (!jn_compile(&c, &root)) {
        jn_failure_report(&(Ev){.dialect = dialect, .failure = c.failure}, err);
        return false;
    }
    JsonataProgram *program = new (a, JsonataProgram);
    *program = (JsonataProgram){.root = root, .dialect = dialect};
    *out = program;
    return true;
}

static int64_t limit(int64_t wanted, int64_t otherwise, int64_t most)
{
    return wanted <= 0 ? otherwise : wanted < most ? wanted : most;
}

static Ev started(const JsonataProgram *program, const JsonataEnv *env, Arena *a)
{
    const JsonataBudget *b = &env->budget;
    return (Ev){
        .a = a,
        .dialect = program->dialect,
        .now = env->now,
        .chance = env->seed,
        .steps_max = limit(b->steps, JSONATA_STEPS_DEFAULT, INT64_MAX / 2),
        .bytes_max = limit(b->bytes, JSONATA_BYTES_DEFAULT, JSONATA_BYTES_MAX),
        .depth_max = (int32_t)limit(b->depth, JSONATA_DEPTH_DEFAULT, JSONATA_DEPTH_MAX),
    };
}

/* $name for each binding, and $$ for the input. */
static Frame *globals(Ev *ev, const Json *bindings, Value input)
{
    Frame *frame = jn_frame(ev, NULL);
    jn_bind(ev, frame, S("$"), input);
    for (int32_t i = 0; json_is(bindings, JSON_OBJECT) && i < bindings->n; i++)
        jn_bind(ev, frame, bindings->members[i].key, jn_v_json(&bindings->members[i].value));
    return frame;
}

static bool deliver(Ev *ev, Value v, JsonataResult *out)
{
    Json json = {.type = JSON_NULL};
    v = v_context(v);
    bool good = is_undefined(v) || is_function(v) || jn_to_json(ev, v, &json);
    if (!good) return false;
    JsonataKind kind = is_undefined(v)  ? JSONATA_UNDEFINED
                       : is_function(v) ? JSONATA_FUNCTION
                                        : JSONATA_JSON;
    *out = (JsonataResult){
        .kind = kind, .value = json, .steps_used = ev->steps, .bytes_used = ev->bytes};
    return true;
}

bool jsonata_evaluate(const JsonataProgram *program, const Json *input, const JsonataEnv *env,
                      Arena *a, JsonataResult *out, JsonataError *err)
{
    Ev ev = started(program, env, a);
    Value v, in = input ? jn_v_json(input) : UNDEFINED;
    Frame *frame = globals(&ev, env->bindings, in);
    Value context = is_array(in) ? jn_single(&ev, in, SEQUENCE | OUTER) : in;
    if (jn_eval(&ev, program->root, context, frame, &v) && deliver(&ev, v, out)) return true;
    jn_failure_report(&ev, err);
    return false;
}
