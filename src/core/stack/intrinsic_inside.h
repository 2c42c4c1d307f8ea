/* intrinsic_inside.h - shared by the files that evaluate intrinsic functions. */
#pragma once
#include "core/stack/intrinsic.h"

typedef bool IntrinsicFn(StackScope *s, const Json *argument, Json *out, Error *err);

typedef struct Intrinsic {
    Str name; /* "Fn::Join" */
    IntrinsicFn *run;
} Intrinsic;

/* The function, when `v` is an object with one member that names one. */
const Intrinsic *intrinsic_of(const Json *v);
/* intrinsic_resolve, but AWS::NoValue stays visible. */
bool intrinsic_value(StackScope *s, const Json *v, Json *out, Error *err);
bool intrinsic_is_no_value(const Json *v);
Json intrinsic_no_value(void);

/* "Template error: " and the rest; false. */
#define intrinsic_error(err, ...) (intrinsic_fill(err, __VA_ARGS__), error_false())
void intrinsic_fill(Error *err, const char *fmt, ...) printf_like(2, 3);
/* Text of a text, number or boolean; false for anything else. */
bool intrinsic_text(StackScope *s, const Json *v, Str *out);
/* A text made by a function, within the budget. */
bool intrinsic_made(StackScope *s, Str text, Json *out, Error *err);
/* The exactly n items of a list argument. */
bool intrinsic_items(const Json *argument, int32_t n, const Json **out);

/* Ref and ${Name}: a parameter, a pseudo parameter or a resource. */
bool intrinsic_ref(StackScope *s, Str name, Json *out, Error *err);
bool intrinsic_attribute(StackScope *s, Str resource, Str attribute, Json *out, Error *err);

/* intrinsic_text.c */
IntrinsicFn stack_fn_sub, stack_fn_join, stack_fn_split, stack_fn_base64, stack_fn_cidr,
    stack_fn_to_json_string;
/* intrinsic_condition.c */
IntrinsicFn stack_fn_if, stack_fn_equals, stack_fn_and, stack_fn_or, stack_fn_not,
    stack_fn_condition;
/* rules.c: known within the Rules section alone */
IntrinsicFn stack_fn_contains, stack_fn_each_member_equals, stack_fn_each_member_in,
    stack_fn_ref_all, stack_fn_value_of, stack_fn_value_of_all;

/* The pieces of a Sub text: calls `piece` for each literal part (variable false) and each ${Name}
 * (variable true; ${!Literal} comes as the literal "${Literal}"). ERR_VALIDATION: a bad name. */
typedef bool SubPieceFn(void *state, Str text, bool variable, Error *err);
bool intrinsic_sub_pieces(Str text, SubPieceFn *piece, void *state, Error *err);
