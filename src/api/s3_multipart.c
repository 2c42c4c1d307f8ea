/* s3_multipart.c - multipart uploads: begin, parts, complete, abort. */
#include "api/s3_multipart.h"

bool s3_multi(Call *c, bool completed, Multi *out, Error *err)
{
    return s3_check_owner(c, err) &&
           multi_find(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")),
                      s3_text(c, S("UploadId")), completed, c->arena, out, err);
}

/* ---- beginning ---- */

static bool choose_checksum(Call *c, Multi *m, Error *err)
{
    Str algorithm = s3_text(c, S("ChecksumAlgorithm")), type = s3_text(c, S("ChecksumType"));
    m->checksum = digest_algorithm(algorithm);
    if (algorithm.n && m->checksum == DIGEST_NONE)
        return s3_not_implemented(err, "this checksum algorithm");
    bool only_full = m->checksum == DIGEST_CRC64NVME,
         only_composite = m->checksum != DIGEST_NONE && !digest_can_combine(m->checksum);
    m->full_object = type.n ? str_eq(type, S("FULL_OBJECT")) : only_full;
    if ((m->full_object && only_composite) || (!m->full_object && only_full) ||
        (type.n && m->checksum == DIGEST_NONE))
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "The %.*s checksum type cannot be used with the %.*s checksum algorithm.",
                         STR(type), STR(algorithm));
    return true;
}

void s3_put_checksum_kind(JsonObject *o, const Multi *m)
{
    if (m->checksum == DIGEST_NONE) return;
    json_put(o, S("ChecksumAlgorithm"), json_string(digest_name(m->checksum)));
    json_put(o, S("ChecksumType"), json_string(m->full_object ? S("FULL_OBJECT") : S("COMPOSITE")));
}

CallResult s3_create_multipart_upload(Call *c, Error *err)
{
    ObjectNew what;
    Multi m = {0};
    JsonObject o = {.a = c->arena};
    if (!s3_object_new(c, &what, err) || !choose_checksum(c, &m, err)) return s3_end(c, false, err);
    m.facts = what.facts;
    m.storage_class = what.storage_class;
    if (!multi_create(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")), &m, c->now,
                      c->arena, &m, err))
        return s3_end(c, false, err);
    json_put(&o, S("Bucket"), json_string(m.bucket));
    json_put(&o, S("Key"), json_string(m.key));
    json_put(&o, S("UploadId"), json_string(m.name));
    s3_put_checksum_kind(&o, &m);
    s3_put_encryption(&o, &m.facts);
    c->out = json_object(&o);
    return CALL_DONE;
}

/* ---- parts ---- */

static const char *lower_name(DigestAlgorithm algorithm, char out[16])
{
    Str name = algorithm == DIGEST_NONE ? S("null") : digest_name(algorithm);
    for (int64_t i = 0; i < name.n; i++)
        out[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 32 : name.p[i]);
    out[name.n] = 0;
    return out;
}

/* The parts of an upload that was begun with an algorithm must carry it. */
static bool check_algorithm(const Multi *m, const UploadBytes *got, Error *err)
{
    char expected[16], actual[16];
    if (m->checksum == DIGEST_NONE || m->checksum == got->checksum.algorithm) return true;
    return error_set(
        err, ERR_S3_INVALID_REQUEST,
        "Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum"
        " Type: %s",
        lower_name(m->checksum, expected),
        lower_name(got->checksum_declared ? got->checksum.algorithm : DIGEST_NONE, actual));
}

static bool check_number(Call *c, int64_t *number, Error *err)
{
    *number = s3_int(c, S("PartNumber"), 0);
    if (*number >= 1 && *number <= MULTI_PARTS_MAX) return true;
    json_put(&c->error_members, S("ArgumentName"), json_string(S("partNumber")));
    json_put(&c->error_members, S("ArgumentValue"), json_int(c->arena, *number));
    return error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "Part number must be an integer between 1 and 10000, inclusive");
}

