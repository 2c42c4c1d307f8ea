/* intrinsic.c - what each States.X function computes from its arguments. */
#include "core/asl/intrinsic.h"
#include "base/encode.h"
#include "core/asl/hash.h"
#include "core/asl/number.h"
#include <math.h>

enum { TEXT_MAX = 10000, RANGE_MAX = 1000 };

static bool broke(Str *why, Str text)
{
    *why = text;
    return false;
}

static bool want_array(const AslCallArgs *c, int i, Str *why)
{
    return json_is(&c->args[i], JSON_ARRAY) ||
           broke(why, S("Invalid arguments: the first argument must be an array."));
}

static bool want_text(const AslCallArgs *c, int i, Str *why)
{
    return json_is(&c->args[i], JSON_STRING) ||
           broke(why, S("Invalid arguments: a string is expected."));
}

static bool want_whole(const AslCallArgs *c, int i, int64_t *out, Str *why)
{
    if (!json_is(&c->args[i], JSON_NUMBER))
        return broke(why, S("Invalid arguments: a number is expected."));
    *out = asl_round(asl_number(&c->args[i]));
    return true;
}

static bool run_array(const AslCallArgs *c, Json *out, Str *why)
{
    (void)why;
    *out = (Json){.type = JSON_ARRAY, .n = c->n, .items = c->args};
    return true;
}

static bool run_partition(const AslCallArgs *c, Json *out, Str *why)
{
    int64_t size;
    if (!want_array(c, 0, why) || !want_whole(c, 1, &size, why)) return false;
    if (size < 1)
        return broke(why, S("Invalid arguments: the chunk size must be a positive number."));
    JsonArray parts = {.a = c->scope->a};
    const Json *v = &c->args[0];
    for (int64_t i = 0; i < v->n; i += size) {
        int64_t n = v->n - i < size ? v->n - i : size;
        json_add(&parts, (Json){.type = JSON_ARRAY, .n = (int32_t)n, .items = v->items + i});
    }
    *out = json_array(&parts);
    return true;
}

static bool contains(const Json *items, int32_t n, const Json *v)
{
    for (int32_t i = 0; i < n; i++)
        if (asl_same(&items[i], v)) return true;
    return false;
}

static bool run_contains(const AslCallArgs *c, Json *out, Str *why)
{
    if (!want_array(c, 0, why)) return false;
    *out = json_bool(contains(c->args[0].items, c->args[0].n, &c->args[1]));
    return true;
}

static bool run_range(const AslCallArgs *c, Json *out, Str *why)
{
    int64_t first, last, step;
    if (!want_whole(c, 0, &first, why) || !want_whole(c, 1, &last, why) ||
        !want_whole(c, 2, &step, why))
        return false;
    if (step == 0) return broke(why, S("Invalid arguments: the step cannot be 0."));
    JsonArray items = {.a = c->scope->a};
    for (int64_t i = first; step > 0 ? i <= last : i >= last;) {
        if (items.n == RANGE_MAX)
            return broke(why, S("The array can't contain more than 1000 elements."));
        json_add(&items, json_int(c->scope->a, i));
        if (__builtin_add_overflow(i, step, &i)) break;
    }
    *out = json_array(&items);
    return true;
}

static bool run_get_item(const AslCallArgs *c, Json *out, Str *why)
{
    int64_t index;
    if (!want_array(c, 0, why) || !want_whole(c, 1, &index, why)) return false;
    const Json *item = json_at(&c->args[0], index);
    if (!item) return broke(why, S("Invalid arguments: the index is out of the array's bounds."));
    *out = *item;
    return true;
}

static bool run_length(const AslCallArgs *c, Json *out, Str *why)
{
    if (!want_array(c, 0, why)) return false;
    *out = json_int(c->scope->a, c->args[0].n);
    return true;
}

static bool run_unique(const AslCallArgs *c, Json *out, Str *why)
{
    if (!want_array(c, 0, why)) return false;
    JsonArray items = {.a = c->scope->a};
    for (int32_t i = 0; i < c->args[0].n; i++)
        if (!contains(items.p, (int32_t)items.n, &c->args[0].items[i]))
            json_add(&items, c->args[0].items[i]);
    *out = json_array(&items);
    return true;
}

