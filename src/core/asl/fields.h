/* fields.h - private to this folder: every field a state may have, for which types, in which query language, of which form. */
#pragma once
#include "core/asl/definition.h"

typedef enum AslForm {
    FORM_SPECIAL, /* the parser knows it by name */
    FORM_TEXT,
    FORM_BOOL,
    FORM_CONST,       /* any JSON, taken as it is */
    FORM_PATH,        /* path, or intrinsic call; null allowed where may_null */
    FORM_REFERENCE,   /* a path that can be written to */
    FORM_PATH_ONLY,   /* path, no call */
    FORM_TEMPLATE,    /* .$ or {% %} at any depth */
    FORM_WHOLE,       /* a whole number, not negative; JSONata: or an expression */
    FORM_NUMBER,      /* the same, with a fraction */
    FORM_TIME,        /* a timestamp; JSONata: or an expression */
    FORM_STRING_EXPR, /* text; JSONata: or an expression */
} AslForm;

enum { IN_PATH = 1, IN_JSONATA = 2, IN_BOTH = 3 };
typedef struct AslFieldRule {
    const char *name;
    unsigned types; /* bits 1 << AslStateType */
    int languages;
    AslForm form;
    int field; /* AslField, or -1 */
    bool may_null;
} AslFieldRule;

extern const AslFieldRule asl_fields[];
extern const int asl_fields_n;
extern const char *const asl_type_names[ASL_STATE_TYPES];