CallResult s3_upload_part(Call *c, Error *err)
{
    Multi m;
    UploadBytes got;
    ObjectBody body;
    int64_t number;
    JsonObject o = {.a = c->arena};
    check(c->upload);
    if (!s3_check_length(c, err) || !s3_check_headers(c, err) || !check_number(c, &number, err) ||
        !s3_multi(c, false, &m, err) || !upload_ended(c->upload, &got, err) ||
        !check_algorithm(&m, &got, err) || !upload_body(c->upload, c->arena, &body, err))
        return s3_end(c, false, err);
    part_put(c->server->objects, &m, number, &body, c->now);
    json_put(&o, S("ETag"), s3_quoted(c, body.etag));
    s3_put_checksum(&o, body.checksum, false);
    s3_put_encryption(&o, &m.facts);
    c->out = json_object(&o);
    return CALL_DONE;
}

CallResult s3_abort_multipart_upload(Call *c, Error *err)
{
    return s3_end(c,
                  s3_check_owner(c, err) &&
                      multi_abort(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")),
                                  s3_text(c, S("UploadId")), err),
                  err);
}

/* ---- completing ---- */

typedef struct Completing {
    Job job; /* first: the pool gives it back */
    Call *call;
    Objects *objects;
    Assembly assembly;
    bool kept;
} Completing;

static Str unquoted(Str etag)
{
    bool quoted = etag.n >= 2 && etag.p[0] == '"' && etag.p[etag.n - 1] == '"';
    return quoted ? str_slice(etag, 1, etag.n - 1) : etag;
}

static bool read_parts(Call *c, PartWanted **out, int64_t *n, Error *err)
{
    const Json *list = json_find(&c->in, "MultipartUpload.Parts");
    DigestAlgorithm algorithm;
    *n = json_count(list);
    if (!*n || *n > MULTI_PARTS_MAX) return s3_malformed(err);
    *out = new_array(c->arena, PartWanted, *n);
    for (int64_t i = 0; i < *n; i++) {
        const Json *item = json_at(list, i);
        PartWanted *w = &(*out)[i];
        *w = (PartWanted){.number = json_int_or(json_get(item, S("PartNumber")), 0),
                          .etag = unquoted(json_text(json_get(item, S("ETag"))))};
        s3_checksum_given(item, &algorithm, &w->checksum);
    }
    return true;
}

/* What the client says of the whole must be so. */
static bool check_whole(Call *c, const ObjectBody *body, Error *err)
{
    DigestAlgorithm algorithm;
    Str value, type = s3_text(c, S("ChecksumType"));
    int64_t size = s3_int(c, S("MpuObjectSize"), body->size);
    if (size != body->size)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "The provided 'x-amz-mp-object-size' header value %" PRId64
                         " does not match"
                         " what was computed: %" PRId64,
                         size, body->size);
    if (type.n && !str_absent(body->checksum) && !str_eq(type, s3_checksum_type(body->checksum)))
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "The upload was created using the %.*s checksum mode. The complete request"
                         " must use the same checksum mode.",
                         STR(s3_checksum_type(body->checksum)));
    if (!s3_checksum_given(&c->in, &algorithm, &value)) return true;
    if (algorithm == digest_algorithm(s3_checksum_name(body->checksum)) &&
        str_eq(value, s3_checksum_value(body->checksum)))
        return true;
    return error_set(err, ERR_S3_BAD_DIGEST,
                     "The %.*s you specified did not match the calculated checksum.",
                     STR(digest_name(algorithm)));
}

static void put_result(Call *c, const Object *object)
{
    JsonObject o = {.a = c->arena};
    Str bucket = s3_text(c, S("Bucket")), key = s3_text(c, S("Key"));
    Str host = str_absent(c->http->host) ? S("localhost") : c->http->host;
    json_put(&o, S("Location"),
             json_string(
                 str_printf(c->arena, "http://%.*s/%.*s/%.*s", STR(host), STR(bucket), STR(key))));
    json_put(&o, S("Bucket"), json_string(bucket));
    json_put(&o, S("Key"), json_string(key));
    json_put(&o, S("ETag"), s3_quoted(c, object->etag));
    s3_put_checksum(&o, object->checksum, true);
    s3_put_encryption(&o, &object->facts);
    if (object->bucket_id) s3_put_expiration(&o, c, object);
    if (object->versioning == VERSIONING_ENABLED) s3_put_version(&o, S("VersionId"), object);
    c->out = json_object(&o);
}

