/* date_picture.h - the picture strings of dates: XPath and XQuery Functions 3.1, section 9.8. */
#pragma once
#include "base/time.h"
#include "core/jsonata/integer_format.h"

typedef enum DateNames { NAMES_NONE, NAMES_LOWER, NAMES_TITLE, NAMES_UPPER } DateNames;

/* Text that stands for itself, or a marker: [component presentation, width]. */
typedef struct DatePart {
    Str literal;
    char component; /* 0: a literal */
    DateNames names;
    bool has_integer, zulu; /* zulu: Z for no offset */
    IntegerFormat integer;
    int width_max;   /* -1: any */
    int year_digits; /* -1: all */
} DatePart;

typedef struct DatePicture {
    DatePart *p;
    int32_t n, cap;
} DatePicture;

must_use bool jn_date_picture_parse(Ev *ev, Str picture, DatePicture *out);

/* date_fields.c: one component of a moment, in UTC. */
double jn_date_field(Millis t, char component);
extern const char *const jn_date_months[12], *const jn_date_days[8]; /* days: 1 is Monday */
