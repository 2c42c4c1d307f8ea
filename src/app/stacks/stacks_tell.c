/* stacks_tell.c - statuses of stacks and of their resources: recorded, told as events, logged. */
#include "app/events/event_bus.h"
#include "app/stacks/stacks_inside.h"
#include "app/turn.h"
#include "store/changes.h"

bool stack_status_is(const StackRow *row, const char *status)
{
    return str_eq(row->status, str_from(status));
}

bool stack_settled(const StackRow *row)
{
    return !str_ends(row->status, S("_IN_PROGRESS")) || stack_status_is(row, "REVIEW_IN_PROGRESS");
}

/* "CloudFormation events detail reference" in the User Guide: of stacks and of resources. */
static void emit(Server *s, const StackRow *row, const StackEvent *e, bool own)
{
    Arena *a = &s->turn;
    JsonObject detail = {.a = a}, status = {.a = a};
    JsonArray arns = {.a = a};
    json_put_text(&detail, S("stack-id"), row->id);
    if (!own) {
        json_put_text(&detail, S("logical-resource-id"), e->name);
        json_put_text(&detail, S("physical-resource-id"),
                      str_absent(e->physical) ? S("") : e->physical);
        json_put_text(&detail, S("resource-type"), e->type);
    }
    json_put_text(&status, S("status"), e->status);
    json_put_text(&status, S("status-reason"), str_absent(e->reason) ? S("") : e->reason);
    json_put(&detail, S("status-details"), json_object(&status));
    json_put_text(&detail, S("client-request-token"), str_absent(e->token) ? S("") : e->token);
    json_add(&arns, json_string(row->id));
    Json d = json_object(&detail), resources = json_array(&arns);
    event_emit(s, &(EventEmit){.source = S("aws.cloudformation"),
                               .type = own ? S("CloudFormation Stack Status Change")
                                           : S("CloudFormation Resource Status Change"),
                               .account = row->account,
                               .region = row->region,
                               .detail = &d,
                               .resources = &resources});
}

/* Clients sort by time: no two events of a stack have the same. */
static Millis time_of_event(Server *s, const StackRow *row)
{
    Millis last = stack_event_last(s->db, row->n);
    return last >= s->now ? last + 1 : s->now;
}

void stacks_tell(Server *s, const StackRow *row, const StackResourceRow *r, Str physical,
                 Str status, Str reason)
{
    Arena *a = &s->turn;
    bool own = r == NULL;
    StrVec secrets = own ? (StrVec){0} : stack_secrets(s, row, false, a);
    StackEvent e = {.stack = row->n,
                    .id = own ? server_new_uuid(s, a)
                              : str_printf(a, "%.*s-%.*s-%.*s", STR(r->name), STR(status),
                                           STR(server_new_uuid(s, a))),
                    .name = own ? row->name : r->name,
                    .physical = own ? row->id : physical,
                    .type = own ? S("AWS::CloudFormation::Stack") : r->type,
                    .status = status,
                    .reason = reason,
                    .properties = own ? (Str){0} : stack_shown(r->properties, &secrets, a),
                    .token = row->token,
                    .at = time_of_event(s, row)};
    stack_event_add(s->db, &e);
    emit(s, row, &e, own);
    stacks_notify(s, row, &e);
    log_recorded(s, "stack-event", "stack=%.*s resource=%.*s status=%.*s", STR(row->name),
                 STR(e.name), STR(status));
}

void stacks_set_status(Server *s, StackRow *row, Str status, Str reason)
{
    change_add(s->db, &(Change){.service = S("stack"),
                                .id = row->id,
                                .from = row->status,
                                .to = status,
                                .message = reason,
                                .at = s->now});
    row->status = status;
    row->reason = reason;
    stacks_tell(s, row, NULL, (Str){0}, status, reason);
}
