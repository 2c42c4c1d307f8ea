/* stack_nested.c - AWS::CloudFormation::Stack: a stack of a stack, which waits for it. */
#include "app/resources/stack_nested.h"
#include "app/resources/types.h"
#include "store/stacks.h"

static Json parameters_of(Resource *r)
{
    JsonArray list = {.a = r->a};
    const Json *given = resource_property(r, S("Parameters"));
    for (int32_t i = 0; json_is(given, JSON_OBJECT) && i < given->n; i++) {
        JsonObject o = {.a = r->a};
        const Json *v = &given->members[i].value;
        Str *parts = new_array(r->a, Str, json_count(v));
        for (int32_t k = 0; json_is(v, JSON_ARRAY) && k < v->n; k++)
            parts[k] = json_text(&v->items[k]);
        json_put(&o, S("ParameterKey"), json_string(given->members[i].key));
        json_put_text(&o, S("ParameterValue"),
                      json_is(v, JSON_ARRAY)   ? str_join(r->a, parts, v->n, S(","))
                      : json_is(v, JSON_TRUE)  ? S("true")
                      : json_is(v, JSON_FALSE) ? S("false")
                                               : json_text(v));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

Json stack_nested_request(Resource *r, Str name)
{
    static const char *const all[] = {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM",
                                      "CAPABILITY_AUTO_EXPAND"};
    JsonObject in = {.a = r->a};
    JsonArray capabilities = {.a = r->a};
    Json tags = resource_tags(r);
    for (int i = 0; i < countof(all); i++) json_add(&capabilities, json_string(str_from(all[i])));
    json_put_text(&in, S("StackName"), name);
    Str text = r->undoing ? json_text(json_get(&r->kept, S("text"))) : (Str){0};
    if (str_absent(text))
        json_put_text(&in, S("TemplateURL"), resource_text(r, S("TemplateURL")));
    else
        json_put_text(&in, S("TemplateBody"), text);
    json_put(&in, S("Parameters"), parameters_of(r));
    json_put(&in, S("Capabilities"), json_array(&capabilities));
    json_put_json(&in, S("NotificationARNs"), resource_property(r, S("NotificationARNs")));
    if (tags.n) json_put(&in, S("Tags"), tags);
    return json_object(&in);
}

static ResourceEnd wait_for_it(Resource *r)
{
    r->wait_service = S("stack");
    r->wait_id = r->physical;
    return RESOURCE_WAITS;
}

void stack_nested_parent(Resource *r)
{
    StackRow child, parent;
    Json facts, above;
    JsonObject o = {.a = r->a};
    Db *db = r->s->db;
    Error err = {0};
    if (!stack_row_find(db, r->account, r->region, r->physical, r->a, &child) ||
        !stack_row_find(db, r->account, r->region, r->stack_id, r->a, &parent) ||
        !json_parse(child.facts, r->a, &facts, &err) ||
        !json_parse(parent.facts, r->a, &above, &err))
        return;
    for (int32_t i = 0; i < facts.n; i++)
        json_put(&o, facts.members[i].key, facts.members[i].value);
    const Json *root = json_get(&above, S("RootId"));
    json_put_text(&o, S("ParentId"), parent.id);
    json_put(&o, S("RootId"), root ? *root : json_string(parent.id));
    facts = json_object(&o);
    child.facts = json_to_str(r->a, &facts);
    stack_row_set(db, &child);
}

/* ---- by the change set that its parent's change set made for it ---- */

static Str set_of(Resource *r)
{
    StackRow parent;
    ChangeSetRow set;
    Json next, facts, told;
    Error none = {0};
    Db *db = r->s->db;
    if (!stack_row_find(db, r->account, r->region, r->stack_id, r->a, &parent) ||
        !json_parse(parent.facts, r->a, &facts, &none))
        return (Str){0};
    const Json *now = &facts;
    if (!str_absent(parent.next) && json_parse(parent.next, r->a, &next, &none))
        now = json_get(&next, S("facts"));
    Str id = json_text(json_get(now, S("ChangeSetId")));
    if (str_absent(id) || !change_set_of_id(db, id, r->a, &set) ||
        !json_parse(set.facts, r->a, &told, &none))
        return (Str){0};
    Str child = json_text(json_get(json_get(&told, S("nested")), r->logical));
    bool there = !str_absent(child) && change_set_of_id(db, child, r->a, &set) &&
                 str_eq(set.execution, S("AVAILABLE"));
    return there ? child : (Str){0};
}

static bool execute(Resource *r, Str set, Error *err)
{
    JsonObject in = {.a = r->a};
    json_put_text(&in, S("ChangeSetName"), set);
    return resource_call(r, S("cloudformation"), S("ExecuteChangeSet"), json_object(&in), NULL,
                         err);
}

static ResourceEnd create_by_set(Resource *r, Str id, Error *err)
{
    StackRow child;
    ChangeSetRow set;
    if (!change_set_of_id(r->s->db, id, r->a, &set) ||
        !stack_row_get(r->s->db, set.stack, r->a, &child) || !execute(r, id, err))
        return RESOURCE_FAILED;
    r->physical = child.id;
    stack_nested_parent(r);
    return wait_for_it(r);
}

static ResourceEnd create(Resource *r, Error *err)
{
    Json out;
    Str set = set_of(r);
    Str name =
        resource_name(r, S("StackName"), &(ResourceNaming){.bytes_max = NESTED_NAME_BYTES_MAX});
    if (!str_absent(set)) return create_by_set(r, set, err);
    if (!resource_call(r, S("cloudformation"), S("CreateStack"), stack_nested_request(r, name),
                       &out, err))
        return RESOURCE_FAILED;
    r->physical = json_text(json_get(&out, S("StackId")));
    stack_nested_parent(r);
    return wait_for_it(r);
}

/* Outputs.Name */
static void take_outputs(Resource *r, const StackRow *child)
{
    Json outputs;
    Error err = {0};
    r->attributes = (Json){.type = JSON_OBJECT};
    if (!json_parse(child->outputs, r->a, &outputs, &err)) return;
    for (int32_t i = 0; i < json_count(&outputs); i++) {
        const Json *o = &outputs.items[i];
        resource_attribute(
            r, str_printf(r->a, "Outputs.%.*s", STR(json_text(json_get(o, S("OutputKey"))))),
            json_text(json_get(o, S("OutputValue"))));
    }
}

/* Another template at the same address: there the old one cannot be found any more, should all this
 * be taken back. */
static void keep_template(Resource *r)
{
    StackRow child;
    JsonObject o = {.a = r->a};
    if (r->undoing || resource_changed(r, S("TemplateURL"))) return;
    if (stack_row_find(r->s->db, r->account, r->region, r->physical, r->a, &child))
        json_put_text(&o, S("text"), child.text);
    r->kept = json_object(&o);
}

static ResourceEnd update(Resource *r, Error *err)
{
    StackRow child;
    keep_template(r);
    Str set = set_of(r);
    if (!str_absent(set)) return execute(r, set, err) ? wait_for_it(r) : RESOURCE_FAILED;
    if (resource_call(r, S("cloudformation"), S("UpdateStack"),
                      stack_nested_request(r, r->physical), NULL, err))
        return wait_for_it(r);
    if (str_find(error_text(err), S("No updates are to be performed")) < 0) return RESOURCE_FAILED;
    *err = (Error){0};
    if (stack_row_find(r->s->db, r->account, r->region, r->physical, r->a, &child))
        take_outputs(r, &child);
    return RESOURCE_DONE;
}

static ResourceEnd remove_stack(Resource *r, Error *err)
{
    StackRow child;
    JsonObject in = {.a = r->a};
    if (!stack_row_find(r->s->db, r->account, r->region, r->physical, r->a, &child) ||
        child.deleted)
        return RESOURCE_DONE;
    json_put_text(&in, S("StackName"), r->physical);
    if (!resource_call(r, S("cloudformation"), S("DeleteStack"), json_object(&in), NULL, err))
        return RESOURCE_FAILED;
    if (stack_row_find(r->s->db, r->account, r->region, r->physical, r->a, &child) && child.deleted)
        return RESOURCE_DONE;
    return wait_for_it(r);
}

static ResourceEnd look(Resource *r, Error *err)
{
    static const char *const good[] = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"};
    static const char *const verbs[] = {"created", "updated", "deleted"};
    StackRow child;
    if (!stack_row_find(r->s->db, r->account, r->region, r->physical, r->a, &child))
        return r->doing == RESOURCE_REMOVES ? RESOURCE_DONE
                                            : (error_set(err, ERR_VALIDATION,
                                                         "Embedded stack is "
                                                         "gone"),
                                               RESOURCE_FAILED);
    if (str_ends(child.status, S("_IN_PROGRESS"))) return wait_for_it(r);
    if (str_eq(child.status, str_from(good[r->doing]))) {
        take_outputs(r, &child);
        return RESOURCE_DONE;
    }
    error_set(err, ERR_VALIDATION, "Embedded stack %.*s was not successfully %s: %.*s",
              STR(r->physical), verbs[r->doing],
              STR(str_absent(child.reason) ? child.status : child.reason));
    return RESOURCE_FAILED;
}

const ResourceType resource_stack_nested = {
    .type = "AWS::CloudFormation::Stack",
    .create = create,
    .update = update,
    .remove = remove_stack,
    .look = look,
    .required = "TemplateURL",
    .properties = "TemplateURL Parameters Tags TimeoutInMinutes NotificationARNs StackName",
    .replace = "StackName",
};
