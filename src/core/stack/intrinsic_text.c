/* intrinsic_text.c - intrinsic functions that make texts: Sub, Join, Split, Base64, Cidr, ToJsonString. */
#include "base/encode.h"
#include "core/stack/intrinsic_inside.h"

/* ---- Sub ---- */

static bool good_variable(Str name)
{
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i], letter = c | 0x20;
        if (!((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
              c == ':' || c == '-' || c == '&'))
            return false;
    }
    return name.n > 0;
}

bool intrinsic_sub_pieces(Str text, SubPieceFn *piece, void *state, Error *err)
{
    for (int64_t at; (at = str_find(text, S("${"))) >= 0;) {
        int64_t end = str_find_char(str_slice(text, at, text.n), '}');
        if (end < 0) break;
        Str before = str_slice(text, 0, at), name = str_trim(str_slice(text, at + 2, at + end));
        Str whole = str_slice(text, at, at + end + 1);
        text = str_slice(text, at + end + 1, text.n);
        if (!piece(state, before, false, err)) return false;
        bool literal = str_starts(name, S("!"));
        if (literal) {
            if (!piece(state, S("${"), false, err) ||
                !piece(state, str_slice(name, 1, name.n), false, err) ||
                !piece(state, S("}"), false, err))
                return false;
            continue;
        }
        if (!good_variable(name))
            return intrinsic_error(err,
                                   "variable names in Fn::Sub syntax must contain only "
                                   "alphanumeric characters, underscores, periods, and colons "
                                   "(%.*s)",
                                   STR(whole));
        if (!piece(state, name, true, err)) return false;
    }
    return piece(state, text, false, err);
}

typedef struct Sub {
    StackScope *s;
    const Json *variables; /* NULL or an object */
    Buf text;
    bool unknown;
} Sub;

static bool sub_variable(Sub *u, Str name, Json *out, Error *err)
{
    const Json *own = json_get(u->variables, name);
    if (own) return intrinsic_value(u->s, own, out, err);
    int64_t dot = str_find_char(name, '.');
    if (dot < 0) return intrinsic_ref(u->s, name, out, err);
    return intrinsic_attribute(u->s, str_slice(name, 0, dot), str_slice(name, dot + 1, name.n), out,
                               err);
}

static bool sub_piece(void *state, Str text, bool variable, Error *err)
{
    Sub *u = state;
    Json value;
    Str found = text;
    if (variable) {
        if (!sub_variable(u, text, &value, err)) return false;
        if (stack_is_unknown(&value)) return u->unknown = true;
        if (!intrinsic_text(u->s, &value, &found))
            return intrinsic_error(err, "Fn::Sub expects a text for %.*s", STR(text));
    }
    if (u->text.n + found.n > u->s->bytes_left)
        return intrinsic_error(err, "functions make more than %d bytes of text",
                               STACK_VALUE_BYTES_MAX);
    buf_put(&u->text, found);
    return true;
}

bool stack_fn_sub(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair, *text = argument;
    Sub u = {.s = s, .text = {.a = s->a}};
    if (intrinsic_items(argument, 2, &pair)) {
        text = &pair[0];
        u.variables = &pair[1];
    }
    if (!json_is(text, JSON_STRING) || (u.variables && !json_is(u.variables, JSON_OBJECT)))
        return intrinsic_error(
            err, "One or more Fn::Sub intrinsic functions don't specify expected "
                 "arguments. Specify a string as first argument, and an optional second "
                 "argument to specify a mapping of values to replace in the string");
    if (!intrinsic_sub_pieces(json_text(text), sub_piece, &u, err)) return false;
    if (u.unknown) return *out = stack_unknown(), true;
    return intrinsic_made(s, buf_str(&u.text), out, err);
}

/* ---- Join and Split ---- */

static bool join_usage(Error *err)
{
    return intrinsic_error(
        err, "every Fn::Join object requires two parameters, (1) a string delimiter and "
             "(2) a list of strings to be joined or a function that returns a list of "
             "strings (such as Fn::GetAZs) to be joined.");
}

static bool join_items(StackScope *s, Str between, const Json *list, Json *out, Error *err)
{
    Buf text = {.a = s->a};
    for (int32_t i = 0; i < list->n; i++) {
        Str item;
        if (!intrinsic_text(s, &list->items[i], &item)) return join_usage(err);
        if (text.n + item.n + between.n > s->bytes_left)
            return intrinsic_error(err, "functions make more than %d bytes of text",
                                   STACK_VALUE_BYTES_MAX);
        if (i) buf_put(&text, between);
        buf_put(&text, item);
    }
    return intrinsic_made(s, buf_str(&text), out, err);
}

bool stack_fn_join(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair;
    Json list;
    if (!intrinsic_items(argument, 2, &pair) || !json_is(&pair[0], JSON_STRING))
        return join_usage(err);
    if (!intrinsic_value(s, &pair[1], &list, err)) return false;
    if (stack_is_unknown(&list)) return *out = stack_unknown(), true;
    if (!json_is(&list, JSON_ARRAY)) return join_usage(err);
    return join_items(s, json_text(&pair[0]), &list, out, err);
}

