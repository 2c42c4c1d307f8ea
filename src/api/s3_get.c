/* s3_get.c - reading objects: whole, in ranges, by part, on conditions; and what is known of them. */
#include "api/s3.h"
#include "store/objects_multipart.h"

/* What of the object is wanted. */
typedef struct Slice {
    int64_t offset, length;
    bool partial;  /* 206 */
    int64_t parts; /* > 0: asked by part number, of an object made of so many */
} Slice;

/* ---- which bytes ---- */

static bool bad_range(Call *c, const Object *object, Error *err)
{
    json_put_text(&c->error_members, S("RangeRequested"), s3_text(c, S("Range")));
    json_put_text(&c->error_members, S("ActualObjectSize"),
                  str_printf(c->arena, "%" PRId64, object->size));
    return error_set(err, ERR_S3_INVALID_RANGE, "The requested range is not satisfiable");
}

static bool slice_of_part(Call *c, const Object *object, int64_t number, Slice *out, Error *err)
{
    if (json_get(&c->in, S("Range")))
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "Cannot specify both Range header and partNumber query parameter");
    if (number < 1 || number > MULTI_PARTS_MAX)
        return error_set(err, ERR_S3_INVALID_ARGUMENT,
                         "Part number must be an integer between 1 and 10000, inclusive");
    *out = (Slice){.length = object->size, .partial = object->size > 0};
    if (object_part(c->server->objects, object->id, number, &out->offset, &out->length,
                    &out->parts))
        return true;
    return number == 1 || error_set(err, ERR_S3_INVALID_PART_NUMBER,
                                    "The requested partnumber is not satisfiable");
}

static bool choose_slice(Call *c, const Object *object, Slice *out, Error *err)
{
    int64_t number = s3_int(c, S("PartNumber"), -1);
    if (json_get(&c->in, S("PartNumber"))) return slice_of_part(c, object, number, out, err);
    *out = (Slice){.length = object->size};
    switch (s3_range(s3_text(c, S("Range")), object->size, &out->offset, &out->length)) {
    case S3_RANGE_NONE: return true;
    case S3_RANGE_OK: return out->partial = true;
    case S3_RANGE_BAD: return bad_range(c, object, err);
    default: unreachable();
    }
}

/* ---- the answer's head ---- */

static const struct {
    const char *member, *override;
} headers[] = {
    {"ContentType", "ResponseContentType"},
    {"CacheControl", "ResponseCacheControl"},
    {"ContentDisposition", "ResponseContentDisposition"},
    {"ContentEncoding", "ResponseContentEncoding"},
    {"ContentLanguage", "ResponseContentLanguage"},
    {"Expires", "ResponseExpires"},
    {"WebsiteRedirectLocation", NULL},
};

static void put_headers(const Call *c, JsonObject *o, const Json *facts)
{
    for (int i = 0; i < countof(headers); i++) {
        const Json *v =
            headers[i].override ? json_get(&c->in, str_from(headers[i].override)) : NULL;
        if (!v) v = json_get(facts, str_from(headers[i].member));
        if (!v && i == 0)
            json_put(o, S("ContentType"), json_string(S("binary/octet-stream")));
        else
            json_put_json(o, str_from(headers[i].member), v);
    }
    json_put_json(o, S("Metadata"), json_get(facts, S("Metadata")));
    int64_t tags = json_count(json_get(facts, S("Tags")));
    if (tags) json_put(o, S("TagCount"), json_int(o->a, tags));
}

static void put_slice(JsonObject *o, const Object *object, const Slice *s)
{
    json_put(o, S("AcceptRanges"), json_string(S("bytes")));
    json_put(o, S("ContentLength"), json_int(o->a, s->length));
    if (s->partial)
        json_put(o, S("ContentRange"),
                 json_string(str_printf(o->a, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, s->offset,
                                        s->offset + s->length - 1, object->size)));
    if (s->parts) json_put(o, S("PartsCount"), json_int(o->a, s->parts));
}

static Json head_of(const Call *c, const Object *object, const Slice *s)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("LastModified"), s3_seconds(c, object->modified));
    json_put(&o, S("ETag"), s3_quoted(c, object->etag));
    put_slice(&o, object, s);
    put_headers(c, &o, &object->facts);
    s3_put_encryption(&o, &object->facts);
    s3_put_lock(&o, &object->facts);
    s3_put_version(&o, S("VersionId"), object);
    if (!json_get(&c->in, S("VersionId"))) s3_put_expiration(&o, c, object);
    json_put_text(&o, S("StorageClass"), object->storage_class);
    if (!s->partial && str_eq(s3_text(c, S("ChecksumMode")), S("ENABLED")))
        s3_put_checksum(&o, object->checksum, true);
    return json_object(&o);
}

