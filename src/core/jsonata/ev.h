/* ev.h - one evaluation: its budget, its failure, its frames of variables, and how its parts call each other. */
#pragma once
#include "core/jsonata/jsonata.h"
#include "core/jsonata/value.h"

/* What the files of this folder share among themselves begins with jn_; the library's own names
 * are jsonata.h's. */

typedef struct Node Node;
typedef struct Builtin Builtin;
typedef struct Regex Regex;

/* Variables. A frame made from a tuple borrows the tuple's bindings until something is bound in it.
 */
typedef struct Bind {
    Str name;
    Value value;
} Bind;

typedef struct Frame {
    struct Frame *up;
    Bind *p;
    int32_t n, cap; /* cap 0: borrowed */
} Frame;

/* An item of a path that carries variables (@ and #) or ancestors (%) with it. */
struct Tuple {
    Value at;
    Bind *p;
    int32_t n;
};

typedef enum FunctionKind {
    FN_BUILTIN,
    FN_LAMBDA,
    FN_PARTIAL,    /* inner with some of its arguments given */
    FN_CHAIN,      /* first ~> then */
    FN_TRANSFORM,  /* | pattern | update, delete | */
    FN_REGEX,      /* /.../: a function of a text that gives its first match */
    FN_REGEX_NEXT, /* the `next` of a match */
} FunctionKind;

struct Function {
    FunctionKind kind;
    int32_t arity;
    const Builtin *builtin;
    const Node *node; /* lambda, transform */
    Frame *frame;
    Value input;
    Value first, then; /* chain; `first` of a partial is the function that was applied */
    const Value *args; /* partial: V_TAIL stands for a hole */
    int32_t args_n;
    const Regex *regex;
    Str subject;
    int64_t from;
};

/* What failed: the parts from which the message is made at the end, when token and position are
 * known. */
typedef struct Failure {
    const char *code; /* NULL: nothing yet */
    Value value, value2;
    int32_t index, position;
    Str token;
    Str text; /* a type, a function's name, or the whole message, as the code's template says */
} Failure;

typedef struct Tail {
    Value fn;
    const Value *args;
    int32_t n;
    const Node *node;
} Tail;

typedef struct Ev {
    Arena *a;
    JsonataDialect dialect;
    Millis now;
    uint64_t chance; /* state of the generator behind $random */
    int64_t steps, steps_max, bytes, bytes_max;
    int32_t depth, calls, depth_max;
    bool spent; /* the budget of bytes: what grows stops growing, the next step fails */
    Failure failure;
    Tail tail;
    struct RegexRun *regex; /* match data, made with the first match */
} Ev;

/* Budget. All return false with U1001 when it is spent. */
must_use bool jn_step(Ev *ev);
must_use bool jn_steps(Ev *ev, int64_t n);
/* Bytes that were read or compared; the next step sees whether they were too many. */
static inline void jn_charge(Ev *ev, int64_t bytes)
{
    ev->steps += bytes >> 6;
}
must_use bool jn_room(Ev *ev, int64_t bytes);
must_use bool jn_enter(Ev *ev); /* deeper by one; jn_leave when back */
static inline void jn_leave(Ev *ev)
{
    ev->depth--;
}
/* Calls may nest without a node between them: $f ~> $g, $map in tail position. */
must_use bool jn_enter_call(Ev *ev);
static inline void jn_leave_call(Ev *ev)
{
    ev->calls--;
}
must_use bool jn_nesting(Ev *ev, int depth); /* how deep a walk into a value may go */
/* Memory that is counted; never NULL. What is large asks jn_room first. */
void *jn_take(Ev *ev, int64_t count, size_t size) __attribute__((returns_nonnull));

/* Failure: always false. */
bool jn_fail(Ev *ev, const char *code);
bool jn_fail_value(Ev *ev, const char *code, Value value);
bool jn_fail_with(Ev *ev, Failure failure);
/* Names the place, unless a deeper one has. */
void jn_blame(Ev *ev, Str token, int32_t position);

/* A growing array. */
typedef struct Seq {
    Ev *ev;
    Value *p;
    int32_t n, cap;
} Seq;
void jn_push(Seq *s, Value v);
bool jn_push_all(Seq *s, Value array);
static inline Value jn_seq(const Seq *s, int flags)
{
    return v_items(s->p, s->n, flags);
}
Value jn_single(Ev *ev, Value item, int flags); /* [item] */
/* The array, or [v]; nothing for undefined. */
Value jn_array_of(Ev *ev, Value v);
/* fn:append: undefined adds nothing, arrays are joined. */
must_use bool jn_append(Ev *ev, Value x, Value y, Value *out);

/* A growing text. */
typedef struct Text {
    Ev *ev;
    char *p;
    int64_t n, cap;
} Text;
void jn_put(Text *t, Str s);
void jn_putc(Text *t, char c);
void jn_put_rune(Text *t, int32_t rune); /* also a lone surrogate, as three bytes */
/* The finished text; false when it outgrew the budget. */
must_use bool jn_text(Text *t, Value *out);
static inline Str jn_str(const Text *t)
{
    return (Str){t->p ? t->p : "", t->n};
}
must_use bool jn_string(Ev *ev, Str s, Value *out); /* a copy */

/* Frames. */
Frame *jn_frame(Ev *ev, Frame *up);
Frame *jn_frame_of(Ev *ev, Frame *up, const Tuple *tuple);
void jn_bind(Ev *ev, Frame *frame, Str name, Value value);
bool jn_lookup(const Frame *frame, Str name, Value *out);

/* Evaluation. */
must_use bool jn_eval(Ev *ev, const Node *node, Value input, Frame *frame, Value *out);
must_use bool jn_apply(Ev *ev, Value fn, const Value *args, int32_t n, Value context, Frame *frame,
                       Value *out);
int32_t jn_arity(Value fn);
/* fn(a), fn(a, b) or fn(a, b, c): as many as it takes. */
must_use bool jn_apply3(Ev *ev, Frame *frame, Value fn, Value x, Value y, Value z, Value *out);

/* What the operators do. */
bool jn_truth(Ev *ev, Value v);              /* $boolean; false for undefined */
bool jn_numeric(Ev *ev, Value v, bool *out); /* fails with D1001 for what is not finite */
must_use bool jn_equal(Ev *ev, Value x, Value y, bool *out);
must_use bool jn_lookup_key(Ev *ev, Value input, Str key, Value *out);

/* Sorts `v` by a comparison that may fail; stable. */
typedef bool JnAfter(void *ctx, int32_t x, int32_t y, bool *after);
must_use bool jn_sort(Ev *ev, int32_t n, int32_t *order, JnAfter *after, void *ctx);

/* $string. indent: pretty. */
must_use bool jn_stringify(Ev *ev, Text *out, Value v, bool pretty);
must_use bool jn_to_string(Ev *ev, Value v,
                           Value *out); /* a string as it is, undefined as undefined */
must_use bool jn_to_json(Ev *ev, Value v, Json *out);