static bool short_text(const AslCallArgs *c, Str *why)
{
    if (!want_text(c, 0, why)) return false;
    return c->args[0].n <= TEXT_MAX ||
           broke(why, S("The input string can't be longer than 10000 characters."));
}

static bool run_encode(const AslCallArgs *c, Json *out, Str *why)
{
    if (!short_text(c, why)) return false;
    *out = json_string(base64_encode(c->scope->a, json_text(&c->args[0])));
    return true;
}

static bool run_decode(const AslCallArgs *c, Json *out, Str *why)
{
    Str bytes;
    if (!short_text(c, why)) return false;
    if (!base64_decode(c->scope->a, json_text(&c->args[0]), &bytes) || !utf8_valid(bytes))
        return broke(why, S("Invalid arguments: the string is not Base64."));
    *out = json_string(bytes);
    return true;
}

static bool run_hash(const AslCallArgs *c, Json *out, Str *why)
{
    if (!want_text(c, 1, why)) return false;
    Str data = json_is(&c->args[0], JSON_STRING) ? json_text(&c->args[0])
                                                 : json_to_str(c->scope->a, &c->args[0]);
    if (data.n > TEXT_MAX) return broke(why, S("The input can't be longer than 10000 characters."));
    Str hex = asl_hash(c->scope->a, json_text(&c->args[1]), data);
    if (str_absent(hex))
        return broke(why, S("Invalid arguments: the algorithm must be one of MD5, SHA-1, SHA-256, "
                            "SHA-384, SHA-512."));
    *out = json_string(hex);
    return true;
}

static bool run_merge(const AslCallArgs *c, Json *out, Str *why)
{
    if (!json_is(&c->args[0], JSON_OBJECT) || !json_is(&c->args[1], JSON_OBJECT))
        return broke(why, S("Invalid arguments: two JSON objects are expected."));
    if (c->args[2].type != JSON_FALSE)
        return broke(why, S("Invalid arguments: only the shallow merge (false) is supported."));
    JsonObject o = {.a = c->scope->a};
    for (int32_t i = 0; i < c->args[0].n; i++) {
        const JsonMember *m = &c->args[0].members[i];
        const Json *over = json_get(&c->args[1], m->key);
        json_put(&o, m->key, over ? *over : m->value);
    }
    for (int32_t i = 0; i < c->args[1].n; i++)
        if (!json_get(&c->args[0], c->args[1].members[i].key))
            json_put(&o, c->args[1].members[i].key, c->args[1].members[i].value);
    *out = json_object(&o);
    return true;
}

static bool run_random(const AslCallArgs *c, Json *out, Str *why)
{
    int64_t from, to, seed = 0;
    if (!want_whole(c, 0, &from, why) || !want_whole(c, 1, &to, why)) return false;
    if (c->n == 3 && !want_whole(c, 2, &seed, why)) return false;
    if (to <= from || from < INT32_MIN || to > INT32_MAX)
        return broke(why, S("Invalid arguments: the end must be greater than the start."));
    if (c->n == 2) seed = (int64_t)asl_random(c->scope->seed);
    *out = json_int(c->scope->a, from + asl_java_random(seed, to - from));
    return true;
}

static bool run_add(const AslCallArgs *c, Json *out, Str *why)
{
    int64_t x, y, sum;
    if (!want_whole(c, 0, &x, why) || !want_whole(c, 1, &y, why)) return false;
    if (__builtin_add_overflow(x, y, &sum))
        return broke(why, S("Invalid arguments: the sum is too large."));
    *out = json_int(c->scope->a, sum);
    return true;
}

/* As java.util.StringTokenizer: every byte of the second text separates, empty parts are dropped.
 */
static bool run_split(const AslCallArgs *c, Json *out, Str *why)
{
    if (!want_text(c, 0, why) || !want_text(c, 1, why)) return false;
    Str s = json_text(&c->args[0]), separators = json_text(&c->args[1]);
    JsonArray parts = {.a = c->scope->a};
    for (int64_t i = 0, from = 0; i <= s.n; i++) {
        if (i < s.n && str_find_char(separators, s.p[i]) < 0) continue;
        if (i > from) json_add(&parts, json_string(str_slice(s, from, i)));
        from = i + 1;
    }
    *out = json_array(&parts);
    return true;
}

