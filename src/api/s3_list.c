/* s3_list.c - listings of objects and versions: markers, tokens, encodings. */
#include "api/s3.h"
#include "base/encode.h"
#include "store/objects_list.h"

/* What the listings' inputs have in common. */
typedef struct Asked {
    Bucket bucket;
    ListQuery q;
    bool encode, owner;
    int64_t max; /* as it is told again */
} Asked;

static bool bad_argument(Call *c, const char *name, Str value, const char *text, Error *err)
{
    json_put_text(&c->error_members, S("ArgumentName"), str_from(name));
    json_put_text(&c->error_members, S("ArgumentValue"), str_absent(value) ? S("") : value);
    return error_set(err, ERR_S3_INVALID_ARGUMENT, "%s", text);
}

static bool read_asked(Call *c, Asked *out, Str max_name, Error *err)
{
    Str encoding = s3_text(c, S("EncodingType"));
    int64_t max = s3_int(c, max_name, LIST_ENTRIES_MAX);
    if (max < 0)
        return bad_argument(c, "max-keys", s3_text(c, max_name),
                            "Argument maxKeys must be an integer between 0 and 2147483647", err);
    if (!str_absent(encoding) && !str_eq(encoding, S("url")))
        return bad_argument(c, "encoding-type", encoding,
                            "Invalid Encoding Method specified in Request", err);
    *out =
        (Asked){.encode = encoding.n > 0, .max = max < LIST_ENTRIES_MAX ? max : LIST_ENTRIES_MAX};
    if (!s3_bucket(c, &out->bucket, err)) return false;
    out->q = (ListQuery){.bucket_id = out->bucket.id,
                         .prefix = s3_text(c, S("Prefix")),
                         .delimiter = s3_text(c, S("Delimiter")),
                         .max = out->max};
    return true;
}

static void put_encoded(const Call *c, JsonObject *o, Str name, Str text, const Asked *asked)
{
    if (!str_absent(text)) json_put(o, name, s3_encoded(c, text, asked->encode));
}

static Json entry(const Call *c, const Object *object, const Asked *asked)
{
    JsonObject o = {.a = c->arena};
    JsonArray algorithms = {.a = c->arena};
    json_put(&o, S("Key"), s3_encoded(c, object->key, asked->encode));
    json_put(&o, S("LastModified"), s3_seconds(c, object->modified));
    json_put(&o, S("ETag"), s3_quoted(c, object->etag));
    if (!str_absent(object->checksum)) {
        json_add(&algorithms, json_string(s3_checksum_name(object->checksum)));
        json_put(&o, S("ChecksumAlgorithm"), json_array(&algorithms));
        json_put(&o, S("ChecksumType"), json_string(s3_checksum_type(object->checksum)));
    }
    if (asked->owner) json_put(&o, S("Owner"), s3_owner(c));
    json_put(&o, S("Size"), json_int(c->arena, object->size));
    json_put(
        &o, S("StorageClass"),
        json_string(str_absent(object->storage_class) ? S("STANDARD") : object->storage_class));
    return json_object(&o);
}

Json s3_common_prefix(const Call *c, Str prefix, bool encode)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("Prefix"), s3_encoded(c, prefix, encode));
    return json_object(&o);
}

static void put_entries(const Call *c, JsonObject *out, const Listing *list, const Asked *asked)
{
    JsonArray keys = {.a = c->arena}, prefixes = {.a = c->arena};
    for (int64_t i = 0; i < list->n; i++) {
        const ListEntry *e = &list->p[i];
        if (e->is_prefix)
            json_add(&prefixes, s3_common_prefix(c, e->object.key, asked->encode));
        else
            json_add(&keys, entry(c, &e->object, asked));
    }
    if (keys.n) json_put(out, S("Contents"), json_array(&keys));
    if (prefixes.n) json_put(out, S("CommonPrefixes"), json_array(&prefixes));
}

static void put_asked(const Call *c, JsonObject *out, const Asked *asked)
{
    json_put(out, S("Name"), json_string(asked->bucket.name));
    json_put(out, S("Prefix"),
             s3_encoded(c, str_absent(asked->q.prefix) ? S("") : asked->q.prefix, asked->encode));
    if (asked->q.delimiter.n) put_encoded(c, out, S("Delimiter"), asked->q.delimiter, asked);
    json_put(out, S("MaxKeys"), json_int(c->arena, asked->max));
    if (asked->encode) json_put(out, S("EncodingType"), json_string(S("url")));
}

/* ---- version 1 ---- */

CallResult s3_list_objects(Call *c, Error *err)
{
    Asked asked;
    JsonObject out = {.a = c->arena};
    if (!read_asked(c, &asked, S("MaxKeys"), err)) return s3_end(c, false, err);
    asked.q.after = s3_text(c, S("Marker"));
    asked.owner = true;
    Listing list = object_list(c->server->objects, &asked.q, c->arena);
    put_asked(c, &out, &asked);
    json_put(&out, S("Marker"),
             s3_encoded(c, str_absent(asked.q.after) ? S("") : asked.q.after, asked.encode));
    /* S3 tells it only with a delimiter; without one the last key is it. */
    if (list.truncated && asked.q.delimiter.n)
        put_encoded(c, &out, S("NextMarker"), list.p[list.n - 1].object.key, &asked);
    json_put(&out, S("IsTruncated"), json_bool(list.truncated));
    put_entries(c, &out, &list, &asked);
    c->out = json_object(&out);
    return CALL_DONE;
}

