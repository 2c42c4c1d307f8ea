/* s3_put.c - writing and deleting objects. */
#include "api/s3.h"
#include "base/time.h"

/* STANDARD is what is not said. */
static Str storage_class(const Call *c)
{
    Str s = s3_text(c, S("StorageClass"));
    return str_eq(s, S("STANDARD")) ? (Str){0} : s;
}

bool s3_object_new(Call *c, ObjectNew *out, Error *err)
{
    Json grants;
    Str none_match = s3_text(c, S("IfNoneMatch"));
    *out = (ObjectNew){.storage_class = storage_class(c),
                       .if_match = s3_text(c, S("IfMatch")),
                       .if_none_match = none_match};
    if (!s3_check_key(s3_text(c, S("Key")), err) || !s3_check_headers(c, err) ||
        !s3_check_owner(c, err) || !s3_acl_of_object(c, &grants, err))
        return false;
    if (!str_absent(none_match) && !str_eq(none_match, S("*")))
        return s3_not_implemented(err, "If-None-Match of an ETag");
    if (!s3_facts(c, &out->facts, err)) return false;
    if (json_count(&grants)) out->facts = s3_facts_with(c, &out->facts, S("Acl"), &grants);
    return s3_default_encryption(c, &out->facts, err) && s3_lock_new_object(c, &out->facts, err);
}

bool s3_check_length(const Call *c, Error *err)
{
    return c->http->body != HTTP_BODY_NONE ||
           !str_absent(http1_header(c->http, S("Content-Length"))) ||
           error_set(err, ERR_S3_MISSING_CONTENT_LENGTH,
                     "You must provide the Content-Length HTTP header.");
}

/* A small body that is on its way already is rather read than cut off: the connection can go on
 * then. */
bool s3_before_body(Call *c, Error *err)
{
    Bucket b;
    bool on_its_way = !c->http->expect_continue && c->http->body == HTTP_BODY_LENGTH &&
                      c->http->length <= OBJECT_INLINE_BYTES_MAX;
    if (on_its_way || c->http->body == HTTP_BODY_NONE) return true;
    if (s3_check_key(s3_text(c, S("Key")), err) && s3_check_headers(c, err) &&
        s3_bucket(c, &b, err))
        return true;
    s3_explain(c, err);
    return false;
}

static bool put(Call *c, Object *out, Error *err)
{
    ObjectNew what;
    ObjectBody body;
    check(c->upload);
    return s3_check_length(c, err) && s3_object_new(c, &what, err) &&
           upload_body(c->upload, c->arena, &body, err) &&
           object_put(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")), &body,
                      &what, c->now, c->arena, out, err);
}

CallResult s3_put_object(Call *c, Error *err)
{
    Object object;
    JsonObject o = {.a = c->arena};
    if (!put(c, &object, err)) return s3_end(c, false, err);
    json_put(&o, S("ETag"), s3_quoted(c, object.etag));
    s3_put_checksum(&o, object.checksum, true);
    s3_put_encryption(&o, &object.facts);
    s3_put_expiration(&o, c, &object);
    s3_event(c, "ObjectCreated:Put", &object, (Str){0});
    if (object.versioning == VERSIONING_ENABLED) s3_put_version(&o, S("VersionId"), &object);
    c->out = json_object(&o);
    return CALL_DONE;
}

/* ---- deleting ---- */

static bool delete_it(Call *c, Str key, Str version, Str if_match, ObjectGone *gone, Error *err)
{
    Objects *o = c->server->objects;
    Str bucket = s3_text(c, S("Bucket"));
    Object slot = {.bucket = bucket, .key = key};
    Bucket b;
    if (!s3_may_remove(c, key, version, err) || !bucket_find(o, bucket, c->arena, &b, err) ||
        !object_delete(o, bucket, key, version, if_match, c->now, c->arena, gone, err))
        return false;
    slot.bucket_id = b.id;
    slot.versioning = b.versioning;
    slot.version = gone->version;
    if (gone->marker && str_absent(version))
        s3_event(c, "ObjectRemoved:DeleteMarkerCreated", &slot, gone->version);
    else if (gone->existed)
        s3_event(c, "ObjectRemoved:Delete", &slot, gone->version);
    return true;
}

CallResult s3_delete_object(Call *c, Error *err)
{
    ObjectGone gone;
    JsonObject o = {.a = c->arena};
    if (!s3_check_key(s3_text(c, S("Key")), err) || !s3_check_version(c, err) ||
        !s3_check_owner(c, err) ||
        !delete_it(c, s3_text(c, S("Key")), s3_text(c, S("VersionId")), s3_text(c, S("IfMatch")),
                   &gone, err))
        return s3_end(c, false, err);
    if (gone.marker) json_put(&o, S("DeleteMarker"), json_bool(true));
    json_put_text(&o, S("VersionId"), gone.version);
    c->out = json_object(&o);
    return CALL_DONE;
}

static Json deleted(const Call *c, Str key, Str version, const ObjectGone *gone)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("Key"), json_string(key));
    json_put_text(&o, S("VersionId"), version);
    if (gone->marker) {
        json_put(&o, S("DeleteMarker"), json_bool(true));
        json_put_text(&o, S("DeleteMarkerVersionId"), gone->version);
    }
    return json_object(&o);
}

static Json not_deleted(const Call *c, Str key, Str version, const Error *err)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("Key"), json_string(key));
    json_put_text(&o, S("VersionId"), version);
    json_put(&o, S("Code"), json_string(error_name(err->code)));
    json_put(&o, S("Message"), json_string(str_copy(c->arena, error_text(err))));
    return json_object(&o);
}

/* Among many a version id that cannot be one is just not there. */
static bool known_version(Str version, Error *err)
{
    return str_absent(version) || version_name_ok(version) ||
           error_set(err, ERR_S3_NO_SUCH_VERSION, "The specified version does not exist.");
}

static void delete_one(Call *c, const Json *item, bool quiet, JsonArray *done, JsonArray *errors)
{
    Str key = json_text(json_get(item, S("Key"))),
        version = json_text(json_get(item, S("VersionId")));
    Error err = {0};
    ObjectGone gone;
    bool good = s3_check_key(key, &err) && known_version(version, &err) &&
                delete_it(c, key, version, json_text(json_get(item, S("ETag"))), &gone, &err);
    if (!good)
        json_add(errors, not_deleted(c, key, version, &err));
    else if (!quiet)
        json_add(done, deleted(c, key, version, &gone));
}

CallResult s3_delete_objects(Call *c, Error *err)
{
    enum { DELETE_MAX = 1000 };
    Bucket b;
    const Json *objects = json_find(&c->in, "Delete.Objects");
    bool quiet = json_true(json_find(&c->in, "Delete.Quiet"));
    JsonArray done = {.a = c->arena}, errors = {.a = c->arena};
    JsonObject o = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (!json_count(objects) || json_count(objects) > DELETE_MAX)
        return s3_end(c, s3_malformed(err), err);
    for (int32_t i = 0; i < json_count(objects); i++)
        delete_one(c, json_at(objects, i), quiet, &done, &errors);
    if (done.n) json_put(&o, S("Deleted"), json_array(&done));
    if (errors.n) json_put(&o, S("Errors"), json_array(&errors));
    c->out = json_object(&o);
    return CALL_DONE;
}
