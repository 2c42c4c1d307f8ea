/* failure.c - what failed, as code, place and message: the catalogue of the language's errors. */
#include "core/jsonata/failure.h"
#include <math.h>

/* The codes and texts are part of the language's interface: workflows match on them. In a text {v}
 * and {w} stand for the values as JSON, {i} for a number, {t} and {q} for token and text in quotes,
 * {T} and {x} for both as they are. */
static const struct {
    char code[6];
    const char *text;
} catalogue[] = {
    {"S0101", "String literal must be terminated by a matching quote"},
    {"S0102", "Number out of range: {t}"},
    {"S0103", "Unsupported escape sequence: \\{t}"},
    {"S0104", "The escape sequence \\u must be followed by 4 hex digits"},
    {"S0105", "Quoted property name must be terminated with a backquote (`)"},
    {"S0106", "Comment has no closing tag"},
    {"S0201", "Syntax error: {t}"},
    {"S0202", "Expected {v}, got {t}"},
    {"S0203", "Expected {v} before end of expression"},
    {"S0204", "Unknown operator: {t}"},
    {"S0205", "Unexpected token: {t}"},
    {"S0207", "Unexpected end of expression"},
    {"S0208", "Parameter {v} of function definition must be a variable name (start with $)"},
    {"S0209", "A predicate cannot follow a grouping expression in a step"},
    {"S0210", "Each step can only have one grouping expression"},
    {"S0211", "The symbol {t} cannot be used as a unary operator"},
    {"S0212", "The left side of := must be a variable name (start with $)"},
    {"S0213", "The literal value {v} cannot be used as a step within a path expression"},
    {"S0214", "The right side of {t} must be a variable name (start with $)"},
    {"S0215", "A context variable binding must precede any predicates on a step"},
    {"S0216", "A context variable binding must precede the 'order-by' clause on a step"},
    {"S0217", "The object representing the 'parent' cannot be derived from this expression"},
    {"S0301", "Empty regular expressions are not allowed"},
    {"S0302", "No terminating / in regular expression"},
    {"S0303", "Invalid regular expression /{T}/: {x}"},
    {"S0401", "Type parameters can only be applied to functions and arrays"},
    {"S0402", "Choice groups containing parameterized types are not supported"},
    {"T0410", "Argument {i} of function {t} does not match function signature"},
    {"T0411", "Context value is not a compatible type with argument {i} of function {t}"},
    {"T0412", "Argument {i} of function {t} must be an array of {q}"},
    {"T1003", "Key in object structure must evaluate to a string; got: {v}"},
    {"T1005", "Attempted to invoke a non-function. Did you mean ${T}?"},
    {"T1006", "Attempted to invoke a non-function"},
    {"T1007", "Attempted to partially apply a non-function. Did you mean ${T}?"},
    {"T1008", "Attempted to partially apply a non-function"},
    {"T1010", "The matcher function argument passed to function {t} does not return the correct "
              "object structure"},
    {"T2001", "The left side of the {t} operator must evaluate to a number"},
    {"T2002", "The right side of the {t} operator must evaluate to a number"},
    {"T2003", "The left side of the range operator (..) must evaluate to an integer"},
    {"T2004", "The right side of the range operator (..) must evaluate to an integer"},
    {"T2006", "The right side of the function application operator ~> must be a function"},
    {"T2007", "Type mismatch when comparing values {v} and {w} in order-by clause"},
    {"T2008",
     "The expressions within an order-by clause must evaluate to numeric or string values"},
    {"T2009", "The values {v} and {w} either side of operator {t} must be of the same data type"},
    {"T2010",
     "The expressions either side of operator {t} must evaluate to numeric or string values"},
    {"T2011",
     "The insert/update clause of the transform expression must evaluate to an object: {v}"},
    {"T2012", "The delete clause of the transform expression must evaluate to a string or array of "
              "strings: {v}"},
    {"T2013", "The transform expression clones the input object using the $clone() function.  This "
              "has been overridden "
              "in the current scope by a non-function."},
    {"D1001", "Number out of range: {v}"},
    {"D1002", "Cannot negate a non-numeric value: {v}"},
    {"D1004", "Regular expression matches zero length string"},
    {"D1009", "Multiple key definitions evaluate to same key: {v}"},
    {"D2014", "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  "
              "Attempted to allocate "
              "{v}."},
    {"D3001", "Attempting to invoke string function on Infinity or NaN"},
    {"D3010", "Second argument of replace function cannot be an empty string"},
    {"D3011", "Fourth argument of replace function must evaluate to a positive number"},
    {"D3012", "Attempted to replace a matched string with a non-string value"},
    {"D3020", "Third argument of split function must evaluate to a positive number"},
    {"D3030", "Unable to cast value to a number: {v}"},
    {"D3040", "Third argument of match function must evaluate to a positive number"},
    {"D3050",
     "The second argument of reduce function must be a function with at least two arguments"},
    {"D3060", "The sqrt function cannot be applied to a negative number: {v}"},
    {"D3061", "The power function has resulted in a value that cannot be represented as a JSON "
              "number: base={v}, "
              "exponent={w}"},
    {"D3070", "The single argument form of the sort function can only be applied to an array of "
              "strings or an array of "
              "numbers.  Use the second argument to specify a comparison function"},
    {"D3080", "The picture string must only contain a maximum of two sub-pictures"},
    {"D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator' "
              "character"},
    {"D3082", "The sub-picture must not contain more than one instance of the 'percent' character"},
    {"D3083",
     "The sub-picture must not contain more than one instance of the 'per-mille' character"},
    {"D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"},
    {"D3085", "The mantissa part of a sub-picture must contain at least one character that is "
              "either an 'optional digit "
              "character' or a member of the 'decimal digit family'"},
    {"D3086", "The sub-picture must not contain a passive character that is preceded by an active "
              "character and that is "
              "followed by another active character"},
    {"D3087",
     "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a "
     "'decimal-separator' character"},
    {"D3088",
     "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"},
    {"D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator' "
              "character"},
    {"D3090", "The integer part of the sub-picture must not contain a member of the 'decimal digit "
              "family' that is "
              "followed by an instance of the 'optional digit character'"},
    {"D3091", "The fractional part of the sub-picture must not contain an instance of the "
              "'optional digit character' "
              "that is followed by a member of the 'decimal digit family'"},
    {"D3092", "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a "
              "character treated as "
              "an 'exponent-separator'"},
    {"D3093", "The exponent part of the sub-picture must comprise only of one or more characters "
              "that are members of the "
              "'decimal digit family'"},
    {"D3100", "The radix of the formatBase function must be between 2 and 36.  It was given {v}"},
    {"D3110",
     "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {v}"},
    {"D3120", "Syntax error in expression passed to function eval: {q}"},
    {"D3121", "Dynamic error evaluating the expression passed to function eval: {q}"},
    {"D3130", "Formatting or parsing an integer as a sequence starting with {v} is not supported "
              "by this implementation"},
    {"D3131", "In a decimal digit pattern, all digits must be from the same decimal group"},
    {"D3132", "Unknown component specifier {v} in date/time picture string"},
    {"D3133", "The 'name' modifier can only be applied to months and days in the date/time picture "
              "string, not {v}"},
    {"D3134", "The timezone integer format specifier cannot have more than four digits"},
    {"D3135", "No matching closing bracket ']' in date/time picture string"},
    {"D3136", "The date/time picture string is missing specifiers required to parse the timestamp"},
    {"D3137", "{x}"},
    {"D3138",
     "The $single() function expected exactly 1 matching result.  Instead it matched more."},
    {"D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."},
    {"D3140", "Malformed URL passed to ${x}(): {v}"},
    {"D3141", "{x}"},
    {"D3200", "{x}"}, /* Mayfly's: a bad argument of a Step Functions function */
    {"U1001", "The expression has used up its budget of {x}"},
};

