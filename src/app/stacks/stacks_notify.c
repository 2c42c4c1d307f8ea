/* stacks_notify.c - events of a stack published to the topics of its NotificationARNs. */
#include "app/dispatch.h"
#include "app/stacks/stacks_inside.h"
#include "app/states/integrations.h"
#include "app/turn.h"
#include "base/time.h"

static void line(Buf *b, const char *name, Str value)
{
    buf_printf(b, "%s='%.*s'\n", name, STR(str_absent(value) ? S("null") : value));
}

/* The lines that stacks in AWS publish. */
static Str message_of(const StackRow *row, const StackEvent *e, Arena *a)
{
    Buf b = {.a = a};
    line(&b, "StackId", row->id);
    line(&b, "Timestamp", time_iso8601(a, e->at));
    line(&b, "EventId", e->id);
    line(&b, "LogicalResourceId", e->name);
    line(&b, "Namespace", row->account);
    line(&b, "PhysicalResourceId", str_absent(e->physical) ? S("") : e->physical);
    line(&b, "ResourceProperties", e->properties);
    line(&b, "ResourceStatus", e->status);
    line(&b, "ResourceStatusReason", str_absent(e->reason) ? S("") : e->reason);
    line(&b, "ResourceType", e->type);
    line(&b, "StackName", row->name);
    line(&b, "ClientRequestToken", e->token);
    return buf_str(&b);
}

/* A topic that is gone, or refuses, keeps no stack from going on. */
static void publish(Server *s, const StackRow *row, Str topic, Str message)
{
    Fault fault = {0};
    JsonObject in = {.a = &s->turn};
    Call *call = new (&s->turn, Call);
    json_put_text(&in, S("TopicArn"), topic);
    json_put_text(&in, S("Subject"), S("AWS CloudFormation Notification"));
    json_put_text(&in, S("Message"), message);
    *call = integrations_call(s, &s->turn, row->account, row->region, json_object(&in));
    call->who = stack_identity(row, &s->turn);
    AfterCommit **part = event_part_begin(s);
    bool good = dispatch_inside(call, S("sns"), S("Publish"), &fault) != CALL_FAILED;
    (void)event_part_end(s, part, good);
    if (!good)
        log_error(s, "stack-notification", "stack=%.*s topic=%.*s error=\"%.*s\"", STR(row->name),
                  STR(topic), STR(str_slice(fault.message, 0, 200)));
}

void stacks_notify(Server *s, const StackRow *row, const StackEvent *e)
{
    Json facts;
    Error none = {0};
    if (str_find(row->facts, S("\"NotificationARNs\":[\"")) < 0) return; /* most have none */
    if (!json_parse(row->facts, &s->turn, &facts, &none)) return;
    const Json *arns = json_get(&facts, S("NotificationARNs"));
    for (int32_t i = 0; i < json_count(arns); i++)
        publish(s, row, json_text(&arns->items[i]), message_of(row, e, &s->turn));
}
