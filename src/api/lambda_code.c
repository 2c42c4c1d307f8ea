/* lambda_code.c - where a function's code comes from: the request itself, or an object; and where it can be had again. */
#include "api/lambda.h"
#include "base/encode.h"
#include "store/objects.h"

static bool no_source(Error *err)
{
    return error_set(err, ERR_LAMBDA_PARAMETER, "Please provide a source for function code.");
}

static bool read_all(ObjectBytes *bytes, int64_t size, Arena *a, Str *out, Error *err)
{
    int64_t got = 0;
    if (bytes->fd < 0) return *out = bytes->bytes, true;
    char *p = new_array(a, char, size + 1);
    bool good = file_read(bytes->fd, 0, p, size, &got, err);
    *out = (Str){p, got};
    return good;
}

static bool from_s3(Call *call, const Json *code, Str *out, Error *err)
{
    Server *s = call->server;
    Object object;
    ObjectBytes bytes;
    Error why = {0};
    Str bucket = json_text(json_get(code, S("S3Bucket"))),
        key = json_text(json_get(code, S("S3Key")));
    if (str_absent(key)) return no_source(err);
    if (!object_find(s->objects, bucket, key, json_text(json_get(code, S("S3ObjectVersion"))),
                     call->arena, &object, &why))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Error occurred while GetObject. S3 Error Code: %.*s. S3 Error Message: "
                         "%s",
                         STR(error_name(why.code)), why.text);
    if (object.size > FUNCTIONS_CODE_BYTES_MAX)
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Unzipped size must be smaller than %" PRId64 " bytes",
                         FUNCTIONS_CODE_BYTES_MAX);
    if (!object_bytes(s->objects, &object, call->arena, &bytes, err)) return false;
    bool good = read_all(&bytes, object.size, call->arena, out, err);
    object_bytes_close(&bytes);
    return good;
}

static bool from_request(Call *call, Str base64, Str *out, Error *err)
{
    if (!base64_decode(call->arena, base64, out))
        return error_set(err, ERR_LAMBDA_PARAMETER, "ZipFile is not Base64");
    if (out->n <= FUNCTIONS_ZIP_BYTES_MAX) return true;
    return error_set(err, ERR_LAMBDA_TOO_LARGE,
                     "Request must be smaller than 69905067 bytes for the %.*s operation",
                     STR(model_operation_name(call->route.operation)));
}

bool lambda_code(Call *call, const Json *code, FunctionVersion *v, Error *err)
{
    Str zip, base64 = json_text(json_get(code, S("ZipFile"))),
             bucket = json_text(json_get(code, S("S3Bucket")));
    if (json_get(code, S("ImageUri")))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Functions from container images are not offered by this server.");
    if (str_absent(base64) == str_absent(bucket)) return no_source(err);
    bool good =
        str_absent(base64) ? from_s3(call, code, &zip, err) : from_request(call, base64, &zip, err);
    if (!good || !functions_code_put(call->server, zip, call->arena, &v->zip, err)) return false;
    v->code_bytes = zip.n;
    return true;
}

/* Below the program's own addresses: the digest is what gives the right to it. */
Json lambda_code_location(Call *call, const FunctionVersion *v)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("RepositoryType"), json_string(S("S3")));
    json_put_text(&o, S("Location"),
                  str_printf(call->arena, "%.*s/_mayfly/code?zip=%.*s",
                             STR(functions_endpoint(call->server, call->arena)), STR(v->zip)));
    return json_object(&o);
}
