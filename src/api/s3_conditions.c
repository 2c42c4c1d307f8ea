/* s3_conditions.c - conditions and ranges of reads (RFC 9110, 13 and 14). */
#include "api/s3.h"
#include "base/time.h"

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
