/* emr_security.c - security configurations and the block on public access: kept and shown as given, not interpreted. */
#include "api/emr.h"

#include "store/documents.h"

static bool find(Call *call, Document *out, Error *err)
{
    Str name = json_text(json_get(&call->in, S("Name")));
    if (document_find(call->server->db, S("emr-security"), call->who.region, name, call->arena,
                      out))
        return true;
    return error_set(err, ERR_INVALID_REQUEST,
                     "Security configuration with name '%.*s' does not exist.", STR(name));
}

CallResult emr_create_security(Call *call, Error *err)
{
    Document old;
    Error parsed = {0};
    Json content;
    Str name = json_text(json_get(&call->in, S("Name"))),
        text = json_text(json_get(&call->in, S("SecurityConfiguration")));
    if (document_find(call->server->db, S("emr-security"), call->who.region, name, call->arena,
                      &old)) {
        error_set(err, ERR_INVALID_REQUEST,
                  "Security configuration with name '%.*s' already exists.", STR(name));
        return CALL_FAILED;
    }
    if (!json_parse(text, call->arena, &content, &parsed)) {
        error_set(err, ERR_INVALID_REQUEST, "The security configuration is not valid JSON: %s",
                  parsed.text);
        return CALL_FAILED;
    }
    document_put(call->server->db,
                 &(Document){S("emr-security"), call->who.region, name, text, call->now});
    JsonObject out = {.a = call->arena};
    json_put_text(&out, S("Name"), name);
    json_put(&out, S("CreationDateTime"), emr_time(call->arena, call->now));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult emr_describe_security(Call *call, Error *err)
{
    Document d;
    if (!find(call, &d, err)) return CALL_FAILED;
    JsonObject out = {.a = call->arena};
    json_put_text(&out, S("Name"), d.name);
    json_put_text(&out, S("SecurityConfiguration"), d.content);
    json_put(&out, S("CreationDateTime"), emr_time(call->arena, d.created));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult emr_list_security(Call *call, Error *err)
{
    Document *all;
    int64_t after;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!emr_marker(call, &after, err)) return CALL_FAILED;
    int64_t n =
        document_list(call->server->db, S("emr-security"), call->who.region, call->arena, &all);
    for (int64_t i = after; i < n && i < after + EMR_PAGE; i++) {
        JsonObject o = {.a = call->arena};
        json_put_text(&o, S("Name"), all[i].name);
        json_put(&o, S("CreationDateTime"), emr_time(call->arena, all[i].created));
        json_add(&list, json_object(&o));
    }
    json_put(&out, S("SecurityConfigurations"), json_array(&list));
    if (after + EMR_PAGE < n)
        json_put(&out, S("Marker"), emr_new_marker(call->arena, after + EMR_PAGE));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult emr_delete_security(Call *call, Error *err)
{
    Document d;
    if (!find(call, &d, err)) return CALL_FAILED;
    document_remove(call->server->db, d.kind, d.region, d.name);
    return CALL_DONE;
}

/* ---- block public access: one setting a region ---- */

CallResult emr_put_public_access(Call *call, Error *err)
{
    const Json *given = json_get(&call->in, S("BlockPublicAccessConfiguration"));
    (void)err;
    document_put(call->server->db,
                 &(Document){S("emr-public-access"), call->who.region, S("region"),
                             json_to_str(call->arena, given), call->now});
    return CALL_DONE;
}

CallResult emr_get_public_access(Call *call, Error *err)
{
    Document d = {
        .content =
            S("{\"BlockPublicSecurityGroupRules\":true,\"PermittedPublicSecurityGroupRuleRanges\":"
              "[{\"MinRange\":22,\"MaxRange\":22}]}")};
    JsonObject out = {.a = call->arena}, meta = {.a = call->arena};
    (void)err;
    document_find(call->server->db, S("emr-public-access"), call->who.region, S("region"),
                  call->arena, &d);
    json_put(&meta, S("CreationDateTime"), emr_time(call->arena, d.created));
    json_put_text(&meta, S("CreatedByArn"),
                  str_printf(call->arena, "arn:aws:iam::%.*s:root", STR(call->who.account)));
    json_put(&out, S("BlockPublicAccessConfiguration"), emr_parse(call->arena, d.content));
    json_put(&out, S("BlockPublicAccessConfigurationMetadata"), json_object(&meta));
    call->out = json_object(&out);
    return CALL_DONE;
}
