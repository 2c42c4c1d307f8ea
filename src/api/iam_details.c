/* iam_details.c - the whole account in one listing, the report on its credentials, and lists of what nobody has here. */
#include "api/iam.h"
#include "api/iam_documents.h"
#include "base/encode.h"
#include "base/time.h"
#include "store/credentials.h"

/* ---- GetAccountAuthorizationDetails ---- */

static void put_inline(Call *call, const IamEntity *e, JsonObject *o)
{
    IamLink *links;
    JsonArray list = {.a = call->arena};
    int64_t n =
        iam_links(call->server->db, e, IAM_INLINE, (Str){0}, INT32_MAX, call->arena, &links);
    for (int64_t i = 0; i < n; i++) {
        JsonObject p = {.a = call->arena};
        json_put_text(&p, S("PolicyName"), links[i].target);
        json_put(&p, S("PolicyDocument"), iam_encoded(call, links[i].text));
        json_add(&list, json_object(&p));
    }
    json_put(o, str_printf(call->arena, "%sPolicyList", iam_words[e->kind].word),
             json_array(&list));
}

static void put_attached(Call *call, const IamEntity *e, JsonObject *o)
{
    IamLink *links;
    JsonArray list = {.a = call->arena};
    int64_t n =
        iam_links(call->server->db, e, IAM_ATTACHED, (Str){0}, INT32_MAX, call->arena, &links);
    for (int64_t i = 0; i < n; i++) {
        Str arn = links[i].target;
        JsonObject p = {.a = call->arena};
        json_put_text(&p, S("PolicyName"), str_slice(arn, str_rfind_char(arn, '/') + 1, arn.n));
        json_put_text(&p, S("PolicyArn"), arn);
        json_add(&list, json_object(&p));
    }
    json_put(o, S("AttachedManagedPolicies"), json_array(&list));
}

/* Groups of a user, instance profiles of a role. */
static void put_linked(Call *call, const IamEntity *e, JsonObject *o)
{
    IamLink *links;
    IamEntity holder;
    Db *db = call->server->db;
    JsonArray list = {.a = call->arena};
    bool user = e->kind == IAM_USER;
    IamKind kind = user ? IAM_GROUP : IAM_PROFILE;
    int64_t n = iam_linked(db, e->account, kind, IAM_MEMBER, e->name, (Str){0}, INT32_MAX,
                           call->arena, &links);
    for (int64_t i = 0; i < n; i++)
        if (user)
            json_add(&list, json_string(links[i].owner));
        else if (iam_find(db, e->account, kind, links[i].owner, call->arena, &holder))
            json_add(&list, iam_told(call, &holder, false));
    json_put(o, user ? S("GroupList") : S("InstanceProfileList"), json_array(&list));
}

static void put_versions(Call *call, const IamEntity *e, JsonObject *o)
{
    IamVersion *versions;
    JsonArray list = {.a = call->arena};
    int64_t n = iam_version_list(call->server->db, e, call->arena, &versions);
    for (int64_t i = 0; i < n; i++) {
        JsonObject v = {.a = call->arena};
        json_put(&v, S("Document"), iam_encoded(call, versions[i].document));
        json_put_text(&v, S("VersionId"), str_printf(call->arena, "v%" PRId64, versions[i].n));
        json_put(&v, S("IsDefaultVersion"), json_bool(versions[i].n == e->version));
        json_put(&v, S("CreateDate"), json_millis_as_seconds(call->arena, versions[i].created));
        json_add(&list, json_object(&v));
    }
    json_put(o, S("PolicyVersionList"), json_array(&list));
}

static Json detail(Call *call, const IamEntity *e)
{
    JsonObject o = {.a = call->arena};
    Json told = iam_told(call, e, true);
    for (int32_t i = 0; i < told.n; i++)
        if (e->kind != IAM_ROLE || (!str_eq(told.members[i].key, S("MaxSessionDuration")) &&
                                    !str_eq(told.members[i].key, S("Description"))))
            json_put(&o, told.members[i].key, told.members[i].value);
    if (e->kind == IAM_POLICY) {
        put_versions(call, e, &o);
    } else {
        put_inline(call, e, &o);
        put_attached(call, e, &o);
        if (e->kind != IAM_GROUP) put_linked(call, e, &o);
    }
    return json_object(&o);
}

static bool wanted(const Call *call, const char *filter)
{
    const Json *list = json_get(&call->in, S("Filter"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(json_at(list, i)), str_from(filter))) return true;
    return !json_count(list);
}

static const struct {
    IamKind kind;
    const char *filter, *list;
} parts[] = {
    {IAM_USER, "User", "UserDetailList"},
    {IAM_GROUP, "Group", "GroupDetailList"},
    {IAM_ROLE, "Role", "RoleDetailList"},
    {IAM_POLICY, "LocalManagedPolicy", "Policies"},
};

/* Those of the part after a name; *last: where a page that is full ends, as "part/name". */
static int64_t take_part(Call *call, int part, Str after, int64_t room, JsonObject *out, Str *last)
{
    IamEntity *all = NULL;
    JsonArray list = {.a = call->arena};
    int64_t n = wanted(call, parts[part].filter)
                    ? iam_list(call->server->db, call->who.account, parts[part].kind, S("/"), after,
                               room + 1, call->arena, &all)
                    : 0;
    Str end = after;
    for (int64_t i = 0; all && i < n && i < room; i++) {
        json_add(&list, detail(call, &all[i]));
        end = all[i].name;
    }
    if (n > room) *last = str_printf(call->arena, "%d/%.*s", part, STR(end));
    json_put(out, str_from(parts[part].list), json_array(&list));
    return list.n;
}

