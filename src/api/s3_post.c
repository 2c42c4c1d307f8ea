/* s3_post.c - uploads by a browser's form: its fields become PutObject's input, its policy is checked, the answer is as it asks. */
#include "api/s3.h"
#include "app/access/authorize.h"
#include "base/encode.h"
#include "core/bucket/post_policy.h"
#include "wire/xml.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
static const struct {
    const char *field, *member;
} members[] = {
    {"acl", "ACL"},
    {"Cache-Control", "CacheControl"},
    {"Content-Type", "ContentType"},
    {"Content-Disposition", "ContentDisposition"},
    {"Content-Encoding", "ContentEncoding"},
    {"Content-Language", "ContentLanguage"},
    {"Expires", "Expires"},
    {"x-amz-storage-class", "StorageClass"},
    {"x-amz-website-redirect-location", "WebsiteRedirectLocation"},
    {"x-amz-server-side-encryption", "ServerSideEncryption"},
    {"x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"},
    {"x-amz-server-side-encryption-customer-algorithm", "SSECustomerAlgorithm"},
    {"x-amz-object-lock-legal-hold", "ObjectLockLegalHoldStatus"},
};

/* ---- the input ---- */

/* "${filename}" stands for the name of the file on the client's side, without its folders. */
static Str object_key(const Call *c, const FormData *form)
{
    Str key = formdata_value(form, S("key")), name = form->file_name;
    int64_t at = str_find(key, S("${filename}"));
    for (int64_t i = 0; i < name.n; i++)
        if (name.p[i] == '/' || name.p[i] == '\\') name = str_slice(name, i + 1, name.n), i = -1;
    if (at < 0) return key;
    return str_printf(c->arena, "%.*s%.*s%.*s", STR(str_slice(key, 0, at)), STR(name),
                      STR(str_slice(key, at + 11, key.n)));
}

/* The field "tagging" has the document of PutObjectTagging; the header of PutObject is made of it.
 */
static bool tagging(Call *c, Str text, JsonObject *in, Error *err)
{
    XmlNode *root;
    Error why;
    Buf query = {.a = c->arena};
    if (str_absent(text)) return true;
    if (!xml_parse(text, c->arena, &root, &why) || !str_eq(root->name, S("Tagging")))
        return s3_malformed(err);
    const XmlNode *set = xml_child(root, S("TagSet"));
    for (const XmlNode *tag = set ? set->first : NULL; tag; tag = tag->next) {
        const XmlNode *key = xml_child(tag, S("Key")), *value = xml_child(tag, S("Value"));
        if (!key || !value) return s3_malformed(err);
        if (query.n) buf_putc(&query, '&');
        buf_put(&query, percent_encode(c->arena, key->text, S("")));
        buf_putc(&query, '=');
        buf_put(&query, percent_encode(c->arena, value->text, S("")));
    }
    json_put(in, S("Tagging"), json_string(buf_str(&query)));
    return true;
}

static Json metadata(const Call *c, const FormData *form)
{
    JsonObject o = {.a = c->arena};
    for (int i = 0; i < form->fields_n; i++) {
        Str name = form->fields[i].name, prefix = S("x-amz-meta-");
        if (name.n > prefix.n && str_eq_nocase(str_slice(name, 0, prefix.n), prefix))
            json_put(&o, str_lower(c->arena, str_slice(name, prefix.n, name.n)),
                     json_string(form->fields[i].value));
    }
    return json_object(&o);
}

static bool read_input(Call *c, const FormData *form, Error *err)
{
    JsonObject in = {.a = c->arena};
    Str key = object_key(c, form);
    if (!key.n)
        return error_set(
            err, ERR_S3_INVALID_ARGUMENT,
            "Bucket POST must contain a field named 'key'.  If it is specified, please "
            "check the order of the fields.");
    if (!utf8_valid(key))
        return error_set(err, ERR_S3_INVALID_URI, "Couldn't parse the specified URI.");
    json_put(&in, S("Bucket"), *json_get(&c->in, S("Bucket")));
    json_put(&in, S("Key"), json_string(key));
    for (int i = 0; i < countof(members); i++)
        json_put_text(&in, str_from(members[i].member),
                      formdata_value(form, str_from(members[i].field)));
    Json meta = metadata(c, form);
    if (meta.n) json_put(&in, S("Metadata"), meta);
    if (!tagging(c, formdata_value(form, S("tagging")), &in, err)) return false;
    c->in = json_object(&in);
    return true;
}

