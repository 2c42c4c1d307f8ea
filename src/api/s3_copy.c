/* s3_copy.c - copies of objects and of parts of them: small ones within the event, large ones by the pool. */
#include "api/s3.h"
#include "base/encode.h"
#include "store/objects_multipart.h"

enum { COPY_BYTES_MAX_GIB = 5 };

/* What is being copied. Lives in the call's arena; the upload is its own. */
typedef struct Copy {
    Job job; /* first: the pool gives it back */
    Call *call;
    Server *server;
    Object source;
    ObjectBytes from;
    int64_t offset, length;
    bool is_part;              /* UploadPartCopy */
    DigestAlgorithm algorithm; /* of the checksum; DIGEST_NONE: S3's default */
    bool digest;               /* the digests have to be computed; else they are the source's */
    Upload *upload;
    bool copied, kept;
    Error error;
} Copy;

/* ---- the source ---- */

/* "bucket/key", "/bucket/key", either with "?versionId=..."; the key percent-encoded. */
static bool read_source(Call *c, Str *bucket, Str *key, Str *version, Error *err)
{
    Str text = s3_text(c, S("CopySource"));
    int64_t query = str_find(text, S("?versionId="));
    *version = query < 0 ? (Str){0} : str_slice(text, query + 11, text.n);
    if (query >= 0) text = str_slice(text, 0, query);
    bool readable = percent_decode(c->arena, text, false, &text);
    if (str_starts(text, S("/"))) text = str_slice(text, 1, text.n);
    int64_t slash = str_find_char(text, '/');
    if (!readable || slash <= 0 || slash == text.n - 1 || !utf8_valid(text))
        return error_set(
            err, ERR_S3_INVALID_ARGUMENT,
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    *bucket = str_slice(text, 0, slash);
    *key = str_slice(text, slash + 1, text.n);
    return true;
}

static void explain_source(Call *c, const Error *err, Str bucket, Str key)
{
    if (err->code == ERR_S3_NO_SUCH_BUCKET)
        json_put(&c->error_members, S("BucketName"), json_string(bucket));
    if (err->code == ERR_S3_NO_SUCH_KEY) json_put(&c->error_members, S("Key"), json_string(key));
}

static bool find_source(Call *c, Object *out, Error *err)
{
    Str bucket, key, version;
    if (!read_source(c, &bucket, &key, &version, err)) return false;
    Str expected = s3_text(c, S("ExpectedSourceBucketOwner"));
    Bucket b;
    if (!str_absent(expected) && bucket_find(c->server->objects, bucket, c->arena, &b, err) &&
        !str_eq(expected, b.account))
        return error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
    if (!str_absent(version) && !version_name_ok(version))
        return error_set(err, ERR_S3_INVALID_ARGUMENT, "Invalid version id specified");
    if (!object_find(c->server->objects, bucket, key, version, c->arena, out, err)) {
        explain_source(c, err, bucket, key);
        return false;
    }
    if (out->delete_marker)
        return error_set(
            err, ERR_S3_INVALID_REQUEST,
            "The source of a copy request may not specifically refer to a delete marker"
            " by version id.");
    return s3_check_conditions(c, out, true, err);
}

/* ---- what comes of it ---- */

/* Of a copied object: as asked for, else as the source's. */
static DigestAlgorithm wanted_algorithm(const Call *c, const Object *source)
{
    Str asked = s3_text(c, S("ChecksumAlgorithm"));
    return digest_algorithm(asked.n ? asked : s3_checksum_name(source->checksum));
}

/* An ETag of parts, or a checksum of another kind than is wanted, is not that of the whole. */
static bool needs_digest(const Copy *copy)
{
    const Object *from = &copy->source;
    return copy->is_part || str_find_char(from->etag, '-') >= 0 || str_absent(from->checksum) ||
           !str_eq(s3_checksum_type(from->checksum), S("FULL_OBJECT")) ||
           copy->algorithm != digest_algorithm(s3_checksum_name(from->checksum));
}

static bool facts_of_copy(Call *c, const Object *source, ObjectNew *what, Error *err)
{
    bool replace = str_eq(s3_text(c, S("MetadataDirective")), S("REPLACE"));
    bool replace_tags = str_eq(s3_text(c, S("TaggingDirective")), S("REPLACE"));
    if (!s3_object_new(c, what, err)) return false;
    Json given = what->facts;
    const Json *tags =
        replace_tags ? json_get(&given, S("Tags")) : json_get(&source->facts, S("Tags"));
    what->facts = s3_facts_with(c, replace ? &given : &source->facts, S("Tags"), tags);
    /* Never copied: each object has its own. */
    static const char *const own[] = {"Acl",      "ServerSideEncryption", "SSEKMSKeyId",
                                      "LockMode", "BucketKeyEnabled",     "LockUntil",
                                      "LegalHold"};
    for (int i = 0; i < countof(own); i++)
        what->facts =
            s3_facts_with(c, &what->facts, str_from(own[i]), json_get(&given, str_from(own[i])));
    return true;
}

static void put_result(Copy *copy, const ObjectBody *body, Millis modified, const char *member,
                       JsonObject *out)
{
    Call *c = copy->call;
    JsonObject result = {.a = c->arena};
    json_put(&result, S("ETag"), s3_quoted(c, body->etag));
    json_put(&result, S("LastModified"), s3_seconds(c, modified));
    s3_put_checksum(&result, body->checksum, !copy->is_part);
    json_put(out, str_from(member), json_object(&result));
    s3_put_version(out, S("CopySourceVersionId"), &copy->source);
}

static bool finish_object(Copy *copy, const ObjectBody *body, JsonObject *out, Error *err)
{
    Call *c = copy->call;
    ObjectNew what;
    Object object;
    if (!facts_of_copy(c, &copy->source, &what, err) ||
        !object_put(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")), body, &what,
                    copy->server->now, c->arena, &object, err))
        return false;
    put_result(copy, body, object.modified, "CopyObjectResult", out);
    if (object.versioning == VERSIONING_ENABLED) s3_put_version(out, S("VersionId"), &object);
    s3_put_encryption(out, &object.facts);
    s3_put_expiration(out, c, &object);
    s3_event(c, "ObjectCreated:Copy", &object, (Str){0});
    return true;
}

static bool finish_part(Copy *copy, const ObjectBody *body, JsonObject *out, Error *err)
{
    Call *c = copy->call;
    Multi m;
    if (!multi_find(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")),
                    s3_text(c, S("UploadId")), false, c->arena, &m, err))
        return false;
    part_put(c->server->objects, &m, s3_int(c, S("PartNumber"), 0), body, copy->server->now);
    put_result(copy, body, copy->server->now, "CopyPartResult", out);
    return true;
}

/* In the event that has the bytes. */
static bool finish(Copy *copy, Error *err)
{
    Call *c = copy->call;
    ObjectBody body;
    JsonObject out = {.a = c->arena};
    if (!copy->copied) return *err = copy->error, false;
    if (!upload_body(copy->upload, c->arena, &body, err)) return false;
    if (!copy->digest) {
        body.etag = copy->source.etag;
        body.checksum = copy->source.checksum;
    }
    if (!(copy->is_part ? finish_part(copy, &body, &out, err)
                        : finish_object(copy, &body, &out, err)))
        return false;
    c->out = json_object(&out);
    return true;
}

/* ---- the bytes ---- */

static void work(Job *job)
{
    Copy *copy = (Copy *)job;
    if (!copy->digest)
        copy->copied = upload_clone_file(copy->upload, copy->from.fd, copy->length, &copy->error);
    else if (copy->from.fd >= 0)
        copy->copied = upload_put_file(copy->upload, copy->from.fd, copy->offset, copy->length,
                                       &copy->error) &&
                       upload_seal(copy->upload, &copy->error);
    else
        copy->copied =
            upload_put(copy->upload,
                       str_slice(copy->from.bytes, copy->offset, copy->offset + copy->length),
                       &copy->error) &&
            upload_seal(copy->upload, &copy->error);
    object_bytes_close(&copy->from);
}

static void done(Server *s, Job *job)
{
    Copy *copy = (Copy *)job;
    Error err = {0};
    (void)s;
    copy->kept = finish(copy, &err);
    if (!copy->kept) s3_explain(copy->call, &err);
    call_answer(copy->call, copy->kept ? NULL : &err);
}

static void release(Job *job)
{
    Copy *copy = (Copy *)job;
    upload_close(copy->upload, copy->kept);
    free(copy);
}

/* Small ones are in memory: the event can do all of it. They belong to no file, so nothing is lost
 * if it fails. */
static CallResult copy_now(Copy *copy, Error *err)
{
    copy->digest = true;
    work(&copy->job);
    bool good = finish(copy, err);
    upload_close(copy->upload, true);
    return s3_end(copy->call, good, err);
}

static CallResult run(Copy *on_stack, Error *err)
{
    Copy *copy;
    Call *c = on_stack->call;
    if (!object_bytes(c->server->objects, &on_stack->source, c->arena, &on_stack->from, err))
        return s3_end(c, false, err);
    on_stack->server = c->server;
    on_stack->upload = upload_open(c->server->objects, NULL);
    on_stack->digest = needs_digest(on_stack);
    if (on_stack->algorithm != DIGEST_NONE)
        upload_set_checksum(on_stack->upload, on_stack->algorithm);
    if (on_stack->from.fd < 0) return copy_now(on_stack, err);
    check(copy = malloc(sizeof *copy));
    *copy = *on_stack;
    copy->job = (Job){.work = work, .done = done, .release = release};
    server_start_job(c->server, &copy->job);
    return CALL_LATER;
}

/* ---- operations ---- */

static bool changes_nothing(const Call *c, const Object *source)
{
    static const char *const changes[] = {"StorageClass", "ServerSideEncryption",
                                          "WebsiteRedirectLocation", "SSEKMSKeyId"};
    if (!str_eq(source->bucket, s3_text(c, S("Bucket"))) ||
        !str_eq(source->key, s3_text(c, S("Key"))))
        return false;
    if (str_find(s3_text(c, S("CopySource")), S("?versionId=")) >= 0) return false;
    for (int i = 0; i < countof(changes); i++)
        if (json_get(&c->in, str_from(changes[i]))) return false;
    return !str_eq(s3_text(c, S("MetadataDirective")), S("REPLACE")) &&
           !str_eq(s3_text(c, S("TaggingDirective")), S("REPLACE"));
}

static bool check_copy(Call *c, const Object *source, Error *err)
{
    ObjectNew what;
    if (source->size > (int64_t)COPY_BYTES_MAX_GIB << 30)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "The specified copy source is larger than the maximum allowable size for a"
                         " copy source: %" PRId64,
                         (int64_t)COPY_BYTES_MAX_GIB << 30);
    if (changes_nothing(c, source))
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "This copy request is illegal because it is trying to copy an object to"
                         " itself without changing the object's metadata, storage class, website "
                         "redirect location or"
                         " encryption attributes.");
    return facts_of_copy(c, source, &what, err);
}

