/* queues_digest.c - what a message and its attributes weigh, what is wrong with them, and the digests clients compare. */
#include "app/messages/queues.h"
#include "base/encode.h"
#include "wire/digest.h"

enum { ATTRIBUTES_MAX = 10, ATTRIBUTE_NAME_MAX = 256 };

Str queues_md5(Arena *a, Str body)
{
    DigestValue v = digest_of(DIGEST_MD5, body);
    return digest_hex(a, &v);
}

static int by_name(const void *x, const void *y)
{
    return str_cmp((*(const JsonMember *const *)x)->key, (*(const JsonMember *const *)y)->key);
}

static void put_field(Buf *b, Str bytes)
{
    uint32_t n = (uint32_t)bytes.n;
    const char head[4] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};
    buf_put(b, (Str){head, 4});
    buf_put(b, bytes);
}

/* The value as it counts: a text, or the bytes behind a blob's Base64. */
static Str value_of(Arena *a, const Json *attribute, bool *binary)
{
    Str text = json_text(json_get(attribute, S("StringValue"))), bytes = {0};
    *binary = str_absent(text);
    if (!*binary) return text;
    return base64_decode(a, json_text(json_get(attribute, S("BinaryValue"))), &bytes) ? bytes
                                                                                      : S("");
}

/* "Calculating the MD5 message digest for message attributes" in the developer guide: sorted by
 * name; name, type and value each behind its length, before the value 1 for text and 2 for bytes.
 */
Str queues_md5_attributes(Arena *a, const Json *attributes)
{
    Buf b = {.a = a};
    int32_t n = json_count(attributes);
    if (!n) return (Str){0};
    const JsonMember **order = new_array(a, const JsonMember *, n);
    for (int32_t i = 0; i < n; i++) order[i] = &attributes->members[i];
    qsort(order, (size_t)n, sizeof *order, by_name);
    for (int32_t i = 0; i < n; i++) {
        bool binary;
        Str value = value_of(a, &order[i]->value, &binary);
        put_field(&b, order[i]->key);
        put_field(&b, json_text(json_get(&order[i]->value, S("DataType"))));
        buf_putc(&b, binary ? 2 : 1);
        put_field(&b, value);
    }
    return queues_md5(a, buf_str(&b));
}

int64_t queues_bytes(Arena *a, Str body, const Json *attributes)
{
    bool binary;
    int64_t n = body.n;
    for (int32_t i = 0; i < json_count(attributes); i++) {
        const JsonMember *m = &attributes->members[i];
        n += m->key.n + json_text(json_get(&m->value, S("DataType"))).n +
             value_of(a, &m->value, &binary).n;
    }
    return n;
}

static bool good_type(Str type)
{
    Str kind = type;
    int64_t dot = str_find_char(type, '.');
    if (dot >= 0) kind = str_slice(type, 0, dot);
    return str_eq(kind, S("String")) || str_eq(kind, S("Number")) || str_eq(kind, S("Binary"));
}

static bool good_name(Str name)
{
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '_' &&
            c != '-' && c != '.')
            return false;
    }
    return name.n && name.n <= ATTRIBUTE_NAME_MAX;
}

static bool check_attribute(Arena *a, const JsonMember *m, Error *err)
{
    bool binary;
    Str type = json_text(json_get(&m->value, S("DataType")));
    Str value = value_of(a, &m->value, &binary);
    if (!good_name(m->key))
        return error_set(err, ERR_SQS_PARAMETER,
                         "Invalid attribute name: '%.*s'. A name has 1 to %d characters of A-Z, "
                         "a-z, 0-9, '_', '-' and '.'.",
                         STR(m->key), ATTRIBUTE_NAME_MAX);
    if (!good_type(type))
        return error_set(err, ERR_SQS_PARAMETER,
                         "The type of message (user) attribute '%.*s' is invalid. You must use "
                         "only the following supported type prefixes: Binary, Number, String.",
                         STR(m->key));
    if (binary != str_starts(type, S("Binary")) || !value.n)
        return error_set(err, ERR_SQS_PARAMETER,
                         "The message (user) attribute '%.*s' must contain a non-empty message "
                         "attribute value for message attribute type '%.*s'.",
                         STR(m->key), STR(type));
    return true;
}

bool queues_check_attributes(Arena *a, const Json *attributes, Error *err)
{
    int32_t n = json_count(attributes);
    if (n > ATTRIBUTES_MAX)
        return error_set(err, ERR_SQS_PARAMETER,
                         "Number of message attributes [%d] exceeds the allowed maximum [%d].", n,
                         ATTRIBUTES_MAX);
    for (int32_t i = 0; i < n; i++)
        if (!check_attribute(a, &attributes->members[i], err)) return false;
    return true;
}