enum { QUOTED_VALUE_MAX = 200 };

/* Values in messages are cut; the budget that a failed evaluation has left must not matter. */
static void put_value(Ev *ev, Buf *out, Value v)
{
    Arena scratch = {0};
    Ev quiet = {.a = &scratch, .steps_max = 10000, .bytes_max = 1 << 20, .dialect = ev->dialect};
    Text text = {.ev = &quiet};
    if (is_undefined(v)) return;
    if (v.type == V_NUMBER && !isfinite(v.number)) v = v_null();
    if (!jn_stringify(&quiet, &text, v, false)) jn_put(&text, S("..."));
    Str s = str_slice(jn_str(&text), 0, QUOTED_VALUE_MAX);
    buf_put(out, s);
    if (text.n > s.n) buf_put(out, S("..."));
    arena_free(&scratch);
}

static void put_part(Ev *ev, Buf *out, char part)
{
    const Failure *f = &ev->failure;
    if (part == 'v') put_value(ev, out, f->value);
    if (part == 'w') put_value(ev, out, f->value2);
    if (part == 'i') buf_printf(out, "%d", f->index);
    if (part == 't' && f->token.p) put_value(ev, out, v_string(f->token));
    if (part == 't' && !f->token.p) buf_put(out, S("undefined"));
    if (part == 'q') put_value(ev, out, v_string(f->text));
    if (part == 'T') buf_put(out, f->token);
    if (part == 'x') buf_put(out, f->text);
}

static const char *template_of(const char *code)
{
    for (int i = 0; i < countof(catalogue); i++)
        if (!strcmp(catalogue[i].code, code)) return catalogue[i].text;
    unreachable();
}

static void put_message(Ev *ev, Buf *out)
{
    const char *p = template_of(ev->failure.code);
    while (*p) {
        if (p[0] == '{' && p[1] && p[2] == '}') {
            put_part(ev, out, p[1]);
            p += 3;
        } else {
            buf_putc(out, *p++);
        }
    }
}

static void cut(char *to, size_t cap, Str s)
{
    if (s.n >= (int64_t)cap) {
        s.n = (int64_t)cap - 1;
        while (s.n > 0 && (s.p[s.n] & 0xc0) == 0x80) s.n--;
    }
    if (s.n > 0) memcpy(to, s.p, (size_t)s.n);
    to[s.n > 0 ? s.n : 0] = 0;
}

void jn_failure_report(Ev *ev, JsonataError *err)
{
    Arena scratch = {0};
    Buf message = {.a = &scratch};
    const Failure *f = &ev->failure;
    check(f->code);
    put_message(ev, &message);
    cut(err->code, sizeof err->code, str_from(f->code));
    cut(err->token, sizeof err->token, f->token);
    cut(err->message, sizeof err->message, buf_str(&message));
    err->position = f->position;
    arena_free(&scratch);
}

bool jn_fail_with(Ev *ev, Failure failure)
{
    ev->failure = failure;
    return false;
}

bool jn_fail_value(Ev *ev, const char *code, Value value)
{
    return jn_fail_with(ev, (Failure){.code = code, .value = value, .position = -1});
}

bool jn_fail(Ev *ev, const char *code)
{
    return jn_fail_value(ev, code, UNDEFINED);
}

void jn_blame(Ev *ev, Str token, int32_t position)
{
    Failure *f = &ev->failure;
    if (f->position < 0) f->position = position;
    if (!f->token.p) f->token = token;
}

bool jn_refuse(Compiler *c, Failure failure)
{
    c->failure = failure;
    return false;
}
