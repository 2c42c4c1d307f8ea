/* s3_facts.c - facts of objects: what a request's headers say of them, kept and told again. */
#include "api/s3.h"
#include "base/encode.h"

/* Headers are bytes: what is not UTF-8 is taken for Latin-1, as HTTP once had it. */
static Json header_value(Arena *a, Str text)
{
    if (utf8_valid(text)) return json_string(text);
    Buf b = {.a = a};
    char utf8[4];
    for (int64_t i = 0; i < text.n; i++)
        buf_put(&b, (Str){utf8, utf8_encode((unsigned char)text.p[i], utf8)});
    return json_string(buf_str(&b));
}

/* "gzip, aws-chunked": the second was only the framing of the request. */
static Str content_encoding(Arena *a, Str text)
{
    StrVec kept = {0};
    Str one;
    while (str_cut(&text, ',', &one))
        if (str_trim(one).n && !str_eq_nocase(str_trim(one), S("aws-chunked")))
            *vec_push(a, &kept) = str_trim(one);
    return kept.n ? str_join(a, kept.p, kept.n, S(",")) : (Str){0};
}

static bool put_metadata(Call *c, JsonObject *facts, Error *err)
{
    const Json *metadata = json_get(&c->in, S("Metadata"));
    JsonObject o = {.a = c->arena};
    int64_t bytes = 0;
    for (int32_t i = 0; i < json_count(metadata); i++) {
        JsonMember m = metadata->members[i];
        bytes += m.key.n + json_text(&m.value).n;
        json_put(&o, json_text(&(Json[]){header_value(c->arena, m.key)}[0]),
                 header_value(c->arena, json_text(&m.value)));
    }
    if (o.n) json_put(facts, S("Metadata"), json_object(&o));
    return bytes <= S3_USER_METADATA_BYTES_MAX ||
           error_set(err, ERR_S3_METADATA_TOO_LARGE,
                     "Your metadata headers exceed the maximum allowed metadata size");
}

bool s3_facts(Call *c, Json *out, Error *err)
{
    static const char *const headers[] = {"ContentType",
                                          "CacheControl",
                                          "ContentDisposition",
                                          "ContentLanguage",
                                          "WebsiteRedirectLocation",
                                          "ServerSideEncryption",
                                          "SSEKMSKeyId"};
    JsonObject facts = {.a = c->arena};
    for (int i = 0; i < countof(headers); i++) {
        Str value = s3_text(c, str_from(headers[i]));
        if (!str_absent(value))
            json_put(&facts, str_from(headers[i]), header_value(c->arena, value));
    }
    Str encoding = content_encoding(c->arena, s3_text(c, S("ContentEncoding"))),
        tagging = s3_text(c, S("Tagging"));
    if (!str_absent(encoding))
        json_put(&facts, S("ContentEncoding"), header_value(c->arena, encoding));
    json_put_json(&facts, S("Expires"), json_get(&c->in, S("Expires")));
    json_put_json(&facts, S("BucketKeyEnabled"), json_get(&c->in, S("BucketKeyEnabled")));
    if (!put_metadata(c, &facts, err)) return false;
    Json tags;
    if (tagging.n && !s3_tags_of_query(c, tagging, &tags, err)) return false;
    if (tagging.n && tags.n) json_put(&facts, S("Tags"), tags);
    *out = json_object(&facts);
    return true;
}

Json s3_facts_with(const Call *c, const Json *facts, Str name, const Json *value)
{
    JsonObject o = {.a = c->arena};
    for (int32_t i = 0; i < json_count(facts); i++)
        if (!str_eq(facts->members[i].key, name))
            json_put(&o, facts->members[i].key, facts->members[i].value);
    bool text_or_list = value && value->type >= JSON_STRING;
    if (value && value->type != JSON_NULL && (!text_or_list || value->n))
        json_put(&o, name, *value);
    return json_object(&o);
}
