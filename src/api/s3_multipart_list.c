/* s3_multipart_list.c - ListParts and ListMultipartUploads. */
#include "api/s3_multipart.h"
#include "store/objects_list.h"

static int64_t page(const Call *c, Str name)
{
    int64_t max = s3_int(c, name, LIST_ENTRIES_MAX);
    return max > LIST_ENTRIES_MAX ? LIST_ENTRIES_MAX : max < 0 ? 0 : max;
}

static Json part_entry(const Call *c, const Part *p)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("PartNumber"), json_int(c->arena, p->number));
    json_put(&o, S("LastModified"), s3_seconds(c, p->modified));
    json_put(&o, S("ETag"), s3_quoted(c, p->etag));
    json_put(&o, S("Size"), json_int(c->arena, p->size));
    s3_put_checksum(&o, p->checksum, false);
    return json_object(&o);
}

CallResult s3_list_parts(Call *c, Error *err)
{
    Multi m;
    int64_t after = 0, max = page(c, S("MaxParts"));
    JsonObject o = {.a = c->arena};
    JsonArray list = {.a = c->arena};
    if (!str_to_int(s3_text(c, S("PartNumberMarker")), &after))
        after = s3_int(c, S("PartNumberMarker"), 0);
    if (!s3_multi(c, false, &m, err)) return s3_end(c, false, err);
    Parts parts = part_list(c->server->objects, &m, after, max, c->arena);
    for (int64_t i = 0; i < parts.n; i++) json_add(&list, part_entry(c, &parts.p[i]));
    json_put(&o, S("Bucket"), json_string(m.bucket));
    json_put(&o, S("Key"), json_string(m.key));
    json_put(&o, S("UploadId"), json_string(m.name));
    json_put(&o, S("Initiator"), s3_owner(c));
    json_put(&o, S("Owner"), s3_owner(c));
    json_put(&o, S("StorageClass"),
             json_string(str_absent(m.storage_class) ? S("STANDARD") : m.storage_class));
    json_put(&o, S("PartNumberMarker"), json_int(c->arena, after));
    json_put(&o, S("NextPartNumberMarker"),
             json_int(c->arena, parts.n ? parts.p[parts.n - 1].number : 0));
    json_put(&o, S("MaxParts"), json_int(c->arena, max));
    json_put(&o, S("IsTruncated"), json_bool(parts.truncated));
    s3_put_checksum_kind(&o, &m);
    json_put(&o, S("Parts"), json_array(&list));
    c->out = json_object(&o);
    return CALL_DONE;
}

static Json upload_entry(const Call *c, const Object *u, bool encode)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("Key"), s3_encoded(c, u->key, encode));
    json_put(&o, S("UploadId"), json_string(u->version));
    json_put(&o, S("Initiator"), s3_owner(c));
    json_put(&o, S("Owner"), s3_owner(c));
    json_put(&o, S("StorageClass"),
             json_string(str_absent(u->storage_class) ? S("STANDARD") : u->storage_class));
    json_put(&o, S("Initiated"), s3_seconds(c, u->modified));
    if (!str_absent(u->checksum)) {
        json_put(&o, S("ChecksumAlgorithm"), json_string(s3_checksum_name(u->checksum)));
        json_put(&o, S("ChecksumType"), json_string(s3_checksum_value(u->checksum)));
    }
    return json_object(&o);
}

static void put_uploads(const Call *c, JsonObject *out, const Listing *list, bool encode)
{
    JsonArray uploads = {.a = c->arena}, prefixes = {.a = c->arena};
    for (int64_t i = 0; i < list->n; i++) {
        const ListEntry *e = &list->p[i];
        if (e->is_prefix)
            json_add(&prefixes, s3_common_prefix(c, e->object.key, encode));
        else
            json_add(&uploads, upload_entry(c, &e->object, encode));
    }
    if (uploads.n) json_put(out, S("Uploads"), json_array(&uploads));
    if (prefixes.n) json_put(out, S("CommonPrefixes"), json_array(&prefixes));
}

/* With a key marker alone: keys after it; with an upload's too: of that key those after the upload.
 */
CallResult s3_list_multipart_uploads(Call *c, Error *err)
{
    Bucket b;
    bool encode = s3_text(c, S("EncodingType")).n > 0;
    JsonObject o = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    ListQuery q = {.bucket_id = b.id,
                   .prefix = s3_text(c, S("Prefix")),
                   .delimiter = s3_text(c, S("Delimiter")),
                   .after = s3_text(c, S("KeyMarker")),
                   .max = page(c, S("MaxUploads"))};
    if (q.after.n) q.after_seq = multi_id(s3_text(c, S("UploadIdMarker")));
    Listing list = multi_list(c->server->objects, &q, c->arena);
    json_put(&o, S("Bucket"), json_string(b.name));
    json_put(&o, S("KeyMarker"), s3_encoded(c, str_absent(q.after) ? S("") : q.after, encode));
    json_put(
        &o, S("UploadIdMarker"),
        json_string(s3_text(c, S("UploadIdMarker")).n ? s3_text(c, S("UploadIdMarker")) : S("")));
    if (q.prefix.n) json_put(&o, S("Prefix"), s3_encoded(c, q.prefix, encode));
    if (q.delimiter.n) json_put(&o, S("Delimiter"), s3_encoded(c, q.delimiter, encode));
    if (list.truncated) {
        json_put(&o, S("NextKeyMarker"), s3_encoded(c, list.p[list.n - 1].object.key, encode));
        json_put_text(&o, S("NextUploadIdMarker"), list.p[list.n - 1].object.version);
    }
    json_put(&o, S("MaxUploads"), json_int(c->arena, q.max));
    if (encode) json_put(&o, S("EncodingType"), json_string(S("url")));
    json_put(&o, S("IsTruncated"), json_bool(list.truncated));
    put_uploads(c, &o, &list, encode);
    c->out = json_object(&o);
    return CALL_DONE;
}