static bool prepare(Call *c, Object *object, Slice *s, Error *err)
{
    if (!s3_object(c, object, err) || !s3_check_conditions(c, object, false, err) ||
        !choose_slice(c, object, s, err))
        return false;
    c->out = head_of(c, object, s);
    c->status = s->partial ? 206 : 0;
    return true;
}

CallResult s3_head_object(Call *c, Error *err)
{
    Object object;
    Slice s;
    return s3_end(c, prepare(c, &object, &s, err), err);
}

CallResult s3_get_object(Call *c, Error *err)
{
    Object object;
    Slice s;
    ObjectBytes bytes;
    if (!prepare(c, &object, &s, err) ||
        !object_bytes(c->server->objects, &object, c->arena, &bytes, err))
        return s3_end(c, false, err);
    if (bytes.fd >= 0)
        c->out_file = (ReplyFile){bytes.fd, s.offset, s.length};
    else
        c->out_body = str_slice(bytes.bytes, s.offset, s.offset + s.length);
    return CALL_DONE;
}

/* ---- attributes ---- */

static Json parts_of(const Call *c, const Object *object, int64_t total)
{
    int64_t after = 0, max = s3_int(c, S("MaxParts"), 1000);
    JsonObject o = {.a = c->arena};
    JsonArray list = {.a = c->arena};
    if (!str_to_int(s3_text(c, S("PartNumberMarker")), &after)) after = 0;
    Parts parts =
        object_parts(c->server->objects, object->id, after, max > 1000 ? 1000 : max, c->arena);
    for (int64_t i = 0; i < parts.n; i++) {
        JsonObject p = {.a = c->arena};
        json_put(&p, S("PartNumber"), json_int(c->arena, parts.p[i].number));
        json_put(&p, S("Size"), json_int(c->arena, parts.p[i].size));
        s3_put_checksum(&p, parts.p[i].checksum, false);
        json_add(&list, json_object(&p));
    }
    json_put(&o, S("TotalPartsCount"), json_int(c->arena, total));
    json_put(&o, S("PartNumberMarker"), json_string(str_printf(c->arena, "%" PRId64, after)));
    if (parts.truncated)
        json_put(&o, S("NextPartNumberMarker"),
                 json_string(str_printf(c->arena, "%" PRId64, parts.p[parts.n - 1].number)));
    json_put(&o, S("MaxParts"), json_int(c->arena, max > 1000 ? 1000 : max));
    json_put(&o, S("IsTruncated"), json_bool(parts.truncated));
    json_put(&o, S("Parts"), json_array(&list));
    return json_object(&o);
}

static bool wanted(const Call *c, Str attribute)
{
    const Json *list = json_get(&c->in, S("ObjectAttributes"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(json_at(list, i)), attribute)) return true;
    return false;
}

CallResult s3_get_object_attributes(Call *c, Error *err)
{
    Object object;
    JsonObject o = {.a = c->arena}, sum = {.a = c->arena};
    int64_t offset, size, total;
    if (!s3_object(c, &object, err)) return s3_end(c, false, err);
    json_put(&o, S("LastModified"), s3_seconds(c, object.modified));
    s3_put_version(&o, S("VersionId"), &object);
    if (wanted(c, S("ETag"))) json_put(&o, S("ETag"), json_string(object.etag));
    s3_put_checksum(&sum, object.checksum, true);
    if (wanted(c, S("Checksum")) && sum.n) json_put(&o, S("Checksum"), json_object(&sum));
    if (wanted(c, S("ObjectParts")) &&
        object_part(c->server->objects, object.id, 1, &offset, &size, &total))
        json_put(&o, S("ObjectParts"), parts_of(c, &object, total));
    if (wanted(c, S("StorageClass")))
        json_put(
            &o, S("StorageClass"),
            json_string(str_absent(object.storage_class) ? S("STANDARD") : object.storage_class));
    if (wanted(c, S("ObjectSize"))) json_put(&o, S("ObjectSize"), json_int(c->arena, object.size));
    c->out = json_object(&o);
    return CALL_DONE;
}