/* ---- the policy ---- */

static bool check_policy(Call *c, const FormData *form, int64_t size, Error *err)
{
    PostField fields[FORMDATA_FIELDS_MAX + 1];
    Str policy = formdata_value(form, S("policy")), text;
    if (str_absent(policy)) return true;
    if (!base64_decode(c->arena, policy, &text))
        return error_set(err, ERR_S3_INVALID_POLICY_DOCUMENT, "Invalid Policy: Invalid Base64.");
    for (int i = 0; i < form->fields_n; i++) {
        bool key = str_eq_nocase(form->fields[i].name, S("key"));
        fields[i] =
            (PostField){form->fields[i].name, key ? s3_text(c, S("Key")) : form->fields[i].value};
    }
    fields[form->fields_n] = (PostField){S("bucket"), s3_text(c, S("Bucket"))};
    return post_policy_check(text, fields, form->fields_n + 1, size, c->now, c->arena, err);
}

/* ---- the answer ---- */

static Str document(const Call *c, Str location, Str etag)
{
    Buf b = {.a = c->arena};
    xml_declaration(&b);
    xml_open(&b, S("PostResponse"));
    xml_element(&b, S("Location"), location);
    xml_element(&b, S("Bucket"), s3_text(c, S("Bucket")));
    xml_element(&b, S("Key"), s3_text(c, S("Key")));
    xml_element(&b, S("ETag"), etag);
    xml_close(&b, S("PostResponse"));
    return buf_str(&b);
}

static Str redirect_of(const Call *c, const FormData *form, Str etag)
{
    Str to = formdata_value(form, S("success_action_redirect"));
    if (str_absent(to)) to = formdata_value(form, S("redirect"));
    if (!str_starts(to, S("http://")) && !str_starts(to, S("https://"))) return (Str){0};
    return str_printf(c->arena, "%.*s%sbucket=%.*s&key=%.*s&etag=%.*s", STR(to),
                      str_find_char(to, '?') >= 0 ? "&" : "?", STR(s3_text(c, S("Bucket"))),
                      STR(percent_encode(c->arena, s3_text(c, S("Key")), S(""))),
                      STR(percent_encode(c->arena, etag, S(""))));
}

static void answer(Call *c, const FormData *form, const Object *object)
{
    HttpReply *reply = &c->admin_reply;
    Json quoted = s3_quoted(c, object->etag);
    Str etag = json_text(&quoted), status = formdata_value(form, S("success_action_status")),
        host = str_absent(c->http->host) ? S("localhost") : c->http->host,
        redirect = redirect_of(c, form, etag);
    Str location =
        str_printf(c->arena, "http://%.*s/%.*s/%.*s", STR(host), STR(s3_text(c, S("Bucket"))),
                   STR(percent_encode(c->arena, s3_text(c, S("Key")), S("/"))));
    *reply = (HttpReply){.status = 204, .body = S("")};
    if (str_eq(status, S("200"))) reply->status = 200;
    if (str_eq(status, S("201"))) {
        reply->status = 201;
        reply->body = document(c, location, etag);
        http_reply_add(reply, c->arena, S("Content-Type"), S("application/xml"));
    }
    if (redirect.n) reply->status = 303, reply->body = S("");
    http_reply_add(reply, c->arena, S("x-amz-request-id"), c->request_id);
    http_reply_add(reply, c->arena, S("ETag"), etag);
    http_reply_add(reply, c->arena, S("Location"), redirect.n ? redirect : location);
    if (object->versioning == VERSIONING_ENABLED)
        http_reply_add(reply, c->arena, S("x-amz-version-id"), object->version);
}

CallResult s3_post_object(Call *c, Error *err)
{
    ObjectNew what;
    ObjectBody body;
    Object object;
    const FormData *form = upload_form(c->upload);
    if (!upload_body(c->upload, c->arena, &body, err) || !auth_verify_form(c, form, err) ||
        !read_input(c, form, err) || !authorize(c, err) || !check_policy(c, form, body.size, err) ||
        !s3_object_new(c, &what, err) ||
        !object_put(c->server->objects, s3_text(c, S("Bucket")), s3_text(c, S("Key")), &body, &what,
                    c->now, c->arena, &object, err))
        return s3_end(c, false, err);
    s3_event(c, "ObjectCreated:Post", &object, (Str){0});
    answer(c, form, &object);
    return CALL_DONE;
}
