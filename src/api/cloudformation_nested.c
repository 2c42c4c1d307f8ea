/* cloudformation_nested.c - change sets of nested stacks: made with their parent's, executed and dropped with it. */
#include "api/cloudformation_change.h"
#include "app/resources/stack_nested.h"

static Json parsed(Call *call, Str text)
{
    Json v;
    Error none = {0};
    return !str_absent(text) && json_parse(text, call->arena, &v, &none)
               ? v
               : (Json){.type = JSON_OBJECT};
}

static Json with(Arena *a, const Json *object, const char *name, Str value)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(object); i++)
        if (!str_eq(object->members[i].key, str_from(name)))
            json_put(&o, object->members[i].key, object->members[i].value);
    json_put_text(&o, str_from(name), value);
    return json_object(&o);
}

/* ---- making ---- */

static Resource in_hand(Call *call, const StackRow *row, const StackChange *c, Str physical)
{
    Json facts = parsed(call, row->facts);
    const Json *tags = json_get(&facts, S("Tags"));
    return (Resource){.s = call->server,
                      .a = call->arena,
                      .now = call->now,
                      .account = row->account,
                      .region = row->region,
                      .who = stack_identity(row, call->arena),
                      .stack_id = row->id,
                      .stack_name = row->name,
                      .logical = c->resource->name,
                      .type = c->resource->type,
                      .token = S(""),
                      .properties = c->after,
                      .tags = tags ? *tags : (Json){.type = JSON_ARRAY},
                      .physical = physical};
}

static Json request(Resource *r, Str set_name, bool create, Str name)
{
    JsonObject in = {.a = r->a};
    Json base = stack_nested_request(r, name);
    for (int32_t i = 0; i < base.n; i++) json_put(&in, base.members[i].key, base.members[i].value);
    json_put_text(&in, S("ChangeSetName"),
                  str_printf(r->a, "%.*s-%.*s", STR(str_slice(set_name, 0, 60)),
                             STR(str_slice(r->logical, 0, 60))));
    json_put_text(&in, S("ChangeSetType"), create ? S("CREATE") : S("UPDATE"));
    json_put(&in, S("IncludeNestedStacks"), json_bool(true));
    return json_object(&in);
}

static bool make(Call *call, const StackRow *row, const StackChange *c, Str *id, Error *err)
{
    Json out;
    StackResourceRow old = {0};
    bool create = c->action == CHANGE_ADD || c->replacement == REPLACEMENT_TRUE;
    if (!create &&
        !stack_resource_get(call->server->db, row->n, c->resource->name, call->arena, &old))
        return true;
    Resource r = in_hand(call, row, c, old.physical);
    Str name = create ? resource_name(&r, S("StackName"),
                                      &(ResourceNaming){.bytes_max = NESTED_NAME_BYTES_MAX})
                      : old.physical;
    Json in = request(&r, cfn_text(call, "ChangeSetName"), create, name);
    if (!resource_call(&r, S("cloudformation"), S("CreateChangeSet"), in, &out, err)) return false;
    *id = json_text(json_get(&out, S("Id")));
    r.physical = json_text(json_get(&out, S("StackId")));
    stack_nested_parent(&r);
    return true;
}

bool cfn_nested_sets(Call *call, const StackRow *row, const StackChanges *all, Str parent,
                     Json *ids, Error *err)
{
    JsonObject o = {.a = call->arena};
    for (int64_t i = 0; i < all->list.n; i++) {
        Str id = {0};
        const StackChange *c = &all->list.p[i];
        if (!str_eq(c->resource->type, S("AWS::CloudFormation::Stack")) ||
            c->action == CHANGE_REMOVE || stack_is_unknown(&c->after))
            continue;
        if (!make(call, row, c, &id, err)) return false;
        json_put_text(&o, c->resource->name, id);
    }
    *ids = json_object(&o);
    cfn_nested_root(call, ids, parent, parent);
    return true;
}

void cfn_nested_root(Call *call, const Json *ids, Str parent, Str root)
{
    for (int32_t i = 0; i < json_count(ids); i++) {
        ChangeSetRow set;
        Str id = json_text(&ids->members[i].value);
        if (!change_set_of_id(call->server->db, id, call->arena, &set)) continue;
        Json facts = parsed(call, set.facts);
        facts = with(call->arena, &facts, "ParentChangeSetId", parent);
        facts = with(call->arena, &facts, "RootChangeSetId", root);
        change_set_set_facts(call->server->db, set.n, json_to_str(call->arena, &facts));
        cfn_nested_root(call, json_get(&facts, S("nested")), id, root);
    }
}

/* ---- dropping ---- */

static void drop_review(Call *call, int64_t stack)
{
    StackRow row;
    if (!stack_row_get(call->server->db, stack, call->arena, &row) ||
        !stack_status_is(&row, "REVIEW_IN_PROGRESS"))
        return;
    stacks_set_status(call->server, &row, S("DELETE_COMPLETE"), (Str){0});
    row.deleted = call->now;
    stack_row_set(call->server->db, &row);
}

void cfn_nested_drop(Call *call, const ChangeSetRow *set)
{
    Json facts = parsed(call, set->facts);
    const Json *ids = json_get(&facts, S("nested"));
    for (int32_t i = 0; i < json_count(ids); i++) {
        ChangeSetRow child;
        if (!change_set_of_id(call->server->db, json_text(&ids->members[i].value), call->arena,
                              &child))
            continue;
        cfn_nested_drop(call, &child);
        change_set_remove(call->server->db, child.n);
        drop_review(call, child.stack);
    }
}

void cfn_drop_sets(Call *call, const StackRow *row)
{
    ChangeSetRow *sets;
    int64_t n = change_set_list(call->server->db, row->n, call->arena, &sets);
    for (int64_t i = 0; i < n; i++)
        if (str_eq(sets[i].execution, S("AVAILABLE"))) cfn_nested_drop(call, &sets[i]);
}