CallResult iam_authorization_details(Call *call, Error *err)
{
    IamPage page;
    Str after, first = S(""), last = {0};
    int64_t from = 0, taken = 0;
    JsonObject out = {.a = call->arena};
    if (!iam_page(call, &page, err)) return CALL_FAILED;
    after = page.after;
    if (!str_absent(after) && (!str_cut(&after, '/', &first) || !str_to_int(first, &from))) {
        error_set(err, ERR_VALIDATION, "Invalid Marker.");
        return CALL_FAILED;
    }
    for (int i = (int)from; i < countof(parts) && str_absent(last); i++)
        taken += take_part(call, i, i == from && after.n ? after : (Str){0}, page.max - taken, &out,
                           &last);
    json_put(&out, S("IsTruncated"), json_bool(!str_absent(last)));
    if (!str_absent(last)) json_put_text(&out, S("Marker"), base64_encode(call->arena, last));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- the credential report ---- */

static void put_key(Call *call, Buf *b, const Credential *c, Millis made)
{
    if (!c) {
        buf_put(b, S(",false,N/A,N/A,N/A,N/A"));
        return;
    }
    buf_printf(b, ",%s,%.*s", c->inactive ? "false" : "true", STR(time_iso8601(call->arena, made)));
    if (c->used)
        buf_printf(b, ",%.*s,%.*s,%.*s", STR(time_iso8601(call->arena, c->used)),
                   STR(c->used_region), STR(c->used_service));
    else
        buf_put(b, S(",N/A,N/A,N/A"));
}

static void put_user(Call *call, Buf *b, const IamEntity *u)
{
    Credential *keys;
    Millis *made;
    int64_t n = credential_list(call->server->db, u->account, u->name, call->arena, &keys, &made);
    bool login = iam_has_login(call, u->name);
    buf_printf(b, "%.*s,%.*s,%.*s,%s,%s,%s,%s,false", STR(u->name), STR(iam_arn(call->arena, u)),
               STR(time_iso8601(call->arena, u->created)), login ? "true" : "false",
               login ? "no_information" : "N/A", "N/A", "N/A");
    for (int i = 0; i < IAM_KEYS_MAX; i++)
        put_key(call, b, i < n ? &keys[i] : NULL, i < n ? made[i] : 0);
    buf_put(b, S(",false,N/A,false,N/A\n"));
}

CallResult iam_generate_report(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    IamDocument d = {.name = S("report"), .content = {.type = JSON_OBJECT}, .created = call->now};
    (void)err;
    iam_document_put(call, "credential-report", &d);
    json_put_text(&out, S("State"), S("COMPLETE"));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* "Getting credential reports for your AWS account" in the IAM User Guide: its columns. */
CallResult iam_get_report(Call *call, Error *err)
{
    IamDocument d;
    IamEntity *users;
    Buf b = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!iam_document(call, "credential-report", S("report"), &d)) {
        error_set(err, ERR_IAM_NO_REPORT, "No report has been generated.");
        return CALL_FAILED;
    }
    buf_put(&b,
            S("user,arn,user_creation_time,password_enabled,password_last_used,"
              "password_last_changed,password_next_rotation,mfa_active,access_key_1_active,"
              "access_key_1_last_rotated,access_key_1_last_used_date,"
              "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,"
              "access_key_2_last_rotated,access_key_2_last_used_date,"
              "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
              "cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"));
    int64_t n = iam_list(call->server->db, call->who.account, IAM_USER, S("/"), (Str){0}, INT32_MAX,
                         call->arena, &users);
    for (int64_t i = 0; i < n; i++) put_user(call, &b, &users[i]);
    json_put_text(&out, S("Content"), base64_encode(call->arena, buf_str(&b)));
    json_put_text(&out, S("ReportFormat"), S("text/csv"));
    json_put(&out, S("GeneratedTime"), json_millis_as_seconds(call->arena, d.created));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- what nobody has here: devices, certificates, SSH keys ---- */

CallResult iam_list_nothing(Call *call, Error *err)
{
    static const char *const lists[][2] = {
        {"ListMFADevices", "MFADevices"},
        {"ListVirtualMFADevices", "VirtualMFADevices"},
        {"ListSSHPublicKeys", "SSHPublicKeys"},
        {"ListServerCertificates", "ServerCertificateMetadataList"},
        {"ListSigningCertificates", "Certificates"},
        {"ListServiceSpecificCredentials", "ServiceSpecificCredentials"},
    };
    IamEntity user;
    JsonObject out = {.a = call->arena};
    Str operation = model_operation_name(call->route.operation);
    if (!str_absent(iam_in(call, "UserName")) && !iam_get(call, IAM_USER, &user, err))
        return CALL_FAILED;
    for (int i = 0; i < countof(lists); i++)
        if (str_eq(operation, str_from(lists[i][0])))
            json_put(&out, str_from(lists[i][1]), (Json){.type = JSON_ARRAY});
    json_put(&out, S("IsTruncated"), json_bool(false));
    call->out = json_object(&out);
    return CALL_DONE;
}