bool stack_fn_split(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair;
    Json source;
    Str rest, delimiter;
    if (!intrinsic_items(argument, 2, &pair) || !json_is(&pair[0], JSON_STRING) ||
        json_text(&pair[0]).n == 0)
        return intrinsic_error(err, "every Fn::Split object requires two parameters, (1) a string "
                                    "delimiter and (2) a string to be split or a function that "
                                    "returns a string to be split.");
    if (!intrinsic_value(s, &pair[1], &source, err)) return false;
    if (stack_is_unknown(&source)) return *out = stack_unknown(), true;
    if (!intrinsic_text(s, &source, &rest))
        return intrinsic_error(err, "every Fn::Split object requires two parameters, (1) a string "
                                    "delimiter and (2) a string to be split or a function that "
                                    "returns a string to be split.");
    JsonArray parts = {.a = s->a};
    delimiter = json_text(&pair[0]);
    for (int64_t at; (at = str_find(rest, delimiter)) >= 0;
         rest = str_slice(rest, at + delimiter.n, rest.n))
        json_add(&parts, json_string(str_slice(rest, 0, at)));
    json_add(&parts, json_string(rest));
    *out = json_array(&parts);
    return true;
}

/* ---- Base64, ToJsonString ---- */

bool stack_fn_base64(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json value;
    Str text;
    if (!intrinsic_value(s, argument, &value, err)) return false;
    if (stack_is_unknown(&value)) return *out = value, true;
    if (!intrinsic_text(s, &value, &text))
        return intrinsic_error(err, "every Fn::Base64 object must have a String-typed value.");
    return intrinsic_made(s, base64_encode(s->a, text), out, err);
}

bool stack_fn_to_json_string(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json value;
    if (!intrinsic_value(s, argument, &value, err)) return false;
    if (stack_is_unknown(&value)) return *out = stack_unknown(), true;
    if (!json_is(&value, JSON_ARRAY) && !json_is(&value, JSON_OBJECT))
        return intrinsic_error(err, "Fn::ToJsonString requires an object or a list");
    return intrinsic_made(s, json_to_str(s->a, &value), out, err);
}

/* ---- Cidr ---- */

/* a.b.c.d/n */
static bool parse_block(Str text, uint32_t *address, int64_t *prefix)
{
    int64_t slash = str_find_char(text, '/'), octet;
    Str rest = str_slice(text, 0, slash), part;
    int n = 0;
    *address = 0;
    if (slash < 0 || !str_to_int(str_slice(text, slash + 1, text.n), prefix)) return false;
    for (; str_cut(&rest, '.', &part); n++) {
        if (!str_to_int(part, &octet) || octet < 0 || octet > 255) return false;
        *address = *address << 8 | (uint32_t)octet;
    }
    return n == 4 && *prefix >= 0 && *prefix <= 32;
}

static bool cidr_number(StackScope *s, const Json *v, int64_t *out, Error *err)
{
    Json value;
    Str text;
    if (!intrinsic_value(s, v, &value, err)) return false;
    return (intrinsic_text(s, &value, &text) && str_to_int(text, out)) ||
           intrinsic_error(err, "Fn::Cidr requires whole numbers for count and cidrBits");
}

static void add_blocks(JsonArray *list, uint32_t address, int64_t prefix, int64_t bits, int64_t n)
{
    uint64_t mask = prefix ? ~0ull << (32 - prefix) : 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)((address & mask) + ((uint64_t)i << bits));
        json_add(list, json_string(str_printf(list->a, "%u.%u.%u.%u/%d", at >> 24, at >> 16 & 255,
                                              at >> 8 & 255, at & 255, (int)(32 - bits))));
    }
}

bool stack_fn_cidr(StackScope *s, const Json *argument, Json *out, Error *err)
{
    enum { CIDR_COUNT_MAX = 256 };
    Json block = {0};
    int64_t n = 0, bits = 0, prefix;
    uint32_t address;
    Str text;
    int32_t given = json_count(argument);
    if (!json_is(argument, JSON_ARRAY) || given < 2 || given > 3)
        return intrinsic_error(err,
                               "every Fn::Cidr object requires two or three parameters: ipBlock, "
                               "count and cidrBits");
    if (!intrinsic_value(s, &argument->items[0], &block, err)) return false;
    if (stack_is_unknown(&block)) return *out = stack_unknown(), true;
    if (!cidr_number(s, &argument->items[1], &n, err) ||
        (given == 3 && !cidr_number(s, &argument->items[2], &bits, err)))
        return false;
    if (!intrinsic_text(s, &block, &text) || !parse_block(text, &address, &prefix))
        return intrinsic_error(err, "Fn::Cidr: '%.*s' is not an IPv4 block", STR(text));
    if (given == 2) bits = 32 - prefix;
    if (n < 1 || n > CIDR_COUNT_MAX || bits < 1 || bits > 32 ||
        ((uint64_t)n << bits) > 1ull << (32 - prefix))
        return intrinsic_error(
            err, "Fn::Cidr: %.*s cannot be split into %" PRId64 " blocks of %" PRId64 " bits",
            STR(text), n, bits);
    JsonArray list = {.a = s->a};
    add_blocks(&list, address, prefix, bits, n);
    *out = json_array(&list);
    return true;
}
