/* form.h - name=value pairs of a query string or of a form body, decoded. */
#pragma once
#include "base/str.h"

enum { FORM_PAIRS_MAX = 10000 };

typedef struct FormPair {
    Str name, value; /* without '=' the value is absent: ?acl */
    int64_t place;   /* as sent */
} FormPair;

typedef struct Form {
    FormPair *pairs;
    int64_t n;
    bool sorted;
} Form;

/* false: a broken %-escape, or too many pairs. plus_is_blank: form bodies and AWS query strings
 * write a blank as '+'. */
must_use bool form_parse(Str text, bool plus_is_blank, Arena *a, Form *out);
/* The first of that name; NULL: none. */
const FormPair *form_find(const Form *f, Str name);
Str form_value(const Form *f, Str name);
/* By name, in bytes; pairs of one name keep their order. */
void form_sort(Form *f);
