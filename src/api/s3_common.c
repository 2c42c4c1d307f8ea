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
