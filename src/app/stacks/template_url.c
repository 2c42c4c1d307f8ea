/* template_url.c - the object at an address, read as a client of S3 would. */
#include "app/stacks/template_url.h"

#include "app/dispatch.h"
#include "app/states/integrations.h"
#include "core/stack/object_address.h"
#include "core/stack/template.h"

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

bool template_url_read(Server *s, const Identity *who, Str url, Arena *a, Str *out, Error *err)
{
    Fault fault = {0};
    ObjectAddress at = {0};
    JsonObject in = {.a = a};
    if (!object_address_parse(url, a, &at, err)) return false;
    json_put_text(&in, S("Bucket"), at.bucket);
    json_put_text(&in, S("Key"), at.key);
    json_put_text(&in, S("VersionId"), at.version);
    Call *call = new (a, Call);
    *call = integrations_call(s, a, who->account, who->region, json_object(&in));
    call->who = *who;
    call->who.via = S("cloudformation.amazonaws.com");
    if (dispatch_inside(call, S("s3"), S("GetObject"), &fault) == CALL_FAILED)
        return error_set(err, ERR_VALIDATION,
                         "S3 error: %.*s\nFor more information check "
                         "http://docs.aws.amazon.com/AmazonS3/latest/API/"
                         "ErrorResponses.html",
                         STR(fault.message));
    return read_answer(call, out, err);
}
