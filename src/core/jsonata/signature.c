/* signature.c - what a function takes: parses <s-n?:s>, and fits arguments and context to it. */
#include "core/jsonata/ast.h"

/* The kinds of values a letter stands for; each but a function may also be missing (m). */
static const struct {
    char letter;
    const char *types;
} letters[] = {{'s', "sm"},       {'n', "nm"}, {'b', "bm"},      {'l', "lm"},      {'o', "om"},
               {'a', "asnblfom"}, {'f', "f"},  {'j', "asnblom"}, {'x', "asnblfom"}};

typedef struct SignatureParser {
    Str text;
    int64_t at;
    Signature *out;
    const char *code;
} SignatureParser;

static bool refuse(SignatureParser *p, const char *code)
{
    p->code = code;
    return false;
}

static void put(char *to, size_t cap, const char *from, size_t n)
{
    if (n >= cap) n = cap - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

static Param *add(SignatureParser *p)
{
    if (p->out->n == PARAMS_MAX) return NULL;
    return &p->out->p[p->out->n++];
}

/* Where the bracket that opens at `at` closes; the end when it does not. */
static int64_t closing(Str s, int64_t at, char open, char close)
{
    int depth = 0;
    for (; at < s.n; at++) {
        depth += (s.p[at] == open) - (s.p[at] == close);
        if (depth == 0) return at;
    }
    return at;
}

static bool choice(SignatureParser *p)
{
    int64_t end = closing(p->text, p->at, '(', ')');
    Str inner = str_slice(p->text, p->at + 1, end);
    if (str_find_char(inner, '<') >= 0) return refuse(p, "S0402");
    Param *param = add(p);
    if (!param) return refuse(p, "S0402");
    put(param->types, sizeof param->types - 1, inner.p, (size_t)inner.n);
    param->types[strlen(param->types)] = 'm';
    p->at = end;
    return true;
}

static bool item_type(SignatureParser *p, Param *last)
{
    if (!last || (!last->array && strcmp(last->types, "f") != 0)) return refuse(p, "S0401");
    int64_t end = closing(p->text, p->at, '<', '>');
    Str inner = str_slice(p->text, p->at + 1, end);
    put(last->item, sizeof last->item, inner.p, (size_t)inner.n);
    p->at = end;
    return true;
}

static bool letter(SignatureParser *p, char c)
{
    for (int i = 0; i < countof(letters); i++) {
        if (letters[i].letter != c) continue;
        Param *param = add(p);
        if (!param) return refuse(p, "S0402");
        put(param->types, sizeof param->types, letters[i].types, strlen(letters[i].types));
        param->array = c == 'a';
        return true;
    }
    return true;
}

static bool element(SignatureParser *p, char c)
{
    Param *last = p->out->n ? &p->out->p[p->out->n - 1] : NULL;
    if (c == '(') return choice(p);
    if (c == '<') return item_type(p, last);
    if (last && c == '-') last->context = true;
    if (last && (c == '?' || c == '+')) last->repeat = c;
    return letter(p, c);
}

bool jn_parse_signature(Str text, Signature *out, const char **code, int32_t *offset)
{
    SignatureParser p = {.text = text, .at = 1, .out = out};
    *out = (Signature){0};
    for (; p.at < text.n && text.p[p.at] != ':'; p.at++) {
        if (element(&p, text.p[p.at])) continue;
        *code = p.code;
        *offset = (int32_t)p.at;
        return false;
    }
    return true;
}

static char type_letter(Value v)
{
    static const char by_type[] = {
        [V_UNDEFINED] = 'm', [V_NULL] = 'l',  [V_BOOLEAN] = 'b', [V_NUMBER] = 'n',
        [V_STRING] = 's',    [V_ARRAY] = 'a', [V_OBJECT] = 'o',  [V_FUNCTION] = 'f'};
    return by_type[v.type];
}

static bool accepts(const Param *p, Value v)
{
    return strchr(p->types, type_letter(v)) != NULL;
}

static bool optional(const Param *p)
{
    return p->context || p->repeat == '?';
}

/* Bit i of fits[p]: the parameters from p on can take the arguments from i on, and nothing is left
 * over. */
enum { ARGS_MAX = 63 };
typedef struct Fit {
    const Signature *s;
    const Value *args;
    int32_t n;
    uint64_t fits[PARAMS_MAX + 1];
} Fit;

static bool rest_fits(const Fit *f, int p, int32_t i)
{
    return f->fits[p] >> i & 1;
}

/* Whether parameter p takes argument i, seen from what follows. */
static bool takes(const Fit *f, int p, int32_t i)
{
    const Param *param = &f->s->p[p];
    if (i >= f->n || !accepts(param, f->args[i])) return false;
    return rest_fits(f, p + 1, i + 1) || (param->repeat == '+' && rest_fits(f, p, i + 1));
}

static void fill(Fit *f)
{
    f->fits[f->s->n] = (uint64_t)1 << f->n;
    for (int p = f->s->n - 1; p >= 0; p--)
        for (int32_t i = f->n; i >= 0; i--) {
            bool good = takes(f, p, i) || (optional(&f->s->p[p]) && rest_fits(f, p + 1, i));
            f->fits[p] |= (uint64_t)good << i;
        }
}

static int32_t taken_by(const Fit *f, int p, int32_t i)
{
    int32_t n = 0;
    while (takes(f, p, i + n)) {
        n++;
        if (f->s->p[p].repeat != '+') break;
    }
    return n;
}

/* How many arguments the parameters before `p` take when each takes what it can; -1: they cannot.
 */
static int32_t greedy(const Signature *s, int last, const Value *args, int32_t n)
{
    int32_t i = 0;
    for (int p = 0; p <= last; p++) {
        const Param *param = &s->p[p];
        bool fits = i < n && accepts(param, args[i]);
        if (!fits && !optional(param)) return -1;
        if (!fits) continue;
        i++;
        while (param->repeat == '+' && i < n && accepts(param, args[i])) i++;
    }
    return i;
}

/* The first argument that no parameter takes. */
static bool mismatch(Ev *ev, const Signature *s, const Value *args, int32_t n)
{
    int32_t good = 0;
    for (int p = 0; p < s->n; p++) {
        int32_t taken = greedy(s, p, args, n);
        if (taken < 0) break;
        good = taken;
    }
    return jn_fail_with(ev, (Failure){.code = "T0410",
                                      .value = good < n ? args[good] : UNDEFINED,
                                      .index = good + 1,
                                      .position = -1});
}

static bool items_are(const Param *param, Value v)
{
    if (!param->item[0]) return true;
    if (!is_array(v)) return type_letter(v) == param->item[0] && !param->item[1];
    if (v.n == 0) return true;
    char first = type_letter(jn_v_at(v, 0));
    if (first != param->item[0]) return false;
    for (int32_t i = 1; i < v.n && v.form != FORM_RANGE; i++)
        if (type_letter(jn_v_at(v, i)) != first) return false;
    return true;
}

static Str item_name(char item)
{
    return item == 'a'   ? S("arrays")
           : item == 'b' ? S("booleans")
           : item == 'f' ? S("functions")
           : item == 'n' ? S("numbers")
           : item == 'o' ? S("objects")
                         : S("strings");
}

static bool take(Ev *ev, const Param *param, Value v, int32_t index, Seq *out)
{
    if (!param->array || is_undefined(v)) {
        jn_push(out, v);
        return true;
    }
    if (!items_are(param, v))
        return jn_fail_with(ev, (Failure){.code = "T0412",
                                          .value = v,
                                          .index = index,
                                          .position = -1,
                                          .text = item_name(param->item[0])});
    jn_push(out, is_array(v) ? v : jn_single(ev, v, 0));
    return true;
}

static bool missing(Ev *ev, const Param *param, Value context, int32_t index, Seq *out)
{
    if (!param->context) {
        jn_push(out, UNDEFINED);
        return true;
    }
    if (!accepts(param, context))
        return jn_fail_with(
            ev, (Failure){.code = "T0411", .value = context, .index = index, .position = -1});
    jn_push(out, context);
    return true;
}

static bool assign(Ev *ev, const Fit *f, Value context, Seq *out)
{
    int32_t i = 0;
    for (int p = 0; p < f->s->n; p++) {
        int32_t n = taken_by(f, p, i);
        if (n == 0 && !missing(ev, &f->s->p[p], context, i + 1, out)) return false;
        for (; n > 0; n--, i++)
            if (!take(ev, &f->s->p[p], f->args[i], i + 1, out)) return false;
    }
    return true;
}

bool jn_validate(Ev *ev, const Signature *s, const Value *args, int32_t n, Value context,
                 const Value **out, int32_t *out_n)
{
    Fit fit = {.s = s, .args = args, .n = n};
    Seq taken = {.ev = ev};
    if (n > ARGS_MAX) return mismatch(ev, s, args, n);
    fill(&fit);
    if (!rest_fits(&fit, 0, 0)) return mismatch(ev, s, args, n);
    if (!assign(ev, &fit, v_context(context), &taken)) return false;
    *out = taken.p;
    *out_n = taken.n;
    return jn_step(ev);
}
