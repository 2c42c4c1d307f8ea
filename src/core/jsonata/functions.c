/* functions.c - the table of all functions an expression may call by name. */
#include "core/jsonata/functions.h"

/* Signatures are those of the language's documentation (docs.jsonata.org, "Function signatures").
 */
#define FUNCTION(name, signature, arity, run, dialects)                                            \
    {                                                                                              \
        STR_INIT(name), signature, arity, run, dialects                                            \
    }
static const Builtin functions[] = {
    FUNCTION("abs", "<n-:n>", 1, jn_fn_abs, IN_ALL),
    FUNCTION("append", "<xx:a>", 2, jn_fn_append, IN_ALL),
    FUNCTION("assert", "<bs?:x>", 2, jn_fn_assert, IN_ALL),
    FUNCTION("average", "<a<n>:n>", 1, jn_fn_average, IN_ALL),
    FUNCTION("base64decode", "<s-:s>", 1, jn_fn_base64decode, IN_ALL),
    FUNCTION("base64encode", "<s-:s>", 1, jn_fn_base64encode, IN_ALL),
    FUNCTION("boolean", "<x-:b>", 1, jn_fn_boolean, IN_ALL),
    FUNCTION("ceil", "<n-:n>", 1, jn_fn_ceil, IN_ALL),
    FUNCTION("clone", "<(oa)-:o>", 1, jn_fn_clone, IN_ALL),
    FUNCTION("contains", "<s-(sf):b>", 2, jn_fn_contains, IN_ALL),
    FUNCTION("count", "<a:n>", 1, jn_fn_count, IN_ALL),
    FUNCTION("decodeUrl", "<s-:s>", 1, jn_fn_decode_url, IN_ALL),
    FUNCTION("decodeUrlComponent", "<s-:s>", 1, jn_fn_decode_url_component, IN_ALL),
    FUNCTION("distinct", "<x:x>", 1, jn_fn_distinct, IN_ALL),
    FUNCTION("each", "<o-f:a>", 2, jn_fn_each, IN_ALL),
    FUNCTION("encodeUrl", "<s-:s>", 1, jn_fn_encode_url, IN_ALL),
    FUNCTION("encodeUrlComponent", "<s-:s>", 1, jn_fn_encode_url_component, IN_ALL),
    FUNCTION("error", "<s?:x>", 1, jn_fn_error, IN_ALL),
    FUNCTION("eval", "<sx?:x>", 2, jn_fn_eval, IN_STANDARD),
    FUNCTION("exists", "<x:b>", 1, jn_fn_exists, IN_ALL),
    FUNCTION("filter", "<af>", 2, jn_fn_filter, IN_ALL),
    FUNCTION("floor", "<n-:n>", 1, jn_fn_floor, IN_ALL),
    FUNCTION("formatBase", "<n-n?:s>", 2, jn_fn_format_base, IN_ALL),
    FUNCTION("formatInteger", "<n-s:s>", 2, jn_fn_format_integer, IN_ALL),
    FUNCTION("formatNumber", "<n-so?:s>", 3, jn_fn_format_number, IN_ALL),
    FUNCTION("fromMillis", "<n-s?s?:s>", 3, jn_fn_from_millis, IN_ALL),
    FUNCTION("hash", "<ss:s>", 2, jn_fn_hash, IN_STATES),
    FUNCTION("join", "<a<s>s?:s>", 2, jn_fn_join, IN_ALL),
    FUNCTION("keys", "<x-:a<s>>", 1, jn_fn_keys, IN_ALL),
    FUNCTION("length", "<s-:n>", 1, jn_fn_length, IN_ALL),
    FUNCTION("lookup", "<x-s:x>", 2, jn_fn_lookup, IN_ALL),
    FUNCTION("lowercase", "<s-:s>", 1, jn_fn_lowercase, IN_ALL),
    FUNCTION("map", "<af>", 2, jn_fn_map, IN_ALL),
    FUNCTION("match", "<s-f<s:o>n?:a<o>>", 3, jn_fn_match, IN_ALL),
    FUNCTION("max", "<a<n>:n>", 1, jn_fn_max, IN_ALL),
    FUNCTION("merge", "<a<o>:o>", 1, jn_fn_merge, IN_ALL),
    FUNCTION("millis", "<:n>", 0, jn_fn_millis, IN_ALL),
    FUNCTION("min", "<a<n>:n>", 1, jn_fn_min, IN_ALL),
    FUNCTION("not", "<x-:b>", 1, jn_fn_not, IN_ALL),
    FUNCTION("now", "<s?s?:s>", 2, jn_fn_now, IN_ALL),
    FUNCTION("number", "<(nsb)-:n>", 1, jn_fn_number, IN_ALL),
    FUNCTION("pad", "<s-ns?:s>", 3, jn_fn_pad, IN_ALL),
    FUNCTION("parse", "<s-:x>", 1, jn_fn_parse, IN_STATES),
    FUNCTION("parseInteger", "<s-s:n>", 2, jn_fn_parse_integer, IN_ALL),
    FUNCTION("partition", "<an:a<a>>", 2, jn_fn_partition, IN_STATES),
    FUNCTION("power", "<n-n:n>", 2, jn_fn_power, IN_ALL),
    FUNCTION("random", "<:n>", 0, jn_fn_random, IN_STANDARD),
    FUNCTION("random", "<n?:n>", 1, jn_fn_random_seeded, IN_STATES),
    FUNCTION("range", "<nnn:a<n>>", 3, jn_fn_range, IN_STATES),
    FUNCTION("reduce", "<afj?:j>", 3, jn_fn_reduce, IN_ALL),
    FUNCTION("replace", "<s-(sf)(sf)n?:s>", 4, jn_fn_replace, IN_ALL),
    FUNCTION("reverse", "<a:a>", 1, jn_fn_reverse, IN_ALL),
    FUNCTION("round", "<n-n?:n>", 2, jn_fn_round, IN_ALL),
    FUNCTION("shuffle", "<a:a>", 1, jn_fn_shuffle, IN_ALL),
    FUNCTION("sift", "<o-f?:o>", 2, jn_fn_sift, IN_ALL),
    FUNCTION("single", "<af?>", 2, jn_fn_single, IN_ALL),
    FUNCTION("sort", "<af?:a>", 2, jn_fn_sort, IN_ALL),
    FUNCTION("split", "<s-(sf)n?:a<s>>", 3, jn_fn_split, IN_ALL),
    FUNCTION("spread", "<x-:a<o>>", 1, jn_fn_spread, IN_ALL),
    FUNCTION("sqrt", "<n-:n>", 1, jn_fn_sqrt, IN_ALL),
    FUNCTION("string", "<x-b?:s>", 1, jn_fn_string, IN_ALL),
    FUNCTION("substring", "<s-nn?:s>", 3, jn_fn_substring, IN_ALL),
    FUNCTION("substringAfter", "<s-s:s>", 2, jn_fn_substring_after, IN_ALL),
    FUNCTION("substringBefore", "<s-s:s>", 2, jn_fn_substring_before, IN_ALL),
    FUNCTION("sum", "<a<n>:n>", 1, jn_fn_sum, IN_ALL),
    FUNCTION("toMillis", "<s-s?:n>", 2, jn_fn_to_millis, IN_ALL),
    FUNCTION("trim", "<s-:s>", 1, jn_fn_trim, IN_ALL),
    FUNCTION("type", "<x:s>", 1, jn_fn_type, IN_ALL),
    FUNCTION("uppercase", "<s-:s>", 1, jn_fn_uppercase, IN_ALL),
    FUNCTION("uuid", "<:s>", 0, jn_fn_uuid, IN_STATES),
    FUNCTION("zip", "<a+>", 0, jn_fn_zip, IN_ALL),
};

const Builtin *jn_builtin(Str name, JsonataDialect dialect)
{
    int other = dialect == JSONATA_STATES ? IN_STANDARD : IN_STATES;
    for (int i = 0; i < countof(functions); i++)
        if (str_eq(functions[i].name, name) && (int)functions[i].dialects != other)
            return &functions[i];
    return NULL;
}
