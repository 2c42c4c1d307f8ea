/* s3_common.c - S3's inputs, errors and outputs, as far as several operations have them in common. */
#include "api/s3.h"
#include "app/events/object_events.h"
#include "app/objects/lifecycle.h"
#include "base/encode.h"
#include "base/time.h"

/* ---- inputs ---- */

Str s3_text(const Call *c, Str name)
{
    return json_text(json_get(&c->in, name));
}

int64_t s3_int(const Call *c, Str name, int64_t otherwise)
{
    return json_int_or(json_get(&c->in, name), otherwise);
}

/* Timestamps are seconds as text, maybe with a fraction. */
bool s3_time_of(const Json *v, Millis *out)
{
    Str text = json_text(v);
    int64_t dot = str_find_char(text, '.'), seconds;
    if (str_absent(text) || !str_to_int(dot < 0 ? text : str_slice(text, 0, dot), &seconds))
        return false;
    *out = seconds * 1000;
    return true;
}

bool s3_time(const Call *c, Str name, Millis *out)
{
    return s3_time_of(json_get(&c->in, name), out);
}

/* ---- errors ---- */

static void add(Call *c, Str name, Str value)
{
    json_put_text(&c->error_members, name, value);
}

void s3_explain(Call *c, const Error *err)
{
    if (c->error_members.n) return;
    switch ((int)err->code) {
    case ERR_S3_NO_SUCH_BUCKET:
    case ERR_S3_INVALID_BUCKET_NAME:
    case ERR_S3_BUCKET_NOT_EMPTY:
    case ERR_S3_BUCKET_OWNED:
    case ERR_S3_BUCKET_EXISTS:
    case ERR_S3_NO_SUCH_TAGS:
    case ERR_S3_NO_SUCH_POLICY:
    case ERR_S3_NO_SUCH_CORS:
    case ERR_S3_NO_SUCH_ENCRYPTION:
    case ERR_S3_NO_SUCH_LIFECYCLE:
    case ERR_S3_NO_SUCH_WEBSITE:
    case ERR_S3_NO_SUCH_OWNERSHIP:
    case ERR_S3_NO_SUCH_OBJECT_LOCK:
    case ERR_S3_NO_SUCH_REPLICATION:
    case ERR_S3_NO_SUCH_PUBLIC_ACCESS_BLOCK:
        add(c, S("BucketName"), s3_text(c, S("Bucket")));
        break;
    case ERR_S3_NO_SUCH_KEY: add(c, S("Key"), s3_text(c, S("Key"))); break;
    case ERR_S3_NO_SUCH_VERSION:
        add(c, S("Key"), s3_text(c, S("Key")));
        add(c, S("VersionId"), s3_text(c, S("VersionId")));
        break;
    case ERR_S3_NO_SUCH_UPLOAD:
    case ERR_S3_INVALID_PART:
    case ERR_S3_INVALID_PART_ORDER: add(c, S("UploadId"), s3_text(c, S("UploadId"))); break;
    case ERR_S3_KEY_TOO_LONG:
        add(c, S("Size"), str_printf(c->arena, "%" PRId64, s3_text(c, S("Key")).n));
        add(c, S("MaxSizeAllowed"), S("1024"));
        break;
    case ERR_S3_INVALID_RANGE: add(c, S("RangeRequested"), s3_text(c, S("Range"))); break;
    default: break;
    }
}

CallResult s3_end(Call *c, bool good, const Error *err)
{
    if (good) return CALL_DONE;
    s3_explain(c, err);
    return CALL_FAILED;
}

