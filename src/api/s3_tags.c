/* s3_tags.c - tags of objects, and the rules that all tags of S3 obey. */
#include "api/s3.h"
#include "base/encode.h"

enum { TAG_KEY_CHARS_MAX = 128, TAG_VALUE_CHARS_MAX = 256 };

/* Letters, digits and spaces of any script, and + - = . _ : / @ ; here: everything printable but
 * ASCII's other signs. */
static bool tag_text_ok(Str s)
{
    static const char refused[] = "!\"#$%&'()*,;<>?[\\]^`{|}~";
    for (int64_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f || strchr(refused, s.p[i])) return false;
    return utf8_valid(s);
}

static bool check_tag(Str key, Str value, Error *err)
{
    if (!key.n || utf8_count(key) > TAG_KEY_CHARS_MAX || !tag_text_ok(key) ||
        str_starts(key, S("aws:")))
        return error_set(err, ERR_S3_INVALID_TAG, "The TagKey you have provided is invalid");
    if (utf8_count(value) > TAG_VALUE_CHARS_MAX || !tag_text_ok(value))
        return error_set(err, ERR_S3_INVALID_TAG, "The TagValue you have provided is invalid");
    return true;
}

bool s3_check_tags(const Json *tags, int max, Error *err)
{
    if (json_count(tags) > max && max == S3_OBJECT_TAGS_MAX)
        return error_set(err, ERR_S3_TOO_MANY_TAGS, "Object tags cannot be greater than %d", max);
    if (json_count(tags) > max)
        return error_set(err, ERR_S3_TOO_MANY_TAGS, "Bucket tag count cannot be greater than %d",
                         max);
    for (int32_t i = 0; i < json_count(tags); i++) {
        Str key = json_text(json_get(json_at(tags, i), S("Key")));
        if (!check_tag(key, json_text(json_get(json_at(tags, i), S("Value"))), err)) return false;
        for (int32_t k = 0; k < i; k++)
            if (str_eq(key, json_text(json_get(json_at(tags, k), S("Key")))))
                return error_set(err, ERR_S3_INVALID_TAG,
                                 "Cannot provide multiple Tags with the same key");
    }
    return true;
}

bool s3_tags_of_query(Call *c, Str text, Json *out, Error *err)
{
    JsonArray tags = {.a = c->arena};
    Str pair;
    while (str_cut(&text, '&', &pair)) {
        int64_t eq = str_find_char(pair, '=');
        Str key = eq < 0 ? pair : str_slice(pair, 0, eq),
            value = eq < 0 ? S("") : str_slice(pair, eq + 1, pair.n);
        if (!pair.n) continue;
        if (!percent_decode(c->arena, key, true, &key) ||
            !percent_decode(c->arena, value, true, &value))
            return error_set(err, ERR_S3_INVALID_ARGUMENT,
                             "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded"
                             " URL query parameters without tag name duplicates.");
        JsonObject tag = {.a = c->arena};
        json_put(&tag, S("Key"), json_string(key));
        json_put(&tag, S("Value"), json_string(value));
        json_add(&tags, json_object(&tag));
    }
    *out = json_array(&tags);
    return s3_check_tags(out, S3_OBJECT_TAGS_MAX, err);
}

CallResult s3_get_object_tagging(Call *c, Error *err)
{
    Object object;
    JsonObject out = {.a = c->arena};
    if (!s3_object(c, &object, err)) return s3_end(c, false, err);
    const Json *tags = json_get(&object.facts, S("Tags"));
    s3_put_version(&out, S("VersionId"), &object);
    json_put(&out, S("TagSet"), tags ? *tags : (Json){.type = JSON_ARRAY});
    c->out = json_object(&out);
    return CALL_DONE;
}

static CallResult set_tags(Call *c, const Json *tags, Error *err)
{
    Object object;
    JsonObject out = {.a = c->arena};
    if (!s3_object(c, &object, err)) return s3_end(c, false, err);
    Json facts = s3_facts_with(c, &object.facts, S("Tags"), tags);
    object_set_facts(c->server->objects, &object, &facts);
    s3_put_version(&out, S("VersionId"), &object);
    s3_event(c, tags ? "ObjectTagging:Put" : "ObjectTagging:Delete", &object, (Str){0});
    c->out = json_object(&out);
    return CALL_DONE;
}

CallResult s3_put_object_tagging(Call *c, Error *err)
{
    const Json *tags = json_find(&c->in, "Tagging.TagSet");
    if (!s3_check_tags(tags, S3_OBJECT_TAGS_MAX, err)) return s3_end(c, false, err);
    return set_tags(c, tags, err);
}

CallResult s3_delete_object_tagging(Call *c, Error *err)
{
    return set_tags(c, NULL, err);
}
