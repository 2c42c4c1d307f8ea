/* cloudwatch_dashboards.c - dashboards: checked a little, kept, given back, listed. */
#include "api/cloudwatch.h"

#include "store/documents.h"

#define KIND S("cloudwatch-dashboard")

/* Dashboards are of an account, not of a region. */
static Str place(Call *call)
{
    return call->who.account;
}

static Str arn_of(Call *call, Str name)
{
    return str_printf(call->arena, "arn:aws:cloudwatch::%.*s:dashboard/%.*s",
                      STR(call->who.account), STR(name));
}

static bool good_name(Str name)
{
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-';
        if (!letter && !(c >= '0' && c <= '9')) return false;
    }
    return name.n >= 1 && name.n <= 255;
}

static bool refuse(Call *call, Error *err, Str path, const char *why)
{
    JsonObject one = {.a = call->arena};
    JsonArray all = {.a = call->arena};
    json_put_text(&one, S("DataPath"), path);
    json_put_text(&one, S("Message"), str_from(why));
    json_add(&all, json_object(&one));
    call->error_members = (JsonObject){.a = call->arena};
    json_put(&call->error_members, S("dashboardValidationMessages"), json_array(&all));
    return error_set(err, ERR_DASHBOARD, "The field DashboardBody must be a valid JSON object: %s",
                     why);
}

/* "Dashboard body structure and syntax" in the API reference: what every widget has. */
static bool check_body(Call *call, Str body, Error *err)
{
    Json v;
    Error unread = {0};
    if (body.n > CLOUDWATCH_DASHBOARD_BYTES_MAX)
        return refuse(call, err, S("/"), "The body is too large.");
    if (!json_parse(body, call->arena, &v, &unread) || v.type != JSON_OBJECT)
        return refuse(call, err, S("/"), "The dashboard body is invalid, there is no object.");
    const Json *widgets = json_get(&v, S("widgets"));
    if (!json_is(widgets, JSON_ARRAY))
        return refuse(call, err, S("/"), "Should have required property 'widgets'");
    for (int32_t i = 0; i < json_count(widgets); i++) {
        Str path = str_printf(call->arena, "/widgets/%d", i);
        if (!json_is(json_get(&widgets->items[i], S("type")), JSON_STRING))
            return refuse(call, err, path, "Should have required property 'type'");
        if (!json_is(json_get(&widgets->items[i], S("properties")), JSON_OBJECT))
            return refuse(call, err, path, "Should have required property 'properties'");
    }
    return true;
}

CallResult cloudwatch_put_dashboard(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    Str name = cloudwatch_text(&call->in, "DashboardName"),
        body = cloudwatch_text(&call->in, "DashboardBody");
    if (!good_name(name)) {
        error_set(err, ERR_DASHBOARD,
                  "The value %.*s for field DashboardName contains invalid characters. It can only "
                  "contain alphanumerics, dash (-) and underscore (_).",
                  STR(str_slice(name, 0, 255)));
        return CALL_FAILED;
    }
    if (!check_body(call, body, err)) return CALL_FAILED;
    document_put(call->server->db, &(Document){.kind = KIND,
                                               .region = place(call),
                                               .name = name,
                                               .content = body,
                                               .created = call->now});
    json_put(&out, S("DashboardValidationMessages"), (Json){.type = JSON_ARRAY});
    call->out = json_object(&out);
    return CALL_DONE;
}

static bool find(Call *call, Str name, Document *d, Error *err)
{
    return document_find(call->server->db, KIND, place(call), name, call->arena, d) ||
           error_set(err, ERR_ALARM_NOT_FOUND, "Dashboard %.*s does not exist",
                     STR(str_slice(name, 0, 255)));
}

CallResult cloudwatch_get_dashboard(Call *call, Error *err)
{
    Document d;
    JsonObject out = {.a = call->arena};
    if (!find(call, cloudwatch_text(&call->in, "DashboardName"), &d, err)) return CALL_FAILED;
    json_put_text(&out, S("DashboardArn"), arn_of(call, d.name));
    json_put_text(&out, S("DashboardBody"), d.content);
    json_put_text(&out, S("DashboardName"), d.name);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cloudwatch_list_dashboards(Call *call, Error *err)
{
    Document *all;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    Str prefix = cloudwatch_text(&call->in, "DashboardNamePrefix");
    int64_t n = document_list(call->server->db, KIND, place(call), call->arena, &all);
    (void)err;
    for (int64_t i = 0; i < n; i++) {
        JsonObject o = {.a = call->arena};
        if (!str_starts(all[i].name, prefix)) continue;
        json_put_text(&o, S("DashboardName"), all[i].name);
        json_put_text(&o, S("DashboardArn"), arn_of(call, all[i].name));
        json_put(&o, S("LastModified"), json_millis_as_seconds(call->arena, all[i].created));
        json_put(&o, S("Size"), json_int(call->arena, all[i].content.n));
        json_add(&list, json_object(&o));
    }
    json_put(&out, S("DashboardEntries"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* One that is not there: none is deleted. */
CallResult cloudwatch_delete_dashboards(Call *call, Error *err)
{
    const Json *names = json_get(&call->in, S("DashboardNames"));
    for (int32_t i = 0; i < json_count(names); i++) {
        Document d;
        Str name = json_text(&names->items[i]);
        if (!find(call, name, &d, err)) return CALL_FAILED;
        document_remove(call->server->db, KIND, place(call), name);
    }
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}