/* ---- version 2 ---- */

/* A token is "1" and the last entry, in Base64. */
static Str make_token(const Call *c, Str last)
{
    Str parts[] = {S("1"), last};
    return base64_encode(c->arena, str_join(c->arena, parts, 2, S("")));
}

static bool read_token(Call *c, Str token, Str *after, Error *err)
{
    Str plain;
    if (!base64_decode(c->arena, token, &plain) || !str_starts(plain, S("1")))
        return bad_argument(c, "continuation-token", token,
                            "The continuation token provided is incorrect", err);
    *after = str_slice(plain, 1, plain.n);
    return true;
}

CallResult s3_list_objects_v2(Call *c, Error *err)
{
    Asked asked;
    JsonObject out = {.a = c->arena};
    Str token = s3_text(c, S("ContinuationToken")), start_after = s3_text(c, S("StartAfter"));
    if (!read_asked(c, &asked, S("MaxKeys"), err)) return s3_end(c, false, err);
    asked.q.after = start_after;
    asked.owner = json_true(json_get(&c->in, S("FetchOwner")));
    if (!str_absent(token) && !read_token(c, token, &asked.q.after, err))
        return s3_end(c, false, err);
    Listing list = object_list(c->server->objects, &asked.q, c->arena);
    put_asked(c, &out, &asked);
    json_put_text(&out, S("ContinuationToken"), token);
    if (list.truncated)
        json_put(&out, S("NextContinuationToken"),
                 json_string(make_token(c, list.p[list.n - 1].object.key)));
    if (start_after.n) put_encoded(c, &out, S("StartAfter"), start_after, &asked);
    json_put(&out, S("KeyCount"), json_int(c->arena, list.n));
    json_put(&out, S("IsTruncated"), json_bool(list.truncated));
    put_entries(c, &out, &list, &asked);
    c->out = json_object(&out);
    return CALL_DONE;
}

/* ---- versions ---- */

static Json version_entry(const Call *c, const ListEntry *e, const Asked *asked)
{
    Json whole = entry(c, &e->object, asked);
    JsonObject o = {.a = c->arena};
    for (int32_t i = 0; i < whole.n; i++) {
        Str name = whole.members[i].key;
        if (!e->object.delete_marker || str_eq(name, S("Key")) || str_eq(name, S("LastModified")) ||
            str_eq(name, S("Owner")))
            json_put(&o, name, whole.members[i].value);
    }
    json_put(&o, S("VersionId"), json_string(e->object.version));
    json_put(&o, S("IsLatest"), json_bool(e->is_latest));
    return json_object(&o);
}

static void put_versions(const Call *c, JsonObject *out, const Listing *list, const Asked *asked)
{
    JsonArray versions = {.a = c->arena}, markers = {.a = c->arena}, prefixes = {.a = c->arena};
    for (int64_t i = 0; i < list->n; i++) {
        const ListEntry *e = &list->p[i];
        if (e->is_prefix)
            json_add(&prefixes, s3_common_prefix(c, e->object.key, asked->encode));
        else
            json_add(e->object.delete_marker ? &markers : &versions, version_entry(c, e, asked));
    }
    if (versions.n) json_put(out, S("Versions"), json_array(&versions));
    if (markers.n) json_put(out, S("DeleteMarkers"), json_array(&markers));
    if (prefixes.n) json_put(out, S("CommonPrefixes"), json_array(&prefixes));
}

static bool read_version_marker(Call *c, Asked *asked, Error *err)
{
    Str version = s3_text(c, S("VersionIdMarker"));
    asked->q.after = s3_text(c, S("KeyMarker"));
    asked->owner = true;
    if (!version.n) return true;
    if (!asked->q.after.n)
        return bad_argument(c, "version-id-marker", version,
                            "A version-id marker cannot be specified without a key marker.", err);
    asked->q.after_seq = version_seq(c->server->objects, asked->bucket.id, asked->q.after, version);
    return asked->q.after_seq ||
           bad_argument(c, "version-id-marker", version, "Invalid version id specified", err);
}

CallResult s3_list_object_versions(Call *c, Error *err)
{
    Asked asked;
    JsonObject out = {.a = c->arena};
    if (!read_asked(c, &asked, S("MaxKeys"), err) || !read_version_marker(c, &asked, err))
        return s3_end(c, false, err);
    Listing list = version_list(c->server->objects, &asked.q, c->arena);
    put_asked(c, &out, &asked);
    json_put(&out, S("KeyMarker"),
             s3_encoded(c, str_absent(asked.q.after) ? S("") : asked.q.after, asked.encode));
    json_put(
        &out, S("VersionIdMarker"),
        json_string(s3_text(c, S("VersionIdMarker")).n ? s3_text(c, S("VersionIdMarker")) : S("")));
    if (list.truncated) {
        const ListEntry *last = &list.p[list.n - 1];
        put_encoded(c, &out, S("NextKeyMarker"), last->object.key, &asked);
        json_put_text(&out, S("NextVersionIdMarker"), last->object.version);
    }
    json_put(&out, S("IsTruncated"), json_bool(list.truncated));
    put_versions(c, &out, &list, &asked);
    c->out = json_object(&out);
    return CALL_DONE;
}
