/* cases.c - runs files of JSONata cases: one JSON object a line, as in the language's public test suite. */
#include "cases.h"
#include "core/jsonata/jsonata.h"
#include "test.h"

typedef struct Suite {
    const char *datasets;
    const char *const *expected;
    Arena arena; /* of one case */
    char group[80];
    Tally of_group, all;
} Suite;

static int hex4(Str s)
{
    return s.n < 4 ? -1 : (int)strtol(str_z(test_arena(), str_slice(s, 0, 4)), NULL, 16);
}

/* Base's JSON refuses a lone surrogate; JSONata knows the same escape, so it is left for that. */
static Str keep_lone_surrogates(Arena *a, Str line)
{
    Buf out = {.a = a};
    for (int64_t i = 0; i < line.n; i++) {
        Str rest = str_slice(line, i, line.n);
        int high = str_starts(rest, S("\\u")) ? hex4(str_slice(rest, 2, 6)) : 0;
        int low =
            high && str_starts(str_slice(rest, 6, 8), S("\\u")) ? hex4(str_slice(rest, 8, 12)) : 0;
        bool pair = low >= 0xdc00 && low < 0xe000;
        if (high >= 0xd800 && high < 0xdc00 && pair) {
            buf_put(&out, str_slice(rest, 0, 12));
            i += 11;
            continue;
        }
        if (high >= 0xd800 && high < 0xe000) buf_putc(&out, '\\');
        buf_putc(&out, line.p[i]);
        if (line.p[i] == '\\') buf_putc(&out, line.p[++i]);
    }
    return buf_str(&out);
}

static bool same(const Json *x, const Json *y, bool unordered);

static bool same_number(const Json *x, const Json *y)
{
    return strtod(str_z(test_arena(), json_text(x)), NULL) ==
           strtod(str_z(test_arena(), json_text(y)), NULL);
}

static bool same_items(const Json *x, const Json *y, bool unordered)
{
    for (int32_t i = 0; i < x->n; i++) {
        bool found = same(&x->items[i], &y->items[i], unordered);
        for (int32_t k = 0; unordered && !found && k < y->n; k++)
            found = same(&x->items[i], &y->items[k], true);
        if (!found) return false;
    }
    return true;
}

static bool same_members(const Json *x, const Json *y, bool unordered)
{
    for (int32_t i = 0; i < x->n; i++) {
        const Json *other = json_get(y, x->members[i].key);
        if (!other || !same(&x->members[i].value, other, unordered)) return false;
    }
    return true;
}

static bool same(const Json *x, const Json *y, bool unordered)
{
    if (x->type != y->type) return false;
    if (x->type == JSON_NUMBER) return same_number(x, y);
    if (x->type == JSON_STRING) return str_eq(json_text(x), json_text(y));
    if (x->type < JSON_ARRAY) return true;
    return x->n == y->n &&
           (x->type == JSON_ARRAY ? same_items(x, y, unordered) : same_members(x, y, unordered));
}

static bool load_input(Suite *s, const Json *c, Json *out, bool *defined)
{
    Error err = {0};
    const Json *data = json_get(c, S("data"));
    Str name = json_text(json_get(c, S("dataset")));
    *defined = data || name.p;
    if (data) *out = *data;
    if (!name.p) return true;
    const char *path =
        str_z(&s->arena, str_printf(&s->arena, "%s/%.*s.json", s->datasets, STR(name)));
    Str text = test_file(&s->arena, path);
    if (str_absent(text) || !json_parse(text, &s->arena, out, &err)) {
        test_fail(__FILE__, __LINE__, "%s: %s", path, err.text);
        return false;
    }
    return true;
}

typedef struct Outcome {
    bool good;
    JsonataResult result;
    JsonataError err;
} Outcome;

static Outcome evaluate(Suite *s, const Json *c, const Json *input)
{
    Outcome o = {.err = {.code = ""}};
    const JsonataProgram *program;
    bool states = str_eq(json_text(json_get(c, S("dialect"))), S("states"));
    JsonataEnv env = {.now = 1700000000123, .seed = 7, .bindings = json_get(c, S("bindings"))};
    env.budget.depth = (int32_t)json_int_or(json_get(c, S("depth")), 0);
    Str expression = json_text(json_get(c, S("expr")));
    o.good = jsonata_compile(expression, states ? JSONATA_STATES : JSONATA_STANDARD, &s->arena,
                             &program, &o.err) &&
             jsonata_evaluate(program, input, &env, &s->arena, &o.result, &o.err);
    return o;
}