static bool run_uuid(const AslCallArgs *c, Json *out, Str *why)
{
    (void)why;
    uint64_t high = asl_random(c->scope->seed), low = asl_random(c->scope->seed);
    high = (high & 0xFFFFFFFFFFFF0FFFu) | 0x4000u;
    low = (low & 0x3FFFFFFFFFFFFFFFu) | 0x8000000000000000u;
    *out = json_string(str_printf(c->scope->a, "%08x-%04x-%04x-%04x-%012" PRIx64,
                                  (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xFFFFu,
                                  (unsigned)high & 0xFFFFu, (unsigned)(low >> 48),
                                  low & 0xFFFFFFFFFFFFu));
    return true;
}

static bool run_from_text(const AslCallArgs *c, Json *out, Str *why)
{
    Error err;
    if (!want_text(c, 0, why)) return false;
    return json_parse(json_text(&c->args[0]), c->scope->a, out, &err) ||
           broke(why, S("Invalid arguments: the string is not valid JSON."));
}

static bool run_to_text(const AslCallArgs *c, Json *out, Str *why)
{
    (void)why;
    *out = json_string(json_to_str(c->scope->a, &c->args[0]));
    return true;
}

/* {} takes the next argument; \{ \} \' \\ are themselves. A literal still has its backslashes in
 * `text`. */
static bool run_format(const AslCallArgs *c, Json *out, Str *why)
{
    if (!want_text(c, 0, why)) return false;
    Str s = c->call->parts[0].literal ? c->call->parts[0].text : json_text(&c->args[0]);
    Buf b = {.a = c->scope->a};
    int32_t used = 1;
    for (int64_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n && strchr("{}'\\", s.p[i + 1]) && s.p[i + 1]) {
            buf_putc(&b, s.p[++i]);
        } else if (s.p[i] == '{' && i + 1 < s.n && s.p[i + 1] == '}') {
            if (used == c->n)
                return broke(
                    why, S("The number of arguments does not match the number of placeholders."));
            buf_put(&b, asl_java_text(c->scope->a, &c->args[used++]));
            i++;
        } else {
            buf_putc(&b, s.p[i]);
        }
    }
    if (used != c->n)
        return broke(why, S("The number of arguments does not match the number of placeholders."));
    *out = json_string(buf_str(&b));
    return true;
}

static const AslFunction functions[] = {
    {"Format", 1, 1000, run_format},
    {"StringToJson", 1, 1, run_from_text},
    {"JsonToString", 1, 1, run_to_text},
    {"Array", 0, 1000, run_array},
    {"ArrayPartition", 2, 2, run_partition},
    {"ArrayContains", 2, 2, run_contains},
    {"ArrayRange", 3, 3, run_range},
    {"ArrayGetItem", 2, 2, run_get_item},
    {"ArrayLength", 1, 1, run_length},
    {"ArrayUnique", 1, 1, run_unique},
    {"Base64Encode", 1, 1, run_encode},
    {"Base64Decode", 1, 1, run_decode},
    {"Hash", 2, 2, run_hash},
    {"JsonMerge", 3, 3, run_merge},
    {"MathRandom", 2, 3, run_random},
    {"MathAdd", 2, 2, run_add},
    {"StringSplit", 2, 2, run_split},
    {"UUID", 0, 0, run_uuid},
};

const AslFunction *asl_function(Str name)
{
    for (int i = 0; i < countof(functions); i++)
        if (str_eq(name, str_from(functions[i].name))) return &functions[i];
    return NULL;
}

Str asl_unescape(Arena *a, Str quoted)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < quoted.n; i++) {
        if (quoted.p[i] == '\\' && i + 1 < quoted.n && strchr("'\\{}", quoted.p[i + 1]) &&
            quoted.p[i + 1])
            i++;
        buf_putc(&b, quoted.p[i]);
    }
    return buf_str(&b);
}
