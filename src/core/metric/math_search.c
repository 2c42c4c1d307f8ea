/* math_search.c - the query of SEARCH: a schema in braces, and terms that must all hold. */
#include "core/metric/math.h"

enum { TERMS_MAX = 32, DIMENSIONS_MAX = 30 };

static bool refuse(Error *err, const char *why)
{
    return error_set(err, ERR_VALIDATION, "SEARCH: %s", why);
}

static Str unquoted(Str s)
{
    bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
    return quoted ? str_slice(s, 1, s.n - 1) : s;
}

/* "{AWS/EC2,InstanceId}" */
static bool schema(Str *text, Arena *a, MathSearch *out, Error *err)
{
    Str part, inner;
    if (!str_starts(*text, S("{"))) return true;
    int64_t end = str_find_char(*text, '}');
    if (end < 0) return refuse(err, "the schema is not closed");
    inner = str_slice(*text, 1, end);
    *text = str_trim(str_slice(*text, end + 1, text->n));
    out->schema = true;
    if (!str_cut(&inner, ',', &part)) return refuse(err, "the schema names no namespace");
    out->name_space = unquoted(str_trim(part));
    while (inner.n && str_cut(&inner, ',', &part)) {
        if (out->dimensions.n == DIMENSIONS_MAX) return refuse(err, "too many dimensions");
        *vec_push(a, &out->dimensions) = unquoted(str_trim(part));
    }
    return true;
}

/* A word ends at a blank, or at the end of what is in quotes. */
static bool word(Str *rest, bool key, Str *out, Error *err)
{
    int64_t n = 0;
    if (str_starts(*rest, S("\""))) {
        int64_t end = str_find_char(str_slice(*rest, 1, rest->n), '"');
        if (end < 0) return refuse(err, "a text is not closed");
        n = end + 2;
    }
    while (n < rest->n && rest->p[n] != ' ' && !(key && rest->p[n] == '=')) n++;
    *out = str_slice(*rest, 0, n);
    *rest = str_slice(*rest, n, rest->n);
    return true;
}

static bool term(Str *rest, struct MathTerm *out, Error *err)
{
    Str first;
    if (str_find_char(str_slice(*rest, 0, 1), '(') >= 0)
        return refuse(err, "parentheses are not offered");
    if (!word(rest, true, &first, err)) return false;
    if (str_eq(first, S("OR")) || str_eq(first, S("NOT")))
        return refuse(err, "OR and NOT are not offered");
    *out = (struct MathTerm){.value = first};
    if (str_starts(*rest, S("="))) {
        *rest = str_slice(*rest, 1, rest->n);
        out->key = unquoted(first);
        if (str_starts(*rest, S("("))) return refuse(err, "parentheses are not offered");
        if (!word(rest, false, &out->value, err)) return false;
    }
    out->exact = str_starts(out->value, S("\""));
    out->value = unquoted(out->value);
    return true;
}

bool math_search_parse(Str text, Arena *a, MathSearch *out, Error *err)
{
    Str rest = str_trim(text);
    *out = (MathSearch){.terms = new_array(a, struct MathTerm, TERMS_MAX)};
    if (!schema(&rest, a, out, err)) return false;
    while (rest.n) {
        struct MathTerm *one = &out->terms[out->terms_n];
        if (out->terms_n == TERMS_MAX) return refuse(err, "too many terms");
        if (!term(&rest, one, err)) return false;
        if (!str_eq(one->value, S("AND")) || one->exact || one->key.n) out->terms_n++;
        rest = str_trim(rest);
    }
    return true;
}