/* What was got, as text for a person. */
static Str describe(Arena *a, const Outcome *o)
{
    if (!o->good)
        return str_printf(a, "%s: %s (token %s)", o->err.code, o->err.message, o->err.token);
    if (o->result.kind == JSONATA_FUNCTION) return S("a function");
    return o->result.kind == JSONATA_UNDEFINED ? S("undefined") : json_to_str(a, &o->result.value);
}

static bool as_expected(const Json *c, const Outcome *o)
{
    const Json *error = json_get(c, S("error")), *result = json_get(c, S("result"));
    Str code = json_text(json_get(error ? error : c, S("code"))),
        token = json_text(json_get(error ? error : c, S("token")));
    Str message = json_text(json_get(error, S("message")));
    if (code.p)
        return !o->good && str_eq(str_from(o->err.code), code) &&
               (!token.p || str_eq(str_from(o->err.token), token)) &&
               (!message.p || str_eq(str_from(o->err.message), message));
    if (!o->good) return false;
    if (!result) return o->result.kind == JSONATA_UNDEFINED;
    return o->result.kind == JSONATA_JSON &&
           same(result, &o->result.value, json_true(json_get(c, S("unordered"))));
}

static bool is_expected_difference(const Suite *s, Str name)
{
    for (const char *const *p = s->expected; p && *p; p++)
        if (str_eq(str_from(*p), name)) return true;
    return false;
}

static void report(Suite *s, const Json *c, const Outcome *o)
{
    Str group = json_text(json_get(c, S("group"))), name = json_text(json_get(c, S("case")));
    Str full = str_printf(&s->arena, "%.*s/%.*s", STR(group), STR(name)),
        got = describe(&s->arena, o);
    const Json *result = json_get(c, S("result"));
    Str want = json_to_str(&s->arena, result ? result : c);
    if (is_expected_difference(s, full))
        printf("# known difference: %.*s\n", STR(full));
    else
        test_fail(__FILE__, __LINE__, "%.*s: %.*s\n#   want %.*s\n#   got  %.*s", STR(full),
                  STR(json_text(json_get(c, S("expr")))), (int)(want.n < 600 ? want.n : 600),
                  want.p, (int)(got.n < 600 ? got.n : 600), got.p);
}

static void end_group(Suite *s)
{
    if (s->of_group.run) printf("# %-32s %4d of %d\n", s->group, s->of_group.good, s->of_group.run);
    s->all.run += s->of_group.run;
    s->all.good += s->of_group.good;
    s->of_group = (Tally){0};
}

static void enter_group(Suite *s, Str group)
{
    if (str_eq(group, str_from(s->group))) return;
    end_group(s);
    snprintf(s->group, sizeof s->group, "%.*s", STR(group));
}

static void run_case(Suite *s, const Json *c)
{
    Json input;
    bool defined;
    enter_group(s, json_text(json_get(c, S("group"))));
    if (!load_input(s, c, &input, &defined)) return;
    Outcome o = evaluate(s, c, defined ? &input : NULL);
    bool good = as_expected(c, &o);
    s->of_group.run++;
    s->of_group.good += good;
    if (!good) report(s, c, &o);
}

bool cases_run(const char *file, const char *datasets, const char *const *expected_difference,
               Tally *out)
{
    Suite s = {.datasets = datasets, .expected = expected_difference};
    Str text = test_file(test_arena(), file), line;
    if (str_absent(text)) return false;
    while (str_cut(&text, '\n', &line)) {
        Error err = {0};
        Json c;
        if (str_trim(line).n == 0) continue;
        if (json_parse(keep_lone_surrogates(&s.arena, line), &s.arena, &c, &err))
            run_case(&s, &c);
        else
            test_fail(__FILE__, __LINE__, "%s: %s", file, err.text);
        arena_reset(&s.arena);
    }
    end_group(&s);
    arena_free(&s.arena);
    *out = s.all;
    return true;
}
