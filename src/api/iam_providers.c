/* iam_providers.c - identity providers, OpenID Connect and SAML: records, by which trust policies and templates name them. */
#include "api/iam_documents.h"

static CallResult done(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* One kind of provider. */
typedef struct Kind {
    const char *kind, *resource, *member, *spoken;
} Kind;
static const Kind oidc = {"oidc", "oidc-provider", "OpenIDConnectProviderArn", "OpenIDConnect"},
                  saml = {"saml", "saml-provider", "SAMLProviderArn", "SAML"};

static const Kind *kind_of(const Call *call)
{
    Str operation = model_operation_name(call->route.operation);
    return str_find(operation, S("SAML")) >= 0 ? &saml : &oidc;
}

static Str arn_of(Call *call, const Kind *k, Str name)
{
    return str_printf(call->arena, "arn:aws:iam::%.*s:%s/%.*s", STR(call->who.account), k->resource,
                      STR(name));
}

static bool find(Call *call, IamDocument *d, Error *err)
{
    const Kind *k = kind_of(call);
    Str arn = iam_in(call, k->member), head = arn_of(call, k, S(""));
    if (str_starts(arn, head) && iam_document(call, k->kind, str_slice(arn, head.n, arn.n), d))
        return true;
    return error_set(err, ERR_IAM_NO_ENTITY, "%s Provider not found for arn %.*s", k->spoken,
                     STR(arn));
}

static void copy(Call *call, IamDocument *d, const char *member)
{
    const Json *v = json_get(&call->in, str_from(member));
    if (v) iam_document_set(call, d, member, *v);
}

static CallResult add(Call *call, IamDocument *d, Error *err)
{
    IamDocument old;
    JsonObject out = {.a = call->arena};
    const Kind *k = kind_of(call);
    if (iam_document(call, k->kind, d->name, &old)) {
        error_set(err, ERR_IAM_ENTITY_EXISTS, "Provider with %s %.*s already exists.",
                  k == &oidc ? "url" : "name", STR(d->name));
        return CALL_FAILED;
    }
    d->created = call->now;
    copy(call, d, "Tags");
    iam_document_put(call, k->kind, d);
    json_put_text(&out, str_from(k->member), arn_of(call, k, d->name));
    json_put_json(&out, S("Tags"), json_get(&d->content, S("Tags")));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_create_oidc(Call *call, Error *err)
{
    Str url = iam_in(call, "Url"), head = S("https://");
    IamDocument d = {.content = {.type = JSON_OBJECT}};
    if (!str_starts(url, head)) {
        error_set(err, ERR_IAM_INVALID_INPUT, "Invalid Open ID Connect Provider URL");
        return CALL_FAILED;
    }
    d.name = str_slice(url, head.n, str_ends(url, S("/")) ? url.n - 1 : url.n);
    copy(call, &d, "ClientIDList");
    copy(call, &d, "ThumbprintList");
    return add(call, &d, err);
}

CallResult iam_create_saml(Call *call, Error *err)
{
    IamDocument d = {.name = iam_in(call, "Name"), .content = {.type = JSON_OBJECT}};
    copy(call, &d, "SAMLMetadataDocument");
    return add(call, &d, err);
}

/* SAML metadata here say no end of their own: a hundred years, as AWS has it for those. */
static void put_times(Call *call, const IamDocument *d, JsonObject *o)
{
    json_put(o, S("CreateDate"), json_millis_as_seconds(call->arena, d->created));
    if (kind_of(call) == &saml)
        json_put(
            o, S("ValidUntil"),
            json_millis_as_seconds(call->arena, d->created + (Millis)36525 * 24 * 3600 * 1000));
}

CallResult iam_get_provider(Call *call, Error *err)
{
    static const char *const told[] = {"ClientIDList", "ThumbprintList", "SAMLMetadataDocument",
                                       "Tags"};
    IamDocument d;
    JsonObject out = {.a = call->arena};
    if (!find(call, &d, err)) return CALL_FAILED;
    if (kind_of(call) == &oidc) json_put_text(&out, S("Url"), d.name);
    for (int i = 0; i < countof(told); i++)
        json_put_json(&out, str_from(told[i]), json_get(&d.content, str_from(told[i])));
    put_times(call, &d, &out);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_list_providers(Call *call, Error *err)
{
    IamDocument *all;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    const Kind *k = kind_of(call);
    (void)err;
    int64_t n = iam_document_list(call, k->kind, &all);
    for (int64_t i = 0; i < n; i++) {
        JsonObject o = {.a = call->arena};
        json_put_text(&o, S("Arn"), arn_of(call, k, all[i].name));
        if (k == &saml) put_times(call, &all[i], &o);
        json_add(&list, json_object(&o));
    }
    json_put(&out, k == &saml ? S("SAMLProviderList") : S("OpenIDConnectProviderList"),
             json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult iam_delete_provider(Call *call, Error *err)
{
    IamDocument d;
    if (!find(call, &d, err)) return CALL_FAILED;
    iam_document_remove(call, kind_of(call)->kind, d.name);
    return done(call);
}

/* Thumbprints, or the metadata. */
CallResult iam_update_provider(Call *call, Error *err)
{
    IamDocument d;
    JsonObject out = {.a = call->arena};
    const Kind *k = kind_of(call);
    if (!find(call, &d, err)) return CALL_FAILED;
    copy(call, &d, "ThumbprintList");
    copy(call, &d, "SAMLMetadataDocument");
    iam_document_put(call, k->kind, &d);
    if (k == &saml) json_put_text(&out, S("SAMLProviderArn"), arn_of(call, k, d.name));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- lists: client ids and tags ---- */

static Str key_of(const Json *v)
{
    return json_is(v, JSON_OBJECT) ? json_text(json_get(v, S("Key"))) : json_text(v);
}

static bool among(const Json *list, Str key)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(key_of(json_at(list, i)), key)) return true;
    return false;
}

/* The list without those of `gone`, then `more`. */
static CallResult change(Call *call, const char *member, const Json *gone, const Json *more,
                         Error *err)
{
    IamDocument d;
    JsonArray list = {.a = call->arena};
    if (!find(call, &d, err)) return CALL_FAILED;
    const Json *old = json_get(&d.content, str_from(member));
    for (int32_t i = 0; i < json_count(old); i++)
        if (!among(gone, key_of(json_at(old, i)))) json_add(&list, *json_at(old, i));
    for (int32_t i = 0; i < json_count(more); i++) json_add(&list, *json_at(more, i));
    iam_document_set(call, &d, member, json_array(&list));
    iam_document_put(call, kind_of(call)->kind, &d);
    return done(call);
}

static Json client_ids(Call *call)
{
    JsonArray one = {.a = call->arena};
    json_add(&one, json_string(iam_in(call, "ClientID")));
    return json_array(&one);
}

CallResult iam_add_client(Call *call, Error *err)
{
    Json ids = client_ids(call);
    return change(call, "ClientIDList", &ids, &ids, err);
}

CallResult iam_remove_client(Call *call, Error *err)
{
    Json ids = client_ids(call);
    return change(call, "ClientIDList", &ids, NULL, err);
}

CallResult iam_tag_provider(Call *call, Error *err)
{
    const Json *tags = json_get(&call->in, S("Tags"));
    return change(call, "Tags", tags, tags, err);
}

CallResult iam_untag_provider(Call *call, Error *err)
{
    return change(call, "Tags", json_get(&call->in, S("TagKeys")), NULL, err);
}

CallResult iam_list_provider_tags(Call *call, Error *err)
{
    IamDocument d;
    JsonObject out = {.a = call->arena};
    if (!find(call, &d, err)) return CALL_FAILED;
    const Json *tags = json_get(&d.content, S("Tags"));
    json_put(&out, S("Tags"), tags ? *tags : (Json){.type = JSON_ARRAY});
    json_put(&out, S("IsTruncated"), json_bool(false));
    call->out = json_object(&out);
    return CALL_DONE;
}

bool iam_has_oidc(Call *call, Str issuer)
{
    IamDocument d;
    return iam_document(call, oidc.kind, issuer, &d);
}

bool iam_has_saml(Call *call, Str arn)
{
    IamDocument d;
    Str head = arn_of(call, &saml, S(""));
    return str_starts(arn, head) &&
           iam_document(call, saml.kind, str_slice(arn, head.n, arn.n), &d);
}
