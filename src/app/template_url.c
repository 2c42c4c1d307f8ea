/* template_url.c - addresses of templates told apart, and the object read. */
#include "app/template_url.h"

#include "app/dispatch.h"
#include "app/integrations.h"
#include "base/encode.h"
#include "core/stack/template.h"

static bool bad_domain(Error *err)
{
    return error_set(err, ERR_VALIDATION,
                     "S3 error: Domain name specified in %s is not a valid S3 domain",
                     "TemplateURL");
}

/* The bucket that a host names; "": it is in the path. false: no host of S3. */
static bool bucket_of_host(Str host, Str *bucket)
{
    static const char *const marks[] = {".s3.", ".s3-"};
    int64_t colon = str_rfind_char(host, ':');
    if (colon >= 0) host = str_slice(host, 0, colon);
    *bucket = S("");
    if (str_eq(host, S("localhost")) || str_find_char(host, '.') < 0) return true;
    if (str_ends(host, S(".localhost"))) return *bucket = str_slice(host, 0, host.n - 10), true;
    if (!str_ends(host, S(".amazonaws.com"))) return host.p[host.n - 1] <= '9';
    if (str_starts(host, S("s3.")) || str_starts(host, S("s3-"))) return true;
    for (int i = 0; i < countof(marks); i++) {
        int64_t at = str_find(host, str_from(marks[i]));
        if (at > 0) return *bucket = str_slice(host, 0, at), true;
    }
    return false;
}

static Str version_of(Str query)
{
    Str pair;
    while (str_cut(&query, '&', &pair))
        if (str_starts(pair, S("versionId="))) return str_slice(pair, 10, pair.n);
    return (Str){0};
}

bool template_url_parse(Str url, Arena *a, ObjectAddress *out, Error *err)
{
    int64_t scheme = str_find(url, S("://"));
    bool web = str_starts(url, S("https://")) || str_starts(url, S("http://"));
    if (!web) return bad_domain(err);
    Str rest = str_slice(url, scheme + 3, url.n), query = {0}, bucket;
    int64_t question = str_find_char(rest, '?');
    if (question >= 0) {
        query = str_slice(rest, question + 1, rest.n);
        rest = str_slice(rest, 0, question);
    }
    int64_t slash = str_find_char(rest, '/');
    Str host = str_slice(rest, 0, slash < 0 ? rest.n : slash);
    Str path = slash < 0 ? S("") : str_slice(rest, slash + 1, rest.n);
    if (!host.n || !bucket_of_host(host, &bucket)) return bad_domain(err);
    if (!bucket.n && !str_cut(&path, '/', &bucket)) return bad_domain(err);
    if (!path.n || !percent_decode(a, path, false, &out->key))
        return error_set(err, ERR_VALIDATION,
                         "TemplateURL must reference a valid S3 object to "
                         "which you have access.");
    out->bucket = bucket;
    out->version = version_of(query);
    return true;
}

static bool read_answer(Call *call, Str *out, Error *err)
{
    const ReplyFile *file = &call->out_file;
    int64_t got = 0;
    *out = str_absent(call->out_body) ? S("") : call->out_body;
    if (file->fd < 0) return true;
    bool good = file->length <= TEMPLATE_BYTES_MAX;
    char *to = new_array(call->arena, char, good ? file->length + 1 : 1);
    if (!good)
        error_set(err, ERR_VALIDATION, "Template may not exceed %d bytes in size.",
                  TEMPLATE_BYTES_MAX);
    good = good && file_read(file->fd, file->offset, to, file->length, &got, err);
    file_close(file->fd);
    *out = (Str){to, got};
    return good;
}

bool template_url_read(Server *s, Str account, Str region, Str url, Arena *a, Str *out, Error *err)
{
    Fault fault = {0};
    ObjectAddress at = {0};
    JsonObject in = {.a = a};
    if (!template_url_parse(url, a, &at, err)) return false;
    json_put_text(&in, S("Bucket"), at.bucket);
    json_put_text(&in, S("Key"), at.key);
    json_put_text(&in, S("VersionId"), at.version);
    Call *call = new (a, Call);
    *call = integrations_call(s, a, account, region, json_object(&in));
    if (dispatch_inside(call, S("s3"), S("GetObject"), &fault) == CALL_FAILED)
        return error_set(err, ERR_VALIDATION,
                         "S3 error: %.*s\nFor more information check "
                         "http://docs.aws.amazon.com/AmazonS3/latest/API/"
                         "ErrorResponses.html",
                         STR(fault.message));
    return read_answer(call, out, err);
}
