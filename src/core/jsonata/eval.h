/* eval.h - the evaluators of the kinds of nodes, each in the file of its subject. */
#pragma once
#include "core/jsonata/ast.h"

typedef bool Evaluate(Ev *ev, const Node *n, Value input, Frame *frame, Value *out);

/* operators.c */
Evaluate jn_eval_binary, jn_eval_negate;
/* path.c */
Evaluate jn_eval_path, jn_eval_name, jn_eval_wildcard, jn_eval_descendant;
/* group.c */
Evaluate jn_eval_array, jn_eval_object;
/* call.c */
Evaluate jn_eval_call, jn_eval_partial, jn_eval_lambda, jn_eval_apply;
/* transform.c */
Evaluate jn_eval_transform;

/* A predicate: the items of `input` for which it holds. */
must_use bool jn_eval_filter(Ev *ev, const Node *predicate, Value input, Frame *frame, Value *out);
/* Groups the items of `input` (or its tuples) by key, and reduces each group to its value. */
must_use bool jn_eval_group(Ev *ev, const Node *object, Value input, Frame *frame, Value *out);
/* The items (or tuples) of `input` in the order of the sort's terms. */
must_use bool jn_eval_sort(Ev *ev, const Node *sort, Value input, Frame *frame, Value *out);

/* Applies a transformation. */
must_use bool jn_transform(Ev *ev, const Function *f, Value input, Value *out);
/* The first match of a regular expression from byte `from` on, as the object JSONata makes of it.
 */
must_use bool jn_match_object(Ev *ev, const Function *f, Str subject, int64_t from, Value *out);
