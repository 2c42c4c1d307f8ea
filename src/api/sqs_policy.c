/* sqs_policy.c - permissions that are added to a queue's policy by a label, and tags. */
#include "api/sqs.h"
#include "api/tags.h"

enum { TAGS_MAX = 50, ACTIONS_MAX = 7 };

/* ---- permissions ---- */

static Json policy_of(Call *call, const QueueRow *q)
{
    Json set = sqs_parse(call->arena, q->attributes);
    Str text = json_text(json_get(&set, S("Policy")));
    if (text.n) return sqs_parse(call->arena, text);
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Version"), S("2012-10-17"));
    json_put_text(
        &o, S("Id"),
        str_printf(call->arena, "%.*s/SQSDefaultPolicy", STR(queues_arn(call->arena, q))));
    return json_object(&o);
}

/* With the statements other than `label`, and maybe one more. false: `label` was not there. */
static bool change_policy(Call *call, QueueRow *q, Str label, const Json *more)
{
    JsonArray list = {.a = call->arena};
    JsonObject policy = {.a = call->arena}, all = {.a = call->arena};
    Json old = policy_of(call, q), set = sqs_parse(call->arena, q->attributes);
    const Json *statements = json_get(&old, S("Statement"));
    bool found = false;
    for (int32_t i = 0; i < json_count(statements); i++) {
        bool this = str_eq(json_text(json_get(json_at(statements, i), S("Sid"))), label);
        found |= this;
        if (!this) json_add(&list, *json_at(statements, i));
    }
    if (more) json_add(&list, *more);
    json_put_json(&policy, S("Version"), json_get(&old, S("Version")));
    json_put_json(&policy, S("Id"), json_get(&old, S("Id")));
    json_put(&policy, S("Statement"), json_array(&list));
    Json fresh = json_object(&policy);
    for (int32_t i = 0; i < json_count(&set); i++)
        if (!str_eq(set.members[i].key, S("Policy")))
            json_put(&all, set.members[i].key, set.members[i].value);
    if (list.n) json_put_text(&all, S("Policy"), json_to_str(call->arena, &fresh));
    Json attributes = json_object(&all);
    q->attributes = all.n ? json_to_str(call->arena, &attributes) : S("{}");
    q->modified = call->now;
    return found;
}

static Json one_or_all(const JsonArray *list)
{
    return list->n == 1 ? list->p[0] : json_array(list);
}

static Json statement(Call *call, const QueueRow *q)
{
    Arena *a = call->arena;
    JsonArray accounts = {.a = a}, actions = {.a = a};
    JsonObject principal = {.a = a}, o = {.a = a};
    const Json *ids = json_get(&call->in, S("AWSAccountIds")),
               *names = json_get(&call->in, S("Actions"));
    for (int32_t i = 0; i < json_count(ids); i++)
        json_add(&accounts, json_string(str_printf(a, "arn:aws:iam::%.*s:root",
                                                   STR(json_text(json_at(ids, i))))));
    for (int32_t i = 0; i < json_count(names); i++)
        json_add(&actions,
                 json_string(str_printf(a, "SQS:%.*s", STR(json_text(json_at(names, i))))));
    json_put(&principal, S("AWS"), one_or_all(&accounts));
    json_put_text(&o, S("Sid"), sqs_text(call, "Label"));
    json_put_text(&o, S("Effect"), S("Allow"));
    json_put(&o, S("Principal"), json_object(&principal));
    json_put(&o, S("Action"), one_or_all(&actions));
    json_put_text(&o, S("Resource"), queues_arn(a, q));
    return json_object(&o);
}

CallResult sqs_add_permission(Call *call, Error *err)
{
    QueueRow q;
    Str label = sqs_text(call, "Label");
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    if (json_count(json_get(&call->in, S("Actions"))) > ACTIONS_MAX) {
        error_set(err, ERR_SQS_OVER_LIMIT, "%d Actions were found, maximum allowed is %d.",
                  json_count(json_get(&call->in, S("Actions"))), ACTIONS_MAX);
        return CALL_FAILED;
    }
    Json fresh = statement(call, &q);
    if (change_policy(call, &q, label, &fresh)) {
        error_set(err, ERR_SQS_PARAMETER,
                  "Value %.*s for parameter Label is invalid. Reason: Already exists.", STR(label));
        return CALL_FAILED;
    }
    queue_row_set(call->server->db, &q);
    sqs_done(call);
    return CALL_DONE;
}

CallResult sqs_remove_permission(Call *call, Error *err)
{
    QueueRow q;
    Str label = sqs_text(call, "Label");
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    if (!change_policy(call, &q, label, NULL)) {
        error_set(err, ERR_SQS_PARAMETER,
                  "Value %.*s for parameter Label is invalid. Reason: can't find label on existing "
                  "policy.",
                  STR(label));
        return CALL_FAILED;
    }
    queue_row_set(call->server->db, &q);
    sqs_done(call);
    return CALL_DONE;
}

/* ---- tags ---- */

CallResult sqs_list_tags(Call *call, Error *err)
{
    QueueRow q;
    JsonObject out = {.a = call->arena};
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    Json tags = sqs_parse(call->arena, q.tags);
    if (json_count(&tags)) json_put(&out, S("Tags"), tags);
    call->out = json_object(&out);
    return CALL_DONE;
}

static void keep_tags(Call *call, QueueRow *q, const Json *all)
{
    q->tags = json_to_str(call->arena, all);
    queue_row_set(call->server->db, q);
    sqs_done(call);
}

CallResult sqs_tag(Call *call, Error *err)
{
    QueueRow q;
    const Json *fresh = json_get(&call->in, S("Tags"));
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, q.tags, fresh, fresh);
    if (all.n <= TAGS_MAX) return keep_tags(call, &q, &all), CALL_DONE;
    error_set(err, ERR_SQS_PARAMETER, "Too many tags added for queue %.*s.", STR(q.name));
    return CALL_FAILED;
}

CallResult sqs_untag(Call *call, Error *err)
{
    QueueRow q;
    if (!sqs_queue(call, &q, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, q.tags, json_get(&call->in, S("TagKeys")), NULL);
    keep_tags(call, &q, &all);
    return CALL_DONE;
}
