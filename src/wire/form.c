/* form.c - name=value pairs of a query string or of a form body, decoded. */
#include "wire/form.h"

#include "base/encode.h"

static int64_t count_pairs(Str text)
{
    int64_t n = text.n > 0;
    for (int64_t i = 0; i < text.n; i++) n += text.p[i] == '&';
    return n;
}

static bool needs_decoding(Str s, bool plus_is_blank)
{
    return str_find_char(s, '%') >= 0 || (plus_is_blank && str_find_char(s, '+') >= 0);
}

static bool decode(Arena *a, bool plus_is_blank, Str *s)
{
    return !needs_decoding(*s, plus_is_blank) || percent_decode(a, *s, plus_is_blank, s);
}

bool form_parse(Str text, bool plus_is_blank, Arena *a, Form *out)
{
    int64_t max = count_pairs(text);
    if (max > FORM_PAIRS_MAX) return false;
    Form f = {.pairs = new_array(a, FormPair, max)};
    Str part;
    while (text.n && str_cut(&text, '&', &part)) {
        FormPair pair = {.name = part};
        int64_t at = str_find_char(part, '=');
        if (at >= 0) pair = (FormPair){str_slice(part, 0, at), str_slice(part, at + 1, part.n), 0};
        if (!decode(a, plus_is_blank, &pair.name) || !decode(a, plus_is_blank, &pair.value))
            return false;
        pair.place = f.n;
        if (part.n) f.pairs[f.n++] = pair;
    }
    *out = f;
    return true;
}

const FormPair *form_find(const Form *f, Str name)
{
    for (int64_t i = 0; i < f->n; i++)
        if (str_eq(f->pairs[i].name, name)) return &f->pairs[i];
    return NULL;
}

Str form_value(const Form *f, Str name)
{
    const FormPair *pair = form_find(f, name);
    return pair ? pair->value : (Str){0};
}

static int by_name(const void *x, const void *y)
{
    const FormPair *left = x, *right = y;
    int order = str_cmp(left->name, right->name);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

void form_sort(Form *f)
{
    if (f->n) qsort(f->pairs, (size_t)f->n, sizeof *f->pairs, by_name);
    f->sorted = true;
}
