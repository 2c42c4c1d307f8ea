/* object_address.c - the bucket in the host or in the path, the key decoded, the version in the query. */
#include "core/stack/object_address.h"

#include "base/encode.h"

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

bool object_address_parse(Str url, Arena *a, ObjectAddress *out, Error *err)
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