CallResult s3_copy_object(Call *c, Error *err)
{
    Copy copy = {.call = c};
    Bucket target;
    if (!s3_bucket(c, &target, err) || !find_source(c, &copy.source, err) ||
        !check_copy(c, &copy.source, err))
        return s3_end(c, false, err);
    copy.length = copy.source.size;
    copy.algorithm = wanted_algorithm(c, &copy.source);
    return run(&copy, err);
}

static bool range_of_part(Call *c, Copy *copy, Error *err)
{
    Str range = s3_text(c, S("CopySourceRange"));
    int64_t size = copy->source.size, dash = str_find_char(range, '-'), last = 0;
    copy->length = size;
    if (str_absent(range)) return true;
    bool whole = dash > 6 && str_to_int(str_slice(range, dash + 1, range.n), &last);
    if (whole && s3_range(range, size, &copy->offset, &copy->length) == S3_RANGE_OK && last < size)
        return true;
    json_put(&c->error_members, S("ArgumentName"), json_string(S("x-amz-copy-source-range")));
    json_put(&c->error_members, S("ArgumentValue"), json_string(range));
    return error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "The x-amz-copy-source-range value must be of the form bytes=first-last where"
                     " first and last are the zero-based offsets of the first and last bytes to "
                     "copy, within a source of %" PRId64 " bytes",
                     size);
}

CallResult s3_upload_part_copy(Call *c, Error *err)
{
    Copy copy = {.call = c, .is_part = true};
    Multi m;
    int64_t number = s3_int(c, S("PartNumber"), 0);
    if (number < 1 || number > MULTI_PARTS_MAX) {
        error_set(err, ERR_S3_INVALID_ARGUMENT,
                  "Part number must be an integer between 1 and 10000, inclusive");
        return s3_end(c, false, err);
    }
    if (!multi_find(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")),
                    s3_text(c, S("UploadId")), false, c->arena, &m, err) ||
        !find_source(c, &copy.source, err) || !range_of_part(c, &copy, err))
        return s3_end(c, false, err);
    if (copy.length > MULTI_PART_BYTES_MAX) {
        error_set(err, ERR_S3_ENTITY_TOO_LARGE,
                  "Your proposed upload exceeds the maximum allowed size");
        return s3_end(c, false, err);
    }
    copy.algorithm = m.checksum;
    return run(&copy, err);
}
