/* lambda_code.c - where a function's code comes from: the request itself, or an object; and where it can be had again. */
#include "api/lambda.h"
#include "app/access/authorize.h"
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
    Str arn = str_printf(call->arena, "arn:aws:s3:::%.*s/%.*s", STR(bucket), STR(key));
    if (!authorize_act(s, call->arena, &call->who, S("s3:GetObject"), arn, &why))
        return error_set(err, ERR_ACCESS_DENIED,
                         "Your access has been denied by S3, please make sure your request "
                         "credentials have permission to GetObject for %.*s/%.*s. S3 Error Code: "
                         "AccessDenied. S3 Error Message: Access Denied",
                         STR(bucket), STR(key));
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

static bool read_zip(Call *call, const Json *code, Str *zip, Error *err)
{
    Str base64 = json_text(json_get(code, S("ZipFile"))),
        bucket = json_text(json_get(code, S("S3Bucket")));
    if (json_get(code, S("ImageUri")))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Functions from container images are not offered by this server.");
    if (str_absent(base64) == str_absent(bucket)) return no_source(err);
    return str_absent(base64) ? from_s3(call, code, zip, err)
                              : from_request(call, base64, zip, err);
}

/* ---- large code is digested and written on a pool thread ---- */

typedef struct Keeping {
    Job job;
    Arena a;
    Folder *data;
    Call *call;
    LambdaWithCode *then;
    Str zip;
    FunctionCode code;
    Error error;
} Keeping;

static void keep_work(Job *job)
{
    Keeping *k = (Keeping *)job;
    if (!functions_code_put(k->data, k->zip, &k->a, &k->code, &k->error)) check(k->error.code);
}

static void keep_done(Server *s, Job *job)
{
    Keeping *k = (Keeping *)job;
    Error err = k->error;
    k->call->now = s->now;
    if (!err.code) code_size_put(s->db, k->code.zip, k->code.unpacked_bytes);
    bool good = !err.code && k->then(k->call, &k->code, &err) == CALL_DONE;
    if (!db_failed(s->db)) call_answer(k->call, good ? NULL : &err);
}

static void keep_release(Job *job)
{
    Arena a = ((Keeping *)job)->a;
    arena_free(&a);
}

static CallResult keep_later(Call *call, Str zip, LambdaWithCode *then)
{
    Arena a = {0};
    Keeping *k = new (&a, Keeping);
    *k = (Keeping){.job = {.work = keep_work, .done = keep_done, .release = keep_release},
                   .data = call->server->data,
                   .call = call,
                   .then = then};
    k->a = a;
    k->zip = str_copy(&k->a, zip);
    server_start_job(call->server, &k->job);
    return CALL_LATER;
}

CallResult lambda_code(Call *call, const Json *code, LambdaWithCode *then, Error *err)
{
    Str zip;
    if (!read_zip(call, code, &zip, err)) return CALL_FAILED;
    if (zip.n > LAMBDA_CODE_AT_ONCE_BYTES && !call->inside) return keep_later(call, zip, then);
    FunctionCode kept;
    if (!functions_code_put(call->server->data, zip, call->arena, &kept, err)) return CALL_FAILED;
    code_size_put(call->server->db, kept.zip, kept.unpacked_bytes);
    return then(call, &kept, err);
}

/* Below the program's own addresses: the digest is what gives the right to it. */
Str lambda_code_address(Call *call, Str zip)
{
    return str_printf(call->arena, "%.*s/_mayfly/code?zip=%.*s",
                      STR(functions_endpoint(call->server, call->arena)), STR(zip));
}

Json lambda_code_location(Call *call, const FunctionVersion *v)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("RepositoryType"), json_string(S("S3")));
    json_put_text(&o, S("Location"), lambda_code_address(call, v->zip));
    return json_object(&o);
}