/* The same answer once more, for a client that has lost the first. */
static void put_result_again(Call *c, const Multi *m)
{
    Object now = {0};
    Error none;
    bool current =
        object_find(c->server->objects, m->bucket, m->key, (Str){0}, c->arena, &now, &none);
    if (!current || now.seq != m->completed_seq) now = (Object){.etag = m->completed_etag};
    put_result(c, &now);
}

static bool finish(Call *c, const Assembly *s, Error *err)
{
    Multi m;
    Object object;
    ObjectNew what = {.if_match = s3_text(c, S("IfMatch")),
                      .if_none_match = s3_text(c, S("IfNoneMatch"))};
    if (multi_complete(c->server->objects, s, &what, c->server->now, c->arena, &object, err)) {
        /* The answer is written when the assembly has gone. */
        if (!str_absent(object.checksum)) object.checksum = str_copy(c->arena, object.checksum);
        object.facts = json_copy(c->arena, &object.facts);
        object.key = s3_text(c, S("Key"));
        s3_event(c, "ObjectCreated:CompleteMultipartUpload", &object, (Str){0});
        return put_result(c, &object), true;
    }
    /* Another request may have completed it while this one was copying. */
    Error other = {0};
    if (err->code != ERR_S3_NO_SUCH_UPLOAD || !s3_multi(c, true, &m, &other)) return false;
    put_result_again(c, &m);
    return true;
}

static void work(Job *job)
{
    multi_assemble(&((Completing *)job)->assembly);
}

static void done(Server *s, Job *job)
{
    Completing *t = (Completing *)job;
    Error err = {0};
    Object object;
    (void)s;
    bool good = finish(t->call, &t->assembly, &err);
    /* Kept only if it is this assembly that the object is made of. */
    t->kept = good &&
              object_find(t->call->server->objects, t->assembly.multi.bucket, t->assembly.multi.key,
                          (Str){0}, t->call->arena, &object, &err) &&
              object.id == t->assembly.body.id;
    if (!good) s3_explain(t->call, &err);
    call_answer(t->call, good ? NULL : &err);
}

static void release(Job *job)
{
    Completing *t = (Completing *)job;
    assembly_free(t->objects, &t->assembly, t->kept);
    free(t);
}

static CallResult complete(Call *c, Assembly *s, Error *err)
{
    Completing *t;
    if (!s->copied) {
        bool good = finish(c, s, err);
        assembly_free(c->server->objects, s, true);
        return s3_end(c, good, err);
    }
    check(t = calloc(1, sizeof *t));
    *t = (Completing){.job = {.work = work, .done = done, .release = release},
                      .call = c,
                      .objects = c->server->objects,
                      .assembly = *s};
    server_start_job(c->server, &t->job);
    return CALL_LATER;
}

/* Early, so that nothing is copied in vain; multi_complete looks again. */
static bool check_conditions(Call *c, Error *err)
{
    Object there;
    Error none = {0};
    Str if_match = s3_text(c, S("IfMatch")), if_none_match = s3_text(c, S("IfNoneMatch"));
    bool found = object_find(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")),
                             (Str){0}, c->arena, &there, &none);
    return object_may_be_written(&there, found, if_match, if_none_match, err);
}

CallResult s3_complete_multipart_upload(Call *c, Error *err)
{
    Multi m;
    PartWanted *wanted = NULL;
    int64_t n;
    Assembly s;
    if (!read_parts(c, &wanted, &n, err) || !s3_multi(c, true, &m, err))
        return s3_end(c, false, err);
    if (!str_absent(m.completed_etag)) return put_result_again(c, &m), CALL_DONE;
    if (!check_conditions(c, err) || !multi_plan(c->server->objects, &m, wanted, n, &s, err))
        return s3_end(c, false, err);
    if (!check_whole(c, &s.body, err)) {
        s.copied = false;
        assembly_free(c->server->objects, &s, true);
        return s3_end(c, false, err);
    }
    return complete(c, &s, err);
}
