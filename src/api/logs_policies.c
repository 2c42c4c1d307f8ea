/* logs_policies.c - resource policies of CloudWatch Logs: which services may write into the account's groups. */
#include "api/logs.h"
#include "store/documents.h"

enum { POLICIES_MAX = 10 }; /* "Each account can have up to 10 resource policies per region" */

static Json policy_json(Call *call, const Document *d)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("policyName"), d->name);
    json_put_text(&o, S("policyDocument"), d->content);
    json_put(&o, S("lastUpdatedTime"), json_int(call->arena, d->created));
    return json_object(&o);
}

static Str kind_of(Call *call)
{
    return log_policy_kind(call->arena, call->who.account);
}

CallResult logs_put_policy(Call *call, Error *err)
{
    Document *all, old;
    Json parsed;
    Error why = {0};
    JsonObject out = {.a = call->arena};
    Db *db = call->server->db;
    Document d = {.kind = kind_of(call),
                  .region = call->who.region,
                  .name = logs_text(call, "policyName"),
                  .content = logs_text(call, "policyDocument"),
                  .created = call->now};
    if (!d.name.n || !d.content.n) {
        error_set(err, ERR_SECRET_PARAMETER, "policyName and policyDocument are required.");
        return CALL_FAILED;
    }
    if (!json_parse(d.content, call->arena, &parsed, &why) || !json_get(&parsed, S("Statement"))) {
        error_set(err, ERR_SECRET_PARAMETER, "The policy document is not valid.");
        return CALL_FAILED;
    }
    bool fresh = !document_find(db, d.kind, d.region, d.name, call->arena, &old);
    if (fresh && document_list(db, d.kind, d.region, call->arena, &all) >= POLICIES_MAX) {
        error_set(err, ERR_SECRET_LIMIT, "Resource limit exceeded.");
        return CALL_FAILED;
    }
    document_put(db, &d);
    json_put(&out, S("resourcePolicy"), policy_json(call, &d));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult logs_delete_policy(Call *call, Error *err)
{
    Document d;
    Db *db = call->server->db;
    Str name = logs_text(call, "policyName"), region = call->who.region;
    if (!document_find(db, kind_of(call), region, name, call->arena, &d)) {
        error_set(err, ERR_RESOURCE_NOT_FOUND, "Policy with name [%.*s] does not exist.",
                  STR(name));
        return CALL_FAILED;
    }
    document_remove(db, kind_of(call), region, name);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult logs_describe_policies(Call *call, Error *err)
{
    Document *all;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    (void)err;
    int64_t n = document_list(call->server->db, kind_of(call), call->who.region, call->arena, &all);
    for (int64_t i = 0; i < n; i++) json_add(&list, policy_json(call, &all[i]));
    json_put(&out, S("resourcePolicies"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}