bool s3_malformed(Error *err)
{
    return error_set(err, ERR_S3_MALFORMED_XML,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

bool s3_not_implemented(Error *err, const char *what)
{
    return error_set(err, ERR_S3_NOT_IMPLEMENTED,
                     "A header or parameter you provided implies functionality that is not"
                     " implemented: %s.",
                     what);
}

/* ---- what is asked about ---- */

bool s3_bucket(Call *c, Bucket *out, Error *err)
{
    Str expected = s3_text(c, S("ExpectedBucketOwner"));
    if (!bucket_find(c->server->objects, s3_text(c, S("Bucket")), c->arena, out, err)) return false;
    if (str_absent(expected) || str_eq(expected, out->account)) return true;
    return error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
}

bool s3_check_version(Call *c, Error *err)
{
    Str version = s3_text(c, S("VersionId"));
    if (str_absent(version) || version_name_ok(version)) return true;
    json_put(&c->error_members, S("ArgumentName"), json_string(S("versionId")));
    json_put(&c->error_members, S("ArgumentValue"), json_string(version));
    if (!version.n)
        return error_set(err, ERR_S3_INVALID_ARGUMENT, "Version id cannot be the empty string");
    return error_set(err, ERR_S3_INVALID_ARGUMENT, "Invalid version id specified");
}

static void explain_marker(Call *c, Str version)
{
    if (str_absent(version)) return;
    json_put(&c->error_members, S("x-amz-delete-marker"), json_string(S("true")));
    json_put(&c->error_members, S("x-amz-version-id"), json_string(version));
}

static bool is_marker(Call *c, const Object *marker, Error *err)
{
    explain_marker(c, marker->version);
    json_put(&c->error_members, S("Allow"), json_string(S("DELETE")));
    json_put(&c->error_members, S("Last-Modified"),
             json_string(time_http(c->arena, marker->modified)));
    json_put(&c->error_members, S("Method"), json_string(c->http->method));
    json_put(&c->error_members, S("ResourceType"), json_string(S("DeleteMarker")));
    return error_set(err, ERR_S3_METHOD_NOT_ALLOWED,
                     "The specified method is not allowed against this resource.");
}

bool s3_object(Call *c, Object *out, Error *err)
{
    Objects *o = c->server->objects;
    Str bucket = s3_text(c, S("Bucket")), key = s3_text(c, S("Key"));
    if (!s3_check_key(key, err) || !s3_check_headers(c, err) || !s3_check_version(c, err) ||
        !s3_check_owner(c, err))
        return false;
    if (!object_find(o, bucket, key, s3_text(c, S("VersionId")), c->arena, out, err)) {
        s3_explain(c, err);
        if (err->code == ERR_S3_NO_SUCH_KEY)
            explain_marker(c, object_marker(o, bucket, key, c->arena));
        return false;
    }
    return !out->delete_marker || is_marker(c, out, err);
}

bool s3_check_owner(Call *c, Error *err)
{
    Bucket b;
    return !json_get(&c->in, S("ExpectedBucketOwner")) || s3_bucket(c, &b, err);
}

bool s3_check_key(Str key, Error *err)
{
    if (key.n > OBJECT_KEY_BYTES_MAX)
        return error_set(err, ERR_S3_KEY_TOO_LONG, "Your key is too long");
    return key.n > 0 || error_set(err, ERR_S3_INVALID_REQUEST, "The key must not be empty.");
}

bool s3_check_headers(const Call *c, Error *err)
{
    static const struct {
        const char *member, *what;
    } refused[] = {
        {"SSECustomerAlgorithm", "encryption with a key of the customer (SSE-C)"},
        {"SSECustomerKey", "encryption with a key of the customer (SSE-C)"},
        {"CopySourceSSECustomerAlgorithm", "encryption with a key of the customer (SSE-C)"},
        {"WriteOffsetBytes", "appending to objects"},
    };
    for (int i = 0; i < countof(refused); i++)
        if (json_get(&c->in, str_from(refused[i].member)))
            return s3_not_implemented(err, refused[i].what);
    return true;
}

/* ---- facts ---- */

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

/* ---- outputs ---- */

Json s3_quoted(const Call *c, Str etag)
{
    return json_string(str_printf(c->arena, "\"%.*s\"", STR(etag)));
}

Json s3_seconds(const Call *c, Millis t)
{
    return json_millis_as_seconds(c->arena, t);
}

/* S3's canonical user ids are 64 hexadecimal digits without further meaning. */
Json s3_owner(const Call *c)
{
    DigestValue sha = digest_of(
        DIGEST_SHA256, str_printf(c->arena, "canonical user of account %.*s", STR(c->who.account)));
    JsonObject owner = {.a = c->arena};
    json_put(&owner, S("ID"), json_string(digest_hex(c->arena, &sha)));
    return json_object(&owner);
}

Str s3_checksum_name(Str checksum)
{
    return str_slice(checksum, 0, str_find_char(checksum, ' '));
}

Str s3_checksum_value(Str checksum)
{
    return str_slice(checksum, str_rfind_char(checksum, ' ') + 1, checksum.n);
}

Str s3_checksum_type(Str checksum)
{
    int64_t first = str_find_char(checksum, ' '), last = str_rfind_char(checksum, ' ');
    return first < last ? str_slice(checksum, first + 1, last) : (Str){0};
}

void s3_put_checksum(JsonObject *o, Str checksum, bool with_type)
{
    if (str_absent(checksum)) return;
    json_put(o, str_printf(o->a, "Checksum%.*s", STR(s3_checksum_name(checksum))),
             json_string(s3_checksum_value(checksum)));
    if (with_type) json_put(o, S("ChecksumType"), json_string(s3_checksum_type(checksum)));
}

bool s3_checksum_given(const Json *v, DigestAlgorithm *algorithm, Str *value)
{
    Arena a = {0};
    *value = (Str){0};
    for (int i = DIGEST_NONE + 1; i < DIGEST_COUNT && str_absent(*value); i++) {
        *algorithm = (DigestAlgorithm)i;
        *value =
            json_text(json_get(v, str_printf(&a, "Checksum%.*s", STR(digest_name(*algorithm)))));
    }
    arena_free(&a);
    return !str_absent(*value);
}

void s3_put_version(JsonObject *o, Str name, const Object *object)
{
    if (object->versioning != VERSIONING_NEVER) json_put(o, name, json_string(object->version));
}

void s3_put_encryption(JsonObject *o, const Json *facts)
{
    static const char *const members[] = {"ServerSideEncryption", "SSEKMSKeyId",
                                          "BucketKeyEnabled"};
    for (int i = 0; i < countof(members); i++)
        json_put_json(o, str_from(members[i]), json_get(facts, str_from(members[i])));
}

void s3_event(Call *c, const char *name, const Object *object, Str version)
{
    object_event(c->server, &(ObjectEvent){.name = name,
                                           .object = object,
                                           .version = version,
                                           .request_id = c->request_id,
                                           .account = c->who.account,
                                           .region = c->who.region});
}

/* Only of what is current. */
void s3_put_expiration(JsonObject *o, const Call *c, const Object *object)
{
    json_put_text(o, S("Expiration"), lifecycle_expiration_header(c->server, object, c->arena));
}

/* As forms are encoded, but slashes stay. */
Json s3_encoded(const Call *c, Str text, bool encode)
{
    if (!encode || str_absent(text)) return json_string(text);
    Buf b = {.a = c->arena};
    Str part, rest = text;
    for (bool first = true; str_cut(&rest, ' ', &part); first = false) {
        if (!first) buf_putc(&b, '+');
        buf_put(&b, percent_encode(c->arena, part, S("/*")));
    }
    return json_string(buf_str(&b));
}

/* ---- conditions ---- */

/* HTTP dates have whole seconds. */
static bool modified_after(const Object *object, Millis t)
{
    return object->modified / 1000 > t / 1000;
}

static bool failed(Call *c, const char *condition, Error *err)
{
    json_put_text(&c->error_members, S("Condition"), str_from(condition));
    return error_set(err, ERR_S3_PRECONDITION_FAILED,
                     "At least one of the pre-conditions you specified did not hold");
}

/* A 304 repeats what a cache keeps its copy by. */
static bool not_modified(Call *c, const Object *object, bool copy, const char *condition,
                         Error *err)
{
    if (copy) return failed(c, condition, err);
    json_put(&c->error_members, S("ETag"), s3_quoted(c, object->etag));
    json_put(&c->error_members, S("Last-Modified"),
             json_string(time_http(c->arena, object->modified)));
    json_put_json(&c->error_members, S("Cache-Control"),
                  json_get(&object->facts, S("CacheControl")));
    return error_set(err, ERR_S3_NOT_MODIFIED, "Not Modified");
}

/* RFC 9110, 13.2.2: an ETag's condition makes the date's of the same kind be ignored. */
bool s3_check_conditions(Call *c, const Object *object, bool copy, Error *err)
{
    Str match = s3_text(c, copy ? S("CopySourceIfMatch") : S("IfMatch"));
    Str none_match = s3_text(c, copy ? S("CopySourceIfNoneMatch") : S("IfNoneMatch"));
    Millis t;
    if (!str_absent(match) && !etag_matches(match, object->etag))
        return failed(c, copy ? "x-amz-copy-source-If-Match" : "If-Match", err);
    if (str_absent(match) &&
        s3_time(c, copy ? S("CopySourceIfUnmodifiedSince") : S("IfUnmodifiedSince"), &t) &&
        modified_after(object, t))
        return failed(c, copy ? "x-amz-copy-source-If-Unmodified-Since" : "If-Unmodified-Since",
                      err);
    if (!str_absent(none_match) && etag_matches(none_match, object->etag))
        return not_modified(c, object, copy, "x-amz-copy-source-If-None-Match", err);
    if (str_absent(none_match) &&
        s3_time(c, copy ? S("CopySourceIfModifiedSince") : S("IfModifiedSince"), &t) &&
        !modified_after(object, t))
        return not_modified(c, object, copy, "x-amz-copy-source-If-Modified-Since", err);
    return true;
}

/* ---- ranges ---- */

static bool digits(Str s, int64_t *out)
{
    if (!s.n || s.p[0] == '-') return false;
    if (str_to_int(s, out)) return true;
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    *out = INT64_MAX; /* beyond any object */
    return true;
}

S3Range s3_range(Str header, int64_t size, int64_t *offset, int64_t *length)
{
    int64_t first, last;
    if (header.n < 6 || !str_eq_nocase(str_slice(header, 0, 6), S("bytes="))) return S3_RANGE_NONE;
    Str spec = str_trim(str_slice(header, 6, header.n));
    int64_t dash = str_find_char(spec, '-');
    Str from = str_slice(spec, 0, dash), to = str_slice(spec, dash + 1, spec.n);
    if (dash < 0 || (!from.n && !to.n)) return S3_RANGE_NONE;
    if (!from.n) {
        if (!digits(to, &last)) return S3_RANGE_NONE;
        if (last == 0 || size == 0) return S3_RANGE_BAD;
        *length = last < size ? last : size;
        *offset = size - *length;
        return S3_RANGE_OK;
    }
    if (!digits(from, &first) || (to.n && !digits(to, &last))) return S3_RANGE_NONE;
    if (to.n && last < first) return S3_RANGE_NONE;
    if (first >= size) return S3_RANGE_BAD;
    *offset = first;
    *length = to.n && last < size - 1 ? last - first + 1 : size - first;
    return S3_RANGE_OK;
}
